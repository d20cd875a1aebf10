//! Evenly spaced arrivals: the k-th comes when the area under the rate reaches k.
//!
//! It is what most load generators send, and kinder than any users: a queue that is not overloaded
//! hardly forms. Draws nothing.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Rng, Time};

use super::curve::Clock;
use super::{Arrive, Surroundings, clock};

/// Settings of evenly spaced arrivals: none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deterministic {}

struct Running(Clock);

impl Arrive for Running {
    fn next(&mut self, _rng: &mut Rng) -> Option<Time> {
        self.0.advance(1.0)
    }
}

impl Build<dyn Arrive, Surroundings> for Deterministic {
    fn build(&self, surroundings: &Surroundings) -> Box<dyn Arrive> {
        Box::new(Running(clock(surroundings)))
    }
}
