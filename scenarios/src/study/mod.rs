//! Studies: many runs that answer one question, with a figure for how sure the answer is.
//!
//! ```text
//! file, arguments ──▶ request ──▶ prepare ──▶ plan ──▶ execute ──▶ analyse ──▶ results
//!                                  (design, constraint)  (cell)
//! ```
//!
//! Points meet the same customers: replication 7 has the same seed at all of them, so what differs
//! between two points is what was varied, and differences are taken pair by pair. A run is a [`Cell`];
//! cells are independent, named after what was run, and kept by a [`Store`], so that work can be
//! stopped, shared and resumed without changing a byte of the results.

mod analyse;
mod cell;
mod constraint;
mod design;
mod execute;
mod factor;
mod metric;
mod plan;
mod prepare;
mod quantity;
mod request;
mod schema;
mod sobol;
mod tune;

#[cfg(test)]
mod tests;

pub use analyse::{across, analyse};
pub use cell::{Cell, CellName, Claim, Figure, Fingerprint, Store};
pub use execute::{Finished, Progress, Sample, Share, Work};
pub use factor::{Factor, Level, split_outside};
pub use metric::{Goal, Limit, Metric};
pub use plan::{Plan, PlannedPoint, Repeat};
pub use prepare::Prepared;
pub use request::{MARGIN, Request, Variant};
pub use schema::{Design, Precision, Replications, Study, WarmUp};
pub use tune::{Search, Tuned, tune};
