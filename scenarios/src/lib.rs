//! The scenario file: read, checked, assembled into a world, run and measured.
//!
//! ```text
//! file ──▶ schema ──▶ validate ──▶ assemble ──▶ run ──▶ measure ──▶ figures
//! ```

use std::path::Path;

pub mod assemble;
mod figures;
pub mod file;
pub mod inputs;
pub mod measure;
pub mod run;
pub mod schema;
pub mod trace;
pub mod validate;

use file::{Diagnostics, Source};
use inputs::Inputs;
use schema::Scenario;

/// A scenario that has been read, checked and can be run.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What the file says, defaults filled in.
    pub scenario: Scenario,
    /// The files that it names.
    pub inputs: Inputs,
}

/// Reads and checks a scenario file.
///
/// `overrides` are "path=value", applied to the file's text in order.
///
/// # Errors
///
/// Everything that is wrong with the file, each with its place; unless the text itself cannot be
/// read, which is one.
pub fn load(path: &str, overrides: &[String]) -> Result<Loaded, Diagnostics> {
    let mut source = Source::read(path)?;
    for text in overrides {
        source = source.set(text)?;
    }
    let folder = Path::new(path).parent().unwrap_or(Path::new(""));
    parse(&source, folder)
}

/// Checks a scenario whose text is at hand; files that it names are relative to `folder`.
///
/// # Errors
///
/// As [`load`].
pub fn parse(source: &Source, folder: &Path) -> Result<Loaded, Diagnostics> {
    let scenario: Scenario = file::parse(source)?;
    let inputs = Inputs::read(&scenario, folder);
    let problems = validate::validate(&scenario, &inputs);
    if problems.is_empty() { Ok(Loaded { scenario, inputs }) } else { Err(Diagnostics::locate(&problems, source)) }
}
