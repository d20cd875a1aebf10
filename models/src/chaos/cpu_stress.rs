//! Another program takes a share of some pods' cores, as Chaos Mesh's and Litmus' stressors do.
//!
//! A stressor as greedy as the service gets half. Where requests share the cores there are fewer of
//! them; where each worker has a core of its own, each core is slower. Left out: what the stressor
//! itself uses, which readings of CPU do not show.

use serde::{Deserialize, Serialize};
use sim_core::Ratio;
use sim_core::sim::Cx;
use sim_core::strategy::Build;

use super::{Disrupt, Effect, Hits, Strike, Surroundings};
use crate::world::World;

/// This share of the cores is taken; written `CpuStress("50%")`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CpuStress(pub Ratio);

impl CpuStress {
    pub(super) fn check(&self) -> Result<(), String> {
        match self.0 > Ratio::ZERO && self.0 < Ratio::ONE {
            true => Ok(()),
            false => Err(format!("{} of the cores; it is more than none and less than all", self.0)),
        }
    }
}

impl Build<dyn Disrupt, Surroundings> for CpuStress {
    fn build(&self, _: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(*self)
    }
}

impl Disrupt for CpuStress {
    fn hits(&self) -> Hits {
        Hits::Pods
    }

    fn strike(&mut self, world: &mut World, cx: &mut Cx<'_, World>, strike: &mut Strike) {
        world.afflict(cx, strike, Effect::Cpu(self.0.fraction()));
    }
}
