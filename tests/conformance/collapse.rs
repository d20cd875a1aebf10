//! Brooker's collapse: a system that a short spike tips into retrying for good, or does not.

use std::path::Path;

use models::outcome::Outcome;
use models::world::{Fact, World};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use scenarios::assemble::assemble;
use scenarios::file::Source;
use serde::Deserialize;
use sim_core::stats::Welford;
use sim_core::{Observer, Seed, Sim, Time};

use crate::case::Case;

const RUNS: u32 = 120;
/// Standard errors that a mean may be off.
const ERRORS_MAX: f64 = 3.5;
/// The seconds from and to which the system is steady and not yet in danger.
const BEFORE: (usize, usize) = (10, 20);
/// The seconds at the end that tell its fate.
const TAIL: usize = 20;

#[derive(Deserialize)]
struct Recorded {
    columns: Vec<String>,
    runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    run: String,
    runs_averaged: f64,
    per_second: Vec<Vec<f64>>,
}

/// Requests begun and answered in each second.
#[derive(Clone, Debug, Default)]
struct Seconds(Vec<[f64; 2]>);

impl Seconds {
    fn count(&mut self, now: Time, column: usize) {
        let second = (now.as_nanos() / 1_000_000_000) as usize;
        if let Some(row) = self.0.get_mut(second) {
            row[column] += 1.0;
        }
    }
}

impl Observer<World> for Seconds {
    fn fact(&mut self, now: Time, fact: &Fact) {
        match fact {
            Fact::Arrived { .. } => self.count(now, 0),
            Fact::Answered { outcome: Outcome::Ok, .. } => self.count(now, 1),
            _ => {}
        }
    }
}

/// The scenario of the published model, which counts a request itself among those that slow it down;
/// `run` names its load and its back-off.
fn scenario(run: &str) -> Result<String, String> {
    let rate = match run {
        load if load.starts_with("spike") => "Steps([(\"0s\", \"40/s\"), (\"20s\", \"80/s\"), (\"25s\", \"40/s\")])",
        load if load.starts_with("ramp") => "Ramp([(\"0s\", \"40/s\"), (\"25s\", \"80/s\"), (\"75s\", \"0/s\")])",
        _ => return Err(format!("unknown load in {run:?}")),
    };
    let retry = match run {
        backoff if backoff.ends_with("no_backoff") => "first: \"0s\"",
        backoff if backoff.ends_with("backoff_and_jitter") => "first: \"20s\", factor: 2, max: \"10min\", jitter: Full",
        _ => return Err(format!("unknown back-off in {run:?}")),
    };
    Ok(format!(
        "Scenario(name: \"collapse\", duration: \"1h\", network: (same_region: Exponential(mean: \"100ms\")), \
         services: {{ \"server\": (workers: None, contention: \"10ms\", endpoints: {{ \"ask\": [Work(\"1.01s\")] }}) }}, \
         workloads: {{ \"clients\": (to: \"server/ask\", rate: {rate}, \
         policies: [Retry(attempts: 3, {retry}), Timeout(\"3s\")]) }})"
    ))
}

/// The family `collapse-brooker`.
pub(crate) fn collapse(file: &str) -> Vec<Case> {
    let recorded: Recorded = match serde_json::from_str(file) {
        Ok(recorded) => recorded,
        Err(error) => return Case::unreadable(error),
    };
    let columns: Vec<&str> = recorded.columns.iter().map(String::as_str).collect();
    if columns.first() != Some(&"second") || columns.get(1..3) != Some(&["starts", "successes"][..]) {
        return Case::unreadable(format!("unknown columns {columns:?}"));
    }
    recorded.runs.iter().map(|run| Case::new(run.run.clone(), || same_fate(run))).collect()
}

fn same_fate(recorded: &Run) -> Result<(), String> {
    let seconds = recorded.per_second.len();
    if seconds < BEFORE.1 + TAIL {
        return Err(format!("{seconds} seconds are too few"));
    }
    let source = Source::new("collapse", scenario(&recorded.run)?);
    let loaded = scenarios::parse(&source, Path::new(".")).map_err(|wrong| wrong.render(false))?;
    let run = |index: u32| {
        let world = assemble(&loaded.scenario, &loaded.inputs, Seed::new(98).replication(index));
        let mut sim = Sim::new(world, Seconds(vec![[0.0; 2]; seconds]));
        sim.prime(World::start);
        sim.run_until(Time::from_nanos(seconds as u64 * 1_000_000_000));
        sim.into_parts().1
    };
    let runs: Vec<Seconds> = (0..RUNS).into_par_iter().map(run).collect();
    let (count, their_count) = (f64::from(RUNS), recorded.runs_averaged);
    let both = (1.0 / count + 1.0 / their_count).sqrt();
    let counted = |what: &str, column: usize, (from, to): (usize, usize), scatter: f64| {
        let length = (to - from) as f64;
        let expected = recorded.per_second[from..to].iter().map(|row| row[column + 1]).sum::<f64>() / length;
        let per_second = |run: &Seconds| run.0[from..to].iter().map(|row| row[column]).sum::<f64>() / length;
        let ours: Welford = runs.iter().map(per_second).collect();
        // Their runs scatter as ours do.
        let scatter = ours.variance().sqrt().max(scatter);
        let (got, tolerance) = (ours.mean(), (0.05 * expected).max(ERRORS_MAX * scatter * both));
        if (got - expected).abs() <= tolerance {
            return Ok(());
        }
        Err(format!("{what}: expected {expected:.1}/s, got {got:.1}/s, tolerance {tolerance:.1}"))
    };
    let tail = (seconds - TAIL, seconds);
    counted("starts before the danger", 0, BEFORE, 0.0)?;
    counted("successes before the danger", 1, BEFORE, 0.0)?;
    counted("starts in the tail", 0, tail, 0.0)?;

    let sum =
        |rows: &mut dyn Iterator<Item = [f64; 2]>| rows.fold([0.0; 2], |sum, row| [sum[0] + row[0], sum[1] + row[1]]);
    let theirs = sum(&mut recorded.per_second[tail.0..].iter().map(|row| [row[1], row[2]]));
    let ours = sum(&mut runs.iter().flat_map(|run| run.0[tail.0..].iter().copied()));
    let share = |[starts, successes]: [f64; 2]| successes / starts;
    if (share(theirs) > 0.5) != (share(ours) > 0.5) {
        let (ours, theirs) = (share(ours), share(theirs));
        return Err(format!("in the tail {ours:.2} of the requests succeed, but {theirs:.2} of the published runs'"));
    }
    // A run ends in one of two ways, so the share of successes is the share of runs that survived: one
    // in twenty may not be met among ours.
    let survived = ((share(ours) * count + share(theirs) * their_count) / (count + their_count)).clamp(0.0, 1.0);
    let scatter = theirs[0] / TAIL as f64 * (survived * (1.0 - survived)).sqrt();
    counted("successes in the tail", 1, tail, scatter)
}
