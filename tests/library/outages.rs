//! What breaks, who notices, and how it is healed.

use sim_core::results::Results;

use crate::figures::{OPTIMISED, assert_between, at, mean_between, most, points, rows, share_ok, value};
use crate::support;

/// Each healing as "what happened, what was done", and how many seconds it took.
fn healings(results: &Results) -> Vec<(String, f64)> {
    let entry = |row: &Vec<String>| (format!("{} {}", row[2], row[3]), row[5].parse().expect("a number of seconds"));
    rows(results, "healing").iter().map(entry).collect()
}

/// The least and the most seconds that such healings took, and how many there were.
fn took(results: &Results, kind: &str) -> (usize, f64, f64) {
    let took: Vec<f64> =
        healings(results).into_iter().filter(|(which, _)| which == kind).map(|(_, took)| took).collect();
    let (least, most) =
        took.iter().fold((f64::MAX, f64::MIN), |(least, most), took| (least.min(*took), most.max(*took)));
    (took.len(), least, most)
}

fn p99(results: &Results, workload: &str, from: f64, to: f64) -> f64 {
    mean_between(&points(results, "latency", workload, "p99"), from, to)
}

#[test]
fn four_accidents_are_healed_and_no_customer_knows() {
    let run = |experiment: &[&str]| support::run("self-healing", experiment);
    let results = run(&[]);
    assert_eq!((results.requests, value(&results, "customers", "failed")), (179_537, 0.0));
    // From the crash of a program to the end of a drain, each in its own time.
    let (crashed, least, most) = took(&results, "killed restart");
    assert!(crashed == 1 && least >= 1.0 && most <= 8.0);
    let (deleted, _, most) = took(&results, "killed replace");
    assert!(deleted == 2 && most <= 10.0);
    let (lost, least, most) = took(&results, "node_lost replace");
    assert!((2..=5).contains(&lost) && least >= 340.0 && most <= 365.0);
    assert_eq!(took(&results, "node_lost rejoin"), (1, 480.0, 480.0));
    let (moved, _, most) = took(&results, "drained replace");
    assert!(moved >= 4 && most <= 10.0);
    let (emptied, least, most) = took(&results, "drained drain");
    assert!(emptied == 1 && least >= 5.0 && most <= 30.0);
    assert!(rows(&results, "healing").iter().all(|row| row[4] == "yes"));

    let ready = points(&results, "replicas", "shop", "ready");
    assert_eq!(at(&ready, 340.0), 10.0, "a lost node is believed in for 40 s");
    assert!(at(&ready, 360.0) <= 8.0 && at(&ready, 700.0) == 10.0);
    let during_drain = ready.iter().filter(|(t, _)| (960.0..1_000.0).contains(t));
    assert!(during_drain.map(|(_, ready)| *ready).fold(f64::MAX, f64::min) >= 8.0);

    // What it is that nobody notices it by.
    let impatient = r#"workloads.customers.policies=[Timeout("1s")]"#;
    assert_between(value(&run(&[impatient]), "customers", "failed"), 40.0, 150.0);
    let slow = run(&["services.shop.health=None"]);
    assert!(value(&slow, "customers", "failed") < 60.0 && p99(&slow, "customers", 305.0, 340.0) > 1_500.0);
    let neither = run(&["services.shop.health=None", impatient]);
    assert_between(value(&neither, "customers", "failed"), 2_000.0, 3_500.0);
    let sooner = run(&[r#"cluster=(node_lifecycle: (toleration: "30s"))"#]);
    assert!(took(&sooner, "node_lost replace").2 <= 95.0);
}

#[test]
fn a_tight_liveness_probe_kills_a_fleet_that_a_spike_made_slow() {
    let run = |experiment: &str| support::run("tight-liveness", &[experiment]);
    for seed in ["seed=1", "seed=2", "seed=3"] {
        let results = run(seed);
        let served = |from, to| share_ok(&results, "customers", from, to);
        assert_between(served(0.0, 300.0), 0.99, 1.01);
        assert!(served(330.0, 1_800.0) < 0.15, "{seed}: {} are served after the spike", served(330.0, 1_800.0));
        let ready = points(&results, "replicas", "shop", "ready");
        assert_eq!(at(&ready, 300.0), 10.0);
        assert!(mean_between(&ready, 600.0, 1_800.0) < 2.0);
        // Every pod is restarted again and again, and waits longer each time.
        let restarts = took(&results, "liveness_probe restart");
        assert!(restarts.0 > 60 && restarts.1 < 60.0 && restarts.2 > 250.0, "{seed}: {restarts:?}");
    }
    let patience = "services.shop.probes.liveness";
    for experiment in [
        format!("{patience}=None"),
        format!(r#"{patience}=(period: "5s")"#),
        format!("{patience}.failure_threshold=24"),
    ] {
        let results = run(&experiment);
        assert_between(value(&results, "customers", "failed"), 25_000.0, 31_000.0);
        assert_between(share_ok(&results, "customers", 420.0, 1_800.0), 0.99, 1.01);
        assert!(healings(&results).is_empty());
    }
    assert!(value(&run("services.shop.queue=15"), "customers", "failed") < 25_000.0);
    assert_eq!(value(&run("services.shop.replicas=16"), "customers", "failed"), 0.0);
    // It ends when everybody is kept out until all are up.
    let kept_out = run(
        r#"workloads.customers.rate=Steps([("0s", "320/s"), ("5min", "600/s"), ("330s", "320/s"), ("10min", "0/s"), ("15min", "320/s")])"#,
    );
    assert_between(share_ok(&kept_out, "customers", 1_200.0, 1_800.0), 0.99, 1.01);
}

#[test]
fn a_lost_zone_is_bridged_given_up_and_not_filled_again() {
    let run = |experiment: &[&str]| support::run("zone-outage", &[&["duration=23min"], experiment].concat());
    let results = run(&[]);
    assert_eq!(value(&results, "customers", "failed"), 0.0);
    let ready = points(&results, "replicas", "shop", "ready");
    assert_eq!([340.0, 360.0, 600.0, 720.0].map(|t| at(&ready, t)), [24.0, 16.0, 16.0, 24.0]);
    let cpu = points(&results, "utilisation", "shop", "cpu");
    assert_between(mean_between(&cpu, 0.0, 300.0), 48.0, 52.0);
    assert_between(mean_between(&cpu, 305.0, 640.0), 74.0, 78.0);
    assert_between(mean_between(&cpu, 720.0, 1_380.0), 48.0, 52.0);
    assert_between(p99(&results, "customers", 0.0, 300.0), 100.0, 135.0);
    assert_between(p99(&results, "customers", 320.0, 640.0), 150.0, 210.0);
    // One node every ten seconds, after 300 s of toleration.
    let (replaced, least, most) = took(&results, "node_lost replace");
    assert!(replaced == 10 && least >= 345.0 && most - least >= 20.0 && most <= 400.0);
    assert_eq!(took(&results, "node_lost rejoin"), (4, 900.0, 900.0));

    // What must be spread evenly cannot be replaced, and a cluster without room has no room.
    let ready_at = |experiment: &str, t| at(&points(&run(&[experiment]), "replicas", "shop", "ready"), t);
    assert_eq!(ready_at("services.shop.pod.spread=[(over: Zone, max_skew: 1)]", 1_195.0), 16.0);
    assert_eq!(ready_at("nodes.general.count=9", 1_195.0), 20.0);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "30 million events take long without optimisation")]
fn what_bridges_an_outage_can_make_one() {
    let failed = |experiment: &[&str]| value(&support::run("zone-outage", experiment), "customers", "failed");
    let small = "services.shop.replicas=18";
    assert!(failed(&[small]) > 500_000.0);
    assert!(failed(&[small, "services.shop.queue=8"]) < 80_000.0);
    assert!(failed(&["services.shop.health=None"]) < 100.0);
    assert_between(failed(&[r#"workloads.customers.policies=[Timeout("1s")]"#]), 50.0, 300.0);
    let twice = r#"faults=[(what: LoseNodes, target: (region: "europe", zone: 1), when: At("5min"), lasts: "15min"), (what: LoseNodes, target: (region: "europe", zone: 0), when: At("22min"), lasts: "5min")]"#;
    assert!(failed(&[twice]) > 100_000.0, "the second zone has half of the pods");
}

/// Without optimisation, a fifth of the shop and of its customers.
fn regions(experiment: &[&str]) -> Results {
    let fifth = [
        "services.shop.groups[0].replicas=10",
        "services.shop.groups[1].replicas=6",
        "services.shop.groups[2].replicas=4",
        "workloads.americans.rate=250/s",
        "workloads.europeans.rate=150/s",
        "workloads.asians.rate=100/s",
    ];
    support::run("multi-region", &[if OPTIMISED { &[] } else { &fifth[..] }, experiment].concat())
}

#[test]
fn the_next_region_carries_a_lost_one_if_it_has_room() {
    let results = regions(&[]);
    let share_failed = |results: &Results| 1.0 - value(results, "", "ok_share") / 100.0;
    assert!(share_failed(&results) < 1e-4);
    let p50 = |workload, from, to| mean_between(&points(&results, "latency", workload, "p50"), from, to);
    assert_between(p50("europeans", 0.0, 300.0), 18.0, 22.0);
    assert_between(p50("europeans", 360.0, 900.0), 115.0, 135.0);
    assert_between(p50("europeans", 960.0, 1_500.0), 18.0, 22.0);
    assert!(p50("americans", 360.0, 900.0) > 1.4 * p50("americans", 0.0, 300.0));
    assert_between(p50("asians", 360.0, 900.0) / p50("asians", 0.0, 300.0), 0.95, 1.05);
    // Nobody gets machines where there are none.
    let ready = points(&results, "replicas", "shop", "ready");
    assert_between(at(&ready, 895.0) / most(&ready), 0.69, 0.71);
    assert_eq!(at(&ready, 1_495.0), most(&ready));
    assert!(took(&results, "node_lost replace").1 > 600.0);

    let lost = "faults[0].target.region=us-east";
    let drowned = regions(&[lost]);
    assert_between(share_failed(&drowned), 0.06, 0.11);
    assert_eq!(value(&drowned, "asians", "failed"), 0.0);
    assert_between(share_ok(&drowned, "europeans", 960.0, 1_500.0), 0.99, 1.01);
    let everywhere = regions(&[lost, "services.shop.balancer=PowerOfChoices()"]);
    assert!(share_failed(&everywhere) < 0.2 * share_failed(&drowned));
}

#[test]
#[cfg_attr(debug_assertions, ignore = "60 million events take long without optimisation")]
fn room_can_be_kept_or_made_and_queues_are_none() {
    let failed = |experiment: &str| value(&regions(&["faults[0].target.region=us-east", experiment]), "", "failed");
    assert!(failed("services.shop.groups[1].replicas=45") < 2_000.0);
    let scaled = failed(r#"services.shop.groups[1].autoscaler=Hpa(min: 30, max: 80, cpu: "70%")"#);
    assert_between(scaled, 8_000.0, 25_000.0);
    assert!(failed("services.shop.queue=1000") > 2_000_000.0);
    assert_between(value(&regions(&["services.shop.health=None"]), "", "failed"), 25_000.0, 40_000.0);
}

#[test]
fn spot_nodes_cost_a_third_and_nobody_notices() {
    let run = |experiment: &[&str]| {
        let results = support::run("spot-reclaim", &[&["duration=40min"], experiment].concat());
        let cost = results.metric("cluster", "", "cost").expect("nodes have a price").value;
        (value(&results, "customers", "failed"), cost, results)
    };
    let (failed, cost, results) = run(&[]);
    let (none, dear, _) = run(&["nodes.spot.count=0", "nodes.spot.scale.max=0", "nodes.on-demand.count=6"]);
    assert_eq!((failed, none), (0.0, 0.0));
    assert_between(dear, 0.79, 0.81);
    assert_between(cost / dear, 0.28, 0.36);
    // Everybody is off a node before its two minutes are over, and has another within two.
    let (drained, _, most) = took(&results, "reclaimed drain");
    assert!(drained >= 4 && most <= 30.0);
    let (moved, _, most) = took(&results, "reclaimed replace");
    assert!(moved >= 16 && most <= 150.0);
    // No more than a fifth of the servers are missing.
    let ready = points(&results, "replicas", "shop", "ready");
    assert!(ready.iter().all(|(_, ready)| *ready >= 18.0));
    let (failed, ..) = run(&["nodes.spot.spot.notice=0s"]);
    assert!(failed > 10.0, "without a notice what a node holds dies with it: {failed}");
}
