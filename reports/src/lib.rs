//! Results as things that people read and show around: CSV, charts, one HTML page, a text for the
//! terminal.
//!
//! Everything here is a pure function of [`Results`](sim_core::results::Results): no files are read
//! or written, no clock is asked, nothing is printed, and the same results give the same bytes. What
//! a figure is called decides how it is shown (`latency.p99`, `failed.timeout`, the series
//! `replicas`), never which model made it: this crate does not know the models.

mod checks;
mod cluster;
pub mod csv;
pub mod exposition;
mod figures;
pub mod html;
pub mod junit;
pub mod markdown;
pub mod openmetrics;
#[cfg(feature = "parquet")]
pub mod parquet;
pub mod plot;
mod release;
pub mod snapshot;
mod story;
mod study;
pub mod terminal;
pub mod trace;
mod words;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod sample_study;

pub use plot::{Plot, plots, png, study_plots};
