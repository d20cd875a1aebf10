//! `gameday snapshot`: the figures of scenarios against golden ones kept beside them.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use anyhow::Context;
use reports::snapshot;

use super::run::simulate;
use crate::args::{ProgressStyle, SnapshotArgs};
use crate::console::Console;
use crate::exit::Exit;
use crate::interrupt;

pub(crate) fn snapshot(args: &SnapshotArgs, console: &Console) -> anyhow::Result<Exit> {
    let stop = interrupt::listen()?;
    let mut exit = Exit::Pass;
    for file in &args.files {
        match one(file, args, console, stop)? {
            Exit::Pass => {}
            Exit::Interrupted => return Ok(Exit::Interrupted),
            // The first thing that is wrong tells; a mistake in a file more than a difference.
            worse if exit != Exit::Invalid => exit = worse,
            _ => {}
        }
    }
    Ok(exit)
}

fn one(file: &str, args: &SnapshotArgs, console: &Console, stop: &AtomicBool) -> anyhow::Result<Exit> {
    let loaded = match scenarios::load(file, &[]) {
        Ok(loaded) => loaded,
        Err(diagnostics) => {
            console.diagnostics(&diagnostics);
            return Ok(Exit::Invalid);
        }
    };
    let place = place(file);
    let golden = match fs::read_to_string(&place) {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        read => Some(read.with_context(|| format!("cannot read {}", place.display()))?),
    };
    let run = simulate(&loaded, args.threads, ProgressStyle::Auto, console, stop)?;
    if run.interrupted {
        console.note(&format!("{file}: interrupted, nothing is compared or kept"));
        return Ok(Exit::Interrupted);
    }
    let now = snapshot::text(&run.results);
    let (holds, told) = match &golden {
        None => (false, format!("{file}: no golden figures at {}", place.display())),
        Some(golden) => match told(file, golden, &now, args) {
            Err(_) if args.update => (false, format!("{file}: the golden figures could not be read")),
            told => told.with_context(|| format!("{} is damaged", place.display()))?,
        },
    };
    if args.update && golden.as_deref() != Some(&now) {
        write(&place, &now).with_context(|| format!("cannot write {}", place.display()))?;
        console.result(&format!("{told}\nwrote {}\n", place.display()))?;
        return Ok(Exit::Pass);
    }
    let help = if golden.is_none() { "; --update keeps these" } else { "" };
    console.result(&format!("{told}{help}\n"))?;
    Ok(if holds { Exit::Pass } else { Exit::Regression })
}

/// Whether the figures are the golden ones, and what to say.
fn told(file: &str, golden: &str, now: &str, args: &SnapshotArgs) -> anyhow::Result<(bool, String)> {
    let comparison = snapshot::compare(golden, now, args.tolerance.fraction()).map_err(anyhow::Error::msg)?;
    let beyond = comparison.differences.iter().filter(|difference| !difference.tolerated).count();
    let figures = comparison.figures;
    let verdict = match (comparison.holds(), comparison.differences.len()) {
        (true, 0) => format!("{file}: {figures} figures as before"),
        (true, changed) => {
            format!("{file}: {changed} of {figures} figures changed, none by more than {}", args.tolerance)
        }
        (false, _) if !comparison.settings.is_empty() => format!("{file}: another run than the golden one"),
        (false, _) => format!("{file}: {beyond} figures are not the golden ones, which have {figures}"),
    };
    Ok((comparison.holds(), format!("{verdict}\n{}", comparison.text()).trim_end().to_owned()))
}

/// `snapshots/` beside the scenario, and its name.
fn place(file: &str) -> PathBuf {
    let file = Path::new(file);
    let mut name = file.file_stem().unwrap_or_default().to_owned();
    name.push(".snap");
    file.with_file_name("snapshots").join(name)
}

/// Writes a file so that it is there whole or not at all.
fn write(place: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder)?;
    }
    let aside = place.with_extension("snap.partial");
    fs::write(&aside, text)?;
    fs::rename(aside, place)
}
