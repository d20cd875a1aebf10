//! What is said about scenarios that read well and mean nothing.

mod chaos;
mod cluster;
mod expect;
mod faults;
mod nodes;
mod overrides;
mod releases;
mod scaling;
mod shorthands;
mod slips;

use std::fmt::Write as _;
use std::path::Path;

use crate::file::Source;

/// A scenario in which everything about a cluster is said, and right.
const GOOD: &str = r#"Scenario(
    name: "shop",
    duration: "30min",
    regions: { "us": (city: "new-york", zones: 3), "eu": (city: "frankfurt", zones: 2) },
    cluster: (
        control_plane: Delay("300ms"),
        endpoint_lag: Exponential(mean: "1s"),
        metrics: (every: "15s", delay: "5s"),
        crash_loop: (max: "1min"),
        node_lifecycle: (monitor_period: "5s"),
    ),
    nodes: { "big": (count: 9, cpu: "8", memory: "32GiB"), "small": (count: 3, cpu: "2", memory: "8GiB", regions: ["eu"]) },
    services: {
        "shop": (
            replicas: 4,
            memory: (base: "64MiB", per_request: "1MiB", limit: "512MiB"),
            pod: (cpu: "1", cpu_limit: "2", memory: "256MiB", pull: "5s", startup: LogNormal(mean: "3s", cv: 0.5)),
            probes: (
                startup: (endpoint: "health", period: "1s", failure_threshold: 30),
                liveness: (endpoint: "health"),
                readiness: (period: "2s"),
                deep: (endpoint: "buy"),
            ),
            autoscaler: Hpa(max: 10, cpu: "70%", memory: "80%", metrics: [External(signal: Waiting("stock"), average: 9)]),
            budget: MinAvailable("80%"),
            endpoints: { "buy": [Work("5ms"), Call(to: "stock")], "health": [Work("1ms")] },
        ),
        "stock": (
            workers: None,
            groups: [(replicas: 2, autoscaler: QueueLength(average: 5, queue: "shop")), (replicas: 1)],
            endpoints: { "reserve": [Work("5ms")] },
        ),
    },
    workloads: { "crowd": (to: "shop/buy", rate: "10/s") },
    faults: [
        (what: LoseNodes, target: (region: "eu", zone: 1), when: At("5min"), lasts: "5min"),
        (what: Crash, target: (service: "shop", percent: "50%"), when: At("10min")),
        (what: Drain, target: (pool: "small", count: 1), when: At("15min")),
    ],
)
"#;

fn complaints(text: &str) -> Option<String> {
    let wrong = crate::parse(&Source::new("shop.ron", text), Path::new("."));
    wrong.err().map(|diagnostics| diagnostics.render(false))
}

/// What is said about GOOD with each of these changes, one at a time.
fn changed(changes: &[(&str, &str)]) -> String {
    let mut all = String::new();
    for (from, to) in changes {
        assert_eq!(GOOD.matches(from).count(), 1, "{from} must be unique");
        let said = complaints(&GOOD.replace(from, to)).unwrap_or_else(|| panic!("{to} should be wrong"));
        writeln!(all, "{said}\n").unwrap();
    }
    all
}

#[test]
fn what_is_right_is_let_through() {
    assert_eq!(complaints(GOOD), None);
    for (from, to) in [
        // Kubernetes moves what is outside the limits.
        ("replicas: 4", "replicas: 400"),
        // The first is woken by the queue; a group's autoscaler comes before its service's.
        ("(replicas: 2, autoscaler", "(replicas: 0, autoscaler"),
        ("MinAvailable(\"80%\")", "MaxUnavailable(0)"),
    ] {
        assert_eq!(complaints(&GOOD.replace(from, to)), None, "{to}");
    }
}
