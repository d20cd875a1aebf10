//! `gameday list`: the scenarios at hand, and every strategy with a line on each.

use std::fmt::Write as _;
use std::path::Path;

use scenarios::catalog::FAMILIES;
use serde_json::json;

use crate::args::{Format, ListArgs};
use crate::console::Console;
use crate::exit::Exit;

/// Where scenarios are looked for.
const FOLDER: &str = "scenarios";
/// Where studies are looked for.
const STUDIES: &str = "scenarios/studies";

pub(crate) fn list(args: &ListArgs, console: &Console) -> anyhow::Result<Exit> {
    let scenarios = scenarios::library(Path::new(FOLDER));
    let studies = scenarios::studies(Path::new(STUDIES));
    let text = match args.format {
        Format::Json => {
            let scenario = |(file, about): &(String, String)| json!({ "file": file, "about": about });
            let strategies = FAMILIES.iter().flat_map(|(family, list)| {
                list.iter().map(move |one| json!({ "family": family, "name": one.name, "about": one.about }))
            });
            let strategies: Vec<_> = strategies.collect();
            let scenarios: Vec<_> = scenarios.iter().map(scenario).collect();
            let studies: Vec<_> = studies.iter().map(scenario).collect();
            format!("{:#}\n", json!({ "scenarios": scenarios, "studies": studies, "strategies": strategies }))
        }
        Format::Human => table(&scenarios, &studies),
    };
    console.result(&text)?;
    Ok(Exit::Pass)
}

fn table(scenarios: &[(String, String)], studies: &[(String, String)]) -> String {
    let mut text = String::new();
    let mut section = |heading: &str, rows: Vec<(&str, &str)>| {
        let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{heading}");
        for (name, about) in rows {
            let _ = writeln!(text, "  {name:width$}  {about}");
        }
        let _ = writeln!(text);
    };
    for (heading, files) in [("scenarios", scenarios), ("studies", studies)] {
        if !files.is_empty() {
            section(heading, files.iter().map(|(file, about)| (file.as_str(), about.as_str())).collect());
        }
    }
    for (family, list) in FAMILIES {
        section(family, list.iter().map(|one| (one.name, one.about)).collect());
    }
    text
}
