//! Nodes are cordoned and emptied, as `kubectl drain` does it and as budgets allow. Healed, they take
//! pods again, unless another drain holds them or they are to go.

use serde::{Deserialize, Serialize};
use sim_core::sim::Cx;
use sim_core::strategy::Build;

use super::{Disrupt, Hits, Strike, Surroundings};
use crate::heal::Cause;
use crate::world::World;

/// Drains its victims.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Drain {}

impl Build<dyn Disrupt, Surroundings> for Drain {
    fn build(&self, _: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(*self)
    }
}

impl Disrupt for Drain {
    fn hits(&self) -> Hits {
        Hits::Nodes
    }

    fn strike(&mut self, world: &mut World, cx: &mut Cx<'_, World>, strike: &mut Strike) {
        for &node in strike.nodes() {
            world.node(node).cordons.push(strike.id());
            world.drain(cx, node, Cause::Drained);
        }
    }

    fn heal(&mut self, world: &mut World, cx: &mut Cx<'_, World>, strike: &Strike) {
        for &node in strike.nodes() {
            let cordons = &mut world.node(node).cordons;
            cordons.retain(|other| *other != strike.id());
            if cordons.is_empty() {
                world.uncordon(cx, node);
            }
        }
    }
}
