//! Machines are gone, and none can be had in their place: the provider has run out of them.
//!
//! The target says whose machines, and how many of them go ("30%" of a zone, say). Until it is over, no
//! machine can be had in all of those places, or of that pool: neither for pods that wait nor by the
//! cluster autoscaler, whose orders come to nothing. (AWS FIS calls this insufficient capacity.)

use serde::{Deserialize, Serialize};
use sim_core::sim::Cx;
use sim_core::strategy::Build;

use super::{Disrupt, Hits, Strike, Surroundings};
use crate::world::World;

/// Loses its victims, and closes where they were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CapacityLoss {}

impl Build<dyn Disrupt, Surroundings> for CapacityLoss {
    fn build(&self, _: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(*self)
    }
}

impl Disrupt for CapacityLoss {
    fn hits(&self) -> Hits {
        Hits::Nodes
    }

    fn strike(&mut self, world: &mut World, cx: &mut Cx<'_, World>, strike: &mut Strike) {
        world.close_places(strike);
        world.lose_nodes(cx, strike);
    }
}
