//! A share of messages is held back for a while, so that those sent later overtake them.

use serde::{Deserialize, Serialize};
use sim_core::sim::Cx;
use sim_core::strategy::Build;
use sim_core::{Ratio, Span};

use super::links::Disturbance;
use super::{Disrupt, Hits, Strike, Surroundings, check_share};
use crate::world::World;

/// How many are held back, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reordering {
    /// The share that is held back.
    pub share: Ratio,
    /// For how long.
    pub gap: Span,
    /// Whether on the way back too. Default false.
    #[serde(default)]
    pub both_ways: bool,
}

impl Reordering {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.gap == Span::ZERO {
            return Err("gap: what is held back for no time is not overtaken".to_owned());
        }
        check_share("share", self.share)
    }
}

impl Build<dyn Disrupt, Surroundings> for Reordering {
    fn build(&self, _: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(*self)
    }
}

impl Disrupt for Reordering {
    fn hits(&self) -> Hits {
        Hits::Messages
    }

    fn strike(&mut self, world: &mut World, _: &mut Cx<'_, World>, strike: &mut Strike) {
        let disturbance = Disturbance::Reordering { share: self.share.fraction(), gap: self.gap };
        world.disturb(strike, self.both_ways, disturbance);
    }
}
