//! Machines lose power or network: silence. Healed, they boot again.
//!
//! Where it takes all machines of a place, none can be had there until it is over: that is a zone's or
//! a region's loss. A machine that two strikes took is back when both are over.

use serde::{Deserialize, Serialize};
use sim_core::sim::Cx;
use sim_core::strategy::Build;

use super::{Disrupt, Hits, Strike, Surroundings};
use crate::world::World;

/// Loses its victims.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LoseNodes {}

impl Build<dyn Disrupt, Surroundings> for LoseNodes {
    fn build(&self, _: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(*self)
    }
}

impl Disrupt for LoseNodes {
    fn hits(&self) -> Hits {
        Hits::Nodes
    }

    fn strike(&mut self, world: &mut World, cx: &mut Cx<'_, World>, strike: &mut Strike) {
        if strike.target().is_place() {
            world.close_places(strike);
        }
        world.lose_nodes(cx, strike);
    }
}
