//! Monkeys, a gorilla and Kong: what they break, who notices, and what helps. And a whole game day.

use sim_core::results::Results;

use crate::figures::{OPTIMISED, assert_between, at, most, points, rows, value};
use crate::support;

/// The only strike that there was, as faults.csv tells it.
fn strike(results: &Results) -> &[String] {
    let [row] = rows(results, "faults") else { panic!("there was one strike") };
    row
}

/// A column of a strike.
fn number(row: &[String], column: usize) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{row:?} has a number at {column}"))
}

const BEGUN: usize = 2;
const ENDED: usize = 3;
const VICTIMS: usize = 4;
const BEFORE: usize = 8;
const DURING: usize = 9;
const AFTER: usize = 10;

#[test]
fn a_monkey_among_a_thousand_servers_is_not_noticed_where_calls_are_tried_again() {
    let run = |experiment: &[&str]| support::run("chaos-monkey", &[&["duration=4min"], experiment].concat());
    let results = run(&[]);
    let strikes = rows(&results, "faults");
    assert_eq!(strikes.iter().map(|row| number(row, BEGUN)).collect::<Vec<_>>(), [60.0, 120.0, 180.0, 240.0]);
    // A thousand chances of one in a hundred: ten, within three standard deviations, each minute.
    strikes.iter().for_each(|row| assert_between(number(row, VICTIMS), 1.0, 20.0));
    assert_eq!(value(&results, "served", "breaks"), 0.0);
    assert_eq!(value(&results, "customers", "failed"), 0.0);
    let once = run(&[r#"workloads.customers.policies=[Timeout("2s")]"#]);
    assert!(value(&once, "customers", "failed") > 5.0);
}

#[test]
fn a_gorilla_takes_a_zone_and_gives_it_back() {
    let run = |experiment: &[&str]| support::run("gorilla", experiment);
    let results = run(&[]);
    let row = strike(&results);
    assert_eq!([BEGUN, ENDED, VICTIMS].map(|column| number(row, column)), [300.0, 600.0, 6.0]);
    assert!(number(row, BEFORE) > 99.9 && number(row, AFTER) > 99.0);
    assert!(number(row, DURING) < number(row, BEFORE));
    // Found out by a check, and well again.
    assert!(value(&results, "served", "breaks") >= 1.0);
    assert!(!row[6].is_empty() && !row[7].is_empty(), "{row:?}");
    // The guard gives the zone back as soon as that is found out.
    let guarded = run(&["guard=true"]);
    let row = strike(&guarded);
    assert_between(number(row, ENDED), 300.0, 320.0);
    assert!(rows(&guarded, "journal").iter().any(|row| row[1] == "halted"));
}

#[test]
fn kong_takes_a_region_and_the_other_carries_all() {
    let run = |experiment: &[&str]| support::run("kong", experiment);
    let results = run(&[]);
    let row = strike(&results);
    assert_eq!([BEGUN, ENDED, VICTIMS].map(|column| number(row, column)), [300.0, 600.0, 12.0]);
    assert!(number(row, BEFORE) > 99.9 && number(row, AFTER) > 99.0);
    assert_eq!(value(&results, "americans", "failed") + value(&results, "europeans", "failed"), 0.0);
    // Half as many servers carry one region, not two.
    let small = run(&["services.shop.groups[0].replicas=7", "services.shop.groups[1].replicas=7"]);
    let failed = |results: &Results| value(results, "americans", "failed") + value(results, "europeans", "failed");
    assert!(failed(&small) > 1_000.0);
}

#[test]
fn a_latency_monkey_makes_failures_of_what_is_only_late_where_timeouts_are_short() {
    let run = |experiment: &[&str]| support::run("latency-monkey", experiment);
    let policies = |list: &str| run(&[&format!("services.shop.endpoints.buy[1].policies={list}")]);
    let failed = |results: &Results| {
        let [ok, failed] = ["ok", "failed"].map(|name| value(results, "customers", name));
        100.0 * failed / (ok + failed)
    };
    // One request in eight, in a third of the time.
    let as_is = run(&[]);
    assert_between(failed(&as_is), 3.8, 4.4);
    assert_between(number(strike(&as_is), DURING), 86.0, 90.0);
    let patient = policies("[]");
    assert_eq!(failed(&patient), 0.0);
    assert_between(number(strike(&patient), DURING), 97.0, 99.0);
    let often = policies(r#"[Retry(attempts: 8, first: "5ms"), Timeout("60ms")]"#);
    assert!(failed(&often) < 0.5, "{}", failed(&often));
    let hurried = policies(r#"[Retry(attempts: 3, first: "5ms"), Timeout("12ms")]"#);
    assert!(number(strike(&hurried), DURING) < 80.0);
}

#[test]
fn a_game_day_ends_with_a_release_that_a_canary_gives_back() {
    if !OPTIMISED {
        return;
    }
    let run = |experiment: &[&str]| support::run("gameday", &[&["duration=15min"], experiment].concat());
    let results = run(&[]);
    // The crowd comes, the fleet follows it past 800 servers, and just then somebody releases.
    let ready = points(&results, "replicas", "shop", "ready");
    let deployed = rows(&results, "faults").iter().find(|row| row[0] == "release").expect("it strikes");
    let begun = number(deployed, BEGUN);
    assert_between(begun, 420.0, 480.0);
    assert_between(at(&ready, begun), 740.0, 870.0);
    assert!(most(&ready) >= 1_000.0);
    // The canary has one percent of the traffic for some 20 s.
    let share = points(&results, "versions", "shop v2", "share");
    assert_between(most(&share), 0.5, 1.5);
    assert_eq!(value(&results, "shop v2", "rolled_back"), 1.0);
    assert_between(value(&results, "shop v2", "harmed"), 20.0, 120.0);
    assert_between(value(&results, "shop v2", "detect"), 15.0, 25.0);
    // The monkey breaks no check: what breaks one is the crowd, before there are servers for it.
    let journal = rows(&results, "journal");
    let broken: Vec<f64> = journal.iter().filter(|row| row[1] == "broken").map(|row| number(row, 0)).collect();
    assert!(broken.iter().all(|at| (300.0..400.0).contains(at)), "{broken:?}");

    let rolling = run(&[r#"services.shop.rollout=Rolling(max_surge: "25%", max_unavailable: 0)"#]);
    assert_eq!(value(&rolling, "shop v2", "promoted"), 1.0);
    assert!(value(&rolling, "shop v2", "harmed") > 500.0 * value(&results, "shop v2", "harmed"));
    let good = run(&["releases[0].version.error_rate=0%"]);
    assert_eq!(value(&good, "shop v2", "promoted"), 1.0);
    // Slow is as bad: the canary's share of the work is fixed, and its queues fill.
    let slow = run(&[r#"releases[0].version=(name: "v2", latency: 1.3)"#]);
    assert_eq!(value(&slow, "shop v2", "rolled_back"), 1.0);
}
