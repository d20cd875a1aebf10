//! No message gets through, both ways or one way, until it is healed.
//!
//! The transport keeps trying: after the end, what somebody still waits for arrives with its next
//! retransmission, which after a minute of silence may be another minute away.

use serde::{Deserialize, Serialize};
use sim_core::sim::Cx;
use sim_core::strategy::Build;

use super::links::Disturbance;
use super::{Disrupt, Hits, Strike, Surroundings};
use crate::world::World;

/// Which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Partition {
    /// Whether only what goes to the target is lost: with the requests of those who call it, the answers
    /// to its own calls. Default false: neither way.
    pub one_way: bool,
}

impl Build<dyn Disrupt, Surroundings> for Partition {
    fn build(&self, _: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(*self)
    }
}

impl Disrupt for Partition {
    fn hits(&self) -> Hits {
        Hits::Messages
    }

    fn strike(&mut self, world: &mut World, _: &mut Cx<'_, World>, strike: &mut Strike) {
        world.disturb(strike, !self.one_way, Disturbance::Partition);
    }
}
