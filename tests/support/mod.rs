//! The library's scenarios, and how tests run them.

use std::path::PathBuf;

use scenarios::Loaded;
use sim_core::results::Results;

/// Each scenario with overrides that show a little of it in well under a second.
///
/// What the snapshots and digests hold is of these glimpses, so that debug builds can check them too.
pub(crate) const GLIMPSES: [(&str, &[&str]); 8] = [
    ("balancers", &["duration=15s", "warm_up=5s", "replications=2"]),
    (
        "black-friday",
        &[
            "duration=60s",
            "replications=2",
            r#"workloads.crowd.rate=Ramp([("10s", "250/s"), ("20s", "1500/s"), ("40s", "1500/s"), ("50s", "250/s")])"#,
        ],
    ),
    ("fan-out", &["duration=5s", "replications=2"]),
    ("hello", &["duration=5min", "replications=2"]),
    ("request-from-india", &["duration=30s", "replications=2"]),
    ("retry-storm", &["replications=2"]),
    ("retry-storm-survives", &["replications=2"]),
    ("worldcup98", &["duration=20s", "workloads.visitors.arrivals.from=45h40min", "replications=2"]),
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
