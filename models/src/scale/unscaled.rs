//! No autoscaler: the deployment keeps the size that the file gives it.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Span, Time};

use super::hpa::defaults::SYNC_PERIOD;
use super::{Decision, Reading, Reason, Scale, ScaleSurroundings};

/// Keeps what is desired.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Unscaled {}

impl Build<dyn Scale, ScaleSurroundings> for Unscaled {
    fn build(&self, _: &ScaleSurroundings) -> Box<dyn Scale> {
        Box::new(self.clone())
    }
}

impl Scale for Unscaled {
    fn decide(&mut self, _now: Time, reading: &Reading<'_>) -> Decision {
        Decision::new(reading.desired, Reason::NotScaled)
    }

    fn period(&self) -> Span {
        SYNC_PERIOD
    }
}
