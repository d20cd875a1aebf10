//! A deterministic discrete-event kernel: time, events, random streams, distributions, statistics.
//!
//! It knows nothing of clusters. A model implements [`World`]; [`Sim`] runs it; observers watch it.

pub mod digest;
pub mod dist;
pub mod keys;
pub mod queue;
pub mod results;
pub mod rng;
pub mod sim;
pub mod stats;
pub mod strategy;
pub mod study;
pub mod time;
pub mod units;
pub mod ziggurat;
pub mod zipf;

pub use dist::{Distribution, Recordings, Sampler};
pub use keys::{KeySampler, Keys};
pub use queue::{Lane, Ticket};
pub use rng::{Draw, Draws, Rng, Seed};
pub use sim::{Cx, Observer, Sim, World};
pub use time::{Span, Time};
pub use units::{Bytes, Cores, Rate, Ratio};
