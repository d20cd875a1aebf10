//! All work of some pods takes longer: a bad neighbour, a throttled processor, a debug build.
//!
//! Work that has begun keeps its pace. Those pods alone are slow: pods that come later are not.

use serde::{Deserialize, Serialize};
use sim_core::sim::Cx;
use sim_core::strategy::Build;

use super::{Disrupt, Effect, Hits, Strike, Surroundings, check_factor};
use crate::world::World;

/// Work takes so many times as long; written `Slow(5.0)`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slow(pub f64);

impl Slow {
    pub(super) fn check(&self) -> Result<(), String> {
        check_factor(self.0)
    }
}

impl Build<dyn Disrupt, Surroundings> for Slow {
    fn build(&self, _: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(*self)
    }
}

impl Disrupt for Slow {
    fn hits(&self) -> Hits {
        Hits::Pods
    }

    fn strike(&mut self, world: &mut World, cx: &mut Cx<'_, World>, strike: &mut Strike) {
        world.afflict(cx, strike, Effect::Slow(self.0));
    }
}
