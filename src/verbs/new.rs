//! `gameday new`: a commented scenario that runs, to start from; or a workflow that checks scenarios.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};
use scenarios::file::did_you_mean;

use crate::args::NewArgs;
use crate::console::Console;
use crate::exit::Exit;

/// Every template: its name, what it shows, its text.
const TEMPLATES: &[(&str, &str, &str)] = &[
    ("hello", "one service and its customers", include_str!("../templates/hello.ron")),
    ("cluster", "pods on nodes, an autoscaler, a lost zone", include_str!("../templates/cluster.ron")),
    ("release", "a bad version, found out by a canary", include_str!("../templates/release.ron")),
    ("chaos", "a zone goes dark, a dependency gets slow", include_str!("../templates/chaos.ron")),
    ("retries", "two services, a slow dependency, timeouts and retries", include_str!("../templates/retries.ron")),
];

/// A workflow for GitHub Actions.
const WORKFLOW: &str = include_str!("../templates/ci.yml");

pub(crate) fn new(args: &NewArgs, console: &Console) -> anyhow::Result<Exit> {
    if args.list {
        let lines = TEMPLATES.iter().map(|(name, about, _)| format!("{name:10}{about}\n"));
        console.result(&lines.collect::<String>())?;
        return Ok(Exit::Pass);
    }
    if args.ci {
        return write(WORKFLOW, args.out.as_deref(), "commit it as .github/workflows/gameday.yml", console);
    }
    let Some((_, _, text)) = TEMPLATES.iter().find(|(name, ..)| *name == args.template) else {
        let known = TEMPLATES.iter().map(|(name, ..)| *name);
        bail!("there is no template `{}`: {}", args.template, did_you_mean(&args.template, known));
    };
    let next = args.out.as_ref().map_or(String::new(), |path| format!("try: gameday run {}", path.display()));
    write(text, args.out.as_deref(), &next, console)
}

/// Writes a template to a new file, or to standard output.
fn write(text: &str, out: Option<&Path>, next: &str, console: &Console) -> anyhow::Result<Exit> {
    match out {
        None => console.result(text)?,
        Some(path) => {
            let file = File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes()));
            file.with_context(|| format!("cannot write {}", path.display()))?;
            console.note(&format!("wrote {}; {next}", path.display()));
        }
    }
    Ok(Exit::Pass)
}
