//! Releases that cannot be.

use super::*;

/// What is said about a scenario with this release, without the places.
fn said(release: &str) -> String {
    let good = GOOD.replace("    faults: [", &format!("    releases: [{release}],\n    faults: ["));
    let said = complaints(&good).unwrap_or_default();
    said.lines().filter(|line| line.starts_with("error")).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_wrong_is_said() {
    let good = "(service: \"shop\", when: At(\"1min\"), version: (name: \"v2\"))";
    assert_eq!(said(good), "");
    for (from, to, complaint) in [
        ("\"shop\"", "\"shpo\"", "error[E008]: unknown service \"shpo\""),
        ("1min", "40min", "error[E007]: 40min never happens in a run of 30min"),
        ("\"v2\"", "\"v1\"", "error[E007]: \"shop\" has a version \"v1\" already"),
        ("\"v2\"", "\"v2\", latency: 0.0", "error[E007]: work takes some time, not 0 times as long"),
        ("\"v2\"", "\"v2\", error_rate: \"120%\"", "error[E007]: 120% is more than all of them"),
        (
            "\"v2\")",
            "\"v2\"), rollout: Progressive()",
            "error[E007]: without any, a step follows another whatever happens; add one",
        ),
        (
            "\"v2\")",
            "\"v2\"), rollout: Canary(steps: [SetWeight(101)])",
            "error[E007]: step 1: 101 is more than all of the traffic, 100",
        ),
    ] {
        assert_eq!(said(&good.replace(from, to)), complaint, "{to}");
    }
    let groups = said("(service: \"stock\", when: At(\"1min\"), version: (name: \"v2\"))");
    assert!(groups.contains("has several groups"), "{groups}");
}
