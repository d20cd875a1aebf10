//! ns of wall clock a request, from its arrival to the figures: `cargo bench -p scenarios`.
//!
//! Medians of interleaved runs, with PHOLD 1,024 of the same build among them: the kernel's event
//! is the unit that tells a slow path from a slow machine. Names as arguments choose what is run.

#![expect(clippy::print_stdout, reason = "a benchmark shows its result")]

use scenarios::Loaded;
use sim_core::Span;

mod paths;
#[path = "../../sim-core/benches/worlds/mod.rs"]
#[expect(dead_code, reason = "of the kernel's worlds only PHOLD is needed here")]
mod worlds;

const RUNS: usize = 7;
/// The first six minutes, long enough to forget the start.
const WORLD_CUP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/worldcup98.ron");
const WORLD_CUP_DURATION: &str = "duration=8min";

struct Path {
    name: &'static str,
    unit: &'static str,
    /// Answers with the units of work done and what must be the same in each run.
    run: Box<dyn Fn() -> (u64, u64)>,
    figures: Vec<f64>,
}

impl Path {
    fn phold() -> Path {
        let run = || {
            let tally = worlds::phold(1_024, Span::from_secs(2_000));
            (tally.units, tally.check)
        };
        Path { name: "phold", unit: "event", run: Box::new(run), figures: Vec::new() }
    }

    fn requests(name: &'static str, loaded: Loaded) -> Path {
        Path { name, unit: "request", run: Box::new(move || paths::run(&loaded)), figures: Vec::new() }
    }
}

#[expect(clippy::disallowed_types, reason = "a benchmark measures the wall clock")]
fn time_ns(path: &Path, expected: u64) -> f64 {
    let start = std::time::Instant::now();
    let (units, check) = (path.run)();
    let elapsed = start.elapsed();
    assert_eq!(check, expected, "two runs of {} differ", path.name);
    elapsed.as_nanos() as f64 / units as f64
}

fn main() {
    // Cargo adds --bench.
    let chosen: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let world_cup = scenarios::load(WORLD_CUP, &[WORLD_CUP_DURATION.to_owned()]).expect("the scenario is valid");
    let mut all = vec![
        Path::phold(),
        Path::requests("fleet", paths::fleet()),
        Path::requests("fleet-apart", paths::fleet_apart()),
        Path::requests("worldcup98", world_cup),
    ];
    all.retain(|path| chosen.is_empty() || chosen.iter().any(|name| name == path.name));
    let expected: Vec<u64> = all.iter().map(|path| (path.run)().1).collect();
    for _ in 0..RUNS {
        for (path, &expected) in all.iter_mut().zip(&expected) {
            let figure = time_ns(path, expected);
            path.figures.push(figure);
        }
    }
    let mut unit = None;
    for path in &mut all {
        path.figures.sort_by(f64::total_cmp);
        let [least, median] = [path.figures[0], path.figures[RUNS / 2]];
        let ratio = median / *unit.get_or_insert(median);
        println!("{:<12} {median:6.1} ns a {} (best {least:.1}), {ratio:.2} times the first", path.name, path.unit);
    }
}
