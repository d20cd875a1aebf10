//! Releases: who notices a bad version, how soon, at whose cost; and what a good one may cost.

use sim_core::results::Results;

use crate::figures::{assert_between, most, points, rows, value};
use crate::support;

/// The phases of a release, with the share of the traffic, in order.
fn phases(results: &Results, service: &str) -> Vec<(String, String)> {
    let rows = rows(results, "releases");
    rows.iter().filter(|row| row[1] == service).map(|row| (row[3].clone(), row[4].clone())).collect()
}

#[test]
fn a_rolling_update_with_surge_and_hook_loses_nothing() {
    let results = support::run("rolling-zero-downtime", &[]);
    assert_eq!(value(&results, "customers", "failed"), 0.0);
    assert_eq!((value(&results, "shop v2", "promoted"), value(&results, "shop v2", "harmed")), (1.0, 0.0));
    let ready = points(&results, "replicas", "shop", "ready");
    assert!(ready.iter().all(|(_, ready)| (10.0..=11.0).contains(ready)), "one more, none less");
}

#[test]
fn without_a_hook_each_pod_refuses_until_the_balancer_knows() {
    let results = support::run("rolling-loses-requests", &[]);
    // Ten pods, about a second each, a tenth of 600 requests a second.
    assert_between(value(&results, "customers", "failed.refused"), 350.0, 700.0);
    assert_eq!(value(&results, "customers", "failed"), value(&results, "customers", "failed.refused"));
    assert_eq!(value(&results, "shop v2", "promoted"), 1.0);
    let hook = support::run("rolling-loses-requests", &["services.shop.pod.termination.pre_stop=6s"]);
    assert_eq!(value(&hook, "customers", "failed"), 0.0);
}

#[test]
fn blue_green_goes_all_the_way_and_all_the_way_back() {
    let results = support::run("blue-green-switch", &[]);
    let share = points(&results, "versions", "shop green", "share");
    assert!(share.iter().filter(|(_, share)| (1.0..99.0).contains(share)).count() <= 2, "nothing in between");
    assert_eq!(most(&share), 100.0);
    assert_eq!(value(&results, "shop green", "rolled_back"), 1.0);
    assert_between(value(&results, "shop green", "detect"), 9.0, 10.0);
    assert_between(value(&results, "shop green", "harmed"), 150.0, 260.0);
    let small = support::run("blue-green-switch", &["releases[0].version.error_rate=0.5%"]);
    assert_eq!(value(&small, "shop green", "promoted"), 1.0);
}

#[test]
fn a_bad_canary_never_sees_a_tenth_of_the_traffic() {
    let results = support::run("bad-canary", &[]);
    let phases = phases(&results, "shop");
    assert_eq!(phases.last().map(|(phase, _)| phase.as_str()), Some("rolled_back"));
    let shares = phases.iter().filter_map(|(_, share)| share.parse::<u32>().ok());
    assert!(shares.max() < Some(10), "{phases:?}");
    assert_between(value(&results, "shop v2", "harmed"), 5.0, 60.0);
}

#[test]
fn a_canary_beside_a_whole_stable_set_drives_the_autoscaler_to_its_maximum() {
    let run = |experiment: &str| support::run("canary-and-hpa", &[experiment, "duration=15min"]);
    assert_eq!(most(&points(&run("seed=1"), "replicas", "shop", "desired")), 30.0);
    let dynamic = run("services.shop.rollout.dynamic_stable_scale=true");
    assert_between(most(&points(&dynamic, "replicas", "shop", "desired")), 10.0, 12.0);
}

#[test]
fn a_release_without_probes_scales_and_a_probe_prevents_it() {
    let run = |experiment: &str| support::run("rollout-scales-hpa", &[experiment, "duration=8min"]);
    let bare = run("seed=1");
    assert_eq!(most(&points(&bare, "replicas", "shop", "desired")), 15.0);
    assert!(value(&bare, "customers", "failed.refused") > 10_000.0);
    let probed = run("services.shop.probes=(readiness: (period: \"1s\"))");
    assert_eq!(most(&points(&probed, "replicas", "shop", "desired")), 10.0);
    assert!(value(&probed, "customers", "failed") < 200.0);
}

#[test]
fn four_strategies_meet_the_same_bad_version() {
    let results = support::run("release-strategies", &["duration=3min"]);
    let harmed = |service: &str| value(&results, &format!("{service} v2"), "harmed");
    for service in ["rolling", "blue-green", "canary", "progressive"] {
        assert_eq!(value(&results, &format!("{service} v2"), "rolled_back"), 1.0, "{service}");
    }
    assert!(harmed("canary") < 30.0 && harmed("progressive") < 30.0, "at one percent of the traffic");
    assert!(harmed("rolling") > 100.0 && harmed("blue-green") > 100.0, "with most of it");
}
