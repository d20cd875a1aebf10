//! A balancer that gameday does not ship, rehearsed on real traffic against one that it does.
//!
//! The minutes are those of the penalty shoot-out in scenarios/worldcup98.ron: Europe asks for more
//! than its servers can do, while some in the other regions stand idle. Power of two choices uses all
//! servers but sends most requests across an ocean. [`NearUnlessFull`] stays near as long as there is
//! room: the "spillover" of Google's and Envoy's locality-aware balancing, in its simplest form.
//!
//! ```text
//! cargo run --release --example custom_balancer
//! ```
//!
//! A strategy is a state machine behind one small trait: it is told what happens and answers, and
//! never schedules, draws from a shared source or looks at a clock. Both runs have the same seed, so
//! both face the very same visitors, who ask for the very same work at the very same nanoseconds.
//! To let scenario files name a strategy, add it to the workspace instead: README.md tells how.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its reader")]

use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

use models::balance::{BackendId, Backends, Balance, Choice};
use models::service::ServiceId;
use models::world::World;
use scenarios::Loaded;
use sim_core::results::Results;
use sim_core::{Draw, Time};

/// The less loaded of two near backends; when that one is full, of two from anywhere.
struct NearUnlessFull {
    /// Calls in flight at which a backend counts as full.
    full: u32,
    /// The open backends of each region.
    near: Vec<Vec<BackendId>>,
}

impl Balance for NearUnlessFull {
    fn pick(&mut self, _: Time, choice: &mut Choice<'_>, backends: &Backends) -> Option<BackendId> {
        let load = |id: &BackendId| backends.connections[id.index()];
        let near = &self.near[usize::from(choice.region.0)];
        let near = (0..near.len().min(2)).map(|_| near[choice.draws.below(near.len())]);
        // A retry must not go where its first attempt went.
        let best = near.filter(|id| !choice.tried.contains(id)).min_by_key(load);
        if best.is_some_and(|id| load(&id) < self.full) {
            return best;
        }
        let first = backends.draw(choice, &[]);
        let second = backends.draw(choice, first.as_slice());
        first.into_iter().chain(second).min_by_key(load)
    }

    fn changed(&mut self, _: Time, backends: &Backends) {
        self.near.iter_mut().for_each(Vec::clear);
        for &id in backends.open_ids() {
            self.near[usize::from(backends.regions[id.index()].0)].push(id);
        }
    }
}

/// Five minutes of the shoot-out, with every server open to everybody.
const CHANGES: [&str; 3] =
    ["duration=5min", "workloads.visitors.arrivals.from=45h30min", "services.site.balancer=PowerOfChoices(choices: 2)"];

fn main() -> ExitCode {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/worldcup98.ron");
    let loaded = match scenarios::load(file, &CHANGES.map(String::from)) {
        Ok(loaded) => loaded,
        Err(mistakes) => {
            eprintln!("{}", mistakes.render(false));
            return ExitCode::FAILURE;
        }
    };
    let index = loaded.scenario.services.get_index_of("site").expect("the scenario has a site");
    let regions = loaded.scenario.regions.len();
    // Three times a server's workers. Lower is no better than anywhere: calls that cross an ocean are
    // in flight for long, so a few of them make every server look full, and then all calls cross.
    let near_unless_full = |world: &mut World| {
        let balancer = NearUnlessFull { full: 12, near: vec![Vec::new(); regions] };
        world.set_balancer(ServiceId(index as u16), Box::new(balancer));
    };
    report("PowerOfChoices", &run(&loaded, &|_| {}));
    report("NearUnlessFull", &run(&loaded, &near_unless_full));
    ExitCode::SUCCESS
}

fn run(loaded: &Loaded, prepare: &(dyn Fn(&mut World) + Sync)) -> Results {
    let never_stop = AtomicBool::new(false);
    scenarios::run::run_with(&loaded.scenario, &loaded.inputs, prepare, &(), &never_stop).results
}

fn report(balancer: &str, results: &Results) {
    let figure = |name| results.metric("workload", "visitors", name).expect("every workload has this figure");
    let p99 = figure("latency.p99");
    println!(
        "{balancer:16}{:>10} requests {:8.3} % ok   mean {:6.1} ms   p99 {:6.1} ms ({:.1} to {:.1})",
        results.requests,
        figure("ok_share").value,
        figure("latency.mean").value,
        p99.value,
        p99.low.unwrap_or(p99.value),
        p99.high.unwrap_or(p99.value),
    );
}
