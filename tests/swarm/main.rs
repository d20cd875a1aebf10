//! Random scenarios, one a seed: each must load, run, keep its invariants, and run the same again.
//!
//! The seed draws what is in the scenario before it draws the values (swarm testing, Groce et al.
//! 2012), so that rare combinations come up. A failure prints the file that reproduces it. How many
//! seeds are tried, and from which on, can be set: `GAMEDAY_SEEDS=5000..6000 cargo test --test swarm`.

mod author;
mod chaos;
mod cluster;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use author::Author;
use cluster::{Cluster, Promise};
use models::check::Ledger;
use models::scale::Autoscaler;
use models::world::World;
use rayon::prelude::*;
use scenarios::Loaded;
use scenarios::assemble::assemble;
use scenarios::file::Source;
use sim_core::{Seed, Sim, Span, Time};

const SEEDS: u64 = 300;
const CLUSTER_SEEDS: u64 = 500;

/// Longer than balancers take to learn what has changed: thirty means of the slowest lag.
const LONG: Span = Span::from_secs(60);

/// Longer than it takes until every pod is ready again: the last back-off, and the slowest start.
const RECOVERY: Span = Span::from_secs(1_800);

/// The fewest and the most replicas that each deployment's autoscaler may want.
fn bounds(loaded: &Loaded) -> Vec<Option<(u32, u32)>> {
    let of = |autoscaler: &Autoscaler| match autoscaler {
        Autoscaler::None(_) => None,
        Autoscaler::Hpa(hpa) => Some((hpa.min, hpa.max)),
        Autoscaler::Threshold(threshold) => Some((threshold.min, threshold.max)),
        Autoscaler::Scheduled(schedule) => Some((schedule.min, schedule.max)),
        Autoscaler::Predictive(predictive) => Some((predictive.min, predictive.max)),
        // It closes its service.
        Autoscaler::QueueLength(queue) => Some((if queue.idle { 0 } else { queue.min }, queue.max)),
    };
    let services = loaded.scenario.services.values();
    services
        .flat_map(|service| match service.groups.is_empty() {
            true => vec![of(&service.autoscaler)],
            false => service
                .groups
                .iter()
                .map(|group| of(group.autoscaler.as_ref().unwrap_or(&service.autoscaler)))
                .collect(),
        })
        .collect()
}

fn start(loaded: &Loaded) -> Sim<World, Ledger> {
    let world = assemble(&loaded.scenario, &loaded.inputs, Seed::new(loaded.scenario.seed));
    let mut sim = Sim::new(world, Ledger::new(bounds(loaded)));
    sim.prime(World::start);
    sim
}

/// Runs a scenario and looks at it again and again; tells its digest and how many events there were.
fn run_checked(loaded: &Loaded, promise: Promise) -> (u64, u64) {
    const LOOKS: u64 = 2_000;
    let mut sim = start(loaded);
    let duration = loaded.scenario.duration.as_nanos();
    for look in 1..=LOOKS {
        sim.run_until(Time::from_nanos(duration / LOOKS * look));
        let world = sim.world();
        sim.observer().check(world);
        world.check();
        world.check_endpoints(sim.now(), LONG);
        world.check_shares();
        if promise == Promise::Calm {
            world.check_budgets();
        }
    }
    let found = (sim.digest(), sim.events());
    if promise == Promise::Recovers {
        sim.run_until(sim.now() + RECOVERY);
        sim.world().check();
        sim.world().check_recovered();
    }
    found
}

/// The same without looking.
fn run(loaded: &Loaded) -> (u64, u64) {
    let mut sim = start(loaded);
    sim.run_until(Time::ZERO + loaded.scenario.duration);
    (sim.digest(), sim.events())
}

/// Tries the scenarios of many seeds.
fn try_all(seeds: u64, write: impl Fn(u64) -> (String, Promise) + Sync) {
    let chosen = std::env::var("GAMEDAY_SEEDS").ok();
    let range = match chosen.as_deref().and_then(|text| text.split_once("..")) {
        Some((from, to)) => from.parse().expect("a number")..to.parse().expect("a number"),
        None => 0..seeds,
    };
    let events = AtomicU64::new(0);
    let failed = range.into_par_iter().find_map_first(|seed| {
        let (text, promise) = write(seed);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let source = Source::new(format!("swarm seed {seed}"), text.clone());
            let loaded = scenarios::parse(&source, Path::new(".")).unwrap_or_else(|wrong| panic!("{wrong}"));
            let checked = run_checked(&loaded, promise);
            assert_eq!(checked, run(&loaded), "the same scenario and seed give the same events, watched or not");
            events.fetch_add(checked.1, Ordering::Relaxed);
        }));
        outcome.is_err().then_some((seed, text))
    });
    if let Some((seed, text)) = failed {
        panic!("seed {seed} fails; its scenario:\n{text}");
    }
    let events = events.into_inner();
    assert!(chosen.is_some() || events > seeds * 1_000, "too idle to show anything: {events} events");
}

#[test]
fn random_scenarios_hold_together() {
    try_all(SEEDS, |seed| (Author::new(seed).scenario(), Promise::None));
}

#[test]
fn random_clusters_hold_together() {
    try_all(CLUSTER_SEEDS, |seed| {
        let mut cluster = Cluster::new(seed);
        (cluster.scenario(), cluster.promise)
    });
}
