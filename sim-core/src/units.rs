//! Quantities that carry their unit in a file: [`Rate`] `"40/s"`, [`Ratio`] `"70%"`, [`Bytes`]
//! `"512MiB"`, [`Cores`] `"500m"`.
//!
//! A bare number is refused everywhere: `rate: 40` could be a second's or a minute's. Each type
//! reads what it writes.

use std::fmt;
use std::str::FromStr;

/// A quantity that could not be read: what was found and what would have been right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitError {
    found: String,
    expected: &'static str,
}

impl UnitError {
    /// An error for the text `found` where `expected` should stand.
    pub(crate) fn new(found: &str, expected: &'static str) -> UnitError {
        UnitError { found: found.to_owned(), expected }
    }
}

impl fmt::Display for UnitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "found {:?}, expected {}", self.found, self.expected)
    }
}

impl std::error::Error for UnitError {}

/// Splits `"1.5ms…"` into number, unit and the rest; `None` if either is missing.
pub(crate) fn split_quantity(text: &str) -> Option<(&str, &str, &str)> {
    let number_len = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, rest) = text.split_at(number_len);
    let rest = rest.trim_start();
    let unit_len = rest.find(|c: char| c.is_ascii_digit() || c.is_whitespace()).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(unit_len);
    (!number.is_empty() && !unit.is_empty()).then_some((number, unit, rest))
}

/// Serialises a type as its text and reads it back with its `FromStr`.
macro_rules! serde_as_text {
    ($type:ty, $expected:literal) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $type;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($expected)
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$type, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                // Not deserialize_str: a number found here shall be named in the message.
                deserializer.deserialize_any(Text)
            }
        }
    };
}
pub(crate) use serde_as_text;

/// Events a second; written `"40/s"`, `"2400/min"` or `"1.2/h"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Rate(f64);

impl Rate {
    /// A rate of `per_second` events a second; panics if it is negative or not finite.
    pub fn per_second(per_second: f64) -> Rate {
        assert!(per_second.is_finite() && per_second >= 0.0, "a rate is finite and not negative: {per_second}");
        Rate(per_second)
    }

    /// Events a second.
    pub const fn as_per_second(self) -> f64 {
        self.0
    }
}

impl FromStr for Rate {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Rate, UnitError> {
        let error = || UnitError::new(text, "a rate with a unit (/s, /min, /h, /d), such as \"40/s\"");
        let (number, unit) = text.trim().split_once('/').ok_or_else(error)?;
        let seconds = match unit.trim() {
            "s" => 1.0,
            "min" => 60.0,
            "h" => 3_600.0,
            "d" => 86_400.0,
            _ => return Err(error()),
        };
        Ok(Rate(plain_number(number).ok_or_else(error)? / seconds))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/s", self.0))
    }
}

serde_as_text!(Rate, "a rate with a unit, such as \"40/s\"");

/// A share, written as a percentage: `"70%"` is 0.7. May exceed 100 %.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Ratio(f64);

impl Ratio {
    /// Nothing.
    pub const ZERO: Ratio = Ratio(0.0);
    /// All of it, 100 %.
    pub const ONE: Ratio = Ratio(1.0);

    /// The share `fraction` (0.7 for 70 %); panics if it is negative or not finite.
    pub fn new(fraction: f64) -> Ratio {
        assert!(fraction.is_finite() && fraction >= 0.0, "a share is finite and not negative: {fraction}");
        Ratio(fraction)
    }

    /// The share as a fraction: 0.7 for 70 %.
    pub const fn fraction(self) -> f64 {
        self.0
    }
}

impl FromStr for Ratio {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Ratio, UnitError> {
        let error = || UnitError::new(text, "a percentage, such as \"70%\"");
        let number = text.trim().strip_suffix('%').ok_or_else(error)?;
        plain_number(number).ok_or_else(error)?;
        // Shifting the decimal point keeps 0.7% the nearest number to 0.007; a division would not.
        Ok(Ratio(format!("{}e-2", number.trim()).parse().map_err(|_| error())?))
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // 0.07 * 100 is 7.000000000000001: round to what a reader would have written.
        f.pad(&format!("{}%", (self.0 * 1e12).round() / 1e10))
    }
}

serde_as_text!(Ratio, "a percentage, such as \"70%\"");

/// An amount of memory or data; written `"512MiB"`, `"2GB"` or `"100B"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(u64);

const BYTE_UNITS: &[(&str, u64)] = &[
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("B", 1),
];

/// The same as Kubernetes writes them; read, and written in full.
const SHORT_BYTE_UNITS: &[(&str, u64)] = &[("Ti", 1 << 40), ("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)];

impl Bytes {
    /// `count` bytes.
    pub const fn new(count: u64) -> Bytes {
        Bytes(count)
    }

    /// The number of bytes.
    pub const fn count(self) -> u64 {
        self.0
    }
}

impl FromStr for Bytes {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Bytes, UnitError> {
        let error =
            || UnitError::new(text, "a size with a unit (B, kB, MB, GB, TB, KiB, MiB, GiB, TiB), such as \"512MiB\"");
        let (number, unit, rest) = split_quantity(text.trim()).ok_or_else(error)?;
        let mut units = BYTE_UNITS.iter().chain(SHORT_BYTE_UNITS);
        let &(_, scale) = units.find(|(name, _)| *name == unit).ok_or_else(error)?;
        if !rest.is_empty() {
            return Err(error());
        }
        match number.parse::<u64>() {
            Ok(whole) => Ok(Bytes(whole.saturating_mul(scale))),
            Err(_) => Ok(Bytes((plain_number(number).ok_or_else(error)? * scale as f64).round() as u64)),
        }
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = BYTE_UNITS.iter().find(|(_, scale)| self.0 >= *scale && self.0.is_multiple_of(*scale));
        let (name, scale) = exact.copied().unwrap_or(("B", 1));
        f.pad(&format!("{}{name}", self.0 / scale))
    }
}

serde_as_text!(Bytes, "a size with a unit, such as \"512MiB\"");

/// Processor time a unit of time, in thousandths of a core; written `"500m"` or `"2"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cores(u64);

impl Cores {
    /// So many thousandths of a core.
    pub const fn milli(milli: u64) -> Cores {
        Cores(milli)
    }

    /// The number of thousandths of a core.
    pub const fn as_milli(self) -> u64 {
        self.0
    }
}

impl FromStr for Cores {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Cores, UnitError> {
        let error = || UnitError::new(text, "cores, such as \"500m\" or \"2\"");
        match text.trim().strip_suffix('m') {
            Some(milli) => milli.parse().map(Cores).map_err(|_| error()),
            None => Ok(Cores((plain_number(text).ok_or_else(error)? * 1e3).round() as u64)),
        }
    }
}

impl fmt::Display for Cores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(1_000) {
            f.pad(&format!("{}", self.0 / 1_000))
        } else {
            f.pad(&format!("{}m", self.0))
        }
    }
}

serde_as_text!(Cores, "cores as text, such as \"2\" or \"500m\"");

/// A decimal number without sign or exponent.
fn plain_number(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == '.');
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_read_what_they_write() {
        assert_eq!("2400/min".parse(), Ok(Rate(40.0)));
        assert_eq!("70%".parse(), Ok(Ratio(0.7)));
        assert_eq!("512MiB".parse(), Ok(Bytes(512 << 20)));
        assert_eq!("1.5GB".parse(), Ok(Bytes(1_500_000_000)));
        assert_eq!("512Mi".parse(), Ok(Bytes(512 << 20)));
        assert_eq!(["500m", "2", "0.5"].map(str::parse), [Ok(Cores(500)), Ok(Cores(2_000)), Ok(Cores(500))]);
        assert_eq!([Cores(500), Cores(2_000)].map(|cores| cores.to_string()), ["500m", "2"]);
        for percent in 0..=1000 {
            let shown = Ratio(f64::from(percent) / 1000.0).to_string();
            assert_eq!(shown.parse(), Ok(Ratio(f64::from(percent) / 1000.0)), "{shown}");
        }
        assert_eq!(Ratio(0.07).to_string(), "7%");
        assert_eq!(Bytes(512 << 20).to_string(), "512MiB");
    }

    #[test]
    fn a_missing_or_wrong_unit_is_named() {
        assert!("40".parse::<Rate>().unwrap_err().to_string().contains("such as \"40/s\""));
        assert!("-1/s".parse::<Rate>().is_err());
        assert!("70".parse::<Ratio>().is_err());
        assert!("512".parse::<Bytes>().is_err());
        assert!("512MiBs".parse::<Bytes>().is_err());
    }
}
