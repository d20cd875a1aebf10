//! The library's scenarios, and how tests run them.

use std::path::PathBuf;

use scenarios::Loaded;
use sim_core::results::Results;

/// Each scenario with overrides that show a little of it in well under a second.
///
/// What the snapshots and digests hold is of these glimpses, so that debug builds can check them too.
pub(crate) const GLIMPSES: [(&str, &[&str]); 28] = [
    ("bad-canary", &["duration=70s", "replications=2"]),
    ("balancers", &["duration=15s", "warm_up=5s", "replications=2"]),
    (
        "black-friday",
        &[
            "duration=60s",
            "replications=2",
            r#"workloads.crowd.rate=Ramp([("10s", "250/s"), ("20s", "1500/s"), ("40s", "1500/s"), ("50s", "250/s")])"#,
        ],
    ),
    (
        "black-friday-100x",
        &[
            "duration=90s",
            "replications=2",
            "services.shop.replicas=10",
            "services.shop.autoscaler.min=10",
            "services.shop.autoscaler.max=30",
            r#"workloads.crowd.rate=Ramp([("10s", "25/s"), ("20s", "500/s"), ("60s", "500/s"), ("80s", "25/s")])"#,
        ],
    ),
    ("blue-green-switch", &["duration=70s", "replications=2"]),
    (
        "canary-and-hpa",
        &[
            "duration=5min",
            "replications=2",
            r#"services.shop.rollout.steps=[SetWeight(10), Pause("20s"), SetWeight(65), Pause("1min")]"#,
        ],
    ),
    (
        "chaos-monkey",
        &[
            "duration=90s",
            "replications=2",
            "services.shop.replicas=50",
            "workloads.customers.rate=40/s",
            r#"faults[0].when=Monkey(level: 0.03, every: "10s")"#,
        ],
    ),
    ("fan-out", &["duration=5s", "replications=2"]),
    (
        "gameday",
        &[
            "duration=90s",
            "replications=2",
            "services.shop.replicas=20",
            "services.shop.autoscaler.min=20",
            "services.shop.autoscaler.max=60",
            r#"workloads.crowd.rate=Ramp([("10s", "50/s"), ("20s", "120/s"), ("60s", "120/s"), ("80s", "50/s")])"#,
            r#"faults[0].when=Monkey(level: 0.05, every: "10s")"#,
            r#"faults[1].when=On(fact: ReadyAbove("shop", 30))"#,
        ],
    ),
    (
        "gorilla",
        &[
            "duration=2min",
            "replications=2",
            "workloads.customers.rate=100/s",
            r#"faults[0].when=At("20s")"#,
            "faults[0].lasts=50s",
        ],
    ),
    ("hello", &["duration=5min", "replications=2"]),
    (
        "kong",
        &[
            "duration=2min",
            "replications=2",
            "workloads.americans.rate=50/s",
            "workloads.europeans.rate=50/s",
            r#"faults[0].when=At("20s")"#,
            "faults[0].lasts=50s",
        ],
    ),
    (
        "latency-monkey",
        &[
            "duration=40s",
            "replications=2",
            "workloads.customers.rate=100/s",
            r#"faults[0].when=At("10s")"#,
            "faults[0].lasts=15s",
        ],
    ),
    (
        "multi-region",
        &[
            "duration=2min",
            "replications=2",
            "services.shop.groups[0].replicas=5",
            "services.shop.groups[1].replicas=3",
            "services.shop.groups[2].replicas=2",
            "workloads.americans.rate=125/s",
            "workloads.europeans.rate=75/s",
            "workloads.asians.rate=50/s",
            r#"faults[0].when=At("20s")"#,
            "faults[0].lasts=70s",
        ],
    ),
    ("release-strategies", &["duration=100s", "replications=2"]),
    ("request-from-india", &["duration=30s", "replications=2"]),
    ("retry-storm", &["replications=2"]),
    ("retry-storm-survives", &["replications=2"]),
    ("rolling-loses-requests", &["duration=70s", "replications=2"]),
    ("rolling-zero-downtime", &["duration=70s", "replications=2"]),
    ("rollout-scales-hpa", &["duration=4min", "replications=2"]),
    (
        "self-healing",
        &[
            "duration=3min",
            "replications=2",
            r#"cluster=(node_lifecycle: (toleration: "10s"))"#,
            r#"faults[0].when=At("10s")"#,
            r#"faults[1].when=At("20s")"#,
            r#"faults[2].when=At("40s")"#,
            "faults[2].lasts=70s",
            r#"faults[3].when=At("2min")"#,
            "faults[3].lasts=30s",
        ],
    ),
    (
        "slow-start-hpa",
        &["duration=4min", "replications=2", r#"workloads.customers.rate=Ramp([("20s", "150/s"), ("40s", "300/s")])"#],
    ),
    (
        "spot-reclaim",
        &[
            "duration=5min",
            "replications=2",
            "services.shop.replicas=6",
            "workloads.customers.rate=100/s",
            "nodes.spot.spot.lifetime.mean=2min",
            "nodes.spot.spot.notice=20s",
        ],
    ),
    (
        "tight-liveness",
        &[
            "duration=3min",
            "replications=2",
            r#"workloads.customers.rate=Steps([("0s", "320/s"), ("20s", "600/s"), ("40s", "320/s")])"#,
        ],
    ),
    ("worldcup98", &["duration=20s", "workloads.visitors.arrivals.from=45h40min", "replications=2"]),
    (
        "worldcup98-autoscaled",
        &["duration=10min", "sample_every=15s", "workloads.visitors.arrivals.from=38h30min", "replications=2"],
    ),
    (
        "zone-outage",
        &[
            "duration=2min",
            "replications=2",
            "services.shop.replicas=6",
            "services.stock.replicas=3",
            "workloads.customers.rate=150/s",
            r#"faults[0].when=At("20s")"#,
            "faults[0].lasts=70s",
        ],
    ),
];

/// The folder of the library.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// Loads a scenario of the library with overrides; panics with the diagnostics if that fails.
pub(crate) fn load(name: &str, overrides: &[&str]) -> Loaded {
    let path = folder().join(format!("{name}.ron"));
    let overrides: Vec<String> = overrides.iter().map(|text| (*text).to_owned()).collect();
    let loaded = scenarios::load(path.to_str().expect("a path in text"), &overrides);
    loaded.unwrap_or_else(|diagnostics| panic!("{}", diagnostics.render(false)))
}

/// Runs a scenario of the library with overrides, on the current threads.
pub(crate) fn run(name: &str, overrides: &[&str]) -> Results {
    let loaded = load(name, overrides);
    scenarios::run::run(&loaded.scenario, &loaded.inputs, &(), &Default::default()).results
}
