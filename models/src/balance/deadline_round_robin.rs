//! Weighted round robin in Envoy's order.
//!
//! Earliest deadline first: {4,2,1} becomes ABAACBA where nginx's rule gives ABACABA. The shares are
//! the same; the order is what differs. Envoy starts the cycle at a random place, this at its
//! beginning.

use serde::{Deserialize, Serialize};
use sim_core::Time;
use sim_core::strategy::Build;

use super::deadlines::Deadlines;
use super::{BackendId, Backends, Balance, Choice, Surroundings};

/// Each in turn in proportion to its weight, in Envoy's order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeadlineRoundRobin {}

impl Build<dyn Balance, Surroundings> for DeadlineRoundRobin {
    fn build(&self, _: &Surroundings) -> Box<dyn Balance> {
        Box::new(Schedule { deadlines: Deadlines::default() })
    }
}

struct Schedule {
    deadlines: Deadlines,
}

impl Balance for Schedule {
    fn pick(&mut self, _: Time, choice: &mut Choice<'_>, backends: &Backends) -> Option<BackendId> {
        self.deadlines.pick(choice.tried, |id| f64::from(backends.weights[id.index()]))
    }

    fn changed(&mut self, _: Time, backends: &Backends) {
        self.deadlines.changed(backends, |id| f64::from(backends.weights[id.index()]));
    }
}
