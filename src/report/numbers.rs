//! Figures as people read them.

/// `value` with three significant digits, or `-` for none.
pub(super) fn figure(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), three)
}

/// Three significant digits: 1234, 12.3, 0.0123.
pub(super) fn three(value: f64) -> String {
    let size = value.abs();
    if size >= 100.0 || size == 0.0 {
        format!("{value:.0}")
    } else if size >= 10.0 {
        format!("{value:.1}")
    } else if size >= 1.0 {
        format!("{value:.2}")
    } else if size >= 0.1 {
        format!("{value:.3}")
    } else if size >= 0.01 {
        format!("{value:.4}")
    } else {
        format!("{value:.5}")
    }
}

/// A change in percent with its sign and one decimal.
pub(super) fn signed_percent(value: f64) -> String {
    format!("{:+.1} %", (value * 10.0).round() / 10.0 + 0.0)
}

/// The change from `from` to `to` in percent.
pub(super) fn change_percent(from: f64, to: f64) -> f64 {
    100.0 * (to - from) / from
}

/// A count in thousands, millions or billions.
pub(super) fn count(value: u64) -> String {
    let v = value as f64;
    if value >= 1_000_000_000 {
        format!("{} G", three(v / 1e9))
    } else if value >= 1_000_000 {
        format!("{} M", three(v / 1e6))
    } else if value >= 10_000 {
        format!("{} k", three(v / 1e3))
    } else {
        value.to_string()
    }
}

/// A size in bytes, KiB or MiB.
pub(super) fn bytes(value: u64) -> String {
    let v = value as f64;
    if value >= 1 << 20 {
        format!("{} MiB", three(v / 1_048_576.0))
    } else if value >= 1 << 10 {
        format!("{} KiB", three(v / 1024.0))
    } else {
        format!("{value} B")
    }
}

/// All digits of a count, in groups of three: 10,721,683.
pub(super) fn thousands(value: u64) -> String {
    let digits = value.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        let figures = [0.0, 1234.4, 12.34, 1.234, 0.1234, 0.012_34, -5.678];
        assert_eq!(
            figures.map(three),
            ["0", "1234", "12.3", "1.23", "0.123", "0.0123", "-5.68"]
        );
        assert_eq!(signed_percent(-0.04), "+0.0 %");
        assert_eq!(
            [count(9999), count(3_408_000), count(2_066_000_000)],
            ["9999", "3.41 M", "2.07 G"]
        );
        assert_eq!(
            [0, 999, 1000, 10_721_683].map(thousands),
            ["0", "999", "1,000", "10,721,683"]
        );
        assert_eq!(
            [bytes(17), bytes(2048), bytes(3_670_016)],
            ["17 B", "2.00 KiB", "3.50 MiB"]
        );
    }
}
