//! When a fault strikes: schedules as plug-ins.
//!
//! A schedule by the clock is asked for its first time, and after each strike for the next; one that
//! waits for a fact of the world is told of each. Its chance is a stream of the fault's own, so that a
//! fault more or less shifts nobody else's times.

mod at;
mod business_hours;
mod every;
mod monkey;
mod on;
mod random;
mod times;

pub use at::At;
pub use business_hours::{BusinessHours, Day};
pub use every::Every;
pub use monkey::Monkey;
pub use on::On;
pub use random::Random;
pub use times::Times;

use sim_core::{Draw, Rng, Span, Time, strategies};

use super::{Cue, Surroundings, Trigger};

/// Decides when a fault strikes.
pub trait Recur {
    /// The next time by the clock, after the strike at `last` if there was one; never in the past.
    fn next(&mut self, last: Option<Time>, rng: &mut Rng) -> Option<Time>;

    /// How long after this fact of the world it strikes, if it does.
    fn cue(&mut self, _cue: &Cue) -> Option<Span> {
        None
    }

    /// The chance with which each candidate is hit, where each is hit by a chance of its own.
    fn chance(&self) -> Option<f64> {
        None
    }
}

strategies! {
    /// When a fault strikes.
    pub enum Schedule: dyn Recur, context Surroundings {
        /// Once, so long after the beginning.
        At(At),
        /// At each of these times.
        Times(Times),
        /// Again and again, after a fixed interval.
        Every(Every),
        /// Again and again, after times drawn from an exponential distribution.
        Random(Random),
        /// At random, but only from 9 to 15 h on working days, when somebody is there to see it (Chaos Monkey).
        BusinessHours(BusinessHours),
        /// Each interval each candidate is hit with this chance (Chaos Monkey by the server).
        Monkey(Monkey),
        /// When something happens in the world: replicas pass a number, another fault ends, a check breaks, ...
        On(On),
    }
}

impl Schedule {
    /// Whether the parameters make sense in a run of this length; the error says which does not, and why.
    pub fn check(&self, duration: Span) -> Result<(), String> {
        let happens = |place: &str, at: Span| match at < duration {
            true => Ok(()),
            false => Err(format!("{place}{at} never happens in a run of {duration}")),
        };
        match self {
            Schedule::At(at) => happens("", at.0),
            Schedule::Times(times) => {
                times.check()?;
                times.0.iter().try_for_each(|at| happens("", *at))
            }
            Schedule::Every(settings) => settings.check().and_then(|()| happens("from: ", settings.first())),
            Schedule::Random(settings) => settings.check().and_then(|()| happens("from: ", settings.from)),
            Schedule::BusinessHours(settings) => settings.check(),
            Schedule::Monkey(settings) => settings.check().and_then(|()| happens("from: ", settings.first())),
            Schedule::On(settings) => settings.check().and_then(|()| happens("after: ", settings.after)),
        }
    }

    /// The fact that it waits for, if it waits for one.
    pub fn trigger(&self) -> Option<&Trigger> {
        match self {
            Schedule::On(on) => Some(&on.fact),
            _ => None,
        }
    }
}

/// An exponentially distributed span, at least a nanosecond.
fn exponential(mean: Span, rng: &mut Rng) -> Span {
    mean.scale(-libm::log(rng.unit_open())).max(Span::from_nanos(1))
}

/// `time`, unless it is not before the end.
fn before(time: Time, until: Option<Span>) -> Option<Time> {
    until.is_none_or(|until| time < Time::ZERO + until).then_some(time)
}

/// Says what is wrong with an interval, or with a window of time.
fn check_window(place: &str, interval: Span, from: Span, until: Option<Span>) -> Result<(), String> {
    if interval == Span::ZERO {
        return Err(format!("{place}: no time between two strikes makes them endless"));
    }
    match until {
        Some(until) if until <= from => Err(format!("until: {until} is not after {from}")),
        _ => Ok(()),
    }
}
