//! What the request path is measured on: a fleet of a thousand, with and without a network, and the
//! World Cup. `cargo bench` times these, tests/peers the first of them beside the kernel's workloads.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use scenarios::Loaded;
use scenarios::file::Source;

/// A thousand replicas at 70 %, power of two choices, a timeout that is hardly ever due.
const FLEET: &str = r#"Scenario(
    name: "Request path",
    duration: "4s",
    services: {
        "site": (
            replicas: 1000,
            workers: 4,
            balancer: PowerOfChoices(choices: 2),
            endpoints: { "page": [Work(Exponential(mean: "10ms"))] },
        ),
    },
    workloads: {
        "customers": (to: "site/page", rate: "280000/s", policies: [Timeout("1s")]),
    },
)"#;

/// About 1.1 million requests to a fleet; each costs two events, its arrival and the end of its work.
pub(crate) fn fleet() -> Loaded {
    parse(FLEET)
}

/// The same through a network that takes half a millisecond each way: four events a request.
pub(crate) fn fleet_apart() -> Loaded {
    let region = r#"regions: { "here": (zones: 3) }, services: {"#;
    parse(&FLEET.replacen("services: {", region, 1))
}

fn parse(text: &str) -> Loaded {
    scenarios::parse(&Source::new("request path", text), Path::new("")).expect("the scenario is valid")
}

/// Runs it: how many requests there were, and the digest.
pub(crate) fn run(loaded: &Loaded) -> (u64, u64) {
    let run = scenarios::run::run(&loaded.scenario, &loaded.inputs, &(), &AtomicBool::new(false));
    (run.results.requests, run.results.digest)
}
