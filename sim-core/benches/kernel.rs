//! ns of wall clock an event, by workload: `cargo bench -p sim-core`.
//!
//! Medians of interleaved runs, so that a busy machine disturbs all alike. docs/performance.md
//! says what the figures mean; tests/peers compares them with other engines'.

#![expect(clippy::print_stdout, reason = "a benchmark shows its result")]

use sim_core::Span;

mod worlds;

use worlds::{ARRIVAL_RATE, CLIENTS, Tally};

const RUNS: usize = 7;
const EVENTS: f64 = 4e6;

struct Workload {
    name: &'static str,
    unit: &'static str,
    run: fn() -> Tally,
}

const WORKLOADS: [Workload; 4] = [
    Workload { name: "M/M/1", unit: "event", run: || worlds::mm1(Span::from_secs_f64(EVENTS / 2.0 / ARRIVAL_RATE)) },
    Workload { name: "PHOLD 1,024", unit: "event", run: || phold(1_024) },
    Workload { name: "PHOLD 65,536", unit: "event", run: || phold(65_536) },
    Workload {
        name: "99 % cancelled",
        unit: "request",
        run: || worlds::cancel(Span::from_secs_f64(EVENTS / f64::from(CLIENTS))),
    },
];

fn phold(objects: u32) -> Tally {
    worlds::phold(objects, Span::from_secs_f64(EVENTS / f64::from(objects)))
}

#[expect(clippy::disallowed_types, reason = "a benchmark measures the wall clock")]
fn time_ns(run: fn() -> Tally) -> f64 {
    let start = std::time::Instant::now();
    let tally = std::hint::black_box(run());
    start.elapsed().as_nanos() as f64 / tally.units as f64
}

fn main() {
    let mut figures = [const { Vec::new() }; WORKLOADS.len()];
    for _ in 0..RUNS {
        for (figures, workload) in figures.iter_mut().zip(&WORKLOADS) {
            figures.push(time_ns(workload.run));
        }
    }
    for (mut figures, workload) in figures.into_iter().zip(&WORKLOADS) {
        figures.sort_by(f64::total_cmp);
        let [least, median] = [figures[0], figures[RUNS / 2]];
        println!("{:<16} {median:6.1} ns a {} (best {least:.1})", workload.name, workload.unit);
    }
}
