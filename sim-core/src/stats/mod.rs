//! Statistics that say how sure they are.
//!
//! [`Histogram`], [`Welford`] and [`TimeWeighted`] describe one run; [`BatchMeans`] gives one long
//! run its confidence interval, [`Interval`] a set of replications or a paired comparison.

mod batch_means;
mod histogram;
mod interval;
mod student;
mod time_weighted;
mod welford;

pub use batch_means::BatchMeans;
pub use histogram::{Bucket, Histogram};
pub use interval::Interval;
pub use student::{normal_quantile, student};
pub use time_weighted::TimeWeighted;
pub use welford::Welford;
