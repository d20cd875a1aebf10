//! Clocks of some pods are wrong: ahead or behind, and drifting.
//!
//! A deadline travels as a time of day. A server whose clock is ahead drops requests that still have
//! time; one whose clock is behind works on what nobody waits for any more. Durations are measured by
//! another, monotonic clock and stay right. (Jepsen's bumps and strobes; Chaos Mesh's TimeChaos.)

use serde::{Deserialize, Serialize};
use sim_core::sim::Cx;
use sim_core::strategy::Build;
use sim_core::{Ratio, Span};

use super::{Disrupt, Effect, Hits, Strike, Surroundings};
use crate::world::World;

/// How wrong the clocks are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockSkew {
    /// By how much at the beginning. Default not at all.
    #[serde(default)]
    pub offset: Span,
    /// By how much more with time, as a share of it. Default 0%.
    #[serde(default)]
    pub drift: Ratio,
    /// Whether they are behind, not ahead. Default false.
    #[serde(default)]
    pub behind: bool,
}

impl ClockSkew {
    pub(super) fn check(&self) -> Result<(), String> {
        match self.offset > Span::ZERO || self.drift > Ratio::ZERO {
            true => Ok(()),
            false => Err("a clock without offset and drift is right".to_owned()),
        }
    }
}

impl Build<dyn Disrupt, Surroundings> for ClockSkew {
    fn build(&self, _: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(*self)
    }
}

impl Disrupt for ClockSkew {
    fn hits(&self) -> Hits {
        Hits::Pods
    }

    fn strike(&mut self, world: &mut World, cx: &mut Cx<'_, World>, strike: &mut Strike) {
        world.afflict(cx, strike, Effect::Clock(*self, cx.now));
    }
}
