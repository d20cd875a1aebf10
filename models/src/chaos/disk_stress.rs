//! The disks of some pods are slow: whatever waits without using the processor waits longer.
//!
//! A step `Sleep` stands for waiting of this kind. A wait that has begun keeps its length.

use serde::{Deserialize, Serialize};
use sim_core::sim::Cx;
use sim_core::strategy::Build;

use super::{Disrupt, Effect, Hits, Strike, Surroundings, check_factor};
use crate::world::World;

/// Waiting takes so many times as long; written `DiskStress(10.0)`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DiskStress(pub f64);

impl DiskStress {
    pub(super) fn check(&self) -> Result<(), String> {
        check_factor(self.0)
    }
}

impl Build<dyn Disrupt, Surroundings> for DiskStress {
    fn build(&self, _: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(*self)
    }
}

impl Disrupt for DiskStress {
    fn hits(&self) -> Hits {
        Hits::Pods
    }

    fn strike(&mut self, world: &mut World, cx: &mut Cx<'_, World>, strike: &mut Strike) {
        world.afflict(cx, strike, Effect::Disk(self.0));
    }
}
