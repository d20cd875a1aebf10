//! What scenarios expect of themselves: verdicts by interval, in parts of the run.

use std::path::Path;

use scenarios::file::Source;
use sim_core::results::{Check, Verdict};

/// Two servers that do 200 requests a second together; from the fifth to the tenth of fifteen minutes one is gone.
const SCENARIO: &str = r#"Scenario(
    name: "half",
    duration: "15min",
    regions: { "here": (city: "frankfurt", zones: 2) },
    nodes: { "node": (count: 2, cpu: "2", memory: "4GiB") },
    cluster: (node_lifecycle: (toleration: "10min")),
    services: {
        "shop": (replicas: 2, workers: 1, queue: 20, pod: (cpu: "1500m", memory: "1GiB"), endpoints: { "buy": [Work(Exponential(mean: "10ms"))] }),
    },
    workloads: { "crowd": (to: "shop/buy", rate: "150/s") },
    faults: [(what: LoseNodes, target: (pool: "node", count: 1), when: At("5min"), lasts: "5min")],
    expect: [EXPECT],
)
"#;

fn checks(expect: &str, replications: u32) -> Vec<Check> {
    let text = SCENARIO.replace("EXPECT", expect);
    let source = Source::new("half.ron", text).set(&format!("replications={replications}")).expect("a number");
    let loaded = scenarios::parse(&source, Path::new("")).unwrap_or_else(|wrong| panic!("{}", wrong.render(false)));
    scenarios::run::run(&loaded.scenario, &loaded.inputs, &(), &Default::default()).results.checks
}

#[test]
fn parts_of_the_run_are_told_apart() {
    let share = |during: &str| format!(r#"(metric: "crowd.ok_share", above: "99%", during: {during}),"#);
    let expect = ["Whole", "BeforeFaults", "Faults", "AfterFaults", r#"Between("6min", "9min")"#].map(share).concat();
    for replications in [1, 5] {
        let checks = checks(&expect, replications);
        let values: Vec<f64> = checks.iter().filter_map(|check| check.value).collect();
        let [whole, before, faults, after, between] = values[..] else { panic!("{checks:?}") };
        // Alone, a server does 100 of 150.
        assert!(before > 99.9 && after > 99.0, "{values:?}");
        assert!((60.0..76.0).contains(&faults) && (60.0..72.0).contains(&between), "{values:?}");
        assert!((whole - (before + faults + after) / 3.0).abs() < 2.0, "{values:?}");
        let verdicts: Vec<Verdict> = checks.iter().map(|check| check.verdict).collect();
        assert_eq!(verdicts[1..], [Verdict::Pass, Verdict::Fail, verdicts[3], Verdict::Fail]);
        assert!(checks.iter().all(|check| check.low.is_some() && check.high.is_some()), "{checks:?}");
    }
}

#[test]
fn an_interval_that_crosses_the_limit_decides_nothing() {
    let p99 = |below: f64| format!(r#"(metric: "crowd.latency.p99", below: "{below}ms", during: BeforeFaults),"#);
    let first = checks(&p99(1.0), 5);
    let (value, low, high) =
        (first[0].value.expect("measured"), first[0].low.expect("five runs"), first[0].high.expect("five runs"));
    assert!(low < value && value < high);
    let verdicts = |limits: &[f64]| {
        let expect: String = limits.iter().map(|limit| p99(*limit)).collect();
        checks(&expect, 5).iter().map(|check| check.verdict).collect::<Vec<_>>()
    };
    let around = verdicts(&[low - 0.01, low + 0.01, high - 0.01, high + 0.01]);
    assert_eq!(around, [Verdict::Fail, Verdict::Inconclusive, Verdict::Inconclusive, Verdict::Pass]);
}

#[test]
fn objectives_count_answers_that_come_in_time() {
    let checks = checks(
        r#"(slo: "crowd", good: "95%", during: BeforeFaults),
           (slo: "crowd", good: "99%", within: "1us", during: BeforeFaults),
           (slo: "crowd", good: "10%", within: "10ms", during: BeforeFaults),
           (metric: "crowd.latency.p50", above: "0ms", during: BeforeFaults)"#,
        5,
    );
    let value = |at: usize| checks[at].value.expect("measured");
    assert_eq!(
        (checks[0].verdict, checks[1].verdict, checks[2].verdict),
        (Verdict::Pass, Verdict::Fail, Verdict::Pass)
    );
    assert!(value(1) < 0.1);
    // Half of the answers come within the median.
    let median = value(3);
    let half = self::checks(
        &format!(r#"(slo: "crowd", good: "1%", within: "{}us", during: BeforeFaults)"#, (median * 1e3).round()),
        5,
    );
    assert!((half[0].value.expect("measured") - 50.0).abs() < 2.0, "{half:?}");
}

#[test]
fn what_is_not_measured_is_not_passed() {
    // Shorter than a step.
    let never = r#"Between("6min", "6min1s")"#;
    let expect = format!(
        r#"(metric: "crowd.ok_share", above: "1%", during: {never}), (metric: "crowd.failed", below: 1, during: {never}), (metric: "crowd.failed", below: 1)"#
    );
    let checks = checks(&expect, 1);
    for check in &checks[..2] {
        assert_eq!((check.verdict, check.value), (Verdict::Inconclusive, None));
        assert_eq!(check.reason, "no step of the run was 6min to 6min1s");
    }
    // Or never, in a run that was shortened.
    let late = self::checks(r#"(metric: "crowd.ok_share", above: "1%", during: Between("20min", "25min"))"#, 1);
    assert_eq!((late[0].verdict, late[0].value), (Verdict::Inconclusive, None));
    assert_eq!(late[0].reason, "no step of the run was 20min to 25min");
    // A count of a single run has no interval: it is judged by itself.
    assert_eq!((checks[2].verdict, checks[2].low), (Verdict::Fail, None));
}

#[test]
fn latency_where_nothing_is_answered_has_no_end() {
    let text = r#"Scenario(
        name: "down",
        duration: "1min",
        services: { "shop": (down: true, endpoints: { "buy": [Work("1ms")] }) },
        workloads: { "crowd": (to: "shop/buy", rate: "10/s") },
        expect: [(metric: "crowd.latency.p99", below: "250ms"), (metric: "shop.wait.mean", below: "1ms")],
    )"#;
    let loaded = scenarios::parse(&Source::new("down.ron", text), Path::new("")).expect("a scenario");
    let checks = scenarios::run::run(&loaded.scenario, &loaded.inputs, &(), &Default::default()).results.checks;
    assert_eq!((checks[0].verdict, checks[0].value, checks[0].low), (Verdict::Fail, Some(f64::INFINITY), None));
    assert_eq!(checks[0].reason, "no request was answered");
    assert_eq!((checks[1].verdict, checks[1].reason.as_str()), (Verdict::Inconclusive, "nothing was observed"));
}
