//! Prometheus' text format, the way its own writer writes it; OpenMetrics differs in a few points.
//!
//! Source: prometheus/common, `expfmt/text_create.go`: numbers as Go's shortest `%g`, `\\` and line
//! breaks escaped (and `"` in labels), buckets cumulative and closed by `+Inf`. [`check`] finds what
//! Prometheus' parser would refuse. Left out: summaries, exemplars, names in UTF-8.

pub mod check;

use std::fmt::Write as _;

/// A number as Prometheus writes it: `1.7560473e+06`, `2693`, `+Inf`, `NaN`.
pub fn number(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    // The shortest digits that read back as the same number, as mantissa and exponent.
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    // Go's %g turns to exponents from here on.
    if (-4..6).contains(&exponent) {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}

/// The text of a HELP line, without line breaks.
pub fn help(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n")
}

/// The value of a label, as it stands between its quotes.
pub fn label(text: &str) -> String {
    help(text).replace('"', "\\\"")
}

/// Labels with their values.
pub type Labels<'a> = &'a [(&'a str, &'a str)];

/// `name{label="value"} 42`, with a timestamp behind it if there is one; ends with a line break.
pub fn sample(text: &mut String, name: &str, labels: Labels<'_>, value: f64, timestamp: Option<&str>) {
    text.push_str(name);
    for (at, (key, value)) in labels.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{}{key}=\"{}\"", if at == 0 { '{' } else { ',' }, label(value));
    }
    let close = if labels.is_empty() { "" } else { "}" };
    let _ = write!(text, "{close} {}", number(value));
    if let Some(timestamp) = timestamp {
        let _ = write!(text, " {timestamp}");
    }
    text.push('\n');
}

/// A histogram's samples: cumulative buckets by upper bound, `+Inf` added if it is missing, sum and count.
pub fn histogram(
    text: &mut String,
    name: &str,
    labels: Labels<'_>,
    (buckets, count, sum): (&[(f64, u64)], u64, f64),
    timestamp: Option<&str>,
) {
    let open = buckets.last().is_none_or(|(bound, _)| bound.is_finite());
    let last = open.then_some((f64::INFINITY, count));
    for (bound, cumulative) in buckets.iter().copied().chain(last) {
        let bound = number(bound);
        let labels: Vec<(&str, &str)> = labels.iter().copied().chain([("le", bound.as_str())]).collect();
        sample(text, &format!("{name}_bucket"), &labels, cumulative as f64, timestamp);
    }
    sample(text, &format!("{name}_sum"), labels, sum, timestamp);
    sample(text, &format!("{name}_count"), labels, count as f64, timestamp);
}

/// `name` with what no metric may have in its name as underscores.
pub fn name(text: &str) -> String {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == ':';
    text.chars().map(|letter| if fits(letter) { letter } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_go() {
        let shown = [1e6, 999_999.0, 123_456.7, 1e21, 0.0001, 0.00001234, -2.5, -0.0, 5e-324, f64::MAX].map(number);
        assert_eq!(
            shown.join(" "),
            "1e+06 999999 123456.7 1e+21 0.0001 1.234e-05 -2.5 0 5e-324 1.7976931348623157e+308"
        );
    }

    #[test]
    fn labels_are_escaped_and_the_last_bucket_is_there_once() {
        let mut text = String::new();
        sample(&mut text, "m", &[("a", "x\"\\\n"), ("b", "")], 1.0, Some("12"));
        histogram(&mut text, "h", &[("a", "x")], (&[(0.1, 1), (f64::INFINITY, 3)], 3, 2.5), None);
        histogram(&mut text, "h", &[("a", "y")], (&[], 0, 0.0), None);
        insta::assert_snapshot!(text, @r#"
        m{a="x\"\\\n",b=""} 1 12
        h_bucket{a="x",le="0.1"} 1
        h_bucket{a="x",le="+Inf"} 3
        h_sum{a="x"} 2.5
        h_count{a="x"} 3
        h_bucket{a="y",le="+Inf"} 0
        h_sum{a="y"} 0
        h_count{a="y"} 0
        "#);
        assert_eq!(check::check(&text), Ok(()));
        assert_eq!(name("wait.p99 (ms)"), "wait_p99__ms_");
    }
}
