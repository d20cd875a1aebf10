//! At random, but only when people are at work: Chaos Monkey strikes from 9 to 15 h on working days.
//!
//! A run begins at a day and an hour of the week. Time outside of business hours does not count: the
//! times between strikes are exponential in hours at work, so that a strike that would fall into the
//! night comes the next morning, as much later as it was due after 15 h.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Rng, Span, Time};

use super::{Recur, Surroundings, exponential};

const HOUR: u64 = 3_600_000_000_000;
const DAY: u64 = 24 * HOUR;

/// A day of the week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the days of the week explain themselves")]
pub enum Day {
    #[default]
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// When people are at work, and how often it strikes then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BusinessHours {
    /// The mean time from one strike to the next, of time at work.
    pub mean: Span,
    /// The day on which the run begins. Default Monday.
    #[serde(default)]
    pub day: Day,
    /// The hour at which it begins. Default 9.
    #[serde(default = "opens_default")]
    pub hour: u8,
    /// The hour at which work begins. Default 9.
    #[serde(default = "opens_default")]
    pub opens: u8,
    /// The hour at which it ends. Default 15.
    #[serde(default = "closes_default")]
    pub closes: u8,
}

fn opens_default() -> u8 {
    9
}

fn closes_default() -> u8 {
    15
}

impl BusinessHours {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.mean == Span::ZERO {
            return Err("mean: no time between two strikes makes them endless".to_owned());
        }
        if self.hour > 23 {
            return Err(format!("hour: a day has no hour {}; it is from 0 to 23", self.hour));
        }
        if self.opens >= self.closes || self.closes > 24 {
            return Err(format!("closes: work from {} to {} h is none", self.opens, self.closes));
        }
        Ok(())
    }

    /// The first time at work at or after `time` of the run, and how long work goes on then.
    fn at_work(&self, time: Time) -> (Time, Span) {
        let offset = self.day as u64 * DAY + u64::from(self.hour) * HOUR;
        let mut clock = time.as_nanos().saturating_add(offset);
        loop {
            let (day, of_day) = (clock / DAY, clock % DAY);
            let (opens, closes) = (u64::from(self.opens) * HOUR, u64::from(self.closes) * HOUR);
            if day % 7 < 5 && of_day < closes {
                let from = clock.max(day * DAY + opens);
                return (Time::from_nanos(from - offset), Span::from_nanos(day * DAY + closes - from));
            }
            clock = (day + 1) * DAY;
        }
    }
}

impl Build<dyn Recur, Surroundings> for BusinessHours {
    fn build(&self, _: &Surroundings) -> Box<dyn Recur> {
        Box::new(*self)
    }
}

impl Recur for BusinessHours {
    fn next(&mut self, last: Option<Time>, rng: &mut Rng) -> Option<Time> {
        let mut left = exponential(self.mean, rng);
        let mut from = last.unwrap_or(Time::ZERO);
        loop {
            let (begins, lasts) = self.at_work(from);
            if left < lasts {
                return Some(begins + left);
            }
            left = left.saturating_sub(lasts);
            from = begins + lasts;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sim_core::Seed;

    #[test]
    fn it_strikes_at_work_only_and_as_often_as_it_says() {
        let mut hours =
            BusinessHours { mean: Span::from_secs(3_600), day: Day::Friday, hour: 14, opens: 9, closes: 15 };
        let mut rng = Seed::new(1).stream("times");
        let (mut last, mut count, weeks) = (None, 0, 52);
        loop {
            let next = hours.next(last, &mut rng).expect("it goes on for ever");
            if next.as_nanos() > weeks * 7 * DAY {
                break;
            }
            let clock = next.as_nanos() + 4 * DAY + 14 * HOUR;
            assert!(clock / DAY % 7 < 5, "on a working day");
            assert!((9..15).contains(&(clock % DAY / HOUR)), "at work");
            assert!(last.is_none_or(|last| last < next));
            (last, count) = (Some(next), count + 1);
        }
        // Thirty hours a week, one strike an hour; within four standard deviations.
        assert!((1_560_i32 - count).abs() < 160, "{count} strikes in 1,560 hours of work");
    }
}
