//! Black Friday: fourteen times the traffic, with and without an autoscaler.

use sim_core::results::Results;

use crate::figures::{OPTIMISED, assert_between, at, mean_between, most, points, share_ok, value};
use crate::support;

/// How large the shop is that is simulated: without optimisation, a tenth.
const SIZE: f64 = if OPTIMISED { 1.0 } else { 0.1 };

const FIXED: &str = "services.shop.autoscaler=None";

fn black_friday(experiment: &[&str]) -> Results {
    let tenth = [
        r#"workloads.crowd.rate=Ramp([("5min", "25/s"), ("305s", "170/s"), ("6min", "170/s"), ("8min", "350/s"), ("20min", "350/s"), ("25min", "25/s")])"#,
        "services.shop.replicas=10",
        "services.shop.autoscaler.min=10",
        "services.shop.autoscaler.max=100",
    ];
    support::run("black-friday", &[if OPTIMISED { &[] } else { &tenth[..] }, experiment].concat())
}

fn assert_nothing_happens_behind_the_shop(results: &Results) {
    for subject in ["tills", "stock", "cart", "payment"] {
        assert_between(value(results, subject, "ok_share"), 99.99, 100.0);
    }
    assert_between(value(results, "tills", "latency.p99"), 780.0, 860.0);
}

#[test]
fn an_autoscaler_follows_the_crowd_from_100_servers_to_1000_and_back() {
    let results = black_friday(&[]);
    let [desired, ready] = ["desired", "ready"].map(|column| points(&results, "replicas", "shop", column));
    for replicas in [&desired, &ready] {
        assert_eq!(at(replicas, 300.0), 100.0 * SIZE);
        // A minute into the crowd, at the peak, and at the end.
        assert_between(at(replicas, 360.0), 450.0 * SIZE, 550.0 * SIZE);
        assert_between(at(replicas, 620.0), 1_000.0 * SIZE, 1_000.0 * SIZE);
        assert_between(at(replicas, 1_200.0), 1_000.0 * SIZE, 1_000.0 * SIZE);
        assert_eq!(at(replicas, 2_095.0), 100.0 * SIZE);
    }
    let cpu = points(&results, "utilisation", "shop", "cpu");
    assert_between(mean_between(&cpu, 0.0, 300.0), 47.0, 53.0);
    for minute in 11..20 {
        assert_between(mean_between(&cpu, 60.0 * f64::from(minute), 60.0 * f64::from(minute + 1)), 65.0, 75.0);
    }

    let crowd = |from, to| share_ok(&results, "crowd", from, to);
    assert_between(crowd(0.0, 300.0), 0.99, 1.01);
    assert_between(crowd(305.0, 345.0), 0.4, 0.6);
    assert_between(crowd(370.0, 2_100.0), 0.999, 1.001);
    assert_between(value(&results, "crowd", "ok_share"), 98.8, 99.2);
    assert_between(value(&results, "shop", "replica_hours"), 374.0 * SIZE, 384.0 * SIZE);
    assert_nothing_happens_behind_the_shop(&results);
}

#[test]
fn black_friday_drowns_a_fixed_fleet_and_spares_what_is_behind_it() {
    let results = black_friday(&[FIXED]);
    let cpu = points(&results, "utilisation", "shop", "cpu");
    assert_between(mean_between(&cpu, 0.0, 300.0), 47.0, 53.0);
    assert_between(mean_between(&cpu, 600.0, 1_200.0), 99.9, 100.0);
    assert_between(mean_between(&cpu, 1_560.0, 2_100.0), 47.0, 53.0);

    let crowd = |from, to| share_ok(&results, "crowd", from, to);
    assert_between(crowd(0.0, 300.0), 0.99, 1.01);
    // Seven in eight are refused.
    assert_between(crowd(600.0, 1_200.0), 0.12, 0.14);
    assert_between(crowd(1_560.0, 2_100.0), 0.99, 1.01);
    // Goodput does not collapse: nine tenths of what the fleet can do.
    let ok = points(&results, "traffic", "crowd", "ok");
    assert_between(mean_between(&ok, 360.0, 1_400.0) / (500.0 * SIZE), 0.88, 0.98);
    assert!(value(&results, "crowd", "failed.queue_full") > 0.98 * value(&results, "crowd", "failed"));
    assert_nothing_happens_behind_the_shop(&results);
}

#[test]
fn longer_queues_sell_less_and_reloading_sells_nothing() {
    let ok = |experiment| value(&black_friday(&[FIXED, experiment]), "crowd", "ok");
    let sold = ok("seed=1");
    assert!(ok("services.shop.queue=100") < 0.3 * sold);
    assert_between(ok(r#"workloads.crowd.policies=[Timeout("5s")]"#) / sold, 0.98, 1.02);
}

#[test]
fn a_thousand_servers_are_seventy_percent_busy_at_the_peak() {
    let fleet = if OPTIMISED { "services.shop.replicas=1000" } else { "services.shop.replicas=100" };
    let results = black_friday(&[FIXED, fleet]);
    let cpu = points(&results, "utilisation", "shop", "cpu");
    assert_between(mean_between(&cpu, 620.0, 1_200.0), 69.0, 71.0);
    assert_between(value(&results, "crowd", "ok_share"), 99.99, 100.0);
}

#[test]
fn an_autoscaler_is_as_good_as_what_it_looks_at() {
    let (min, max) = (100.0 * SIZE, 1_000.0 * SIZE);
    let ok_share = |autoscaler: &str, more: &str| {
        let autoscaler = format!("services.shop.autoscaler={autoscaler}(min: {min}, max: {max}{more})");
        value(&black_friday(&[&autoscaler]), "crowd", "ok_share")
    };
    // CPU alone never reads above 100 %, and a fifth more each minute is too little.
    assert_between(ok_share("Hpa", r#", cpu: "70%""#), 92.0, 97.0);
    assert_between(ok_share("Threshold", ""), 65.0, 75.0);
}

/// A tenth of the shop, also of the hundredfold crowd.
fn hundredfold(experiment: &[&str]) -> Results {
    let tenth = [
        r#"workloads.crowd.rate=Ramp([("4min", "25/s"), ("270s", "2500/s"), ("8min", "2500/s"), ("10min", "250/s"), ("11min", "25/s")])"#,
        "services.shop.replicas=10",
        "services.shop.autoscaler.min=10",
        "services.shop.autoscaler.max=100",
    ];
    support::run("black-friday-100x", &[&tenth[..], experiment].concat())
}

/// Requests served in two minutes from the opening of the doors.
fn opening(results: &Results) -> f64 {
    120.0 * mean_between(&points(results, "traffic", "crowd", "ok"), 240.0, 360.0)
}

#[test]
fn a_hundredfold_crowd_is_served_by_short_queues_or_not_at_all() {
    let results = hundredfold(&[]);
    let [offered, ok] = ["offered", "ok"].map(|column| points(&results, "traffic", "crowd", column));
    assert_between(mean_between(&offered, 300.0, 480.0), 2_450.0, 2_550.0);
    // Five times too many, and goodput is nine tenths of what the servers can do.
    assert_between(mean_between(&ok, 380.0, 560.0), 440.0, 490.0);
    assert_eq!(most(&points(&results, "replicas", "shop", "ready")), 100.0);
    let queued = hundredfold(&["services.shop.queue=1000"]);
    assert!(value(&queued, "crowd", "ok") < 0.1 * value(&results, "crowd", "ok"));
    assert_between(mean_between(&points(&queued, "traffic", "crowd", "ok"), 420.0, 480.0), 0.0, 5.0);
}

#[test]
fn last_years_opening_saves_the_first_two_minutes_of_this_one() {
    let late = opening(&hundredfold(&[]));
    let predicted = r#"services.shop.autoscaler=Predictive(min: 10, max: 100, per_replica: "3.5/s", load: Workload("crowd"), horizon: "75s", season: "15min", step: "15s", history: (file: "data/black-friday-last-year.csv", scale: "10%"))"#;
    let predicted = hundredfold(&[predicted]);
    let ready = points(&predicted, "replicas", "shop", "ready");
    assert!(at(&ready, 240.0) > 95.0, "{} servers when the doors open", at(&ready, 240.0));
    let ready_all_day = opening(&hundredfold(&[FIXED, "services.shop.replicas=100"]));
    assert!(opening(&predicted) > 0.98 * ready_all_day && ready_all_day > 2.0 * late);
    let scheduled = hundredfold(&[
        r#"services.shop.autoscaler=Scheduled(min: 10, max: 100, windows: [(from: "3min", until: "12min", replicas: 100)])"#,
    ]);
    assert!(opening(&scheduled) > 0.98 * ready_all_day);
    let hours = |results: &Results| value(results, "shop", "replica_hours");
    assert!(hours(&scheduled) < hours(&predicted) && hours(&predicted) < 25.0);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "seven million requests take minutes without optimisation")]
fn a_hundredfold_crowd_in_full() {
    let results = support::run("black-friday-100x", &[]);
    assert_eq!(results.requests, 7_479_495);
    assert_between(value(&results, "crowd", "ok"), 1_480_000.0, 1_520_000.0);
    let ok = points(&results, "traffic", "crowd", "ok");
    assert_between(mean_between(&ok, 240.0, 300.0), 450.0, 530.0);
    assert_between(mean_between(&ok, 360.0, 480.0), 4_500.0, 4_650.0);
}
