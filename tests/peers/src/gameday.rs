//! This kernel: the very worlds that `cargo bench` times.

use sim_core::Span;

use crate::worlds::{self, Tally};

pub(crate) fn mm1(horizon_s: f64) -> Tally {
    worlds::mm1(Span::from_secs_f64(horizon_s))
}

pub(crate) fn phold(objects: u32, horizon_s: f64) -> Tally {
    worlds::phold(objects, Span::from_secs_f64(horizon_s))
}

pub(crate) fn cancel(horizon_s: f64) -> Tally {
    worlds::cancel(Span::from_secs_f64(horizon_s))
}
