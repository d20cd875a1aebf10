//! Results made up for tests: an outage with everything measured, a quiet run with almost nothing.

use sim_core::results::{Check, Column, Distribution, Group, Metric, Results, Series, Table, Verdict};
use sim_core::stats::Histogram;

/// The end of each ten seconds of half an hour.
fn instants() -> Vec<f64> {
    (1..=180).map(|at| f64::from(at) * 10.0).collect()
}

/// A gentle, seedless wobble between 0 and 1, without the platform's functions.
fn wobble(t_s: f64, salt: u32) -> f64 {
    let mixed = (t_s as u32).wrapping_mul(2_654_435_761).wrapping_add(salt.wrapping_mul(40_503)) ^ (t_s as u32 / 7);
    f64::from(mixed.wrapping_mul(2_246_822_519) >> 20) / 4_096.0
}

/// 1 while the outage lasts, 0 outside.
fn outage_at(t_s: f64) -> f64 {
    if t_s > 600.0 && t_s <= 900.0 { 1.0 } else { 0.0 }
}

/// A group whose columns are functions of time.
fn group(subject: &str, columns: &[&dyn Fn(f64) -> f64]) -> Group {
    let values = columns.iter().map(|column| instants().into_iter().map(column).collect()).collect();
    Group { subject: subject.to_owned(), t_s: instants(), values }
}

fn series(name: &str, kind: &str, columns: &[(&str, &str)], groups: Vec<Group>) -> Series {
    let column = |(name, unit): &(&str, &str)| Column { name: (*name).to_owned(), unit: (*unit).to_owned() };
    Series { name: name.to_owned(), kind: kind.to_owned(), columns: columns.iter().map(column).collect(), groups }
}

fn metric(kind: &str, subject: &str, name: &str, value: f64, margin: Option<f64>, unit: &str) -> Metric {
    Metric {
        kind: kind.to_owned(),
        subject: subject.to_owned(),
        name: name.to_owned(),
        value,
        low: margin.map(|margin| value - margin),
        high: margin.map(|margin| value + margin),
        unit: unit.to_owned(),
    }
}

/// The usual figures of a subject with `requests` requests, `failed` of them in vain.
fn usual(kind: &str, subject: &str, requests: f64, failed: f64, p50: f64) -> Vec<Metric> {
    let mut metrics = vec![
        metric(kind, subject, "requests", requests, None, "requests"),
        metric(kind, subject, "ok", requests - failed, None, "requests"),
        metric(kind, subject, "failed", failed, None, "requests"),
        metric(kind, subject, "failed.timeout", (failed * 0.81).floor(), None, "requests"),
        metric(kind, subject, "failed.queue-full", failed - (failed * 0.81).floor(), None, "requests"),
    ];
    for (name, factor) in [("latency.p50", 1.0), ("latency.p95", 3.1), ("latency.p99", 5.3), ("latency.p999", 21.0)] {
        metrics.push(metric(kind, subject, name, p50 * factor, Some(p50 * factor * 0.03), "ms"));
    }
    metrics
}

/// A skewed distribution around `typical` milliseconds.
fn latencies(kind: &str, subject: &str, typical: f64, n: u64) -> Distribution {
    let mut histogram = Histogram::default();
    for rank in 1..=20_000_u64 {
        let share = rank as f64 / 20_001.0;
        let slow = if share > 0.97 { 12.0 } else { 1.0 };
        histogram.record_n((typical * 1e6 * slow * (0.3 - libm::log(1.0 - share))) as u64, n / 20_000);
    }
    Distribution { kind: kind.to_owned(), subject: subject.to_owned(), name: "latency".to_owned(), histogram }
}

/// Half an hour of a shop with a queue that filled for five minutes; five replications.
pub(crate) fn outage() -> Results {
    let mut metrics = usual("run", "", 2_053_411.0, 55_460.0, 40.0);
    metrics.extend(usual("workload", "crowd", 1_853_411.0, 55_000.0, 41.0));
    metrics.extend(usual("workload", "partners & friends", 200_000.0, 460.0, 22.0));
    for (service, p50, busy) in [("shop", 39.0, 61.2), ("stock", 5.1, 78.9), ("payments", 12.0, 22.0)] {
        metrics.extend(usual("service", service, 2_053_411.0 / p50 * 39.0, 800.0 * p50, p50));
        metrics.push(metric("service", service, "utilisation", busy, Some(1.3), "%"));
        metrics.push(metric("service", service, "cpu", 0.5 * busy, Some(0.7), "%"));
    }
    Results {
        scenario: "Black Friday <rehearsal>".to_owned(),
        description: "A shop whose stock service loses a third of its workers for five minutes.".to_owned(),
        seed: 42,
        replications: 5,
        digest: 0x1234_5678_9abc_def0,
        events: 41_000_321,
        requests: 10_267_055,
        simulated_seconds: 1_800.0,
        warm_up_seconds: 60.0,
        metrics,
        series: outage_series(),
        distributions: vec![
            latencies("workload", "crowd", 40.0, 9_000_000),
            latencies("workload", "partners & friends", 20.0, 1_000_000),
            latencies("service", "shop", 39.0, 2_000_000),
            latencies("service", "stock", 5.0, 3_000_000),
            latencies("service", "payments", 12.0, 400_000),
        ],
        tables: vec![],
        checks: vec![],
    }
}

fn outage_series() -> Vec<Series> {
    let load = |t: f64| 900.0 + 500.0 * (t / 900.0 - 1.0).abs() + 60.0 * wobble(t, 1);
    let failed = move |t: f64| outage_at(t) * 0.31 * load(t) * (0.8 + 0.2 * wobble(t, 2));
    let ok = move |t: f64| load(t) - failed(t);
    let traffic = [("offered", "1/s"), ("ok", "1/s"), ("failed", "1/s")];
    let percentiles = [("p50", "ms"), ("p95", "ms"), ("p99", "ms")];
    let p99 = |typical: f64, salt| move |t: f64| typical * (1.0 + 0.3 * wobble(t, salt)) * (1.0 + 30.0 * outage_at(t));
    let calls = [("calls", "1/s"), ("ok", "1/s"), ("failed", "1/s")];
    let ready = |t: f64| if t < 300.0 { 40.0 } else { 40.0 + ((t - 300.0) / 60.0).floor().min(15.0) * 2.0 };
    let desired = |t: f64| if t < 240.0 { 40.0 } else { 40.0 + ((t - 180.0) / 60.0).floor().min(15.0) * 2.0 };
    let busy = |base: f64, salt| move |t: f64| (base + 9.0 * wobble(t, salt) + 60.0 * outage_at(t)).min(100.0);
    let waiting = |scale: f64| move |t: f64| scale * (outage_at(t) * (t - 600.0)).max(0.0);
    vec![
        series("traffic", "run", &traffic, vec![group("", &[&load, &ok, &failed])]),
        series(
            "traffic",
            "workload",
            &traffic,
            vec![
                group("crowd", &[&|t| 0.9 * load(t), &|t| 0.9 * ok(t), &|t| 0.9 * failed(t)]),
                group("partners & friends", &[&|t| 0.1 * load(t), &|t| 0.1 * ok(t), &|t| 0.1 * failed(t)]),
            ],
        ),
        series(
            "latency",
            "workload",
            &percentiles,
            vec![
                group("crowd", &[&p99(40.0, 3), &p99(120.0, 4), &p99(210.0, 5)]),
                group("partners & friends", &[&p99(20.0, 6), &p99(50.0, 7), &p99(90.0, 8)]),
            ],
        ),
        series(
            "calls",
            "service",
            &calls,
            vec![
                group("shop", &[&load, &ok, &failed]),
                group("stock", &[&|t| 1.7 * load(t), &ok, &failed]),
                group("payments", &[&|t| 0.2 * load(t), &|t| 0.2 * load(t), &|_| 0.0]),
            ],
        ),
        series(
            "service_latency",
            "service",
            &percentiles,
            vec![
                group("shop", &[&p99(39.0, 9), &p99(110.0, 10), &p99(190.0, 11)]),
                group("stock", &[&p99(5.0, 12), &p99(16.0, 13), &p99(30.0, 14)]),
                group("payments", &[&|_| 12.0, &|_| 20.0, &|t| if outage_at(t) > 0.0 { f64::NAN } else { 28.0 }]),
            ],
        ),
        series(
            "utilisation",
            "service",
            &[("busy", "%"), ("cpu", "%")],
            vec![
                group("shop", &[&busy(50.0, 15), &busy(30.0, 16)]),
                group("stock", &[&busy(48.0, 17), &busy(33.0, 18)]),
                group("payments", &[&|_| 20.0, &|_| 12.0]),
            ],
        ),
        series(
            "queue",
            "service",
            &[("waiting", "requests"), ("in_flight", "requests")],
            vec![
                group("shop", &[&waiting(0.2), &waiting(0.4)]),
                group("stock", &[&waiting(3.0), &waiting(3.3)]),
                group("payments", &[&|_| 0.0, &|_| 2.0]),
            ],
        ),
        series(
            "replicas",
            "service",
            &[("desired", "replicas"), ("ready", "replicas")],
            vec![group("shop", &[&desired, &ready]), group("stock", &[&|_| 12.0, &|_| 12.0])],
        ),
    ]
}

/// One workload, one run, no failure, no interval.
pub(crate) fn quiet() -> Results {
    let load = |t: f64| 40.0 + 4.0 * wobble(t, 1);
    let flat = |level: f64, salt| move |t: f64| level + 0.1 * level * wobble(t, salt);
    let mut metrics = usual("workload", "visitors", 75_600.0, 0.0, 0.8);
    metrics.iter_mut().for_each(|metric| (metric.low, metric.high) = (None, None));
    Results {
        scenario: "hello".to_owned(),
        description: String::new(),
        seed: 1,
        replications: 1,
        digest: 7,
        events: 302_400,
        requests: 75_600,
        simulated_seconds: 1_800.0,
        warm_up_seconds: 0.0,
        metrics,
        series: vec![
            series(
                "traffic",
                "workload",
                &[("offered", "1/s"), ("ok", "1/s"), ("failed", "1/s")],
                vec![group("visitors", &[&load, &load, &|_| 0.0])],
            ),
            series(
                "latency",
                "workload",
                &[("p50", "ms"), ("p95", "ms"), ("p99", "ms")],
                vec![group("visitors", &[&flat(0.8, 2), &flat(2.4, 3), &flat(4.0, 4)])],
            ),
        ],
        distributions: vec![latencies("workload", "visitors", 0.8, 60_000)],
        tables: vec![],
        checks: vec![],
    }
}

/// The outage on a cluster that grows and heals, with its logs; one replication.
pub(crate) fn cluster() -> Results {
    let mut results = outage();
    (results.replications, results.requests) = (1, 2_053_411);
    results.metrics.extend([
        metric("service", "shop", "replicas.mean", 61.4, None, "replicas"),
        metric("service", "shop", "replicas.desired.max", 72.0, None, "replicas"),
        metric("service", "shop", "replicas.ready.max", 70.0, None, "replicas"),
        metric("service", "shop", "replicas.desired.end", 70.0, None, "replicas"),
        metric("service", "shop", "replica_hours", 30.7, None, "h"),
        metric("service", "shop", "scaled.out", 16.0, None, "times"),
        metric("service", "shop", "scaled.in", 1.0, None, "times"),
        metric("service", "stock", "replicas.mean", 12.0, None, "replicas"),
        metric("service", "stock", "replica_hours", 6.0, None, "h"),
    ]);
    let of_cluster = [
        ("nodes", 10.4, "nodes"),
        ("nodes.ready", 9.9, "nodes"),
        ("pods.pending", 2.5, "pods"),
        ("pods.running", 71.0, "pods"),
        ("pods.ending", 0.31, "pods"),
        ("cpu.requested", 88.0, "%"),
        ("cpu.used", 41.2, "%"),
        ("node_hours", 5.2, "h"),
        ("cost", 12.3, "$"),
        ("commands", 1_832.0, "commands"),
        ("healing.replace.node_lost.succeeded", 58.0, "times"),
        ("healing.replace.node_lost.failed", 1.0, "times"),
        ("healing.replace.node_lost.unfinished", 1.0, "times"),
        ("healing.replace.node_lost.mean", 343.2, "s"),
        ("healing.restart.out_of_memory.succeeded", 4.0, "times"),
        ("healing.restart.out_of_memory.mean", 12.3, "s"),
    ];
    results.metrics.extend(of_cluster.map(|(name, value, unit)| metric("cluster", "", name, value, None, unit)));
    let nodes = |t: f64| if t < 420.0 { 9.0 } else { 11.0 };
    let ready = move |t: f64| nodes(t) - 2.0 * outage_at(t);
    let pods = |t: f64| (52.0 + 0.04 * t).floor();
    let nothing = |_: f64| f64::NAN;
    let columns = [
        ("nodes", "nodes"),
        ("ready_nodes", "nodes"),
        ("pending_pods", "pods"),
        ("running_pods", "pods"),
        ("ending_pods", "pods"),
        ("cpu_requested", "%"),
        ("cpu_used", "%"),
        ("memory_requested", "%"),
        ("memory_used", "%"),
    ];
    let pending = |t: f64| 14.0 * outage_at(t);
    let [requested, used] = [|_: f64| 88.0, |t: f64| 40.0 + 6.0 * wobble(t, 19)];
    let values: [&dyn Fn(f64) -> f64; 9] =
        [&nodes, &ready, &pending, &pods, &|_| 0.0, &requested, &used, &nothing, &nothing];
    results.series.push(series("cluster", "run", &columns, vec![group("", &values)]));
    let healing = |at: usize| {
        let success = ["no", "under way"].get(at.wrapping_sub(58)).unwrap_or(&"yes");
        [(960 + at).to_string().as_str(), &format!("shop-{at}"), "node_lost", "replace", success, "343.2"]
            .map(str::to_owned)
    };
    let scaling = |at: usize| {
        let (from, to) = (38 + 2 * at, 40 + 2 * at);
        [&(240 + 60 * at).to_string(), "shop", &from.to_string(), &to.to_string(), "DesiredWithinRange"]
            .map(str::to_owned)
    };
    results.tables = vec![
        table("healing", &["t_s", "what", "why", "action", "success", "took_s"], (0..60).map(|at| healing(at).into())),
        table("scaling", &["t_s", "deployment", "from", "to", "reason"], (1..17).map(|at| scaling(at).into())),
        faults(&[("Crash 1 of payments", "300", "300"), ("LoseNodes 20% of shop", "600", "900")]),
    ];
    results
}

/// The outage, with how replications differ and who calls whom: nine services, three layers deep.
pub(crate) fn meshed() -> Results {
    let mut results = outage();
    let lines = ["p2.5", "p25", "p50", "p75", "p97.5"];
    let names: Vec<(String, &str)> = [("failed", "1/s"), ("latency.p99", "ms")]
        .into_iter()
        .flat_map(|(name, unit)| lines.map(|line| (format!("{name}.{line}"), unit)))
        .collect();
    let columns: Vec<(&str, &str)> = names.iter().map(|(name, unit)| (name.as_str(), *unit)).collect();
    let failed = |spread: f64| move |t: f64| outage_at(t) * (300.0 + spread * (40.0 + 30.0 * wobble(t, 30)));
    let slow =
        |spread: f64| move |t: f64| (200.0 + 1_800.0 * outage_at(t)) * (1.0 + 0.1 * spread * (1.0 + wobble(t, 31)));
    let [a, b, c, d, e] = [-2.0, -0.7, 0.0, 0.7, 2.0].map(failed);
    let [f, g, h, i, j] = [-2.0, -0.7, 0.0, 0.7, 2.0].map(slow);
    results.series.push(series("spread", "run", &columns, vec![group("", &[&a, &b, &c, &d, &e, &f, &g, &h, &i, &j])]));
    let calls = [
        ["workload", "crowd", "shop", "926.7055", "2.9675"],
        ["workload", "partners & friends", "shop", "100.0000", "0.2300"],
        ["service", "shop", "stock", "", ""],
        ["service", "shop", "payments", "205.3000", "0.0000"],
        ["service", "shop", "recommendations-and-more", "1026.7055", "0.0000"],
        ["service", "shop", "search", "800.0000", "0.0000"],
        ["service", "payments", "ledger", "205.3000", "0.0000"],
        ["service", "payments", "fraud", "205.3000", "12.5000"],
        ["service", "search", "stock", "", ""],
        ["service", "recommendations-and-more", "profiles", "1026.7055", "0.0000"],
        ["service", "fraud", "profiles", "", ""],
    ];
    let columns = ["caller_kind", "caller", "callee", "calls_per_s", "failed_pct"];
    results.tables.push(table("call_graph", &columns, calls.into_iter().map(|row| row.map(str::to_owned).to_vec())));
    results
}

fn table(name: &str, columns: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Table {
    let columns = columns.iter().map(|column| (*column).to_owned()).collect();
    Table { name: name.to_owned(), columns, rows: rows.collect() }
}

/// A log of faults with these names, beginnings and ends.
pub(crate) fn faults(entries: &[(&str, &str, &str)]) -> Table {
    let row = |(name, begun, ended): &(&str, &str, &str)| {
        let strike =
            [*name, "0", begun, ended, "3", "node-1 node-4 node-7", "2.5", "41", "100.000", "97.500", "99.900"];
        strike.map(str::to_owned).to_vec()
    };
    let columns = [
        "fault",
        "strike",
        "begun_s",
        "ended_s",
        "victims",
        "hit",
        "detect_s",
        "recover_s",
        "good_before_pct",
        "good_during_pct",
        "good_after_pct",
    ];
    table("faults", &columns, entries.iter().map(row))
}

/// The outage with checks: one that passed, one that failed, one in doubt, one without a figure.
pub(crate) fn checked() -> Results {
    let check = |figure: &str, demand: &str, during: &str, value: Option<f64>, margin: Option<f64>, unit: &str| Check {
        figure: figure.to_owned(),
        demand: demand.to_owned(),
        during: during.to_owned(),
        value,
        low: value.zip(margin).map(|(value, margin)| value - margin),
        high: value.zip(margin).map(|(value, margin)| value + margin),
        unit: unit.to_owned(),
        verdict: Verdict::Pass,
        reason: String::new(),
    };
    let crossing = "the interval crosses the limit; more replications narrow it";
    let mut results = outage();
    results.checks = vec![
        check("crowd.latency.p99", "below 250ms", "whole run", Some(217.3), Some(6.5), "ms"),
        Check {
            verdict: Verdict::Fail,
            ..check("crowd: good within 250ms", "at least 99.9%", "during faults", Some(68.2), Some(2.1), "%")
        },
        Check {
            verdict: Verdict::Inconclusive,
            reason: crossing.to_owned(),
            ..check("shop.cpu", "below 60%", "whole run", Some(59.1), Some(1.3), "%")
        },
        check("run.failed", "below 60000", "whole run", Some(55_460.0), None, "requests"),
    ];
    results
}
