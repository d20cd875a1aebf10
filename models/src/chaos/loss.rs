//! Messages get lost: the transport sends them again after 200 ms and more, twice as long each time.
//!
//! As on any route of the network, what callers see of loss is time; only after many minutes does the
//! transport give up.

use serde::{Deserialize, Serialize};
use sim_core::Ratio;
use sim_core::sim::Cx;
use sim_core::strategy::Build;

use super::links::Disturbance;
use super::{Disrupt, Hits, Strike, Surroundings, check_share};
use crate::world::World;

/// How many are lost.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loss {
    /// The share of transmissions that are lost.
    pub share: Ratio,
    /// Whether on the way back too. Default false.
    #[serde(default)]
    pub both_ways: bool,
}

impl Loss {
    pub(super) fn check(&self) -> Result<(), String> {
        match self.share {
            Ratio::ONE => Err("share: all messages are lost in a Partition, which heals as one does".to_owned()),
            share => check_share("share", share),
        }
    }
}

impl Build<dyn Disrupt, Surroundings> for Loss {
    fn build(&self, _: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(*self)
    }
}

impl Disrupt for Loss {
    fn hits(&self) -> Hits {
        Hits::Messages
    }

    fn strike(&mut self, world: &mut World, _: &mut Cx<'_, World>, strike: &mut Strike) {
        world.disturb(strike, self.both_ways, Disturbance::Loss(self.share.fraction()));
    }
}
