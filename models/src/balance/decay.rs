//! Forgetting at a rate of real time: what was seen `age` ago counts for exp(-age / tau).
//!
//! Samples come at uneven intervals, so their weight must follow the clock, not their number
//! (Eckner, Algorithms for Unevenly Spaced Time Series).

use sim_core::Span;

/// What is left of a memory after `age`; 1 at once, 1/e after `tau`.
pub(crate) fn left_after(age: Span, tau: Span) -> f64 {
    if age == Span::ZERO { 1.0 } else { libm::exp(-(age.as_nanos() as f64 / tau.as_nanos() as f64)) }
}
