//! Statistics that say how sure they are.

mod histogram;

pub use histogram::Histogram;
