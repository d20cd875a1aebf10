//! A plan in words, with how long it will take: from a small piece of some of its runs.
#![allow(clippy::disallowed_types, reason = "an estimate of wall-clock time; no figure of a study depends on it")]

use std::fmt::Write as _;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use scenarios::run;
use scenarios::study::{Plan, Prepared, Repeat};

/// Points that are tried.
const TRIED: usize = 5;
/// The share of a run that is tried.
const PIECE: u64 = 20;
/// Points that are listed.
const LISTED: usize = 40;

/// The plan in words, and an estimate for `threads` threads.
pub(crate) fn describe(prepared: &Prepared, threads: usize, stop: &AtomicBool) -> String {
    let plan = &prepared.plan;
    let mut text = String::new();
    let points = plan.points.len();
    let most = plan.repeat.most();
    // Writing to a String cannot fail.
    let _ = match &plan.repeat {
        Repeat::Times(times) => {
            writeln!(
                text,
                "{}: {points} points, {times} replications each, {} runs",
                plan.name,
                points as u64 * u64::from(*times)
            )
        }
        Repeat::Until(precision, _) => {
            let (least, width) = (precision.least, precision.ci_width);
            writeln!(text, "{}: {points} points, {least} to {most} replications each, until ± {width}", plan.name)
        }
    };
    let _ =
        writeln!(text, "metrics: {}", plan.metrics.iter().map(|metric| metric.label()).collect::<Vec<_>>().join(", "));
    let found = if plan.warm_up_found { " (found)" } else { "" };
    let _ = writeln!(text, "warm-up: {}{found}", plan.warm_up);
    let _ = writeln!(text, "points:");
    for (index, point) in plan.points.iter().take(LISTED).enumerate() {
        let _ = writeln!(text, "  {index:3}  {}", point.label);
    }
    if points > LISTED {
        let _ = writeln!(text, "  … and {} more", points - LISTED);
    }
    let seconds = seconds_a_run(prepared, stop) / threads as f64;
    let all = |replications: u32| seconds * points as f64 * f64::from(replications);
    let _ = match &plan.repeat {
        Repeat::Times(times) => writeln!(text, "about {} on {threads} threads", words(all(*times))),
        Repeat::Until(precision, _) => {
            let (from, to) = (words(all(precision.least)), words(all(most)));
            writeln!(text, "about {from} to {to} on {threads} threads")
        }
    };
    text
}

/// The mean of the wall-clock seconds that a run takes, from the beginnings of a few.
fn seconds_a_run(prepared: &Prepared, stop: &AtomicBool) -> f64 {
    let Plan { points, .. } = &prepared.plan;
    let tried = points.len().min(TRIED);
    let mut seconds = 0.0;
    for index in 0..tried {
        let loaded = &prepared.scenarios[index * points.len() / tried];
        let mut piece = loaded.scenario.clone();
        (piece.duration, piece.warm_up, piece.replications) = (piece.duration / PIECE, sim_core::Span::ZERO, 1);
        let begun = Instant::now();
        run::run(&piece, &loaded.inputs, &(), stop);
        seconds += begun.elapsed().as_secs_f64() * PIECE as f64;
    }
    seconds / tried as f64
}

/// Seconds, as precisely as an estimate is.
pub(crate) fn words(seconds: f64) -> String {
    match seconds {
        s if s < 1.0 => "a second".to_owned(),
        s if s < 90.0 => format!("{s:.0} s"),
        s if s < 5_400.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3_600.0),
    }
}
