//! Poisson arrivals: what many independent users look like together.
//!
//! The area under the rate between two arrivals is exponential with mean 1 (Çınlar 1975), so one
//! draw and one inversion give the next arrival, exactly, at any rate.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::ziggurat::exponential;
use sim_core::{Rng, Time};

use super::curve::Clock;
use super::{Arrive, Surroundings, clock};

/// Settings of Poisson arrivals: none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Poisson {}

struct Running(Clock);

impl Arrive for Running {
    fn next(&mut self, rng: &mut Rng) -> Option<Time> {
        self.0.advance(exponential(rng))
    }
}

impl Build<dyn Arrive, Surroundings> for Poisson {
    fn build(&self, surroundings: &Surroundings) -> Box<dyn Arrive> {
        Box::new(Running(clock(surroundings)))
    }
}
