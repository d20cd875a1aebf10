//! Messages take longer: `tc netem delay`, toxiproxy's latency, Netflix's Latency Monkey.
//!
//! Each message that is hit takes a time of its own more; a distribution is delay and jitter in one.
//! By default the way there alone is slow, so that calls take longer by this once.

use serde::{Deserialize, Serialize};
use sim_core::sim::Cx;
use sim_core::strategy::Build;
use sim_core::{Distribution, Ratio, Sampler};

use super::links::Disturbance;
use super::{Disrupt, Hits, Strike, Surroundings, check_share};
use crate::world::World;

/// How much longer, and how many of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Latency {
    /// What is added to a message's time.
    pub delay: Distribution,
    /// The share of messages that are hit. Default 100%.
    #[serde(default = "all")]
    pub share: Ratio,
    /// Whether the way back is slow too. Default false.
    #[serde(default)]
    pub both_ways: bool,
}

pub(super) fn all() -> Ratio {
    Ratio::ONE
}

impl Latency {
    pub(super) fn check(&self) -> Result<(), String> {
        self.delay.check().map_err(|wrong| format!("delay: {wrong}"))?;
        check_share("share", self.share)
    }
}

impl Build<dyn Disrupt, Surroundings> for Latency {
    fn build(&self, surroundings: &Surroundings) -> Box<dyn Disrupt> {
        let delay = self.delay.sampler(&surroundings.recordings);
        Box::new(Slower { delay, share: self.share.fraction(), both_ways: self.both_ways })
    }
}

struct Slower {
    delay: Sampler,
    share: f64,
    both_ways: bool,
}

impl Disrupt for Slower {
    fn hits(&self) -> Hits {
        Hits::Messages
    }

    fn strike(&mut self, world: &mut World, _: &mut Cx<'_, World>, strike: &mut Strike) {
        let disturbance = Disturbance::Latency { delay: self.delay.clone(), share: self.share };
        world.disturb(strike, self.both_ways, disturbance);
    }
}
