//! Virtual time: [`Time`] is an instant, [`Span`] a length, both whole nanoseconds in a `u64`.
//!
//! Integers, because sums of floats depend on their order and two events "at the same time" must
//! compare equal. 64 bits of nanoseconds reach 584 years. In a file a span is written with its
//! unit, `"250ms"` or `"1h30min"`; a bare number is refused.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Sub};
use std::str::FromStr;

use crate::units::{self, UnitError};

/// An instant of virtual time: nanoseconds since the run began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

/// A length of virtual time in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u64);

impl Time {
    /// The beginning of every run.
    pub const ZERO: Time = Time(0);
    /// Later than any event.
    pub const MAX: Time = Time(u64::MAX);

    /// The instant `nanos` nanoseconds after the beginning.
    pub const fn from_nanos(nanos: u64) -> Time {
        Time(nanos)
    }

    /// Nanoseconds since the beginning.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Seconds since the beginning, for display and plots.
    pub fn as_secs_f64(self) -> f64 {
        Span(self.0).as_secs_f64()
    }

    /// How long after `earlier` this instant is; zero if it is not after it.
    pub const fn since(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);
    /// Longer than any run.
    pub const MAX: Span = Span(u64::MAX);

    /// A span of whole nanoseconds.
    pub const fn from_nanos(nanos: u64) -> Span {
        Span(nanos)
    }

    /// A span of whole microseconds.
    pub const fn from_micros(micros: u64) -> Span {
        Span(micros * 1_000)
    }

    /// A span of whole milliseconds.
    pub const fn from_millis(millis: u64) -> Span {
        Span(millis * 1_000_000)
    }

    /// A span of whole seconds.
    pub const fn from_secs(secs: u64) -> Span {
        Span(secs * 1_000_000_000)
    }

    /// A span of `secs` seconds, rounded to the nearest nanosecond; negative and not-a-number give
    /// zero, what is too long gives [`Span::MAX`].
    pub fn from_secs_f64(secs: f64) -> Span {
        Span::from_nanos_f64(secs * 1e9)
    }

    /// A span of `nanos` nanoseconds, rounded to the nearest; negative and not-a-number give zero,
    /// what is too long gives [`Span::MAX`].
    pub fn from_nanos_f64(nanos: f64) -> Span {
        // `as` saturates, and maps NaN to zero.
        Span((nanos + 0.5) as u64)
    }

    /// Nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Milliseconds, for display and plots.
    pub fn as_millis_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// Seconds, for display and plots.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// This span times `factor`, rounded to the nearest nanosecond; saturates like
    /// [`Span::from_nanos_f64`].
    pub fn scale(self, factor: f64) -> Span {
        Span::from_nanos_f64(self.0 as f64 * factor)
    }

    /// The difference, or zero where `other` is longer.
    pub const fn saturating_sub(self, other: Span) -> Span {
        Span(self.0.saturating_sub(other.0))
    }
}

/// Adding saturates: "never" plus anything is still never.
impl Add<Span> for Time {
    type Output = Time;
    fn add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Span) {
        *self = *self + other;
    }
}

/// Panics if `other` is longer: a negative span is a broken invariant.
impl Sub for Span {
    type Output = Span;
    fn sub(self, other: Span) -> Span {
        assert!(other <= self, "a span cannot be negative: {self} - {other}");
        Span(self.0 - other.0)
    }
}

impl Mul<u64> for Span {
    type Output = Span;
    fn mul(self, factor: u64) -> Span {
        Span(self.0.saturating_mul(factor))
    }
}

impl Div<u64> for Span {
    type Output = Span;
    fn div(self, divisor: u64) -> Span {
        Span(self.0 / divisor)
    }
}

impl Sum for Span {
    fn sum<I: Iterator<Item = Span>>(spans: I) -> Span {
        spans.fold(Span::ZERO, Add::add)
    }
}

const UNITS: &[(&str, u64)] = &[
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("min", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// Reads `"250ms"`, `"1.5s"` or several parts from large to small, `"1h30min"`.
impl FromStr for Span {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Span, UnitError> {
        const EXPECTED: &str = "a duration with a unit (d, h, min, s, ms, us, ns), such as \"250ms\" or \"1h30min\"";
        let mut total = 0.0;
        let mut exact: u64 = 0;
        let mut rest = text.trim();
        let mut scale_before = u64::MAX;
        if rest.is_empty() {
            return Err(UnitError::new(text, EXPECTED));
        }
        while !rest.is_empty() {
            let (number, unit, after) = units::split_quantity(rest).ok_or_else(|| UnitError::new(text, EXPECTED))?;
            let &(_, scale) =
                UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(|| UnitError::new(text, EXPECTED))?;
            if scale >= scale_before {
                return Err(UnitError::new(text, EXPECTED));
            }
            scale_before = scale;
            match number.parse::<u64>() {
                Ok(whole) => exact = exact.saturating_add(whole.saturating_mul(scale)),
                Err(_) => total += number.parse::<f64>().map_err(|_| UnitError::new(text, EXPECTED))? * scale as f64,
            }
            rest = after.trim_start();
        }
        match Span(exact) + Span::from_nanos_f64(total) {
            Span::MAX => Err(UnitError::new(text, "a duration of at most 584 years, 213503d")),
            span => Ok(span),
        }
    }
}

/// Writes the shortest exact form: `250ms`, `1h30min`, `1500us`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0;
        let mut out = String::new();
        for &(name, scale) in UNITS {
            // Below a second the smallest unit that divides is used alone: 1500us, not 1ms500us.
            let below_second = scale < 1_000_000_000;
            if rest >= scale && (!below_second || rest.is_multiple_of(scale)) {
                out.push_str(&format!("{}{name}", rest / scale));
                rest %= scale;
            }
        }
        f.pad(&out)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Span(self.0).fmt(f)
    }
}

units::serde_as_text!(Span, "a duration with a unit, such as \"250ms\"");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_and_write_with_units() {
        for (text, nanos) in [
            ("250ms", 250_000_000),
            ("1.5s", 1_500_000_000),
            ("0s", 0),
            ("1h30min", 5_400_000_000_000),
            ("10 min", 600_000_000_000),
            ("2d", 172_800_000_000_000),
            ("3us", 3_000),
        ] {
            assert_eq!(text.parse::<Span>().unwrap(), Span(nanos), "{text}");
        }
        for span in [0, 1, 1_500, 250_000_000, 1_500_000_000, 5_400_000_000_000, 61_001_000_000] {
            let shown = Span(span).to_string();
            assert_eq!(shown.parse::<Span>().unwrap(), Span(span), "{shown}");
        }
        assert_eq!(Span(1_500_000_000).to_string(), "1s500ms");
    }

    #[test]
    fn a_span_without_its_unit_is_refused() {
        for text in ["", "250", "ms", "250 m", "-1s", "1ms1s", "1e3s", "NaNs", "1.2.3s"] {
            let error = text.parse::<Span>().unwrap_err().to_string();
            assert!(error.contains("a duration with a unit"), "{text}: {error}");
        }
    }

    #[test]
    fn time_saturates_at_never() {
        assert_eq!(Time::MAX + Span(1), Time::MAX);
        assert_eq!(Time(5).since(Time(9)), Span::ZERO);
        assert_eq!(Span::from_secs_f64(-1.0), Span::ZERO);
        assert_eq!(Span::from_secs_f64(f64::INFINITY), Span::MAX);
    }
}
