//! The provider takes nodes back, as it does with spot nodes: after a notice, in which they are drained,
//! they are gone for good.

use serde::{Deserialize, Serialize};
use sim_core::Span;
use sim_core::sim::Cx;
use sim_core::strategy::Build;

use super::{Disrupt, Hits, Strike, Surroundings};
use crate::world::World;

/// Takes its victims back after this notice; written `Reclaim("2min")`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reclaim(pub Span);

impl Build<dyn Disrupt, Surroundings> for Reclaim {
    fn build(&self, _: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(*self)
    }
}

impl Disrupt for Reclaim {
    fn hits(&self) -> Hits {
        Hits::Nodes
    }

    fn strike(&mut self, world: &mut World, cx: &mut Cx<'_, World>, strike: &mut Strike) {
        for &node in strike.nodes() {
            world.reclaim(cx, node, self.0);
        }
    }

    fn at_once(&self) -> Option<&'static str> {
        Some("nodes that are taken back are gone for good; remove this")
    }
}
