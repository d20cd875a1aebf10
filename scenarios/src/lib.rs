//! The scenario file: read, checked, assembled into a world, run and measured.
//!
//! ```text
//! file ──▶ schema ──▶ validate ──▶ assemble ──▶ run ──▶ measure ──▶ figures
//! ```

use std::io::Read;
use std::path::Path;

pub mod assemble;
pub mod catalog;
pub mod count;
mod figures;
pub mod file;
pub mod inputs;
pub mod measure;
pub mod run;
pub mod schema;
pub mod spans;
pub mod study;
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
    parse(&source(path, overrides)?, folder_of(path))
}

/// Reads and checks a scenario from `reader`, for messages called `name`; files that it names are
/// relative to the current folder.
///
/// # Errors
///
/// As [`load`].
pub fn load_from(reader: &mut dyn Read, name: &str, overrides: &[String]) -> Result<Loaded, Diagnostics> {
    let source = Source::read_from(reader, name)?;
    let source = overrides.iter().try_fold(source, |source, text| source.set(text))?;
    parse(&source, Path::new(""))
}

/// Checks a scenario whose text is at hand; files that it names are relative to `folder`.
///
/// # Errors
///
/// As [`load`].
pub fn parse(source: &Source, folder: &Path) -> Result<Loaded, Diagnostics> {
    let mut scenario: Scenario = file::parse(source)?;
    let inputs = Inputs::read(&scenario, folder);
    let problems = validate::validate(&scenario, &inputs);
    if !problems.is_empty() {
        return Err(Diagnostics::locate(&problems, source));
    }
    scenario.fill_in();
    Ok(Loaded { scenario, inputs })
}

/// The scenario file with everything resolved, and a comment at what is a default.
///
/// # Errors
///
/// As [`load`].
pub fn explain(path: &str, overrides: &[String]) -> Result<String, Diagnostics> {
    let source = source(path, overrides)?;
    let loaded = parse(&source, folder_of(path))?;
    Ok(file::write_explained("Scenario", &loaded.scenario, &source))
}

/// The scenario files of `folder`, by name, and what each is about; none if it cannot be read.
pub fn library(folder: &Path) -> Vec<(String, String)> {
    let about = |file: String| {
        let scenario = Source::read(&file).and_then(|source| file::parse::<Scenario>(&source));
        let about = scenario.map_or_else(|mistake| format!("({})", mistake.message), |scenario| scenario.description);
        (file, about)
    };
    files(folder).into_iter().map(about).collect()
}

/// The study files of `folder`, by name, and what each asks; none if it cannot be read.
pub fn studies(folder: &Path) -> Vec<(String, String)> {
    let about = |file: String| {
        let asks =
            study::Request::read(&file).map_or_else(|found| format!("({})", found.0[0].message), |r| r.description);
        (file, asks)
    };
    files(folder).into_iter().map(about).collect()
}

fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<String> = entries.filter_map(|entry| entry.ok()?.path().to_str().map(str::to_owned)).collect();
    files.retain(|file| file.ends_with(".ron"));
    files.sort_unstable();
    files
}

fn source(path: &str, overrides: &[String]) -> Result<Source, Diagnostics> {
    let read = Source::read(path)?;
    Ok(overrides.iter().try_fold(read, |source, text| source.set(text))?)
}

fn folder_of(path: &str) -> &Path {
    Path::new(path).parent().unwrap_or(Path::new(""))
}
