//! A share of new calls fails at once, because the name of the service is not resolved.
//!
//! Calls in flight go on. Callers see it as having no backend. Left out: callers' caches of names, which
//! would bridge a short failure.

use serde::{Deserialize, Serialize};
use sim_core::Ratio;
use sim_core::sim::Cx;
use sim_core::strategy::Build;

use super::latency::all;
use super::links::Disturbance;
use super::{Disrupt, Hits, Strike, Surroundings, check_share};
use crate::world::World;

/// How many calls fail.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DnsFailure {
    /// The share of new calls that fail. Default 100%.
    pub share: Ratio,
}

impl Default for DnsFailure {
    fn default() -> DnsFailure {
        DnsFailure { share: all() }
    }
}

impl DnsFailure {
    pub(super) fn check(&self) -> Result<(), String> {
        check_share("share", self.share)
    }
}

impl Build<dyn Disrupt, Surroundings> for DnsFailure {
    fn build(&self, _: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(*self)
    }
}

impl Disrupt for DnsFailure {
    fn hits(&self) -> Hits {
        Hits::Calls
    }

    fn strike(&mut self, world: &mut World, _: &mut Cx<'_, World>, strike: &mut Strike) {
        world.disturb(strike, false, Disturbance::Unresolved(self.share.fraction()));
    }
}
