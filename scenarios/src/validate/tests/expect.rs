//! Expectations that are about nothing, or cannot be met.

use insta::assert_snapshot;

use super::*;

/// GOOD with these expectations.
fn expecting(expectations: &str) -> String {
    GOOD.replace("    faults: [", &format!("    expect: [{expectations}],\n    faults: ["))
}

#[test]
fn what_can_be_expected() {
    assert_eq!(
        complaints(&expecting(
            r#"
            (metric: "crowd.latency.p99", below: "250ms"),
            (metric: "crowd.ok_share", above: "99.9%", during: BeforeFaults),
            (metric: "run.rate", above: "9/s", below: "11/s"),
            (metric: "services.shop.utilisation", below: "80%", during: Between("5min", "10min")),
            (metric: "shop.replicas.ready.max", below: 9),
            (metric: "shop.waiting", below: 2.5, during: Faults),
            (metric: "stock.failed.timeout", below: 1, during: AfterFaults),
            (metric: "cluster.healing.restart.crash.mean", below: "30s"),
            (metric: "cluster.node_hours", below: "1000h"),
            (slo: "crowd", good: "99.9%", within: "250ms"),
            (slo: "crowd", good: "90%", during: Faults),
            "#
        )),
        None
    );
}

#[test]
fn figures_that_are_not_known() {
    let said = |expectation: &str| complaints(&expecting(expectation)).unwrap_or_default() + "\n";
    let all = [
        r#"(metric: "crowd.latency.p9", below: "250ms")"#,
        r#"(metric: "crwd.latency.p99", below: "250ms")"#,
        r#"(metric: "shop.cost", below: 5)"#,
        r#"(metric: "shop.replica_hours", below: 5, during: Faults)"#,
        r#"(slo: "shop", good: "99%")"#,
    ];
    assert_snapshot!(all.map(said).join("\n"), @r#"
    error[E008]: unknown figure "crowd.latency.p9"
      --> shop.ron:35:23
       |
    35 |     expect: [(metric: "crowd.latency.p9", below: "250ms")],
       |                       ^^^^^^^^^^^^^^^^^^ at expect[0].metric
       |
       = help: did you mean `crowd.latency.p95`? (known: crowd.requests, crowd.ok, crowd.failed, crowd.rate, crowd.ok_share, crowd.latency.mean, crowd.latency.p50, crowd.latency.p95, crowd.latency.p99, crowd.latency.p999)

    error[E008]: unknown figure "crwd.latency.p99": nothing is called "crwd"
      --> shop.ron:35:23
       |
    35 |     expect: [(metric: "crwd.latency.p99", below: "250ms")],
       |                       ^^^^^^^^^^^^^^^^^^ at expect[0].metric
       |
       = help: did you mean `crowd`? (known: run, crowd, us, eu, shop, stock, cluster, LoseNodes eu zone 1, Crash 50% of shop, Drain 1 of small)

    error[E008]: unknown figure "shop.cost"
      --> shop.ron:35:23
       |
    35 |     expect: [(metric: "shop.cost", below: 5)],
       |                       ^^^^^^^^^^^ at expect[0].metric
       |
       = help: did you mean `shop.ok`? (known: shop.requests, shop.ok, shop.failed, shop.rate, shop.ok_share, shop.latency.mean, shop.latency.p50, shop.latency.p95, shop.latency.p99, shop.latency.p999, shop.attempts, shop.utilisation, shop.cpu, shop.in_service, shop.waiting, shop.wait.mean, shop.wait.p99, shop.replicas.mean, shop.replicas.desired.max, shop.replicas.ready.max, shop.replicas.desired.end, shop.replica_hours, shop.scaled.out, shop.scaled.in)

    error[E007]: shop.replica_hours is known of the whole run only
      --> shop.ron:35:23
       |
    35 |     expect: [(metric: "shop.replica_hours", below: 5, during: Faults)],
       |                       ^^^^^^^^^^^^^^^^^^^^ at expect[0].metric
       |
       = help: leave `during` out; parts have requests, failures, latencies and what services were loaded with

    error[E008]: unknown workload "shop"
      --> shop.ron:35:20
       |
    35 |     expect: [(slo: "shop", good: "99%")],
       |                    ^^^^^^ at expect[0].slo
       |
       = help: known: crowd
    "#);
}

#[test]
fn limits_that_do_not_fit() {
    let said = |expectation: &str| complaints(&expecting(expectation)).unwrap_or_default() + "\n";
    let all = [
        r#"(metric: "crowd.latency.p99", below: "250")"#,
        r#"(metric: "crowd.latency.p99", below: 250)"#,
        r#"(metric: "crowd.ok_share", above: "0.999")"#,
        r#"(metric: "crowd.rate", above: "10ms")"#,
        r#"(metric: "crowd.failed", below: "1%")"#,
        r#"(metric: "crowd.failed", below: true)"#,
        r#"(metric: "crowd.failed")"#,
        r#"(metric: "crowd.rate", above: "10/s", below: "9/s")"#,
        r#"(slo: "crowd", good: "101%")"#,
        r#"(slo: "crowd")"#,
        r#"(slo: "crowd", good: "99%", below: "5ms")"#,
        r#"(metric: "crowd.rate", above: "10/s", good: "99%")"#,
        r#"(metric: "crowd.rate", slo: "crowd", good: "99%")"#,
        r#"(below: "5ms")"#,
        r#"(metric: "crowd.rate", above: "10/s", during: Between("5min", "5min"))"#,
        r#"(metric: "crowd.rate", above: "10/s", during: Fault)"#,
    ];
    assert_snapshot!(all.map(said).join("\n"), @r#"
    error[E005]: "250" does not fit a figure in ms: write a duration such as "250ms"
      --> shop.ron:35:51
       |
    35 |     expect: [(metric: "crowd.latency.p99", below: "250")],
       |                                                   ^^^^^ at expect[0].below

    error[E005]: "250" does not fit a figure in ms: write a duration such as "250ms"
      --> shop.ron:35:51
       |
    35 |     expect: [(metric: "crowd.latency.p99", below: 250)],
       |                                                   ^^^ at expect[0].below

    error[E005]: "0.999" does not fit a figure in %: write a share such as "99.9%"
      --> shop.ron:35:48
       |
    35 |     expect: [(metric: "crowd.ok_share", above: "0.999")],
       |                                                ^^^^^^^ at expect[0].above

    error[E005]: "10ms" does not fit a figure in 1/s: write a rate such as "100/s"
      --> shop.ron:35:44
       |
    35 |     expect: [(metric: "crowd.rate", above: "10ms")],
       |                                            ^^^^^^ at expect[0].above

    error[E005]: "1%" does not fit a figure in requests: write a number such as 100
      --> shop.ron:35:46
       |
    35 |     expect: [(metric: "crowd.failed", below: "1%")],
       |                                              ^^^^ at expect[0].below

    error[E005]: expected a number, or a quantity with its unit such as "250ms" or "99.9%", found `true`
      --> shop.ron:35:46
       |
    35 |     expect: [(metric: "crowd.failed", below: true)],
       |                                              ^^^^ at expect[0].below
       |
       = help: write "true"

    error[E003]: an expectation needs `below`, `above` or both
      --> shop.ron:35:14
       |
    35 |     expect: [(metric: "crowd.failed")],
       |              ^ at expect[0]

    error[E007]: nothing is above the one and below the other
      --> shop.ron:35:59
       |
    35 |     expect: [(metric: "crowd.rate", above: "10/s", below: "9/s")],
       |                                                           ^^^^^ at expect[0].below

    error[E007]: 101% is more than all of them
      --> shop.ron:35:35
       |
    35 |     expect: [(slo: "crowd", good: "101%")],
       |                                   ^^^^^^ at expect[0].good

    error[E003]: an objective needs `good`, a share such as "99.9%"
      --> shop.ron:35:14
       |
    35 |     expect: [(slo: "crowd")],
       |              ^ at expect[0]

    error[E007]: this goes with `metric`; an objective has `good` and `within`
      --> shop.ron:35:49
       |
    35 |     expect: [(slo: "crowd", good: "99%", below: "5ms")],
       |                                                 ^^^^^ at expect[0].below

    error[E007]: this goes with `slo`; a metric has `below` and `above`
      --> shop.ron:35:58
       |
    35 |     expect: [(metric: "crowd.rate", above: "10/s", good: "99%")],
       |                                                          ^^^^^ at expect[0].good

    error[E007]: metric says what is expected already; remove one of the two
      --> shop.ron:35:42
       |
    35 |     expect: [(metric: "crowd.rate", slo: "crowd", good: "99%")],
       |                                          ^^^^^^^ at expect[0].slo

    error[E003]: an expectation needs a `metric`, or an `slo` with the name of a workload
      --> shop.ron:35:14
       |
    35 |     expect: [(below: "5ms")],
       |              ^ at expect[0]

    error[E007]: there is no time between 5min and 5min
      --> shop.ron:35:60
       |
    35 |     expect: [(metric: "crowd.rate", above: "10/s", during: Between("5min", "5min"))],
       |                                                            ^^^^^^^ at expect[0].during

    error[E002]: unknown variant `Fault` in `During`
      --> shop.ron:35:60
       |
    35 |     expect: [(metric: "crowd.rate", above: "10/s", during: Fault)],
       |                                                            ^^^^^ at expect[0].during
       |
       = help: did you mean `Faults`? (known: Whole, BeforeFaults, Faults, AfterFaults, Between)
    "#);
}

#[test]
fn a_name_that_two_share() {
    let text = expecting(r#"(metric: "shop.rate", above: "1/s")"#).replace("\"crowd\"", "\"shop\"");
    assert_snapshot!(complaints(&text).unwrap_or_default(), @r#"
    error[E008]: "shop.rate" could be one of 2
      --> shop.ron:35:23
       |
    35 |     expect: [(metric: "shop.rate", above: "1/s")],
       |                       ^^^^^^^^^^^ at expect[0].metric
       |
       = help: write workloads.shop.rate or services.shop.rate
    "#);
    assert_eq!(complaints(&text.replace("\"shop.rate\"", "\"workloads.shop.rate\"")), None);
}

#[test]
fn parts_need_faults_and_time() {
    let faults = GOOD.split_once("    faults: [").map(|(before, _)| before).unwrap_or_default();
    let text = format!(
        "{faults}    warm_up: \"5min\",\n    expect: [\n        (metric: \"run.ok\", above: 1, during: Faults),\n        (metric: \"run.ok\", above: 1, during: Between(\"1min\", \"5min\")),\n    ],\n)\n"
    );
    assert_snapshot!(complaints(&text).unwrap_or_default(), @r#"
    error[E007]: there are no faults in this scenario; leave this out
      --> shop.ron:37:46
       |
    37 |         (metric: "run.ok", above: 1, during: Faults),
       |                                              ^^^^^^ at expect[0].during

    error[E007]: all of this is within the warm-up of 5min, which is not measured
      --> shop.ron:38:46
       |
    38 |         (metric: "run.ok", above: 1, during: Between("1min", "5min")),
       |                                              ^^^^^^^ at expect[1].during
    "#);
}

#[test]
fn a_part_beyond_the_end_is_no_mistake() {
    let text = expecting(r#"(metric: "crowd.rate", above: "10/s", during: Between("20min", "25min"))"#);
    assert_eq!(complaints(&text), None);
    // Somebody looks at the beginning only.
    let short = text.replace("30min", "18min");
    assert_eq!(complaints(&short), None);
}
