//! `gameday tune`: the settings that serve a goal best within limits, found with few runs.

use std::fmt::Write as _;

use anyhow::{Context, bail};
use scenarios::study::{Request, Search, Share, Tuned, Work, tune as search_best};
use serde_json::json;

use crate::args::{Format, TuneArgs};
use crate::console::Console;
use crate::exit::Exit;
use crate::progress::StudyReporter;
use crate::study::{Place, Session};

pub(crate) fn tune(args: &TuneArgs, console: &Console) -> anyhow::Result<Exit> {
    let session = Session::begin(&args.study, console)?;
    let prepared = request(args).and_then(|request| session.prepare(request));
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(diagnostics) => {
            console.diagnostics(&diagnostics);
            return Ok(Exit::Invalid);
        }
    };
    if prepared.plan.goal.is_none() {
        bail!("nothing to aim for: say what is best with --goal, such as --goal \"min cost\"");
    }
    session.note_unsettled(&prepared);
    let place = args.study.out.as_ref().map(|path| Place::begin(path, &prepared.plan, false, console)).transpose()?;
    let reporter = StudyReporter::new(args.study.progress, console.is_quiet());
    let nowhere = ();
    let work = Work {
        plan: &prepared.plan,
        scenarios: &prepared.scenarios,
        store: place.as_ref().map_or(&nowhere, |place| &place.cells),
        progress: &reporter,
        stop: session.stop,
        share: Share::ALL,
    };
    let search = Search {
        probability: args.probability.fraction(),
        indifference: args.indifference.fraction(),
        cap: args.study.cap.unwrap_or(Search::default().cap),
        ..Search::default()
    };
    let tuned = session.threads.install(|| search_best(&work, &search));
    reporter.finish();
    let Some(tuned) = tuned.context("cannot keep a finished run")? else { return Ok(session.stopped(place.as_ref())) };
    if let Some(place) = &place {
        place.finish(&tuned.results, &prepared.plan)?;
        console.note(&format!("results in {}", place.path().display()));
    }
    match args.study.format {
        Format::Json => {
            let object = json!({ "best": tuned.best, "rivals": tuned.rivals, "rounds": tuned.rounds, "runs": tuned.runs, "results": tuned.results });
            console.result(&format!("{object:#}\n"))?;
        }
        Format::Human => {
            session.show(&tuned.results)?;
            console.result(&answer(&tuned, &prepared.plan, &search))?;
        }
    }
    Ok(if tuned.best.is_some() { Exit::Pass } else { Exit::Failure })
}

/// The search that the options ask for.
fn request(args: &TuneArgs) -> Result<Request, scenarios::file::Diagnostics> {
    let mut request = Request::read(&args.file)?;
    request.set.extend(args.overrides.set.iter().cloned());
    args.vary.iter().try_for_each(|param| request.vary(param))?;
    request.constraints.extend(args.constraint.iter().cloned());
    request.design = args.design();
    Ok(request)
}

/// The best, and how it was found.
fn answer(tuned: &Tuned, plan: &scenarios::study::Plan, search: &Search) -> String {
    let mut text = String::from("\n");
    let rounds: Vec<String> = tuned.rounds.iter().map(|(points, runs)| format!("{points} × {runs}")).collect();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "rounds of candidates × replications: {}; {} runs in all", rounds.join(", "), tuned.runs);
    let Some(best) = tuned.best else {
        let limits: Vec<&str> = plan.limits.iter().map(|limit| limit.text.as_str()).collect();
        let _ = writeln!(text, "no candidate keeps the limits: {}", limits.join(", "));
        return text;
    };
    let sure = match &tuned.rivals[..] {
        [] => format!("the best of the finalists with a probability of {}", sim_core::Ratio::new(search.probability)),
        rivals => format!("not told from {} others after {} replications", rivals.len(), search.cap),
    };
    let _ = writeln!(text, "best: {} ({sure})", plan.points[best].label);
    for setting in plan.points[best].levels.iter().flat_map(|level| &level.settings) {
        let _ = writeln!(text, "  --set '{setting}'");
    }
    for limit in &plan.limits {
        let Some(at) = plan.metrics.iter().position(|metric| *metric == limit.metric) else { continue };
        let estimate = &tuned.results.points[best].estimates[at];
        let half = estimate.half_width.unwrap_or(f64::INFINITY);
        let room = if limit.below { limit.value - estimate.mean } else { estimate.mean - limit.value };
        let verdict = if room >= half { "kept" } else { "kept on average, not surely" };
        let _ =
            writeln!(text, "  {}: {verdict} ({:.4} ± {:.2} {})", limit.text, estimate.mean, half, limit.metric.unit);
    }
    text
}
