//! The cluster as a whole, in small scenarios: what kills pods, who replaces them, when, and at what cost.

use std::path::Path;

use scenarios::file::Source;
use sim_core::results::Results;

/// Runs a scenario with these parts, for ten minutes.
fn run(parts: &str) -> Results {
    let text = format!("Scenario(name: \"test\", duration: \"10min\", sample_every: \"5s\",\n{parts})");
    let source = Source::new("test", text.as_str());
    let loaded =
        scenarios::parse(&source, Path::new("")).unwrap_or_else(|problems| panic!("{}", problems.render(false)));
    scenarios::run::run(&loaded.scenario, &loaded.inputs, &(), &Default::default()).results
}

/// The rows of a log, each joined by blanks.
fn log(results: &Results, name: &str) -> Vec<String> {
    let table = results.tables.iter().find(|table| table.name == name).expect("a log of this name");
    table.rows.iter().map(|row| row.join(" ")).collect()
}

fn value(results: &Results, kind: &str, subject: &str, name: &str) -> f64 {
    results.metric(kind, subject, name).unwrap_or_else(|| panic!("{kind} {subject} {name} is measured")).value
}

/// A column of a series at a time.
fn at(results: &Results, series: &str, subject: &str, column: &str, t_s: f64) -> f64 {
    let series = results.series(series).expect("a series of this name");
    let index = series.columns.iter().position(|found| found.name == column).expect("a column of this name");
    let group = series.groups.iter().find(|group| group.subject == subject).expect("a group of this name");
    group.values[index][group.t_s.iter().position(|t| *t == t_s).expect("a sample at this time")]
}

const CALM: &str = r#"workloads: { "w": (to: "shop/buy", rate: "10/s") },"#;

#[test]
fn a_crashing_pod_is_restarted_ever_later() {
    let crash = |seconds: u32| format!("(what: Crash, target: (service: \"shop\"), when: At(\"{seconds}s\")), ");
    let crashes: String = [10, 20, 40, 70, 120].map(crash).concat();
    let results = run(&format!(
        r#"services: {{ "shop": (endpoints: {{ "buy": [Work(Constant("5ms"))] }}) }}, {CALM} faults: [{crashes}],"#
    ));
    // At once, then after 10, 20, 40 and 80 s.
    let healings = log(&results, "healing");
    assert_eq!(
        healings,
        [
            "10 shop-0 killed restart yes 0",
            "30 shop-0 killed restart yes 10",
            "60 shop-0 killed restart yes 20",
            "110 shop-0 killed restart yes 40",
            "200 shop-0 killed restart yes 80",
        ]
    );
    assert_eq!(value(&results, "cluster", "", "healing.restart.killed.succeeded"), 5.0);
    let refused =
        value(&results, "workload", "w", "failed.no_backend") + value(&results, "workload", "w", "failed.refused");
    // 150 s without a replica, at 10 a second.
    assert!((1_400.0..1_600.0).contains(&refused), "{refused}");
}

#[test]
fn too_many_requests_at_once_cost_the_memory_and_the_server() {
    let shop = |limit: &str| {
        format!(
            r#"services: {{ "shop": (workers: 100, discipline: Sharing(cores: 1),
                memory: (base: "100MiB", per_request: "10MiB", limit: "{limit}"),
                endpoints: {{ "buy": [Work(Constant("100ms"))] }}) }},
            workloads: {{ "w": (to: "shop/buy", rate: Spike(base: "5/s", peak: "50/s", at: "60s", hold: "5s")) }},
            cluster: (endpoint_lag: Constant("0s")), faults: [],
            nodes: {{ "pool": (count: 1, cpu: "4", memory: "8GiB") }},"#
        )
    };
    let results = run(&shop("500MiB"));
    assert!(value(&results, "cluster", "", "healing.restart.out_of_memory.succeeded") >= 1.0);
    assert!(value(&results, "workload", "w", "failed.reset") >= 40.0, "what it held died with it");
    let enough = run(&shop("4GiB"));
    assert!(enough.metric("cluster", "", "healing.restart.out_of_memory.succeeded").is_none());
}

#[test]
fn a_node_short_of_memory_evicts_who_uses_more_than_it_asked_for() {
    let results = run(r#"nodes: { "pool": (count: 2, cpu: "8", memory: "2GiB") },
        services: {
            "modest": (replicas: 2, pod: (cpu: "1", memory: "600MiB"),
                memory: (base: "500MiB", per_request: "1MiB", limit: "1GiB"),
                endpoints: { "rest": [Work(Constant("1ms"))] }),
            "shop": (replicas: 2, workers: 500, discipline: Sharing(cores: 1), pod: (cpu: "1", memory: "200MiB"),
                memory: (base: "100MiB", per_request: "10MiB", limit: "20GiB"),
                endpoints: { "buy": [Work(Constant("10ms"))] }),
        },
        workloads: { "w": (to: "shop/buy", rate: Spike(base: "5/s", peak: "215/s", at: "60s", hold: "60s")) },"#);
    let healings = log(&results, "healing");
    assert!(
        !healings.is_empty() && healings.iter().all(|line| line.contains("shop") && line.contains("node_pressure")),
        "{healings:?}"
    );
    assert!(at(&results, "replicas", "modest", "ready", 300.0) == 2.0);
}

#[test]
fn the_important_take_the_place_of_the_unimportant() {
    let results = run(&format!(
        r#"nodes: {{ "pool": (count: 1, cpu: "4", memory: "8GiB") }},
        services: {{
            "batch": (replicas: 4, pod: (cpu: "1", priority: -5), endpoints: {{ "go": [Work(Constant("1ms"))] }}),
            "shop": (replicas: 0, pod: (cpu: "1", priority: 100),
                autoscaler: Scheduled(min: 0, max: 4, steps: [("0s", 0), ("2min", 3)]),
                endpoints: {{ "buy": [Work(Constant("1ms"))] }}),
        }}, {CALM}"#
    ));
    assert_eq!(at(&results, "replicas", "batch", "ready", 60.0), 4.0);
    assert_eq!(at(&results, "replicas", "shop", "ready", 300.0), 3.0);
    assert_eq!(at(&results, "replicas", "batch", "ready", 300.0), 1.0);
    assert_eq!(value(&results, "cluster", "", "healing.replace.preempted.unfinished"), 3.0);
}

#[test]
fn a_drain_waits_for_the_budget() {
    let drain = |budget: &str| {
        run(&format!(
            r#"nodes: {{ "pool": (count: 2, cpu: "8", memory: "8GiB") }},
            services: {{ "shop": (replicas: 8, pod: (cpu: "500m", startup: Constant("20s")), probes: (readiness: (period: "1s")),
                {budget} endpoints: {{ "buy": [Work(Constant("1ms"))] }}) }}, {CALM}
            faults: [(what: Drain, target: (pool: "pool", count: 1), when: At("1min"))],"#
        ))
    };
    let least = |results: &Results| {
        let ready = results.series("replicas").expect("replicas");
        ready.groups[0].values[1].iter().copied().fold(f64::INFINITY, f64::min)
    };
    assert_eq!(least(&drain("")), 4.0, "without a budget all go at once");
    let careful = drain("budget: MaxUnavailable(1),");
    assert_eq!(least(&careful), 7.0);
    let took = value(&careful, "cluster", "", "healing.drain.drained.mean");
    assert!((60.0..120.0).contains(&took), "one after the other: {took} s");
}

#[test]
fn a_lost_node_is_noticed_given_up_and_replaced_by_kubernetes_clock() {
    let results = run(&format!(
        r#"nodes: {{ "pool": (count: 4, cpu: "8", memory: "8GiB") }},
        services: {{ "shop": (replicas: 8, pod: (cpu: "1"), endpoints: {{ "buy": [Work(Constant("1ms"))] }}) }}, {CALM}
        faults: [(what: LoseNodes, target: (pool: "pool", count: 1), when: At("62s"))],"#
    ));
    // Last heard of at 60 s; 40 s of grace, a look each 5 s, so unreachable at 105 s.
    assert_eq!(at(&results, "cluster", "", "ready_nodes", 100.0), 4.0);
    assert_eq!(at(&results, "cluster", "", "ready_nodes", 105.0), 3.0);
    assert_eq!(at(&results, "replicas", "shop", "ready", 105.0), 6.0);
    // Tainted at the next look, given up 300 s later.
    assert_eq!(at(&results, "replicas", "shop", "ready", 405.0), 6.0);
    assert_eq!(at(&results, "replicas", "shop", "ready", 415.0), 8.0);
}

#[test]
fn a_control_plane_that_is_slow_makes_all_decisions_late() {
    let ready = |control_plane: &str| {
        let results = run(&format!(
            r#"cluster: (control_plane: {control_plane}), services: {{ "shop": (replicas: 1,
                autoscaler: Scheduled(min: 1, max: 9, steps: [("0s", 1), ("1min", 9)]),
                endpoints: {{ "buy": [Work(Constant("1ms"))] }}) }}, {CALM}"#
        ));
        [65.0, 75.0, 85.0].map(|t_s| at(&results, "replicas", "shop", "ready", t_s))
    };
    assert_eq!(ready("Instant"), [9.0, 9.0, 9.0]);
    // One delay for the size, one for each pod.
    assert_eq!(ready("Delay(\"10s\")"), [1.0, 1.0, 9.0]);
}

#[test]
fn calls_are_offered_when_they_begin_however_long_they_take() {
    // From the second minute on every call runs into its limit, ten seconds after it began.
    let results = run(r#"services: {
            "shop": (replicas: 2, workers: 1, endpoints: { "buy": [Work(Constant("10ms")), Call(to: "stock")] }),
            "stock": (replicas: 1, workers: 1, endpoints: { "reserve": [Work(Constant("10ms"))] }),
        },
        workloads: { "w": (to: "shop/buy", rate: Steps([("0s", "20/s"), ("2min", "400/s")]), policies: [Timeout("10s")]) },"#);
    let column = |series: &str, subject: &str, column: &str| {
        let series = results.series(series).expect("a series of this name");
        let index = series.columns.iter().position(|found| found.name == column).expect("a column of this name");
        series.groups.iter().find(|group| group.subject == subject).expect("a group of this name").values[index].clone()
    };
    assert_eq!(column("calls", "shop", "calls"), column("traffic", "w", "offered"));
    assert!(column("calls", "shop", "failed").iter().any(|failed| *failed > 300.0));
    let [begun, ok, failed] = ["requests", "ok", "failed"].map(|name| value(&results, "service", "shop", name));
    // What is still under way at the end: of ten seconds the 100 a second that found room in the queues.
    assert!((900.0..1_100.0).contains(&(begun - ok - failed)), "{begun} {ok} {failed}");
}

#[test]
fn a_dead_node_has_nothing_and_holds_nothing() {
    let results = run(&format!(
        r#"regions: {{ "eu": (city: "frankfurt", zones: 2) }},
        nodes: {{ "pool": (count: 4, cpu: "4", memory: "8GiB") }},
        services: {{ "shop": (replicas: 8, pod: (cpu: "1"), endpoints: {{ "buy": [Work(Constant("5ms"))] }}) }}, {CALM}
        faults: [(what: LoseNodes, target: (region: "eu", zone: 1), when: At("1min"))],"#
    ));
    let requested = |t_s| at(&results, "cluster", "", "cpu_requested", t_s);
    // 8 of 16 cores; 4 of the 8 that are left; all 8 once the pods have been replaced there.
    assert_eq!([30.0, 180.0, 590.0].map(requested), [50.0, 50.0, 100.0]);
    // Nothing is known of what programs take.
    assert!(results.metric("cluster", "", "memory.used").is_none());
    assert!(at(&results, "cluster", "", "memory_used", 30.0).is_nan());
    // The nodes never come back: that is under way, and no failure.
    assert_eq!(value(&results, "cluster", "", "healing.rejoin.node_lost.unfinished"), 2.0);
    assert!(results.metric("cluster", "", "healing.rejoin.node_lost.failed").is_none());
    assert_eq!(log(&results, "healing").iter().filter(|line| line.contains("under way")).count(), 2);
}

#[test]
fn pods_that_no_node_takes_are_told_with_the_reason() {
    let taint = r#"taints: [(key: "gpu", effect: NoSchedule)]"#;
    let results = run(&format!(
        r#"nodes: {{ "general": (count: 3, cpu: "4", memory: "8GiB", {taint}) }},
        services: {{ "shop": (replicas: 6, endpoints: {{ "buy": [Work(Constant("5ms"))] }}) }}, {CALM}"#
    ));
    let why = "0/3 nodes are available: 3 node(s) had untolerated taint.";
    assert_eq!(log(&results, "unplaced"), [format!("shop 6 {why}")]);
    assert!(value(&results, "cluster", "", "unschedulable") >= 6.0, "each is tried at the start");
    let page = reports::html::report(&results, "", "");
    assert!(page.contains(why), "the report says so");
}

#[test]
fn a_drain_that_a_budget_forbids_until_it_is_called_off_has_failed() {
    let results = run(&format!(
        r#"nodes: {{ "general": (count: 2, cpu: "4", memory: "8GiB") }},
        services: {{ "shop": (replicas: 2, budget: MaxUnavailable(0), endpoints: {{ "buy": [Work(Constant("5ms"))] }}) }},
        {CALM}
        faults: [(what: Drain, target: (count: 1), when: At("1min"), lasts: "2min")],"#
    ));
    let healings = log(&results, "healing");
    assert!(
        matches!(healings.as_slice(), [drain] if drain.starts_with("180 node-") && drain.ends_with("drained drain no 120")),
        "{healings:?}"
    );
}

/// A dead node's pods are never seen to end; after their grace and half a minute more nobody waits for them.
#[test]
fn the_cluster_autoscaler_gives_a_dead_node_back() {
    let results = run(&format!(
        r#"cluster: (
            node_lifecycle: (monitor_grace_period: "10s", toleration: "10s", eviction_rate: "1/s"),
            node_autoscaler: (scale_down_unready_time: "2min", scale_down_delay_after_add: "1s", scan_interval: "10s"),
        ),
        nodes: {{ "general": (count: 4, cpu: "4", memory: "8GiB", scale: (min: 0, max: 6)) }},
        services: {{ "shop": (replicas: 12, pod: (cpu: "1", termination: (grace_period: "10s")),
            endpoints: {{ "buy": [Work(Constant("5ms"))] }}) }},
        {CALM}
        faults: [(what: LoseNodes, target: (count: 1), when: At("30s"))],"#
    ));
    let drained: Vec<String> = log(&results, "healing").into_iter().filter(|one| one.contains("drained")).collect();
    assert!(matches!(drained.as_slice(), [one] if one.contains("drain yes")), "{drained:?}");
    assert_eq!(at(&results, "cluster", "", "nodes", 595.0), 3.0);
    assert_eq!(at(&results, "replicas", "shop", "ready", 595.0), 12.0);
}
