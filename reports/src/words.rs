//! Numbers and times as people read them: `137,819,942`, `1.90 s`, `1:25:10`, `0.27 %`.
//!
//! Every figure that a person sees goes through here, so that a table, a chart and a sentence never
//! show the same value in two ways. Figures keep three significant digits, which is what a run's
//! own uncertainty supports; counts keep all of them. Files for machines ([`crate::csv`]) do not
//! round at all.

/// The sign shown where nothing was measured.
pub(crate) const NOTHING: &str = "–";

/// `value` with `decimals` decimals and a comma between thousands.
pub(crate) fn grouped(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            NOTHING.to_owned()
        } else {
            format!("{}∞", if value < 0.0 { "−" } else { "" })
        };
    }
    let text = format!("{:.*}", decimals, value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let negative = value < 0.0 && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    let mut shown = String::from(if negative { "−" } else { "" });
    for (at, digit) in whole.char_indices() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    if !fraction.is_empty() {
        shown.push('.');
        shown.push_str(fraction);
    }
    shown
}

/// A count: all its digits if it is whole, three significant ones otherwise.
pub(crate) fn count(value: f64) -> String {
    if value == value.floor() { grouped(value, 0) } else { figure(value) }
}

/// Three significant digits, never fewer than the whole ones.
pub(crate) fn figure(value: f64) -> String {
    grouped(value, decimals(value))
}

/// How many decimals show three significant digits of `value`.
fn decimals(value: f64) -> usize {
    let size = value.abs();
    if size == 0.0 || size >= 99.95 || !size.is_finite() {
        return 0;
    }
    let mut decimals = 1;
    let mut limit = 9.995;
    while size < limit && decimals < 9 {
        decimals += 1;
        limit /= 10.0;
    }
    decimals
}

/// A duration given in milliseconds, in the unit that suits its size.
pub(crate) fn milliseconds(value: f64) -> String {
    let (factor, unit) = scale(value);
    if value.is_nan() { NOTHING.to_owned() } else { format!("{} {unit}", figure(value * factor)) }
}

/// The unit that suits a duration of `value` milliseconds, and what to multiply with.
fn scale(value: f64) -> (f64, &'static str) {
    match value.abs() {
        0.0 => (1.0, "ms"),
        size if size < 0.9995e-3 => (1e6, "ns"),
        size if size < 0.9995 => (1e3, "µs"),
        size if size < 999.5 => (1.0, "ms"),
        size if size < 120_000.0 => (1e-3, "s"),
        _ => (1.0 / 60e3, "min"),
    }
}

/// `value` in its unit with half the width of its interval, as `212.3 ± 3.9 ms`.
pub(crate) fn with_margin(value: f64, interval: Option<(f64, f64)>, unit: &str) -> String {
    let Some((low, high)) = interval.filter(|_| value.is_finite()) else { return quantity(value, unit) };
    let (factor, shown_unit) = match unit {
        "ms" => scale(value),
        _ => (1.0, unit),
    };
    let (value, margin) = (value * factor, (high - value).max(value - low) * factor);
    // Two digits of the margin say all; the value shows no more than its margin supports.
    let places =
        if margin > 0.0 { decimals(margin).saturating_sub(1).min(decimals(value) + 2) } else { decimals(value) };
    let text = format!("{} ± {}", grouped(value, places), grouped(margin, places));
    match shown_unit {
        "" => text,
        "$" => format!("${text}"),
        "1/s" => format!("{text} /s"),
        _ => format!("{text} {shown_unit}"),
    }
}

/// `value` in its unit: durations and shares in their own way, anything else as a figure.
pub(crate) fn quantity(value: f64, unit: &str) -> String {
    match unit {
        "ms" => milliseconds(value),
        "%" => format!("{} %", percentage(value)),
        "" => count(value),
        "1/s" => format!("{}/s", count(value)),
        "$" => format!("${}", grouped(value, 2)),
        _ => format!("{} {unit}", count(value)),
    }
}

/// A percentage without its sign. It never rounds to 100 or to 0 what is not: 99.9996, 0.0000021.
pub(crate) fn percentage(value: f64) -> String {
    if value > 90.0 && value < 100.0 {
        let shown = (2..=8).map(|decimals| grouped(value, decimals)).find(|shown| !shown.starts_with("100"));
        return shown.unwrap_or_else(|| "> 99.99999999".to_owned());
    }
    if value > 0.0 && value < 1e-8 {
        return "< 0.00000001".to_owned();
    }
    figure(value)
}

/// An instant as hours, minutes and seconds since the start: `1:25:10`.
pub(crate) fn clock(seconds: f64) -> String {
    if !seconds.is_finite() {
        return NOTHING.to_owned();
    }
    let total_millis = (seconds.max(0.0) * 1e3).round() as u64;
    let (total, millis) = (total_millis / 1_000, total_millis % 1_000);
    let (hours, minutes, secs) = (total / 3_600, total / 60 % 60, total % 60);
    let fraction = if millis == 0 { String::new() } else { format!(".{millis:03}").trim_end_matches('0').to_owned() };
    format!("{hours}:{minutes:02}:{secs:02}{fraction}")
}

/// A length of time in words: `6 h`, `1 h 30 min`, `250 ms`.
pub(crate) fn length(seconds: f64) -> String {
    if !seconds.is_finite() {
        return NOTHING.to_owned();
    }
    if seconds < 60.0 {
        return if seconds < 1.0 { milliseconds(seconds * 1e3) } else { format!("{} s", trimmed(seconds, 3)) };
    }
    let total = seconds.round() as u64;
    let (hours, minutes, secs) = (total / 3_600, total / 60 % 60, total % 60);
    let parts = [(hours, "h"), (minutes, "min"), (secs, "s")];
    let shown: Vec<String> = parts.iter().filter(|part| part.0 > 0).map(|(n, unit)| format!("{n} {unit}")).collect();
    shown.join(" ")
}

/// A measured length of time: in words from a minute on, three significant digits below.
pub(crate) fn lasting(seconds: f64) -> String {
    if seconds.is_nan() || seconds < 59.95 { milliseconds(seconds * 1e3) } else { length(seconds.round()) }
}

/// At most `decimals` decimals, without trailing zeros.
pub(crate) fn trimmed(value: f64, decimals: usize) -> String {
    let shown = grouped(value, decimals);
    match shown.contains('.') {
        true => shown.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => shown,
    }
}

/// All of a round number: `0.002`, `50`, `1,000`.
pub(crate) fn plain(value: f64) -> String {
    trimmed(value, 9)
}

/// "1 request", "2 requests".
pub(crate) fn plural(n: f64, noun: &str) -> String {
    format!("{} {noun}{}", count(n), if n == 1.0 { "" } else { "s" })
}

/// `name` in lower case, with anything a file system might mind as a hyphen.
pub(crate) fn slug(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            slug.push(letter);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// `text` without control characters, which no XML document may hold.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') { ' ' } else { letter })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_keep_three_significant_digits() {
        let shown: Vec<String> =
            [0.0, 0.001234, 0.0996, 0.9996, 9.994, 9.996, 42.0, 99.96, 1234.5, 1e7].map(figure).to_vec();
        assert_eq!(shown.join(" "), "0 0.00123 0.0996 1.00 9.99 10.0 42.0 100 1,234 10,000,000");
    }

    #[test]
    fn signs_and_oddities() {
        assert_eq!([-1234.0, -0.0001, 999_999.6].map(|v| grouped(v, 0)).join(" "), "−1,234 0 1,000,000");
        assert_eq!([f64::NAN, f64::INFINITY].map(figure).join(" "), "– ∞");
    }

    #[test]
    fn a_share_that_is_not_all_is_never_shown_as_all() {
        let shown = [100.0, 99.999_999_3, 99.96, 50.0, 0.000_002_13, 1e-12, 0.0].map(percentage);
        assert_eq!(shown.join(" "), "100 99.999999 99.96 50.0 0.00000213 < 0.00000001 0");
    }

    #[test]
    fn durations_take_the_unit_of_their_size() {
        let shown = [0.0, 0.0000005, 0.25, 0.9999, 12.345, 999.6, 61_000.0, 600_000.0].map(milliseconds);
        assert_eq!(shown.join(" | "), "0 ms | 0.500 ns | 250 µs | 1.00 ms | 12.3 ms | 1.00 s | 61.0 s | 10.0 min");
    }

    #[test]
    fn a_value_shows_what_its_margin_supports() {
        let shown = [(212.34, 4.0), (212.34, 0.31), (1234.0, 400.0), (0.5, 0.0), (99.5, 120.0)];
        let shown = shown.map(|(value, margin)| with_margin(value, Some((value - margin, value + margin)), "ms"));
        assert_eq!(shown.join(" | "), "212.3 ± 4.0 ms | 212.34 ± 0.31 ms | 1.23 ± 0.40 s | 500 ± 0 µs | 100 ± 120 ms");
        assert_eq!(with_margin(5.0, None, "requests"), "5 requests");
        assert_eq!(
            [with_margin(12.3, None, "$"), with_margin(1234.5, Some((1230.0, 1239.0)), "$")].join(" "),
            "$12.30 $1,234.5 ± 4.5"
        );
    }

    #[test]
    fn clocks_and_lengths() {
        assert_eq!(
            [0.0, 5.0, 65.5, 5110.0, 90_000.0].map(clock).join(" "),
            "0:00:00 0:00:05 0:01:05.5 1:25:10 25:00:00"
        );
        assert_eq!(
            [0.25, 1.5, 60.0, 5400.0, 86_400.0].map(length).join(", "),
            "250 ms, 1.5 s, 1 min, 1 h 30 min, 24 h"
        );
        assert_eq!(
            [0.25, 12.3456, 59.96, 343.2, f64::NAN].map(lasting).join(", "),
            "250 ms, 12.3 s, 1 min, 5 min 43 s, –"
        );
    }

    #[test]
    fn slugs_are_file_names() {
        assert_eq!(slug("../Shop / EU-west (1)"), "shop-eu-west-1");
    }
}
