//! Nodes, who runs on them, and who adds and removes them.

use insta::assert_snapshot;

use super::*;

#[test]
fn nodes_and_what_fits_on_them() {
    let said = changed(&[
        ("cpu: \"8\"", "cpu: 8"),
        ("cpu: \"8\"", "cpu: \"0\""),
        ("memory: \"8GiB\"", "memory: \"8GiB\", pods: 0, price: -1"),
        ("regions: [\"eu\"]", "regions: [\"er\"]"),
        ("pod: (cpu: \"1\", cpu_limit: \"2\"", "pod: (cpu: \"9\", cpu_limit: \"10\""),
        ("count: 9, cpu: \"8\"", "count: 999999, cpu: \"8\""),
    ]);
    assert_snapshot!(said, @r#"
    error[E005]: expected cores as text, such as "2" or "500m", found the number 8
      --> shop.ron:12:37
       |
    12 |     nodes: { "big": (count: 9, cpu: 8, memory: "32GiB"), "small": (count: 3, cpu: "2", memory: "8GiB", regions: ["eu"]) },
       |                                     ^ at nodes.big.cpu
       |
       = help: write "8"

    error[E007]: a node without a processor runs nothing
      --> shop.ron:12:37
       |
    12 |     nodes: { "big": (count: 9, cpu: "0", memory: "32GiB"), "small": (count: 3, cpu: "2", memory: "8GiB", regions: ["eu"]) },
       |                                     ^^^ at nodes.big.cpu

    error[E007]: a node that takes no pods is no use
      --> shop.ron:12:112
       |
    12 | ..., "small": (count: 3, cpu: "2", memory: "8GiB", pods: 0, price: -1, regions: ["eu"]) },
       |                                                          ^ at nodes.small.pods

    error[E007]: a price is zero or more, not -1
      --> shop.ron:12:122
       |
    12 | ...(count: 3, cpu: "2", memory: "8GiB", pods: 0, price: -1, regions: ["eu"]) },
       |                                                         ^^ at nodes.small.price

    error[E008]: unknown region "er"
      --> shop.ron:12:116
       |
    12 |     nodes: { "big": (count: 9, cpu: "8", memory: "32GiB"), "small": (count: 3, cpu: "2", memory: "8GiB", regions: ["er"]) },
       |                                                                                                                    ^^^^ at nodes.small.regions[0]
       |
       = help: did you mean `eu`? (known: us, eu)

    error[E007]: no node has room for a pod with 9 cores and 256MiB
      --> shop.ron:17:13
       |
    17 |             pod: (cpu: "9", cpu_limit: "10", memory: "256MiB", pull: "5s", startup: LogNormal(mean: "3s", cv: 0.5)),
       |             ^^^ at services.shop.pod
       |
       = help: "big" has 8 and 32GiB, "small" has 2 and 8GiB

    error[E007]: 1000002 nodes are more than the 100000 of a scenario
      --> shop.ron:12:5
       |
    12 |     nodes: { "big": (count: 999999, cpu: "8", memory: "32GiB"), "small": (count: 3, cpu: "2", memory: "8GiB", regions: ["eu"]) },
       |     ^^^^^ at nodes
    "#);
}

#[test]
fn nodes_that_come_and_go() {
    let said = changed(&[
        ("cpu: \"8\", memory: \"32GiB\"", "cpu: \"8\", memory: \"32GiB\", scale: (min: 5, max: 3)"),
        ("cpu: \"8\", memory: \"32GiB\"", "cpu: \"8\", memory: \"32GiB\", scale: (max: 0)"),
        (
            "cpu: \"8\", memory: \"32GiB\"",
            "cpu: \"8\", memory: \"32GiB\", provision: Empirical(file: \"no-provision.csv\")",
        ),
        ("cpu: \"8\", memory: \"32GiB\"", "cpu: \"8\", memory: \"32GiB\", spot: (lifetime: Exponential(mean: \"0s\"))"),
        ("cpu: \"8\", memory: \"32GiB\"", "cpu: \"8\", memory: \"32GiB\", labels: {\"pool\": \"mine\"}"),
        ("cpu: \"8\", memory: \"32GiB\"", "cpu: \"8\", memory: \"32GiB\", taints: [(key: \"\", effect: NoSchedule)]"),
        ("crash_loop: (max: \"1min\")", "node_autoscaler: (scan_interval: \"0s\")"),
    ]);
    assert_snapshot!(said, @r#"
    error[E007]: 3 is less than min, 5
      --> shop.ron:12:80
       |
    12 |     nodes: { "big": (count: 9, cpu: "8", memory: "32GiB", scale: (min: 5, max: 3)), "small": (count: 3, cpu: "2", memory: "8GiB", re...
       |                                                                                ^ at nodes.big.scale.max

    error[E007]: 9 is outside of the pool's own bounds, 0 to 0
      --> shop.ron:12:29
       |
    12 |     nodes: { "big": (count: 9, cpu: "8", memory: "32GiB", scale: (max: 0)), "small": (count: 3, cpu: "2", memory: "8GiB", regions: [...
       |                             ^ at nodes.big.count

    error[E016]: ./no-provision.csv: cannot be read: No such file or directory (os error 2)
      --> shop.ron:12:70
       |
    12 |     nodes: { "big": (count: 9, cpu: "8", memory: "32GiB", provision: Empirical(file: "no-provision.csv")), "small": (count: 3, cpu: ...
       |                                                                      ^^^^^^^^^ at nodes.big.provision

    error[E007]: `mean` must be longer than zero; for no time at all write Constant("0s")
      --> shop.ron:12:76
       |
    12 |     nodes: { "big": (count: 9, cpu: "8", memory: "32GiB", spot: (lifetime: Exponential(mean: "0s"))), "small": (count: 3, cpu: "2", ...
       |                                                                            ^^^^^^^^^^^ at nodes.big.spot.lifetime.Exponential

    error[E007]: `pool` is the name of the pool; choose another label
      --> shop.ron:12:76
       |
    12 |     nodes: { "big": (count: 9, cpu: "8", memory: "32GiB", labels: {"pool": "mine"}), "small": (count: 3, cpu: "2", memory: "8GiB", r...
       |                                                                            ^^^^^^ at nodes.big.labels.pool

    error[E007]: a taint has a key that says what it is about
      --> shop.ron:12:74
       |
    12 |     nodes: { "big": (count: 9, cpu: "8", memory: "32GiB", taints: [(key: "", effect: NoSchedule)]), "small": (count: 3, cpu: "2", me...
       |                                                                          ^^ at nodes.big.taints[0].key

    error[E007]: the autoscaler needs time between its looks
     --> shop.ron:9:42
      |
    9 |         node_autoscaler: (scan_interval: "0s"),
      |                                          ^^^^ at cluster.node_autoscaler.scan_interval
    "#);
}

#[test]
fn wishes_of_pods() {
    let said = changed(&[
        ("pull: \"5s\"", "labels: {\"app\": \"shop\"}"),
        ("pull: \"5s\"", "spread: [(over: Zone, max_skew: 0)]"),
        ("pull: \"5s\"", "near: [(labels: {\"app\": \"stock\"}, on: Node, weight: 101)]"),
        ("pull: \"5s\"", "apart: [(labels: {}, on: Zone)]"),
        (
            "memory: \"32GiB\"), \"small\": (count: 3, cpu: \"2\", memory: \"8GiB\", regions: [\"eu\"]) },\n    services: {\n        \"shop\": (",
            "memory: \"32GiB\", regions: [\"eu\"]) },\n    services: {\n        \"shop\": ( regions: [\"us\"],",
        ),
        ("crash_loop: (max: \"1min\")", "scheduler: (pod_max_backoff: \"10ms\", percentage_of_nodes_to_score: 300)"),
        (
            "crash_loop: (max: \"1min\")",
            "scheduler: (scores: [(plugin: NodeResourcesFit(strategy: RequestedToCapacityRatio([(50, 3), (20, 9)])), weight: 0)])",
        ),
    ]);
    assert_snapshot!(said, @r#"
    error[E007]: `app` is the name of the service; choose another label
      --> shop.ron:17:79
       |
    17 |             pod: (cpu: "1", cpu_limit: "2", memory: "256MiB", labels: {"app": "shop"}, startup: LogNormal(mean: "3s", cv: 0.5)),
       |                                                                               ^^^^^^ at services.shop.pod.labels.app

    error[E007]: no number of pods is as even as that; at least 1
      --> shop.ron:17:95
       |
    17 | ...   pod: (cpu: "1", cpu_limit: "2", memory: "256MiB", spread: [(over: Zone, max_skew: 0)], startup: LogNormal(mean: "3s", cv: 0.5)),
       |                                                                                         ^ at services.shop.pod.spread[0].max_skew

    error[E007]: a weight is from 1 to 100, not 101
      --> shop.ron:17:115
       |
    17 | ...(labels: {"app": "stock"}, on: Node, weight: 101)], startup: LogNormal(mean: "3s", cv: 0.5)),
       |                                                 ^^^ at services.shop.pod.near[0].weight

    error[E007]: which pods? Such as { "app": "shop" }
      --> shop.ron:17:72
       |
    17 | ...   pod: (cpu: "1", cpu_limit: "2", memory: "256MiB", apart: [(labels: {}, on: Zone)], startup: LogNormal(mean: "3s", cv: 0.5)),
       |                                                                  ^^^^^^ at services.shop.pod.apart[0].labels

    error[E007]: no node in us has room for its pods
      --> shop.ron:14:9
       |
    14 |         "shop": ( regions: ["us"],
       |         ^^^^^^ at services.shop

    error[E008]: unknown pool of nodes "small"
      --> shop.ron:38:38
       |
    38 |         (what: Drain, target: (pool: "small", count: 1), when: At("15min")),
       |                                      ^^^^^^^ at faults[2].target.pool
       |
       = help: known: big

    error[E007]: a percentage is at most 100, not 300
     --> shop.ron:9:76
      |
    9 |         scheduler: (pod_max_backoff: "10ms", percentage_of_nodes_to_score: 300),
      |                                                                            ^^^ at cluster.scheduler.percentage_of_nodes_to_score

    error[E007]: the weight of NodeResourcesFit is from 1 to 100, not 0
     --> shop.ron:9:121
      |
    9 |         scheduler: (scores: [(plugin: NodeResourcesFit(strategy: RequestedToCapacityRatio([(50, 3), (20, 9)])), weight: 0)]),
      |                                                                                                                         ^ at cluster.scheduler.scores[0].weight
    "#);
}
