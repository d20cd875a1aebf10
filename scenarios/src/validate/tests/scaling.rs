//! Autoscalers that have nothing to go by.

use insta::assert_snapshot;

use super::*;

#[test]
fn limits() {
    let said = changed(&[
        ("Hpa(max: 10", "Hpa(max: 10, min: 11"),
        ("Hpa(max: 10", "Hpa(max: 1000000"),
        ("Hpa(max: 10", "Hpa(max: 10, sync_period: \"0s\""),
        ("Hpa(max: 10", "Hpa(max: 10, sync_period: \"1ns\""),
        ("average: 5", "average: 5, polling: \"1500ms\""),
        ("(replicas: 2, autoscaler: QueueLength(average: 5, queue: \"shop\"))", "(replicas: 0)"),
        ("replicas: 4", "replicas: 0"),
    ]);
    assert_snapshot!(said, @r#"
    error[E007]: 10 is less than min, 11
      --> shop.ron:24:34
       |
    24 |             autoscaler: Hpa(max: 10, min: 11, cpu: "70%", memory: "80%", metrics: [External(signal: Waiting("stock"), average: 9)]),
       |                                  ^^ at services.shop.autoscaler.max

    error[E007]: 1000000 replicas are more than the 100000 of a service
      --> shop.ron:24:34
       |
    24 |             autoscaler: Hpa(max: 1000000, cpu: "70%", memory: "80%", metrics: [External(signal: Waiting("stock"), average: 9)]),
       |                                  ^^^^^^^ at services.shop.autoscaler.max

    error[E007]: it must be longer than zero
      --> shop.ron:24:51
       |
    24 | ...   autoscaler: Hpa(max: 10, sync_period: "0s", cpu: "70%", memory: "80%", metrics: [External(signal: Waiting("stock"), average: 9...
       |                                             ^^^^ at services.shop.autoscaler.sync_period

    error[E007]: each 1ns would be 1800000000000 times in this run, more than 10000000
      --> shop.ron:24:51
       |
    24 | ...   autoscaler: Hpa(max: 10, sync_period: "1ns", cpu: "70%", memory: "80%", metrics: [External(signal: Waiting("stock"), average: ...
       |                                             ^^^^^ at services.shop.autoscaler.sync_period

    error[E007]: 1s500ms is not a whole number of seconds
      --> shop.ron:30:81
       |
    30 |             groups: [(replicas: 2, autoscaler: QueueLength(average: 5, polling: "1500ms", queue: "shop")), (replicas: 1)],
       |                                                                                 ^^^^^^^^ at services.stock.groups[0].autoscaler.polling

    error[E007]: zero replicas serve nobody
      --> shop.ron:30:33
       |
    30 |             groups: [(replicas: 0), (replicas: 1)],
       |                                 ^ at services.stock.groups[0].replicas

    error[E007]: zero replicas serve nobody
      --> shop.ron:15:23
       |
    15 |             replicas: 0,
       |                       ^ at services.shop.replicas
    "#);
}

#[test]
fn what_is_measured() {
    let said = changed(&[
        ("QueueLength(average: 5, queue: \"shop\")", "Hpa(max: 4)"),
        ("QueueLength(average: 5, queue: \"shop\")", "Hpa(max: 4, metrics: [Cpu(utilization: \"50%\")])"),
        ("QueueLength(average: 5, queue: \"shop\")", "Threshold(max: 4)"),
        ("QueueLength(average: 5, queue: \"shop\")", "Hpa(max: 4, memory: \"50%\")"),
        ("cpu: \"70%\"", "cpu: \"70.5%\""),
    ]);
    assert_snapshot!(said, @r#"
    error[E007]: CPU is compared with what pods request, and they request none
      --> shop.ron:30:48
       |
    30 |             groups: [(replicas: 2, autoscaler: Hpa(max: 4)), (replicas: 1)],
       |                                                ^^^ at services.stock.groups[0].autoscaler
       |
       = help: set the service's `pod.cpu`, limit its `workers`, or scale by requests or a signal

    error[E007]: CPU is compared with what pods request, and they request none
      --> shop.ron:30:70
       |
    30 |             groups: [(replicas: 2, autoscaler: Hpa(max: 4, metrics: [Cpu(utilization: "50%")])), (replicas: 1)],
       |                                                                      ^^^ at services.stock.groups[0].autoscaler.metrics[0]
       |
       = help: set the service's `pod.cpu`, limit its `workers`, or scale by requests or a signal

    error[E007]: CPU is compared with what pods request, and they request none
      --> shop.ron:30:48
       |
    30 |             groups: [(replicas: 2, autoscaler: Threshold(max: 4)), (replicas: 1)],
       |                                                ^^^^^^^^^ at services.stock.groups[0].autoscaler
       |
       = help: set the service's `pod.cpu`, limit its `workers`, or scale by requests or a signal

    error[E007]: nothing is known of the service's memory
      --> shop.ron:30:68
       |
    30 |             groups: [(replicas: 2, autoscaler: Hpa(max: 4, memory: "50%")), (replicas: 1)],
       |                                                                    ^^^^^ at services.stock.groups[0].autoscaler.memory
       |
       = help: set its `memory: (base: …, per_request: …, limit: …)`

    error[E007]: 70.5% is not a whole percentage of at least 1%
      --> shop.ron:24:43
       |
    24 |             autoscaler: Hpa(max: 10, cpu: "70.5%", memory: "80%", metrics: [External(signal: Waiting("stock"), average: 9)]),
       |                                           ^^^^^^^ at services.shop.autoscaler.cpu.utilization
    "#);
}

#[test]
fn signals() {
    let said = changed(&[
        ("queue: \"shop\"", "queue: \"shpo\""),
        ("Waiting(\"stock\")", "Rate(\"stok\")"),
        ("Waiting(\"stock\")", "Workload(\"crowds\")"),
        ("QueueLength(average: 5, queue: \"shop\")", "Predictive(max: 9, per_replica: \"5/s\", load: Workload(\"\"))"),
        (
            "QueueLength(average: 5, queue: \"shop\")",
            "Predictive(max: 9, per_replica: \"5/s\", load: Workload(\"bots\"))",
        ),
    ]);
    assert_snapshot!(said, @r#"
    error[E008]: unknown service "shpo"
      --> shop.ron:30:79
       |
    30 |             groups: [(replicas: 2, autoscaler: QueueLength(average: 5, queue: "shpo")), (replicas: 1)],
       |                                                                               ^^^^^^ at services.stock.groups[0].autoscaler.queue
       |
       = help: did you mean `shop`? (known: shop, stock)

    error[E008]: unknown service "stok"
      --> shop.ron:24:92
       |
    24 |             autoscaler: Hpa(max: 10, cpu: "70%", memory: "80%", metrics: [External(signal: Rate("stok"), average: 9)]),
       |                                                                                            ^^^^ at services.shop.autoscaler.metrics[0].signal
       |
       = help: did you mean `stock`? (known: shop, stock)

    error[E008]: unknown workload "crowds"
      --> shop.ron:24:92
       |
    24 |             autoscaler: Hpa(max: 10, cpu: "70%", memory: "80%", metrics: [External(signal: Workload("crowds"), average: 9)]),
       |                                                                                            ^^^^^^^^ at services.shop.autoscaler.metrics[0].signal
       |
       = help: did you mean `crowd`? (known: crowd)

    error[E007]: a workload has a name
      --> shop.ron:30:93
       |
    30 |             groups: [(replicas: 2, autoscaler: Predictive(max: 9, per_replica: "5/s", load: Workload(""))), (replicas: 1)],
       |                                                                                             ^^^^^^^^ at services.stock.groups[0].autoscaler.load

    error[E008]: unknown workload "bots"
      --> shop.ron:30:93
       |
    30 |             groups: [(replicas: 2, autoscaler: Predictive(max: 9, per_replica: "5/s", load: Workload("bots"))), (replicas: 1)],
       |                                                                                             ^^^^^^^^ at services.stock.groups[0].autoscaler.load
       |
       = help: known: crowd
    "#);
}

#[test]
fn histories() {
    let said = changed(&[
        (
            "QueueLength(average: 5, queue: \"shop\")",
            "Predictive(max: 9, per_replica: \"5/s\", history: (file: \"no-history.csv\"))",
        ),
        (
            "QueueLength(average: 5, queue: \"shop\")",
            "Predictive(max: 9, per_replica: \"5/s\", history: (file: \"data/worldcup98.csv\", column: \"hits\"))",
        ),
        (
            "QueueLength(average: 5, queue: \"shop\")",
            "Predictive(max: 9, per_replica: \"5/s\", history: (file: \"data/worldcup98.csv\", until: \"9999h\"))",
        ),
    ]);
    assert_snapshot!(said, @r#"
    error[E016]: ./no-history.csv: cannot be read: No such file or directory (os error 2)
      --> shop.ron:30:103
       |
    30 | ...plica: "5/s", history: (file: "no-history.csv"))), (replicas: 1)],
       |                                  ^^^^^^^^^^^^^^^^ at services.stock.groups[0].autoscaler.history.file

    error[E016]: ./data/worldcup98.csv:1: no column "hits"; the header has t_s, requests
      --> shop.ron:30:103
       |
    30 | ...ica: "5/s", history: (file: "data/worldcup98.csv", column: "hits"))), (replicas: 1)],
       |                                ^^^^^^^^^^^^^^^^^^^^^ at services.stock.groups[0].autoscaler.history.file

    error[E007]: "data/worldcup98.csv" is only 2d long
      --> shop.ron:30:133
       |
    30 | ...le: "data/worldcup98.csv", until: "9999h"))), (replicas: 1)],
       |                                      ^^^^^^^ at services.stock.groups[0].autoscaler.history.until
    "#);
}
