//! Numbers as SCALE-Sim, a Python program, prints them.

/// The quotient of two whole numbers; exact to the last digit where both are below 2^53.
pub(super) fn quotient(part: u128, whole: u128) -> f64 {
    part as f64 / whole as f64
}

/// The shortest digits that read back, as Python's `repr`: below 1e-4 with an exponent of two
/// digits.
pub(super) fn repr(value: f64) -> String {
    let text = format!("{value:?}");
    match text.split_once('e') {
        Some((digits, exponent)) => {
            let (sign, exponent) = match exponent.strip_prefix('-') {
                Some(exponent) => ('-', exponent),
                None => ('+', exponent),
            };
            format!("{digits}e{sign}{exponent:0>2}")
        }
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::repr;

    /// The right-hand sides are what Python 3.11 prints.
    #[test]
    fn prints_as_python_does() {
        let cases = [
            (25.0, "25.0"),
            (53.846_153_846_153_82, "53.84615384615382"),
            (0.0001, "0.0001"),
            (9.765625e-5, "9.765625e-05"),
            (1e-5, "1e-05"),
            (1.5e-12, "1.5e-12"),
            (1e16, "1e+16"),
            (123_456_789_012_345.0, "123456789012345.0"),
        ];
        for (value, expected) in cases {
            assert_eq!(repr(value), expected);
        }
    }
}
