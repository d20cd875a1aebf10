//! A number of pods, given as such or as a share: `3` or `"30%"`.
//!
//! Kubernetes writes disruption budgets and rollouts so (`IntOrString`, `GetScaledValueFromIntOrPercent`).
//! Percentages are whole; into which direction they round is the rule's matter, not the number's.

use std::fmt;
use std::str::FromStr;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A count or a whole percentage of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// So many; written `3`.
    Count(u32),
    /// So many in a hundred; written `"30%"`.
    Percent(u32),
}

const EXPECTED: &str = "a count, such as 3, or a whole percentage, such as \"30%\"";

impl Amount {
    /// How many of `total` that is, fractions rounded up.
    pub const fn of_rounded_up(self, total: u32) -> u32 {
        match self {
            Amount::Count(count) => count,
            Amount::Percent(percent) => saturated((percent as u64 * total as u64).div_ceil(100)),
        }
    }

    /// How many of `total` that is, fractions rounded down.
    pub const fn of_rounded_down(self, total: u32) -> u32 {
        match self {
            Amount::Count(count) => count,
            Amount::Percent(percent) => saturated(percent as u64 * total as u64 / 100),
        }
    }
}

const fn saturated(count: u64) -> u32 {
    if count > u32::MAX as u64 { u32::MAX } else { count as u32 }
}

/// Reads what is written as text: a percentage.
impl FromStr for Amount {
    type Err = String;
    fn from_str(text: &str) -> Result<Amount, String> {
        let percent = text.trim().strip_suffix('%').and_then(|number| number.trim_end().parse().ok());
        percent.map(Amount::Percent).ok_or_else(|| format!("found {text:?}, expected {EXPECTED}"))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Amount::Count(count) => f.pad(&count.to_string()),
            Amount::Percent(percent) => f.pad(&format!("{percent}%")),
        }
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Amount::Count(count) => serializer.serialize_u32(*count),
            Amount::Percent(_) => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Amount, D::Error> {
        struct CountOrPercent;
        impl Visitor<'_> for CountOrPercent {
            type Value = Amount;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(EXPECTED)
            }
            fn visit_u64<E: Error>(self, count: u64) -> Result<Amount, E> {
                let wrong = |_| E::invalid_value(Unexpected::Unsigned(count), &self);
                u32::try_from(count).map(Amount::Count).map_err(wrong)
            }
            fn visit_i64<E: Error>(self, count: i64) -> Result<Amount, E> {
                let wrong = |_| E::invalid_value(Unexpected::Signed(count), &self);
                u32::try_from(count).map(Amount::Count).map_err(wrong)
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Amount, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(CountOrPercent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_percentages_are_read_and_written() {
        for (text, amount) in [("3", Amount::Count(3)), ("\"30%\"", Amount::Percent(30)), ("0", Amount::Count(0))] {
            assert_eq!(ron::from_str(text), Ok(amount));
            assert_eq!(ron::to_string(&amount).unwrap(), text);
        }
        for text in ["\"3\"", "\"%\"", "\"2.5%\"", "\"-1%\"", "-1", "1.5", "()"] {
            assert!(ron::from_str::<Amount>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn percentages_round_either_way() {
        assert_eq!([1, 10, 101].map(|total| Amount::Percent(28).of_rounded_up(total)), [1, 3, 29]);
        assert_eq!([1, 10, 101].map(|total| Amount::Percent(28).of_rounded_down(total)), [0, 2, 28]);
        assert_eq!(Amount::Percent(100).of_rounded_up(u32::MAX), u32::MAX);
        assert_eq!(Amount::Percent(200).of_rounded_down(u32::MAX), u32::MAX);
        assert_eq!(Amount::Count(3).of_rounded_up(1), 3);
    }
}
