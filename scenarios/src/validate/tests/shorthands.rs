//! The fields of a cluster as people write them, and as `--set` and `explain` do.

use super::*;
use crate::file::write_explained;
use crate::schema::Scenario;
use models::scale::Autoscaler;

fn read(text: &str, overrides: &[&str]) -> Scenario {
    let source = overrides.iter().fold(Source::new("shop.ron", text), |source, set| source.set(set).unwrap());
    crate::parse(&source, Path::new(".")).unwrap_or_else(|wrong| panic!("{wrong}")).scenario
}

/// Whether both mean the same, each put in place of `of` in GOOD.
fn same(of: &str, short: &str, long: &str) {
    assert_eq!(GOOD.matches(of).count(), 1, "{of} must be unique");
    assert_eq!(read(&GOOD.replace(of, short), &[]), read(&GOOD.replace(of, long), &[]), "{short}");
}

#[test]
fn what_has_defaults_may_be_left_out() {
    let scaler =
        "Hpa(max: 10, cpu: \"70%\", memory: \"80%\", metrics: [External(signal: Waiting(\"stock\"), average: 9)])";
    same(scaler, "None", "None()");
    same(scaler, "Hpa(max: 10)", "Hpa(max: 10, min: 1)");
    same("Delay(\"300ms\")", "Instant", "Instant");
    same("Exponential(mean: \"1s\")", "\"1s\"", "Constant(\"1s\")");
    same("MinAvailable(\"80%\")", "MinAvailable(\"80%\")", "Some(MinAvailable(\"80%\"))");
    same("readiness: (period: \"2s\")", "readiness: (period: \"2s\")", "readiness: Some(period: \"2s\")");
    same("pull: \"5s\"", "pull: \"5s\"", "pull: Some(Constant(\"5s\"))");
    same("lasts: \"5min\"", "lasts: \"5min\"", "lasts: Some(\"5min\")");
    same("(pool: \"small\", count: 1)", "(service: \"shop\")", "(service: Some(\"shop\"))");
    same("(replicas: 1)", "(replicas: 1, autoscaler: None)", "(replicas: 1)");
}

/// Not what an absent one means.
#[test]
fn a_group_may_refuse_its_services_autoscaler() {
    let with = |text: &str| {
        read(
            &GOOD
                .replace("workers: None", "autoscaler: Scheduled(max: 3, steps: [(\"1min\", 3)])")
                .replace("(replicas: 1)", text),
            &[],
        )
    };
    let of = |scenario: Scenario| scenario.services["stock"].groups[1].autoscaler.clone();
    assert_eq!(of(with("(replicas: 1, autoscaler: None)")), Some(Autoscaler::default()));
    assert!(matches!(of(with("(replicas: 1)")), Some(Autoscaler::Scheduled(_))));
}

#[test]
fn overrides_reach_the_cluster() {
    for (set, text) in
        [("services.shop.autoscaler=None", "None"), ("services.shop.autoscaler=Hpa(max: 10)", "Hpa(max: 10)")]
    {
        let scaler =
            "Hpa(max: 10, cpu: \"70%\", memory: \"80%\", metrics: [External(signal: Waiting(\"stock\"), average: 9)])";
        assert_eq!(read(GOOD, &[set]), read(&GOOD.replace(scaler, text), &[]), "{set}");
    }
    assert_eq!(read(GOOD, &["faults=[]"]).faults, []);
    let faults = read(GOOD, &["faults[0].lasts=1min", "faults[0].what=Drain", "faults[2].when=At(\"9min\")"]).faults;
    assert_eq!(faults[0].title(), "Drain eu zone 1");
    for set in [
        "cluster.control_plane=Instant",
        "cluster.control_plane=Delay(\"1s\")",
        "cluster.endpoint_lag=3s",
        "cluster.metrics.every=30s",
        "services.shop.probes.readiness=None",
        "services.shop.probes.readiness.period=1s",
        "services.shop.budget=MaxUnavailable(1)",
        "services.shop.pod.startup=LogNormal(mean: \"9s\", cv: 1)",
        "services.shop.pod.termination=(on_term: Exit)",
        "services.shop.pod.cpu_limit=1500m",
        "services.stock.groups[1].autoscaler=QueueLength(average: 3)",
        "services.stock.budget=MinAvailable(\"50%\")",
    ] {
        assert_ne!(read(GOOD, &[set]), read(GOOD, &[]), "{set}");
    }
}

#[test]
fn what_is_explained_reads_the_same() {
    // A group that is not scaled in a service that is.
    let text = GOOD.replace("(replicas: 1)", "(replicas: 1, autoscaler: None)");
    let source = Source::new("shop.ron", text.clone());
    let scenario = read(&text, &[]);
    let explained = write_explained("Scenario", &scenario, &source);
    assert_eq!(read(&explained, &[]), scenario, "{explained}");
    for line in [
        "control_plane: Delay(\"300ms\"),",
        "endpoint: None, // default",
        "budget: MinAvailable(\"80%\"),",
        // Of the group, and of its service.
        "autoscaler: None,",
        "autoscaler: None, // default",
        "lasts: None, // default",
    ] {
        assert!(explained.lines().any(|other| other.trim() == line), "{line} in {explained}");
    }
}
