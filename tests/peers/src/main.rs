//! The same work on this kernel, on simcore, on nexosim and on a bare BinaryHeap loop, in one
//! process: `cargo run --release --manifest-path tests/peers/Cargo.toml`.
//!
//! Machines differ and are seldom quiet, so ratios count: runs are interleaved, a round runs every
//! engine on every workload, and medians are taken over the rounds. Every engine is used in the
//! cheapest way that its documentation offers, draws the same numbers from the same generator, and
//! must arrive at the same result. The last line is one JSON object of ns a unit of work.

use serde_json::{Map, Value};

mod binary_heap;
mod gameday;
mod nexosim;
#[path = "../../../scenarios/benches/paths/mod.rs"]
#[expect(dead_code, reason = "of the request paths only the plain fleet is compared")]
mod paths;
mod simcore;
#[path = "../../../sim-core/benches/worlds/mod.rs"]
mod worlds;

use worlds::{ARRIVAL_RATE, CLIENTS, Tally};

const ROUNDS: usize = 5;

/// One piece of work and who can do it, this kernel first.
struct Workload {
    name: &'static str,
    unit: &'static str,
    entries: Vec<Entry>,
}

struct Entry {
    engine: &'static str,
    run: Box<dyn Fn() -> Tally>,
}

fn entry(engine: &'static str, run: impl Fn() -> Tally + 'static) -> Entry {
    Entry { engine, run: Box::new(run) }
}

fn workloads() -> Vec<Workload> {
    let mm1_s = 1e6 / ARRIVAL_RATE;
    let cancel_s = 1e6 / f64::from(CLIENTS);
    vec![
        Workload {
            name: "mm1",
            unit: "event",
            entries: vec![
                entry("gameday", move || gameday::mm1(mm1_s)),
                entry("simcore", move || simcore::mm1(mm1_s)),
                entry("nexosim", move || nexosim::mm1(mm1_s)),
                entry("binary_heap", move || binary_heap::mm1(mm1_s)),
            ],
        },
        phold("phold_1024", 1_024),
        phold("phold_65536", 65_536),
        Workload {
            name: "cancel",
            unit: "request",
            entries: vec![
                entry("gameday", move || gameday::cancel(cancel_s)),
                entry("simcore", move || simcore::cancel(cancel_s)),
                entry("nexosim", move || nexosim::cancel(cancel_s)),
                entry("binary_heap", move || binary_heap::cancel(cancel_s)),
            ],
        },
        request_path(),
    ]
}

/// About two million events, whatever the number of objects.
fn phold(name: &'static str, objects: u32) -> Workload {
    let horizon_s = 2e6 / f64::from(objects);
    Workload {
        name,
        unit: "event",
        entries: vec![
            entry("gameday", move || gameday::phold(objects, horizon_s)),
            entry("simcore", move || simcore::phold(objects, horizon_s)),
            entry("nexosim", move || nexosim::phold(objects, horizon_s)),
            entry("binary_heap", move || binary_heap::phold(objects, horizon_s)),
        ],
    }
}

/// What only this project has: requests through policies, balancer, workers and metrics.
fn request_path() -> Workload {
    let fleet = paths::fleet();
    let run = move || {
        let (units, check) = paths::run(&fleet);
        Tally { units, check }
    };
    Workload { name: "request_path", unit: "request", entries: vec![entry("gameday", run)] }
}

#[expect(clippy::disallowed_types, reason = "a benchmark measures the wall clock")]
fn time_ns(entry: &Entry) -> (f64, Tally) {
    let start = std::time::Instant::now();
    let tally = (entry.run)();
    (start.elapsed().as_nanos() as f64 / tally.units as f64, tally)
}

/// Engines may differ by an event at the horizon, and where time is a float by the order of near
/// ties; anything more would be other work.
fn assert_same_work(workload: &Workload, tallies: &[Tally]) {
    for (entry, tally) in workload.entries.iter().zip(tallies) {
        let apart = |of: fn(&Tally) -> u64| (of(tally) as f64 / of(&tallies[0]) as f64 - 1.0).abs();
        let same = apart(|tally| tally.units) < 0.01 && apart(|tally| tally.check) < 0.05;
        assert!(same, "{} did other work on {}: {tally:?}, not {:?}", entry.engine, workload.name, tallies[0]);
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn main() {
    let workloads = workloads();
    // By workload, then engine, then round.
    let mut figures: Vec<Vec<Vec<f64>>> =
        workloads.iter().map(|workload| vec![Vec::new(); workload.entries.len()]).collect();
    for _ in 0..ROUNDS {
        for (workload, figures) in workloads.iter().zip(&mut figures) {
            let runs: Vec<(f64, Tally)> = workload.entries.iter().map(time_ns).collect();
            figures.iter_mut().zip(&runs).for_each(|(figures, (ns, _))| figures.push(*ns));
            assert_same_work(workload, &runs.iter().map(|(_, tally)| *tally).collect::<Vec<_>>());
        }
    }
    report(&workloads, figures);
}

/// A table for docs/performance.md, then the line of JSON.
fn report(workloads: &[Workload], figures: Vec<Vec<Vec<f64>>>) {
    println!("{}\n", machine());
    let engines: Vec<&str> = workloads[0].entries.iter().map(|entry| entry.engine).collect();
    println!("| ns (times gameday's) | {} |\n|---|{}", engines.join(" | "), "---|".repeat(engines.len()));
    let mut summary = Map::new();
    for (workload, figures) in workloads.iter().zip(figures) {
        let medians: Vec<f64> = figures.into_iter().map(median).collect();
        let cells: Vec<String> = medians.iter().map(|ns| format!("{ns:.1} ({:.2})", ns / medians[0])).collect();
        let blank = " | -".repeat(engines.len() - cells.len());
        println!("| {}, {} | {}{blank} |", workload.name, workload.unit, cells.join(" | "));
        let rounded = medians.iter().map(|ns| Value::from((ns * 10.0).round() / 10.0));
        let by_engine = workload.entries.iter().map(|entry| entry.engine.to_owned()).zip(rounded);
        summary.insert(workload.name.to_owned(), Value::Object(by_engine.collect()));
    }
    println!("\n{}", Value::Object(summary));
}

/// The processor, as far as the system tells.
fn machine() -> String {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    format!("{}, {cores} cores, {}", model.map_or("unknown processor", |(_, name)| name), std::env::consts::OS)
}
