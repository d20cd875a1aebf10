//! Runs a scenario: its replications side by side, their figures in order.
//!
//! A replication is alone with its seed, so any number of threads gives the same bytes. A stop
//! request keeps the replications that are finished; with none finished, it keeps what the first
//! has seen so far.

use std::sync::atomic::{AtomicBool, Ordering};

use models::service::ServiceId;
use models::world::World;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use sim_core::digest::Digest;
use sim_core::results::{Metric, Results};
use sim_core::sim::{Observer, Sim};
use sim_core::{Seed, Span, Time};

use crate::assemble::assemble;
use crate::figures::{self, Replication};
use crate::inputs::Inputs;
use crate::measure::Measure;
use crate::measure::chaos::ChaosMeter;
use crate::measure::windows::Windows;
use crate::schema::Scenario;

/// How often a replication looks up from its work.
const SLICES: u64 = 400;

/// Hears how far a run is; called from several threads.
pub trait Progress: Sync {
    /// Replication `replication` has covered this share (0 to 1) of its virtual time, in which so
    /// many events were executed.
    fn advanced(&self, replication: u32, share: f64, events: u64);
}

/// Nobody listens.
impl Progress for () {
    fn advanced(&self, _replication: u32, _share: f64, _events: u64) {}
}

/// What a run yielded.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The figures.
    pub results: Results,
    /// Whether a stop request came before the end, so that some of the run is missing.
    pub interrupted: bool,
}

/// Runs all replications of a checked scenario on rayon's current threads.
///
/// Setting `stop` ends the run early.
pub fn run(scenario: &Scenario, inputs: &Inputs, progress: &dyn Progress, stop: &AtomicBool) -> Run {
    run_with(scenario, inputs, &|_| {}, progress, stop)
}

/// As [`run`], but `prepare` may change each replication's world before it starts: put in a strategy
/// that no scenario file can name, for one.
pub fn run_with(
    scenario: &Scenario,
    inputs: &Inputs,
    prepare: &(dyn Fn(&mut World) + Sync),
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Run {
    let seed = Seed::new(scenario.seed);
    let replicate = |index| {
        replicate(scenario, inputs, seed.replication(index), prepare, stop, &|share, events| {
            progress.advanced(index, share, events);
        })
    };
    let all: Vec<Finished> = (0..scenario.replications).into_par_iter().map(replicate).collect();
    let whole = all.iter().filter(|finished| finished.whole).count();
    let interrupted = whole < all.len();
    // Of interrupted replications only the first is worth keeping, and only if there is no whole one.
    let kept: Vec<Finished> = if whole > 0 {
        all.into_iter().filter(|finished| finished.whole).collect()
    } else {
        all.into_iter().take(1).collect()
    };
    Run { results: results(scenario, kept), interrupted }
}

/// One replication's figures, for studies.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Single {
    pub(crate) figures: Vec<Metric>,
    pub(crate) digest: u64,
    pub(crate) events: u64,
    pub(crate) requests: u64,
}

/// Runs one replication of a checked scenario; `None` if `stop` came before its end.
pub(crate) fn single(
    scenario: &Scenario,
    inputs: &Inputs,
    index: u32,
    stop: &AtomicBool,
    advanced: &dyn Fn(f64, u64),
) -> Option<Single> {
    let seed = Seed::new(scenario.seed).replication(index);
    let one = replicate(scenario, inputs, seed, &|_| {}, stop, advanced);
    let figures = figures::of_one(scenario, &one.replication);
    one.whole.then_some(Single { figures, digest: one.digest, events: one.events, requests: one.requests })
}

/// The figures that a run of the scenario yields, without their values; nothing is run.
pub(crate) fn figures_of(scenario: &Scenario, inputs: &Inputs) -> Vec<Metric> {
    let stop = AtomicBool::new(true);
    let one = replicate(scenario, inputs, Seed::new(scenario.seed), &|_| {}, &stop, &|_, _| {});
    figures::of_one(scenario, &one.replication)
}

/// How many requests were in the system on average in each step of the first replication, from its very
/// beginning; what comes after a stop is missing.
pub(crate) fn requests_in_system(scenario: &Scenario, inputs: &Inputs, stop: &AtomicBool) -> Vec<f64> {
    let cold = Scenario { warm_up: Span::ZERO, ..scenario.clone() };
    let one = replicate(&cold, inputs, Seed::new(scenario.seed), &|_| {}, stop, &|_, _| {});
    figures::requests_in_system(&cold, &one.replication)
}

/// Runs the first replication once more, for an `observer` that [`run()`] has no room for; returns what
/// it has seen, or nothing if a stop request came before the end.
///
/// It is the very same replication, event by event: observers change nothing.
pub fn observe<O: Observer<World>>(scenario: &Scenario, inputs: &Inputs, observer: O, stop: &AtomicBool) -> Option<O> {
    let mut sim = Sim::new(assemble(scenario, inputs, Seed::new(scenario.seed).replication(0)), observer);
    sim.prime(World::start);
    for slice in 1..=SLICES {
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        sim.run_until(end_of(scenario, slice));
    }
    Some(sim.into_parts().1)
}

/// When a slice of a replication ends.
fn end_of(scenario: &Scenario, slice: u64) -> Time {
    Time::from_nanos((u128::from(scenario.duration.as_nanos()) * u128::from(slice) / u128::from(SLICES)) as u64)
}

/// A replication that has ended, and whether it reached its end.
struct Finished {
    replication: Replication,
    whole: bool,
    digest: u64,
    events: u64,
    requests: u64,
}

fn replicate(
    scenario: &Scenario,
    inputs: &Inputs,
    seed: Seed,
    prepare: &dyn Fn(&mut World),
    stop: &AtomicBool,
    advanced: &dyn Fn(f64, u64),
) -> Finished {
    let mut world = assemble(scenario, inputs, seed);
    prepare(&mut world);
    let step = scenario.step();
    let measure = Measure::new(
        scenario.workloads.len(),
        scenario.regions.len().max(1),
        scenario.services.len(),
        step,
        scenario.warm_up,
        scenario.duration,
    )
    .watching(Windows::of(scenario))
    .with_chaos(scenario.chaos_meter());
    let mut sim = Sim::new(world, measure);
    sim.prime(World::start);
    // The first sample that is not before the end of the warm-up, as for all other figures.
    let measured_from = Time::from_nanos(scenario.warm_up.as_nanos().div_ceil(step.as_nanos()) * step.as_nanos());
    let mut warm = None;
    let mut slice = 0;
    while slice < SLICES && !stop.load(Ordering::Relaxed) {
        slice += 1;
        let until = end_of(scenario, slice);
        if warm.is_none() && until >= measured_from {
            sim.run_until(measured_from);
            warm = Some(work_done(sim.world(), scenario, measured_from));
        }
        sim.run_until(until);
        advanced(slice as f64 / SLICES as f64, sim.events());
    }
    let (end, digest, events) = (sim.now(), sim.digest(), sim.events());
    let (mut world, mut measure) = sim.into_parts();
    measure.finish(&world, end);
    let replicas = match warm {
        Some(before) => work_since(&before, work_done(&world, scenario, end), end.since(measured_from)),
        None => Vec::new(),
    };
    let requests = world.requests();
    let node_hours = world.node_hours(end);
    let unplaced = world.unplaced();
    Finished {
        replication: Replication { measure, end, replicas, node_hours, unplaced },
        whole: slice == SLICES,
        digest,
        events,
        requests,
    }
}

/// Attempts that each replica has taken up and core-nanoseconds it has worked until `now`, by service.
fn work_done(world: &World, scenario: &Scenario, now: Time) -> Vec<Vec<(u64, u64)>> {
    let elapsed = now.since(Time::ZERO).as_nanos() as f64;
    let done = |(taken, working): (u64, f64)| (taken, (working * elapsed).round() as u64);
    let services = 0..scenario.services.len();
    services.map(|index| world.replicas_of(ServiceId(index as u16), now).map(done).collect()).collect()
}

/// Attempts that each replica has taken up since `before`, and cores it had at work on average.
fn work_since(before: &[Vec<(u64, u64)>], now: Vec<Vec<(u64, u64)>>, elapsed: Span) -> Vec<Vec<(u64, f64)>> {
    let since = |(&(taken_before, worked_before), (taken, worked)): (&(u64, u64), (u64, u64))| {
        (taken - taken_before, worked.saturating_sub(worked_before) as f64 / elapsed.as_nanos() as f64)
    };
    before.iter().zip(now).map(|(before, now)| before.iter().zip(now).map(since).collect()).collect()
}

fn results(scenario: &Scenario, finished: Vec<Finished>) -> Results {
    let digest = Digest::combine(finished.iter().map(|one| one.digest));
    let (events, requests) = finished.iter().fold((0, 0), |(e, r), one| (e + one.events, r + one.requests));
    let replications: Vec<Replication> = finished.into_iter().map(|one| one.replication).collect();
    Results {
        scenario: scenario.name.clone(),
        description: scenario.description.clone(),
        seed: scenario.seed,
        replications: replications.len() as u32,
        digest,
        events,
        requests,
        simulated_seconds: replications.first().map_or(0.0, |first| first.end.as_secs_f64()),
        warm_up_seconds: scenario.warm_up.as_secs_f64(),
        metrics: figures::metrics(scenario, &replications),
        series: replications
            .first()
            .map_or_else(Vec::new, |first| figures::series(scenario, first))
            .into_iter()
            .chain(figures::spread(&replications))
            .collect(),
        distributions: figures::distributions(scenario, &replications),
        tables: replications.first().map_or_else(Vec::new, |first| figures::tables(scenario, first)),
        checks: figures::checks(scenario, &replications),
    }
}

impl Scenario {
    fn chaos_meter(&self) -> ChaosMeter {
        let within = |name: &String| {
            let mut checks = self.steady_state.values().filter(|check| check.workload.as_ref() == Some(name));
            checks.find_map(|check| check.within)
        };
        let on = !(self.faults.is_empty() && self.steady_state.is_empty());
        ChaosMeter::new(on, self.steady_state.len(), self.workloads.keys().map(within).collect())
    }

    /// The step of all series: as given, or the roundest with at most 360 of them.
    pub fn step(&self) -> Span {
        const ROUND_SECONDS: [u64; 12] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800];
        let auto = || {
            let least = self.duration / 360;
            let round = ROUND_SECONDS.into_iter().map(Span::from_secs).find(|step| *step >= least);
            let short = [1, 5, 10, 50, 100, 500].into_iter().map(Span::from_millis).find(|step| *step >= least);
            short.or(round).unwrap_or(Span::from_secs(3_600))
        };
        self.sample_every.unwrap_or_else(auto)
    }
}
