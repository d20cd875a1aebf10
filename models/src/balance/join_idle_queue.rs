//! Any idle backend, and any at all when none is idle.
//!
//! Backends that run dry report to the balancer, which needs to ask nobody on a call's way (Lu et
//! al. 2011). Nearly as good as the shortest queue while there are idle ones; under heavy load it
//! falls back to chance. Here the balancer knows who is idle at once.

use serde::{Deserialize, Serialize};
use sim_core::Time;
use sim_core::strategy::Build;

use super::levels::Levels;
use super::{BackendId, Backends, Balance, Choice, Picked, Settled, Surroundings};

/// Any idle backend; if none is, any in proportion to its weight.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JoinIdleQueue {}

impl Build<dyn Balance, Surroundings> for JoinIdleQueue {
    fn build(&self, _: &Surroundings) -> Box<dyn Balance> {
        Box::new(IdleFirst { levels: Levels::default() })
    }
}

struct IdleFirst {
    levels: Levels,
}

impl Balance for IdleFirst {
    fn pick(&mut self, _: Time, choice: &mut Choice<'_>, backends: &Backends) -> Option<BackendId> {
        self.levels.draw_idle(choice).or_else(|| backends.draw_weighted(choice))
    }

    fn sent(&mut self, _: Time, picked: Picked, backends: &Backends) {
        self.levels.update(picked.backend, backends);
    }

    fn settled(&mut self, _: Time, picked: Picked, _: &Settled, backends: &Backends) {
        self.levels.update(picked.backend, backends);
    }

    fn changed(&mut self, _: Time, backends: &Backends) {
        self.levels.changed(backends);
    }
}
