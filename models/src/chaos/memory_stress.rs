//! Another program takes memory in some pods' containers.
//!
//! What follows is left to what is there anyway: the limit's OOM kill, again after each restart while
//! too little is left, and the kubelet's eviction where the node runs short. Without a known memory of
//! the service there is nothing to take.

use serde::{Deserialize, Serialize};
use sim_core::Bytes;
use sim_core::sim::Cx;
use sim_core::strategy::Build;

use super::{Disrupt, Effect, Hits, Strike, Surroundings};
use crate::world::World;

/// Takes so much memory of each victim; written `MemoryStress("300MiB")`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MemoryStress(pub Bytes);

impl Build<dyn Disrupt, Surroundings> for MemoryStress {
    fn build(&self, _: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(*self)
    }
}

impl Disrupt for MemoryStress {
    fn hits(&self) -> Hits {
        Hits::Pods
    }

    fn strike(&mut self, world: &mut World, cx: &mut Cx<'_, World>, strike: &mut Strike) {
        world.afflict(cx, strike, Effect::Memory(self.0.count()));
    }
}
