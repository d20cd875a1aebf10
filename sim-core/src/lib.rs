//! A deterministic discrete-event kernel: time, events, random streams, distributions, statistics.
//!
//! It knows nothing of clusters. A model implements [`World`](sim::World); [`Sim`](sim::Sim) runs
//! it; observers watch it.

pub mod dist;
pub mod keys;
pub mod results;
pub mod rng;
pub mod stats;
pub mod strategy;
pub mod time;
pub mod units;
pub mod ziggurat;
pub mod zipf;

pub use dist::{Distribution, Recordings, Sampler};
pub use keys::{KeySampler, Keys};
pub use rng::{Draw, Draws, Rng, Seed};
pub use time::{Span, Time};
