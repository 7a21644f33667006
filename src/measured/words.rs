//! What free text says of a measurement: `median of 100 after first`, `no: CPU post-processing`.

use super::measurement::{Includes, Statistic};

/// The words of `text`, lower case: runs of letters and digits.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// The first figure that `text` names.
pub(super) fn statistic(text: &str) -> Statistic {
    let words = words(text);
    let next = |index: usize| words.get(index + 1).map(String::as_str);
    let figure = words
        .iter()
        .enumerate()
        .find_map(|(index, word)| match word.as_str() {
            "mean" | "average" | "avg" => Some(Statistic::Mean),
            "median" | "p50" => Some(Statistic::Median),
            "min" | "minimum" | "best" | "fastest" => Some(Statistic::Min),
            "max" | "maximum" | "worst" | "slowest" => Some(Statistic::Max),
            word if next(index) == Some("percentile") => percentile(word),
            word => word.strip_prefix('p').and_then(percentile),
        });
    figure.unwrap_or(Statistic::Unstated)
}

/// `90`, `90th`.
fn percentile(text: &str) -> Option<Statistic> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    match digits.parse::<u8>().ok()? {
        50 => Some(Statistic::Median),
        percent @ 1..100 => Some(Statistic::Percentile(percent)),
        0 | 100.. => None,
    }
}

/// The N of `of N`: the runs that a figure is of.
pub(super) fn runs(text: &str) -> Option<u64> {
    number_after(text, "of")
}

/// The runs before those that count: 1 for `after first`, N for `after N`.
pub(super) fn warmup_runs(text: &str) -> Option<u64> {
    let words = words(text);
    let has_first = words
        .windows(2)
        .any(|pair| pair[0] == "after" && pair[1] == "first");
    if has_first {
        Some(1)
    } else {
        number_after(text, "after")
    }
}

fn number_after(text: &str, before: &str) -> Option<u64> {
    let words = words(text);
    let pairs = words.windows(2).filter(|pair| pair[0] == before);
    pairs
        .into_iter()
        .find_map(|pair| pair[1].parse().ok().filter(|count| *count > 0))
}

/// What a time is of, by the first word of a column `includes` or `device_time_only`.
pub(super) fn includes(text: &str) -> Option<Includes> {
    let words = words(text);
    match words.first().map(String::as_str) {
        None | Some("unstated" | "unknown") => Some(Includes::Unstated),
        Some("yes" | "true" | "network" | "invoke") => Some(Includes::Network),
        Some("partly" | "host") => Some(Includes::HostOperators),
        Some("no" | "false" | "pipeline") => Some(Includes::Pipeline),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_published_tables_are_understood() {
        for (text, figure, runs_told, warmup) in [
            (
                "published mean, C++ models_benchmark",
                Statistic::Mean,
                None,
                None,
            ),
            ("mean of 50, Python API", Statistic::Mean, Some(50), None),
            (
                "mean of invoke() after first",
                Statistic::Mean,
                None,
                Some(1),
            ),
            (
                "median of 100 after first",
                Statistic::Median,
                Some(100),
                Some(1),
            ),
            ("median of means", Statistic::Median, None, None),
            (
                "mean of 30 after 10 warm-up runs",
                Statistic::Mean,
                Some(30),
                Some(10),
            ),
            (
                "90th percentile of 200",
                Statistic::Percentile(90),
                Some(200),
                None,
            ),
            ("p99", Statistic::Percentile(99), None, None),
            ("p50", Statistic::Median, None, None),
            ("best of 5", Statistic::Min, Some(5), None),
            ("max", Statistic::Max, None, None),
            (
                "reference value, Python BasicEngine loop",
                Statistic::Unstated,
                None,
                None,
            ),
            ("published", Statistic::Unstated, None, None),
            ("", Statistic::Unstated, None, None),
        ] {
            let found = (statistic(text), runs(text), warmup_runs(text));
            assert_eq!(found, (figure, runs_told, warmup), "{text}");
        }
    }

    #[test]
    fn what_a_time_is_of() {
        for (text, expected) in [
            ("yes", Some(Includes::Network)),
            (
                "partly: last resize / argmax run on the CPU",
                Some(Includes::HostOperators),
            ),
            (
                "no: CPU post-processing or pipeline inside",
                Some(Includes::Pipeline),
            ),
            ("host-operators", Some(Includes::HostOperators)),
            ("", Some(Includes::Unstated)),
            ("perhaps", None),
        ] {
            assert_eq!(includes(text), expected, "{text}");
        }
    }
}
