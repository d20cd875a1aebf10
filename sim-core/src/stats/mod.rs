//! Statistics that say how sure they are.
//!
//! [`Histogram`], [`Welford`] and [`TimeWeighted`] describe one run; [`BatchMeans`] gives one long
//! run its confidence interval, [`Interval`] a set of replications or a paired comparison. [`holm`]
//! corrects many comparisons, [`Selection`] finds the best of many, [`mser`] the end of a warm-up.

mod batch_means;
mod histogram;
mod holm;
mod interval;
mod mser;
mod selection;
mod student;
mod time_weighted;
mod welford;

pub use batch_means::BatchMeans;
pub use histogram::{Bucket, Histogram};
pub use holm::holm;
pub use interval::Interval;
pub use mser::mser;
pub use selection::Selection;
pub use student::{normal_quantile, student, student_p_value};
pub use time_weighted::TimeWeighted;
pub use welford::Welford;
