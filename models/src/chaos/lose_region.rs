//! A region goes dark, drawn from those of the target, as Chaos Kong does it: all machines of all its zones
//! fall silent, and none can be had there until it is over. Its customers stay, and ask elsewhere.

use serde::{Deserialize, Serialize};
use sim_core::sim::Cx;
use sim_core::strategy::Build;

use super::{Disrupt, Hits, Strike, Surroundings};
use crate::world::World;

/// Loses whole regions: one, unless the target says how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LoseRegion {}

impl Build<dyn Disrupt, Surroundings> for LoseRegion {
    fn build(&self, _: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(*self)
    }
}

impl Disrupt for LoseRegion {
    fn hits(&self) -> Hits {
        Hits::Regions
    }

    fn strike(&mut self, world: &mut World, cx: &mut Cx<'_, World>, strike: &mut Strike) {
        world.close_places(strike);
        world.lose_nodes(cx, strike);
    }
}
