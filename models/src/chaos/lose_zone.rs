//! A zone goes dark, drawn from those of the target, as Chaos Gorilla does it: all its machines fall
//! silent, and none can be had there until it is over.

use serde::{Deserialize, Serialize};
use sim_core::sim::Cx;
use sim_core::strategy::Build;

use super::{Disrupt, Hits, Strike, Surroundings};
use crate::world::World;

/// Loses whole zones: one, unless the target says how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LoseZone {}

impl Build<dyn Disrupt, Surroundings> for LoseZone {
    fn build(&self, _: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(*self)
    }
}

impl Disrupt for LoseZone {
    fn hits(&self) -> Hits {
        Hits::Zones
    }

    fn strike(&mut self, world: &mut World, cx: &mut Cx<'_, World>, strike: &mut Strike) {
        world.close_places(strike);
        world.lose_nodes(cx, strike);
    }
}
