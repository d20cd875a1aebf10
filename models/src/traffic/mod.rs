//! Traffic: when requests arrive.
//!
//! A [`Profile`] says how many to expect, an arrival process says when they come. Open processes do
//! not care how the system fares: users of a site do not wait for each other. Closed loops
//! ([`Users`]) do, and thereby hide overload. Every process is a generator of absolute times that
//! never go back; it owns no randomness but draws from its workload's stream in arrival order, so
//! two strategies face the very same arrivals.
//!
//! Left out: what a request asks for and where it comes from. That is the workload's business.

mod bursty;
mod counts;
mod curve;
mod deterministic;
mod poisson;
mod profile;
mod times;
mod traces;

use serde::{Deserialize, Serialize};
use sim_core::dist::Distribution;
use sim_core::{Rng, Time, strategies};

pub use bursty::{Bursty, Phase};
pub use counts::Counts;
pub use deterministic::Deterministic;
pub use poisson::Poisson;
pub use profile::{Profile, Shape};
pub use times::Times;
pub use traces::{CountTrace, TimeTrace, Traces};

/// A stream of arrivals.
pub trait Arrive {
    /// The next arrival, not before the one that preceded it; `None` when there will be no more.
    fn next(&mut self, rng: &mut Rng) -> Option<Time>;

    /// Appends the next arrivals to `to`, `count` of them if there are so many.
    fn extend(&mut self, rng: &mut Rng, to: &mut Vec<Time>, count: usize) {
        to.extend(std::iter::from_fn(|| self.next(rng)).take(count));
    }
}

/// What an arrival process is built from, besides its own settings.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The workload's rate.
    pub profile: Option<Profile>,
    /// What has been read of the files that workloads name.
    pub traces: Traces,
}

strategies! {
    /// When the requests of an open workload arrive.
    pub enum Arrivals: dyn Arrive, context Surroundings {
        /// Independent users: a Poisson process at the workload's rate.
        Poisson(Poisson),
        /// Evenly spaced along the workload's rate, as a load generator sends them.
        Deterministic(Deterministic),
        /// Poisson at a rate that jumps between phases around the workload's (Markov-modulated).
        Bursty(Bursty),
        /// As many in each interval as a recording counted, without steps between the intervals.
        Counts(Counts),
        /// At the very times of a recording.
        Times(Times),
    }
}

/// Poisson, as independent users are.
impl Default for Arrivals {
    fn default() -> Arrivals {
        Arrivals::Poisson(Poisson::default())
    }
}

impl Arrivals {
    /// Says what is wrong with the settings in these surroundings, if anything.
    pub fn check(&self, surroundings: &Surroundings) -> Result<(), String> {
        match (self, &surroundings.profile) {
            (Arrivals::Counts(counts), None) => counts.check(&surroundings.traces),
            (Arrivals::Times(times), None) => times.check(&surroundings.traces),
            (Arrivals::Counts(_) | Arrivals::Times(_), Some(_)) => {
                Err(format!("rate: {} takes its rate from its file; remove the rate", self.name()))
            }
            (_, None) => Err(format!("rate: {} arrivals need one", self.name())),
            (arrivals, Some(profile)) => {
                profile.check().map_err(|wrong| format!("rate: {wrong}"))?;
                if let Arrivals::Bursty(bursty) = arrivals { bursty.check() } else { Ok(()) }
            }
        }
    }
}

/// A closed loop: each user sends a request, waits for its end, thinks, and sends the next.
///
/// The think time also comes before the first request, so that they do not all start at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Users {
    /// How many users there are.
    pub count: u32,
    /// How long a user thinks between an answer and the next request; after an answer that took no
    /// time, 1 ms at least.
    pub think: Distribution,
}

impl Users {
    /// Says what is wrong with the settings, if anything.
    pub fn check(&self) -> Result<(), String> {
        if self.count == 0 {
            return Err("count: a closed loop needs at least one user".to_owned());
        }
        self.think.check().map_err(|wrong| format!("think: {wrong}"))
    }
}

/// The clock of a process that follows the workload's rate; panics if there is none, see [`Arrivals::check`].
fn clock(surroundings: &Surroundings) -> curve::Clock {
    let profile = surroundings.profile.as_ref().expect("arrivals at a rate were built without one");
    curve::Clock::new(profile.curve())
}

#[cfg(test)]
mod tests;
