//! `gameday compare`: scenarios and variants of them, or what studies have found, pair by pair.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::bail;
use scenarios::study::{MARGIN, Replications, Request, Share, Variant, across, split_outside};
use sim_core::study::{StudyResults, Verdict};

use crate::args::CompareArgs;
use crate::console::Console;
use crate::exit::Exit;
use crate::study::{Ended, PLAN, Place, Session, show};

/// Replications of each, if nothing else is said.
const REPLICATIONS: u32 = 10;

pub(crate) fn compare(args: &CompareArgs, console: &Console) -> anyhow::Result<Exit> {
    let places: Vec<PathBuf> = args.files.iter().map(PathBuf::from).collect();
    let kept = places.iter().filter(|path| path.join(PLAN).exists()).count();
    if kept == 0 {
        return simulate(args, console);
    }
    if kept < places.len() || !args.set.is_empty() || !args.common.is_empty() {
        bail!("the results of a study are compared with those of another, not with what is still to be run");
    }
    let studies = places.iter().map(|path| Ok((path.display().to_string(), Place::open(path)?.results()?)));
    let studies: Vec<(String, StudyResults)> = studies.collect::<anyhow::Result<_>>()?;
    let margin = args.fail_on_regression.map_or(MARGIN, |threshold| threshold.fraction());
    let results = across(&studies, margin).map_err(anyhow::Error::msg)?;
    show(&results, args.study.format, console)?;
    Ok(verdict(args, &results, console))
}

/// Runs what is to be compared.
fn simulate(args: &CompareArgs, console: &Console) -> anyhow::Result<Exit> {
    let variants = variants(args)?;
    let session = Session::begin(&args.study, console)?;
    let mut request = Request::of_scenario(&args.files[0]);
    request.set.clone_from(&args.common);
    request.replications = Replications::Constant(REPLICATIONS);
    request.margin = args.fail_on_regression.map_or(MARGIN, |threshold| threshold.fraction());
    request.variants = variants;
    let prepared = match session.prepare(request) {
        Ok(prepared) => prepared,
        Err(diagnostics) => {
            console.diagnostics(&diagnostics);
            return Ok(Exit::Invalid);
        }
    };
    session.note_unsettled(&prepared);
    let place = args.study.out.as_ref().map(|path| Place::begin(path, &prepared.plan, false, console)).transpose()?;
    let ended = match &place {
        Some(place) => session.run(&prepared, &place.cells, Share::ALL)?,
        None => session.run(&prepared, &(), Share::ALL)?,
    };
    let results = match ended {
        Ended::Results(results) => results,
        Ended::Missing(missing) => bail!("{missing} runs are missing"),
        Ended::Stopped => return Ok(session.stopped(place.as_ref())),
    };
    if let Some(place) = &place {
        place.finish(&results, &prepared.plan)?;
        console.note(&format!("results in {}", place.path().display()));
    }
    session.show(&results)?;
    Ok(verdict(args, &results, console))
}

/// What is compared: the files, and variants of the first.
fn variants(args: &CompareArgs) -> anyhow::Result<Vec<Variant>> {
    let mut variants = Vec::new();
    let mut known = BTreeMap::new();
    for file in &args.files {
        // The results folder of a run holds its scenario, which is run again.
        let path = Path::new(file);
        let scenario =
            if path.is_dir() { path.join("scenario.ron").to_string_lossy().into_owned() } else { file.clone() };
        let label = path.file_stem().map_or(file.clone(), |stem| stem.to_string_lossy().into_owned());
        *known.entry(label.clone()).or_insert(0) += 1;
        variants.push(Variant { label, file: scenario, set: Vec::new() });
    }
    // Files of one name in several folders are told apart by their paths.
    for (variant, file) in variants.iter_mut().zip(&args.files) {
        if known[&variant.label] > 1 {
            variant.label.clone_from(file);
        }
    }
    let file = variants[0].file.clone();
    variants.extend(args.set.iter().map(|text| {
        let set: Vec<String> = split_outside(text, ';').into_iter().map(|one| one.trim().to_owned()).collect();
        Variant { label: label(&set), file: file.clone(), set }
    }));
    if variants.len() < 2 {
        bail!("one scenario alone compares with nothing: name another, or a variant with --set");
    }
    Ok(variants)
}

/// What a variant sets, without the way there: `balancer=Random, queue=20`.
fn label(set: &[String]) -> String {
    let short = |one: &String| match one.split_once('=') {
        Some((path, value)) => format!("{}={value}", split_outside(path, '.').last().unwrap_or(&path)),
        None => one.clone(),
    };
    set.iter().map(short).collect::<Vec<_>>().join(", ")
}

/// Whether a figure is worse by as much as the threshold, and surely worse.
fn verdict(args: &CompareArgs, results: &StudyResults, console: &Console) -> Exit {
    let Some(threshold) = args.fail_on_regression else { return Exit::Pass };
    let regressed = results.comparisons.iter().filter(|one| {
        let by = one.relative.map_or(f64::INFINITY, |(share, ..)| share.abs());
        one.verdict == Verdict::Worse && by >= threshold.fraction()
    });
    let mut exit = Exit::Pass;
    for one in regressed {
        let by = one.relative.map_or("from zero".to_owned(), |(share, ..)| format!("by {:.1} %", 100.0 * share.abs()));
        let (metric, point) = (&results.metrics[one.metric].name, &results.points[one.other].label);
        console.note(&format!("regression: {metric} of {point} is worse {by}"));
        exit = Exit::Regression;
    }
    exit
}
