//! `gameday run`: simulate a scenario, write its results folder, print its figures.
#![allow(clippy::disallowed_types, reason = "timing.json tells how long the run took; no other file does")]

use std::fs::{self, File};
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use anyhow::Context;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use reports::terminal;
use scenarios::Loaded;
use scenarios::file::Diagnostics;
use scenarios::run::Run;
use serde_json::json;
use sim_core::results::Verdict;

use crate::args::{Format, ProgressStyle, RunArgs};
use crate::console::Console;
use crate::exit::Exit;
use crate::export;
use crate::folder::{self, Folder, MANIFEST};
use crate::progress::Reporter;
use crate::{interrupt, summary};

pub(crate) fn run(args: &RunArgs, console: &Console) -> anyhow::Result<Exit> {
    let loaded = match load(&args.file, &args.all_overrides()) {
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
    let run = simulate(&loaded, args.threads, args.progress, console, stop)?;
    let seconds = begun.elapsed().as_secs_f64();
    console
        .detail(&format!("{seconds:.2} s, {:.1} million events a second", run.results.events as f64 / seconds / 1e6));
    let files = write_results(&place, args, &loaded, &run, seconds, stop)?;
    console.note(&format!("{files} files in {}", place.display()));
    write_for_ci(args, &run)?;
    match args.format {
        Format::Json => console.result(&format!("{}\n", summary::object(&run)))?,
        Format::Human => console.result(&console.fit(|width, color| terminal::summary(&run.results, width, color)))?,
    }
    if run.interrupted {
        console.note("interrupted: the figures are those of what was finished");
        return Ok(Exit::Interrupted);
    }
    let failed = run.results.checked(Verdict::Fail);
    Ok(if failed > 0 && !args.no_fail { Exit::CheckFailed } else { Exit::Pass })
}

/// The name that stands for standard input.
const STANDARD_INPUT: &str = "-";

fn load(file: &str, overrides: &[String]) -> Result<Loaded, Diagnostics> {
    match file {
        STANDARD_INPUT => scenarios::load_from(&mut io::stdin().lock(), "standard input", overrides),
        file => scenarios::load(file, overrides),
    }
}

/// Writes what CI systems read: the checks as JUnit XML, a summary in Markdown.
fn write_for_ci(args: &RunArgs, run: &Run) -> anyhow::Result<()> {
    if let Some(path) = &args.junit {
        let xml = reports::junit::text(&run.results, !run.interrupted);
        fs::write(path, xml).with_context(|| format!("cannot write {}", path.display()))?;
    }
    if let Some(path) = &args.github_summary {
        let text = reports::markdown::summary(&run.results, &command(args));
        let file = File::options().create(true).append(true).open(path);
        let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
        written.with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// `results/` and the scenario's file name without its ending.
fn default_place(file: &str) -> PathBuf {
    let name = if file == STANDARD_INPUT { "stdin".as_ref() } else { Path::new(file).file_stem().unwrap_or_default() };
    Path::new("results").join(name)
}

/// Runs the scenario on as many threads as asked for.
pub(super) fn simulate(
    loaded: &Loaded,
    threads: Option<NonZeroUsize>,
    progress: ProgressStyle,
    console: &Console,
    stop: &AtomicBool,
) -> anyhow::Result<Run> {
    let threads = rayon::ThreadPoolBuilder::new().num_threads(threads.map_or(0, usize::from)).build();
    let threads = threads.context("cannot start threads")?;
    let reporter = Reporter::new(progress, console.is_quiet(), loaded.scenario.replications);
    let run = threads.install(|| scenarios::run::run(&loaded.scenario, &loaded.inputs, &reporter, stop));
    reporter.finish();
    Ok(run)
}

/// Writes the results folder; all but timing.json depends on file and seed alone.
fn write_results(
    place: &Path,
    args: &RunArgs,
    loaded: &Loaded,
    run: &Run,
    seconds: f64,
    stop: &AtomicBool,
) -> anyhow::Result<usize> {
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
    if !run.interrupted {
        export::write(&mut folder, &args.export, args.trace_every, loaded, results, stop)?;
    }
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
