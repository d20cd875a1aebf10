//! Autoscalers that are late, early, or misled.

use sim_core::results::Results;

use crate::figures::{assert_between, at, mean_between, most, points, rows, value};
use crate::support;

#[test]
fn servers_that_work_while_they_start_mislead_the_autoscaler() {
    let run = |experiment: &str| support::run("slow-start-hpa", &[experiment]);
    let desired = |results: &Results| points(results, "replicas", "shop", "desired");
    let results = run("seed=1");
    assert_eq!(most(&desired(&results)), 100.0);
    assert_eq!(at(&desired(&results), 1_800.0), 18.0);
    assert_between(value(&results, "shop", "replica_hours"), 17.0, 18.5);
    // All of it in two minutes, and busy with nothing but starting.
    let steps: Vec<&str> = rows(&results, "scaling").iter().map(|row| row[3].as_str()).collect();
    assert_eq!(&steps[..7], ["12", "14", "22", "25", "46", "92", "100"]);
    let cpu = points(&results, "utilisation", "shop", "cpu");
    assert_between(mean_between(&cpu, 390.0, 450.0), 75.0, 90.0);
    assert_between(mean_between(&cpu, 600.0, 750.0), 5.0, 7.0);
    assert_between(value(&results, "customers", "failed.refused"), 14_000.0, 16_000.0);

    for probe in ["(readiness: (period: \"5s\"))", "(startup: (period: \"5s\", failure_threshold: 60))"] {
        let results = run(&format!("services.shop.probes={probe}"));
        assert_eq!((most(&desired(&results)), value(&results, "customers", "failed")), (18.0, 0.0), "{probe}");
        assert_between(value(&results, "shop", "replica_hours"), 7.5, 8.0);
    }
    let hpa = |more: &str| run(&format!("services.shop.autoscaler=Hpa(min: 10, max: 100, {more})"));
    let patient = hpa(r#"cpu: "70%", behavior: (scale_up: (window: "3min"))"#);
    assert_between(most(&desired(&patient)), 17.0, 18.0);
    let flag = hpa(r#"cpu: "70%", cpu_initialization: "10min""#);
    assert_eq!(most(&desired(&flag)), 100.0);
    let counting = hpa(r#"metrics: [External(signal: Workload("customers"), average: 17.5)]"#);
    assert_eq!(most(&desired(&counting)), 18.0);
    assert_eq!(most(&desired(&run("services.shop.pod.startup_busy=false"))), 18.0);
}

/// The World Cup with this autoscaler: in all, or from one hour before the first kick-off to one after.
fn world_cup(autoscaler: &str, part: &[&str]) -> Results {
    let autoscaler = format!("services.site.autoscaler={autoscaler}");
    support::run("worldcup98-autoscaled", &[&[autoscaler.as_str()], part].concat())
}

const HPA: &str = r#"Hpa(min: 3, max: 30, cpu: "70%")"#;

/// What predicts, with this much of the recording known.
fn predictive(until: Option<&str>) -> String {
    let history = until
        .map(|until| format!(r#", history: (file: "data/worldcup98.csv", scale: "3%", until: "{until}")"#))
        .unwrap_or_default();
    format!(r#"Predictive(min: 3, max: 30, per_replica: "9.3/s", horizon: "7min"{history})"#)
}

#[test]
fn an_autoscaler_misses_the_kick_off_and_one_that_knows_yesterday_does_not() {
    let part = ["workloads.visitors.arrivals.from=37h30min", "duration=100min", "sample_every=1min"];
    let failed = |autoscaler: &str| {
        let results = world_cup(autoscaler, &part);
        (value(&results, "visitors", "failed"), value(&results, "site", "replica_hours"))
    };
    let (late, hours) = failed(HPA);
    let (trend, _) = failed(&predictive(None));
    let (season, more_hours) = failed(&predictive(Some("37h30min")));
    assert!(season < 30.0 && trend > 20.0 * season && late > 1.5 * trend, "{late}, {trend}, {season}");
    assert_between(more_hours / hours, 1.0, 1.15);
    let (reserve, _) = failed(r#"Hpa(min: 3, max: 30, cpu: "50%")"#);
    assert!(reserve < 30.0);
}

#[test]
#[cfg_attr(debug_assertions, ignore = "a day of seven million requests takes minutes without optimisation")]
fn a_day_of_the_world_cup_costs_two_fifths_of_a_fleet_for_the_peak() {
    let results = world_cup(HPA, &[]);
    assert_eq!(results.requests, 7_520_765);
    assert_between(value(&results, "site", "replica_hours"), 330.0, 345.0);
    assert_between(value(&results, "visitors", "failed"), 90_000.0, 120_000.0);
    let failed = points(&results, "regions", "europe", "failed");
    let kick_off = |t: f64| (52_200.0..=53_700.0).contains(&t) || (68_400.0..=69_900.0).contains(&t);
    assert!(failed.iter().all(|(t, rate)| *rate < 0.1 || kick_off(*t)));
    assert!(value(&results, "asia", "failed") < 100.0);
    let fleet = r#"services.site.groups=[(region: "europe", replicas: 18), (region: "americas", replicas: 12), (region: "asia", replicas: 6)]"#;
    let fixed = world_cup("None", &[fleet]);
    assert_eq!(value(&fixed, "site", "replica_hours"), 864.0);
    let season = world_cup(&predictive(Some("24h")), &[]);
    assert!(value(&season, "visitors", "failed") < 200.0);
    assert_between(value(&season, "site", "replica_hours"), 340.0, 360.0);
}
