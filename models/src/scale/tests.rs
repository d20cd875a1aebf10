//! Each strategy as a script, and what holds for all.

use proptest::prelude::*;
use serde::de::DeserializeOwned;
use sim_core::{Bytes, Cores, Span, Time};

use super::*;
use crate::pod::{Phase, Resources};
use crate::traffic::CountTrace;

/// Reads as scenario files are read.
fn ron<T: DeserializeOwned>(text: &str) -> T {
    use ron::extensions::Extensions;
    let file =
        ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME | Extensions::UNWRAP_VARIANT_NEWTYPES);
    file.from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn pod(used: u64) -> PodReading {
    PodReading {
        phase: Phase::Running,
        deleting: false,
        ready: Some(true),
        started: Some(Time::ZERO),
        ready_changed: Some(Time::ZERO),
        requests: Some(Resources { cpu: Cores::milli(1_000), memory: Bytes::new(1 << 30) }),
        sample: Some(PodSample {
            at: Time::ZERO,
            window: Span::from_secs(15),
            cpu: Cores::milli(used),
            memory: Bytes::new(1 << 29),
            requests: 10_000,
            in_flight: 1_000,
        }),
    }
}

/// Asks a scaler every period and carries out what it says. Each step is a time in seconds from
/// which on `signal` (in ones) and the pods' CPU (in thousandths) are so; tells each change.
fn script(settings: &str, replicas: u32, until: u64, steps: &[(u64, f64, u64)]) -> String {
    let settings: Autoscaler = ron(settings);
    settings.check().unwrap();
    let mut scaler = settings.build(&ScaleSurroundings::default());
    let (mut now, mut replicas, mut told) = (Time::ZERO, replicas, String::new());
    while now <= Time::ZERO + Span::from_secs(until) {
        let reached = |&&(from, ..): &&(u64, f64, u64)| Time::ZERO + Span::from_secs(from) <= now;
        let &(_, signal, used) = steps.iter().rfind(reached).expect("the first step is at 0");
        let pods = vec![pod(used); replicas as usize];
        let signals = [Some((signal * 1e3) as i64)];
        let reading = Reading { desired: replicas, current: replicas, pods: &pods, signals: &signals };
        let decision = scaler.decide(now, &reading);
        if decision.replicas != replicas {
            let line = format!("{now}: {replicas} -> {} {}\n", decision.replicas, decision.reason);
            told.push_str(&line);
        }
        replicas = decision.replicas;
        now = now + scaler.period();
    }
    told
}

#[test]
fn nobody_scales_what_is_not_scaled() {
    assert_eq!(ron::<Autoscaler>("None()"), Autoscaler::default());
    assert_eq!(script("None()", 3, 60, &[(0, 0.0, 1_000)]), "");
}

#[test]
fn thresholds_wait_for_their_cooldowns() {
    let steps = [(0, 0.0, 800), (100, 0.0, 300)];
    insta::assert_snapshot!(script(r#"Threshold(min: 2, max: 9, step: Pods(2))"#, 4, 1_100, &steps), @r"
    0s: 4 -> 6 AboveThreshold
    1min: 6 -> 8 AboveThreshold
    6min: 8 -> 6 BelowThreshold
    11min: 6 -> 4 BelowThreshold
    16min: 4 -> 2 BelowThreshold
    ");
    insta::assert_snapshot!(script(r#"Threshold(max: 100, step: Percent("25%"))"#, 10, 90, &steps), @r"
    0s: 10 -> 13 AboveThreshold
    1min: 13 -> 16 AboveThreshold
    ");
}

#[test]
fn a_schedule_comes_round() {
    let text = r#"Scheduled(min: 10, max: 100, steps: [("8h", 80), ("20h", 20)], every: "24h", period: "30min",
        windows: [(from: "10h", until: "11h", replicas: 200)])"#;
    insta::assert_snapshot!(script(text, 10, 40 * 3_600, &[(0, 0.0, 0)]), @r"
    8h: 10 -> 80 Schedule
    10h: 80 -> 100 Schedule
    11h: 100 -> 80 Schedule
    20h: 80 -> 20 Schedule
    1d8h: 20 -> 80 Schedule
    ");
}

#[test]
fn a_queue_opens_and_closes() {
    let steps = [(0, 0.0, 0), (100, 40.0, 0), (200, 4.0, 0), (700, 0.0, 0), (710, 1.0, 0), (740, 0.0, 0)];
    insta::assert_snapshot!(script("QueueLength(max: 20, average: 5)", 2, 1_200, &steps), @r"
    30s: 2 -> 0 Deactivated
    2min: 0 -> 1 Activated
    2min15s: 1 -> 4 ScaleUpLimit
    2min30s: 4 -> 8 DesiredWithinRange
    8min30s: 8 -> 1 DesiredWithinRange
    17min30s: 1 -> 0 Deactivated
    ");
    insta::assert_snapshot!(script("QueueLength(min: 3, idle: true, average: 5)", 3, 1_200, &steps), @r"
    30s: 3 -> 0 Deactivated
    2min: 0 -> 3 Activated
    2min15s: 3 -> 6 ScaleUpLimit
    2min30s: 6 -> 8 DesiredWithinRange
    8min30s: 8 -> 3 TooFewReplicas
    17min30s: 3 -> 0 Deactivated
    ");
}

#[test]
fn work_between_two_polls_is_not_overlooked() {
    let settings: Autoscaler = ron("QueueLength(average: 5)");
    let mut scaler = settings.build(&ScaleSurroundings::default());
    // The one request came and was refused before 15 s; the second look at the queue is at 30 s.
    let replicas = [0, 1_000, 0].into_iter().zip([0, 15, 30]).map(|(waiting, at)| {
        let reading = Reading { desired: 0, current: 0, pods: &[], signals: &[Some(waiting)] };
        scaler.decide(Time::ZERO + Span::from_secs(at), &reading).replicas
    });
    assert_eq!(replicas.collect::<Vec<_>>(), [0, 0, 1]);
}

/// A day of 24 steps of an hour, three times as much at noon as at midnight.
fn day(hour: u64) -> u64 {
    let from_noon = 12u64.abs_diff(hour % 24);
    100 * (36 - 2 * from_noon)
}

#[test]
fn a_known_season_is_followed_ahead_of_time() {
    let settings: Predictive = ron(r#"(max: 1000, per_replica: "10/s", step: "1h", horizon: "2h", season: "24h",
        period: "1h", hold: "0s", history: (file: "days.csv"))"#);
    let hour = Span::from_secs(3_600);
    let mut traces = Traces::default();
    let counts = (0..48).map(|hour| day(hour) * 3_600).collect();
    traces.insert_counts("days.csv", "requests", CountTrace { interval: hour, counts });
    assert_eq!(settings.history.as_ref().unwrap().check(&traces), Ok(()));
    let mut scaler = Autoscaler::Predictive(settings).build(&ScaleSurroundings { traces });
    let mut replicas = 1;
    for now in 1..48 {
        // The hour that is over, and half as much again as in the days before.
        let load = day(now - 1) * 3 / 2;
        let signals = [Some(load as i64 * 1_000)];
        let reading = Reading { desired: replicas, current: replicas, pods: &[], signals: &signals };
        let decision = scaler.decide(Time::ZERO + hour * now, &reading);
        let forecast = decision.forecast.expect("there is a history");
        let coming = day(now + 2) as f64 * 1.5;
        // The jump at the beginning has touched the indices of the first hours.
        if now > 24 {
            assert!((forecast.value - coming).abs() / coming < 0.08, "{now}: {} for {coming}", forecast.value);
            assert!(forecast.error.unwrap() < 0.08, "{now}: {forecast:?}");
            assert!(f64::from(decision.replicas) * 10.0 >= load as f64);
        }
        replicas = decision.replicas;
    }
}

#[test]
fn without_a_season_the_trend_leads() {
    let text = r#"Predictive(max: 1000, per_replica: "1/s", step: "15s", horizon: "60s", level: "50%", trend: "50%")"#;
    let settings: Autoscaler = ron(text);
    let mut scaler = settings.build(&ScaleSurroundings::default());
    let mut last = None;
    for look in 1..=100 {
        let signals = [Some(look * 1_000)];
        let reading = Reading { desired: 1, current: 1, pods: &[], signals: &signals };
        last = Some(scaler.decide(Time::ZERO + Span::from_secs(15) * look as u64, &reading));
    }
    let last = last.unwrap();
    let forecast = last.forecast.unwrap();
    // The step in which the horizon ends is the fifth from the last one measured.
    assert!((forecast.value - 105.0).abs() < 0.01, "{forecast:?}");
    assert!(forecast.error.unwrap() < 0.001);
    assert_eq!((last.replicas, last.reason), (105, Reason::Forecast));
}

#[test]
fn a_high_need_holds_its_replicas() {
    let text = r#"Predictive(min: 2, max: 50, per_replica: "10/s", hold: "60s", horizon: "60s")"#;
    let steps = [(0, 100.0, 0), (120, 300.0, 0), (135, 100.0, 0), (600, 1.0, 0)];
    insta::assert_snapshot!(script(text, 10, 900, &steps), @r"
    2min: 10 -> 30 PresentLoad
    3min15s: 30 -> 13 ScaleDownStabilized
    4min: 13 -> 12 ScaleDownStabilized
    5min: 12 -> 11 Forecast
    9min: 11 -> 10 PresentLoad
    11min: 10 -> 9 ScaleDownStabilized
    12min: 9 -> 4 ScaleDownStabilized
    13min: 4 -> 2 PresentLoad
    ");
}

#[test]
fn settings_that_mean_nothing_are_refused() {
    let refused = [
        ("max", r#"Threshold(min: 3, max: 2)"#),
        ("below", r#"Threshold(max: 2, above: "50%", below: "50%")"#),
        ("step", r#"Threshold(max: 2, step: Pods(0))"#),
        ("period", r#"Threshold(max: 2, period: "0s")"#),
        ("steps", r#"Scheduled(max: 2)"#),
        ("steps", r#"Scheduled(max: 2, steps: [("1h", 1), ("1h", 2)])"#),
        ("every", r#"Scheduled(max: 2, steps: [("1h", 1)], every: "1h")"#),
        ("every", r#"Scheduled(max: 2, steps: [("0s", 1)], every: "0s")"#),
        ("windows", r#"Scheduled(max: 2, windows: [(from: "1h", until: "1h", replicas: 2)])"#),
        ("per_replica", r#"Predictive(max: 2, per_replica: "0/s")"#),
        ("step", r#"Predictive(max: 2, per_replica: "1/s", step: "10s")"#),
        ("season", r#"Predictive(max: 2, per_replica: "1/s", season: "90s")"#),
        ("season", r#"Predictive(max: 2, per_replica: "1/s", season: "0s")"#),
        ("level", r#"Predictive(max: 2, per_replica: "1/s", level: "101%")"#),
        ("load", r#"Predictive(max: 2, per_replica: "1/s", load: Workload(""))"#),
        ("average", r#"QueueLength(average: 0)"#),
        ("activation", r#"QueueLength(average: 1, activation: -1)"#),
        ("idle", r#"QueueLength(average: 1, idle: true)"#),
        ("polling", r#"QueueLength(average: 1, polling: "1500ms")"#),
        ("behavior.scale_up.window", r#"QueueLength(average: 1, behavior: (scale_up: (window: "2h")))"#),
    ];
    for (field, text) in refused {
        let wrong = ron::<Autoscaler>(text).check().expect_err(text);
        assert!(wrong.starts_with(&format!("{field}: ")), "{wrong}");
    }
}

/// One of each, between 2 and 7 replicas, and none of which may ever close.
const SAMPLES: [&str; 6] = [
    r#"Hpa(min: 2, max: 7, metrics: [Cpu(utilization: "50%"), External(signal: Waiting(""), average: 3)])"#,
    r#"Hpa(min: 2, max: 7, behavior: (scale_down: (window: "0s"), scale_up: (policies: [Pods(value: 1, period: "1s")])))"#,
    r#"Threshold(min: 2, max: 7, step: Pods(3), cooldown_out: "0s", cooldown_in: "0s")"#,
    r#"Scheduled(min: 2, max: 7, steps: [("20s", 0), ("1min", 100)], every: "2min")"#,
    r#"Predictive(min: 2, max: 7, per_replica: "1/s", step: "15s", season: "1min", hold: "0s")"#,
    r#"QueueLength(min: 2, max: 7, average: 1, polling: "15s")"#,
];

fn readings() -> impl Strategy<Value = (u32, Vec<PodReading>, Option<i64>)> {
    let phase = prop_oneof![Just(Phase::Running), Just(Phase::Pending), Just(Phase::Failed), Just(Phase::Unknown)];
    let pods = (phase, any::<bool>(), any::<Option<bool>>(), any::<bool>(), 0..2_000u64);
    let pods = pods.prop_map(|(phase, deleting, ready, is_measured, used)| {
        let known = pod(used);
        let sample = known.sample.filter(|_| is_measured);
        PodReading { phase, deleting, ready, sample, ..known }
    });
    let signal = prop_oneof![Just(None), (-5_000..50_000i64).prop_map(Some), Just(Some(i64::MAX))];
    (1..12u32, prop::collection::vec(pods, 0..9), signal)
}

proptest! {
    #[test]
    fn the_bounds_hold_whatever_is_read(looks in prop::collection::vec(readings(), 1..40)) {
        for sample in SAMPLES {
            let settings: Autoscaler = ron(sample);
            prop_assert_eq!(settings.check(), Ok(()));
            let mut scaler = settings.build(&ScaleSurroundings::default());
            for (look, (desired, pods, signal)) in looks.iter().enumerate() {
                let reading = Reading { desired: *desired, current: pods.len() as u32, pods, signals: &[*signal] };
                let replicas = scaler.decide(Time::ZERO + scaler.period() * look as u64, &reading).replicas;
                prop_assert!((2..=7).contains(&replicas), "{} gives {}", sample, replicas);
            }
        }
    }
}
