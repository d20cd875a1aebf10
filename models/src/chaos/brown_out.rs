//! A service is slow and fails now and then: what a dependency in trouble looks like from outside.
//!
//! The trouble is behind the service, so that pods that come while it lasts have it too, unless its
//! victims are drawn by number.

use serde::{Deserialize, Serialize};
use sim_core::Ratio;
use sim_core::sim::Cx;
use sim_core::strategy::Build;

use super::{Disrupt, Effect, Hits, Strike, Surroundings, check_factor, check_share};
use crate::world::World;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BrownOut {
    /// Work takes so many times as long. Default 5.
    pub slow: f64,
    /// This share of answers are errors. Default 10%.
    pub errors: Ratio,
}

impl Default for BrownOut {
    fn default() -> BrownOut {
        BrownOut { slow: 5.0, errors: Ratio::new(0.1) }
    }
}

impl BrownOut {
    pub(super) fn check(&self) -> Result<(), String> {
        check_factor(self.slow).map_err(|wrong| format!("slow: {wrong}"))?;
        check_share("errors", self.errors)
    }
}

impl Build<dyn Disrupt, Surroundings> for BrownOut {
    fn build(&self, _: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(*self)
    }
}

impl Disrupt for BrownOut {
    fn hits(&self) -> Hits {
        Hits::Pods
    }

    fn strike(&mut self, world: &mut World, cx: &mut Cx<'_, World>, strike: &mut Strike) {
        strike.meets_newcomers();
        world.afflict(cx, strike, Effect::Slow(self.slow));
        world.afflict(cx, strike, Effect::Errors(self.errors.fraction()));
    }
}
