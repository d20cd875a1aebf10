//! Requests arrive twice and are executed twice: an at-least-once transport, a proxy that tries again.
//!
//! The caller takes the first answer and ignores the second. What costs is the second execution, with
//! all calls further down. Answers that arrive twice cost nothing and are left out.

use serde::{Deserialize, Serialize};
use sim_core::Ratio;
use sim_core::sim::Cx;
use sim_core::strategy::Build;

use super::links::Disturbance;
use super::{Disrupt, Hits, Strike, Surroundings, check_share};
use crate::world::World;

/// This share of requests arrives twice; written `Duplication("10%")`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Duplication(pub Ratio);

impl Duplication {
    pub(super) fn check(&self) -> Result<(), String> {
        check_share("", self.0)
    }
}

impl Build<dyn Disrupt, Surroundings> for Duplication {
    fn build(&self, _: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(*self)
    }
}

impl Disrupt for Duplication {
    fn hits(&self) -> Hits {
        Hits::Messages
    }

    fn strike(&mut self, world: &mut World, _: &mut Cx<'_, World>, strike: &mut Strike) {
        world.disturb(strike, false, Disturbance::Duplication(self.0.fraction()));
    }
}
