//! `gameday check`: find every mistake without running anything.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::args::{CheckArgs, Format};
use crate::console::Console;
use crate::exit::Exit;

pub(crate) fn check(args: &CheckArgs, console: &Console) -> anyhow::Result<Exit> {
    let mut exit = Exit::Pass;
    let mut lines = String::new();
    let mut objects = Vec::new();
    for file in &args.files {
        let found = scenarios::load(file, &[]).err();
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
