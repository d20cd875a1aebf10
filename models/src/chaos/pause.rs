//! Programs stand still and go on afterwards: SIGSTOP, a long garbage collection, a frozen machine.
//!
//! Work in progress stops where it is and goes on from there. The kernel still accepts connections, so
//! arrivals queue and probes that only connect succeed, while those that want an answer time out.
//! TERM waits with everything else, KILL does not. It is the process that is stopped: a container that
//! starts again runs. Left out: a stopped caller's own timeouts, which go on running here.

use serde::{Deserialize, Serialize};
use sim_core::sim::Cx;
use sim_core::strategy::Build;

use super::{Disrupt, Effect, Hits, Strike, Surroundings};
use crate::world::World;

/// Stops the programs of its victims.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pause {}

impl Build<dyn Disrupt, Surroundings> for Pause {
    fn build(&self, _: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(*self)
    }
}

impl Disrupt for Pause {
    fn hits(&self) -> Hits {
        Hits::Pods
    }

    fn strike(&mut self, world: &mut World, cx: &mut Cx<'_, World>, strike: &mut Strike) {
        world.afflict(cx, strike, Effect::Paused);
    }
}
