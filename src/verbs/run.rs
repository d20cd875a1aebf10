//! `gameday run`: simulate a scenario, write its results folder, print its figures.
#![allow(clippy::disallowed_types, reason = "timing.json tells how long the run took; no other file does")]

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use anyhow::Context;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use reports::terminal;
use scenarios::Loaded;
use scenarios::run::Run;
use serde_json::json;

use crate::args::{Format, RunArgs};
use crate::console::Console;
use crate::exit::Exit;
use crate::folder::{self, Folder, MANIFEST};
use crate::progress::Reporter;
use crate::{interrupt, summary};

pub(crate) fn run(args: &RunArgs, console: &Console) -> anyhow::Result<Exit> {
    let loaded = match scenarios::load(&args.file, &args.all_overrides()) {
        Ok(loaded) => loaded,
        Err(diagnostics) => {
            console.diagnostics(&diagnostics);
            return Ok(Exit::Invalid);
        }
    };
    let place = args.out.clone().unwrap_or_else(|| default_place(&args.file));
    // Before the run, which may take long.
    folder::check_free(&place)?;
    let stop = interrupt::listen()?;
    let begun = Instant::now();
    let run = simulate(&loaded, args, console, stop)?;
    let seconds = begun.elapsed().as_secs_f64();
    console
        .detail(&format!("{seconds:.2} s, {:.1} million events a second", run.results.events as f64 / seconds / 1e6));
    let files = write_results(&place, args, &loaded, &run, seconds)?;
    console.note(&format!("{files} files in {}", place.display()));
    match args.format {
        Format::Json => console.result(&format!("{}\n", summary::object(&run)))?,
        Format::Human => console.result(&console.fit(|width, color| terminal::summary(&run.results, width, color)))?,
    }
    if run.interrupted {
        console.note("interrupted: the figures are those of what was finished");
        return Ok(Exit::Interrupted);
    }
    Ok(Exit::Pass)
}

/// `results/` and the scenario's file name without its ending.
fn default_place(file: &str) -> PathBuf {
    Path::new("results").join(Path::new(file).file_stem().unwrap_or_default())
}

/// Runs the scenario on as many threads as asked for.
fn simulate(loaded: &Loaded, args: &RunArgs, console: &Console, stop: &AtomicBool) -> anyhow::Result<Run> {
    let threads = rayon::ThreadPoolBuilder::new().num_threads(args.threads.map_or(0, usize::from)).build();
    let threads = threads.context("cannot start threads")?;
    let reporter = Reporter::new(args.progress, console.is_quiet(), loaded.scenario.replications);
    let run = threads.install(|| scenarios::run::run(&loaded.scenario, &loaded.inputs, &reporter, stop));
    reporter.finish();
    Ok(run)
}

/// Writes the results folder; all but timing.json depends on file and seed alone.
fn write_results(place: &Path, args: &RunArgs, loaded: &Loaded, run: &Run, seconds: f64) -> anyhow::Result<usize> {
    let results = &run.results;
    let scenario = scenarios::file::write("Scenario", &loaded.scenario);
    let mut folder = Folder::begin(place)?;
    folder.write("summary.json", pretty(&summary::object(run)))?;
    folder.write("summary.csv", reports::csv::summary(results))?;
    for (name, series) in reports::csv::all_series(results) {
        folder.write(&format!("series/{name}"), series)?;
    }
    for (name, table) in reports::csv::all_tables(results) {
        folder.write(&name, table)?;
    }
    let plots = reports::plots(results);
    let images: Vec<Vec<u8>> = plots.par_iter().map(reports::png).collect();
    for (plot, image) in plots.iter().zip(images) {
        folder.write(&format!("plots/{}.svg", plot.name), &plot.svg)?;
        folder.write(&format!("plots/{}.png", plot.name), image)?;
    }
    folder.write("report.html", reports::html::report(results, &scenario, &command(args)))?;
    folder.write("scenario.ron", scenario)?;
    let events_per_second = results.events as f64 / seconds;
    folder.write("timing.json", pretty(&json!({ "seconds": seconds, "events_per_second": events_per_second })))?;
    let manifest = json!({
        "gameday": env!("CARGO_PKG_VERSION"),
        "scenario": results.scenario,
        "seed": results.seed,
        "replications": results.replications,
        "digest": format!("{:016x}", results.digest),
        "interrupted": run.interrupted,
    });
    folder.write(MANIFEST, pretty(&manifest))?;
    folder.finish()
}

/// The command that yields the same figures again.
fn command(args: &RunArgs) -> String {
    let overrides = args.all_overrides().into_iter().map(|text| format!(" --set '{text}'"));
    format!("gameday run {}{}", args.file, overrides.collect::<String>())
}

fn pretty(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}
