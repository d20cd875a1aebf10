//! The scenario file as text: read, overridden, parsed, and every mistake in it explained.
//!
//! [`Source`] holds the text, [`parse`] reads a typed value from it, [`Outline`] knows where each
//! value stands, [`Source::set`] overrides one, and a [`Diagnostic`] shows what is wrong with the
//! line, a caret and a suggestion. Nothing here knows the scenario's schema.

mod codes;
mod diagnostic;
mod explain;
mod outline;
mod parse;
mod path;
mod repair;
mod scan;
mod set;
mod source;
mod suggest;
mod write;

#[cfg(test)]
mod tests;

pub use codes::Code;
pub use diagnostic::{Diagnostic, Diagnostics, Problem, Severity};
pub use outline::Outline;
pub use parse::parse;
pub use path::key;
pub use source::{SIZE_MAX, Source};
pub use suggest::{closest, did_you_mean};
pub use write::{write, write_explained};
