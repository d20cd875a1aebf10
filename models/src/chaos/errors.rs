//! A share of the answers of some pods are errors, after all the work for them.
//!
//! It comes on top of what these pods fail by themselves: of 10 % and 10 % become 19 %. Probes that ask an
//! endpoint fail as well, and take such pods out.

use serde::{Deserialize, Serialize};
use sim_core::Ratio;
use sim_core::sim::Cx;
use sim_core::strategy::Build;

use super::{Disrupt, Effect, Hits, Strike, Surroundings, check_share};
use crate::world::World;

/// This share of answers are errors; written `Errors("20%")`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Errors(pub Ratio);

impl Errors {
    pub(super) fn check(&self) -> Result<(), String> {
        check_share("", self.0)
    }
}

impl Build<dyn Disrupt, Surroundings> for Errors {
    fn build(&self, _: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(*self)
    }
}

impl Disrupt for Errors {
    fn hits(&self) -> Hits {
        Hits::Pods
    }

    fn strike(&mut self, world: &mut World, cx: &mut Cx<'_, World>, strike: &mut Strike) {
        world.afflict(cx, strike, Effect::Errors(self.0.fraction()));
    }
}
