//! `gameday check`: find every mistake without running anything.

use std::fmt::Write as _;
use std::sync::atomic::AtomicBool;

use scenarios::file::Diagnostics;
use scenarios::study::{Request, WarmUp};
use serde_json::{Value, json};

use crate::args::{CheckArgs, Format};
use crate::console::Console;
use crate::exit::Exit;

pub(crate) fn check(args: &CheckArgs, console: &Console) -> anyhow::Result<Exit> {
    let mut exit = Exit::Pass;
    let mut lines = String::new();
    let mut objects = Vec::new();
    for file in &args.files {
        let found = mistakes(file, &args.overrides.set);
        if found.is_some() {
            exit = Exit::Invalid;
        }
        if args.format == Format::Json {
            objects.push(json!({ "file": file, "ok": found.is_none(), "diagnostics": found.map_or(vec![], |f| f.0) }));
            continue;
        }
        // Writing to a String cannot fail.
        let _ = match &found {
            None => writeln!(lines, "{file}: ok"),
            Some(found) if found.0.len() == 1 => writeln!(lines, "{file}: 1 mistake"),
            Some(found) => writeln!(lines, "{file}: {} mistakes", found.0.len()),
        };
        if let Some(found) = &found {
            console.diagnostics(found);
        }
    }
    match args.format {
        Format::Json => console.result(&format!("{:#}\n", Value::from(objects)))?,
        Format::Human => console.result(&lines)?,
    }
    Ok(exit)
}

/// What is wrong with a scenario, or with a study and the scenario at any of its points.
fn mistakes(file: &str, overrides: &[String]) -> Option<Diagnostics> {
    let mut request = match Request::read(file) {
        Ok(request) if request.is_study() => request,
        Ok(_) => return scenarios::load(file, overrides).err(),
        Err(found) => return Some(found),
    };
    // As for a sweep: they come after the study's own.
    request.set.extend_from_slice(overrides);
    // To find a warm-up is to run something.
    request.warm_up = request.warm_up.filter(|warm_up| *warm_up != WarmUp::Auto);
    request.prepare(&AtomicBool::new(false)).err()
}
