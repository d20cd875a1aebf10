//! Numbers with units as a study writes them: what they amount to, and ranges of them.
//!
//! `"1000/s..5000/s:5"` is five rates at even distances, `"1ms..1s:4 log"` four durations at even ratios,
//! `"1..10"` any whole number between. A study does not know the types of the fields that it
//! varies; so a range keeps the unit it was written in, and whole ends make whole numbers.

use sim_core::{Bytes, Cores, Rate, Ratio, Span};

/// What `text` amounts to: a plain number, or one in seconds, per second, bytes, cores or as a fraction;
/// `None` for what is no quantity, such as a strategy.
pub(crate) fn magnitude(text: &str) -> Option<f64> {
    let text = text.trim().trim_matches('"');
    let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
    number
        .or_else(|| text.parse::<Span>().ok().map(Span::as_secs_f64))
        .or_else(|| text.parse::<Rate>().ok().map(Rate::as_per_second))
        .or_else(|| text.parse::<Ratio>().ok().map(Ratio::fraction))
        .or_else(|| text.parse::<Bytes>().ok().map(|bytes| bytes.count() as f64))
        .or_else(|| text.parse::<Cores>().ok().map(|cores| cores.as_milli() as f64 / 1e3))
}

/// Values between two ends.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Range {
    low: f64,
    high: f64,
    unit: Unit,
    log: bool,
    steps: Option<usize>,
}

#[derive(Clone, Debug, PartialEq)]
enum Unit {
    /// Whole numbers without a unit.
    Whole,
    /// Numbers followed by this text.
    Suffix(String),
    /// Nanoseconds, written as durations: where the ends have different units.
    Span,
}

impl Range {
    /// Reads `LOW..HIGH`, `LOW..HIGH:STEPS`, either with ` log` behind it.
    pub(crate) fn parse(text: &str) -> Result<Range, String> {
        let form = || format!("`{text}` is no range: write LOW..HIGH or LOW..HIGH:STEPS, such as \"1000/s..5000/s:5\"");
        let (body, log) = match text.trim().strip_suffix("log") {
            Some(body) => (body.trim_end(), true),
            None => (text.trim(), false),
        };
        let (low, rest) = body.split_once("..").ok_or_else(form)?;
        let (high, steps) = match rest.rsplit_once(':') {
            Some((high, steps)) => (high, Some(steps.trim().parse::<usize>().map_err(|_| form())?)),
            None => (rest, None),
        };
        let (low, high) = (split(low.trim()).ok_or_else(form)?, split(high.trim()).ok_or_else(form)?);
        let range =
            Range::between(low, high).ok_or_else(|| format!("the ends of `{text}` have units that do not fit"))?;
        if range.low >= range.high {
            return Err(format!("the range `{text}` ends where it begins, or before"));
        }
        if log && range.low <= 0.0 {
            return Err(format!("a range by ratios begins above zero, `{text}` does not"));
        }
        if steps.is_some_and(|steps| !(2..=POINTS_MAX).contains(&steps)) {
            return Err(format!("a range has 2 to {POINTS_MAX} steps, `{text}` has not"));
        }
        Ok(Range { log, steps, ..range })
    }

    fn between((low, low_unit): (&str, &str), (high, high_unit): (&str, &str)) -> Option<Range> {
        let plain = |unit| Some((low.parse().ok()?, high.parse().ok()?, unit));
        let is_whole = |number: &str| number.parse::<i64>().is_ok();
        let (low, high, unit) = if low_unit == high_unit || low_unit.is_empty() {
            match high_unit.is_empty() && is_whole(low) && is_whole(high) {
                true => plain(Unit::Whole)?,
                false => plain(Unit::Suffix(high_unit.to_owned()))?,
            }
        } else {
            let nanos = |number: &str, unit: &str| {
                format!("{number}{unit}").parse::<Span>().ok().map(|span| span.as_nanos() as f64)
            };
            (nanos(low, low_unit)?, nanos(high, high_unit)?, Unit::Span)
        };
        Some(Range { low, high, unit, log: false, steps: None })
    }

    /// The values at even steps, equal ones once; `None` if no steps were given.
    pub(crate) fn grid(&self) -> Option<Vec<String>> {
        let steps = self.steps?;
        let mut list: Vec<String> =
            (0..steps).map(|step| self.between_ends(step as f64 / (steps - 1) as f64)).collect();
        list.dedup();
        Some(list)
    }

    /// The value at `share` in [0, 1) of the range; every whole number gets the same share.
    pub(crate) fn at(&self, share: f64) -> String {
        match self.unit {
            Unit::Whole if !self.log => self.write((self.low + share * (self.high - self.low + 1.0)).floor()),
            _ => self.between_ends(share),
        }
    }

    fn between_ends(&self, share: f64) -> String {
        let value = if self.log {
            self.low * libm::pow(self.high / self.low, share)
        } else {
            self.low + share * (self.high - self.low)
        };
        // Figures that nobody can tell apart are not written: 316.2 rather than 316.22776601683796.
        let digits = if self.log { value.abs() } else { (self.high - self.low).max(value.abs() / 1e6) };
        let exponent = libm::floor(libm::log10(digits)) - 3.0;
        // Powers of ten above one are exact; a hundredth is not, so it is divided by a hundred.
        let scale = libm::pow(10.0, exponent.abs()).round();
        let rounded = if exponent < 0.0 { (value * scale).round() / scale } else { (value / scale).round() * scale };
        self.write(if share == 0.0 {
            self.low
        } else if share == 1.0 {
            self.high
        } else {
            rounded
        })
    }

    fn write(&self, value: f64) -> String {
        match &self.unit {
            Unit::Whole => format!("{}", value.round()),
            Unit::Suffix(unit) => format!("{value}{unit}"),
            Unit::Span => Span::from_nanos_f64(value).to_string(),
        }
    }
}

/// More steps than this are a slip of the pen.
pub(crate) const POINTS_MAX: usize = 100_000;

/// The number at the start of `text` and what follows it.
fn split(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    number.parse::<f64>().ok()?;
    Some((number, unit.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(text: &str) -> String {
        let list = Range::parse(text).unwrap().grid().unwrap();
        list.join(" ")
    }

    #[test]
    fn ranges_keep_their_units() {
        assert_eq!(grid("1000/s..5000/s:5"), "1000/s 2000/s 3000/s 4000/s 5000/s");
        assert_eq!(grid("1..5:3"), "1 3 5");
        assert_eq!(grid("1..3:5"), "1 2 3", "whole numbers, each once");
        assert_eq!(grid("0.5..1:3"), "0.5 0.75 1");
        assert_eq!(grid("10..100ms:4"), "10ms 40ms 70ms 100ms");
        assert_eq!(grid("100ms..1s:4 log"), "100ms 215400us 464200us 1s");
        assert_eq!(grid("1/s..1000/s:4 log"), "1/s 10/s 100/s 1000/s");
        assert_eq!(grid("50%..70%:3"), "50% 60% 70%");
    }

    #[test]
    fn shares_reach_every_whole_number_equally() {
        let range = Range::parse("1..4").unwrap();
        let at: Vec<String> = (0..8).map(|i| range.at(f64::from(i) / 8.0)).collect();
        assert_eq!(at, ["1", "1", "2", "2", "3", "3", "4", "4"]);
        assert_eq!(range.grid(), None);
    }

    #[test]
    fn what_is_no_range_says_why() {
        for (text, why) in [
            ("5", "no range"),
            ("5..1", "ends where it begins"),
            ("0..1:3 log", "above zero"),
            ("1..10:1", "2 to"),
            ("1/s..5ms", "units"),
            ("a..b", "no range"),
        ] {
            let message = Range::parse(text).unwrap_err();
            assert!(message.contains(why), "{text}: {message}");
        }
    }

    #[test]
    fn magnitudes_have_one_unit_a_kind() {
        for (text, expected) in
            [("12", 12.0), ("\"250ms\"", 0.25), ("90/s", 90.0), ("70%", 0.7), ("1KiB", 1024.0), ("500m", 0.5)]
        {
            assert_eq!(magnitude(text), Some(expected), "{text}");
        }
        assert_eq!(magnitude("RoundRobin()"), None);
    }
}
