//! Settings of the cluster, pods, probes and budgets.

use insta::assert_snapshot;

use super::*;

#[test]
fn settings_of_the_cluster() {
    let said = changed(&[
        ("Delay(\"300ms\")", "Delay(\"30min\")"),
        ("Exponential(mean: \"1s\")", "Exponential(mean: \"0s\")"),
        ("Exponential(mean: \"1s\")", "Empirical(file: \"no-lag.csv\")"),
        ("every: \"15s\"", "every: \"0s\""),
        ("every: \"15s\"", "every: \"1ns\""),
        ("crash_loop: (max: \"1min\")", "crash_loop: (max: \"10min\")"),
        ("monitor_period: \"5s\"", "monitor_period: \"1min\""),
    ]);
    assert_snapshot!(said, @r#"
    error[E007]: with a delay of 30min nothing would take effect in a run of 30min
     --> shop.ron:6:24
      |
    6 |         control_plane: Delay("30min"),
      |                        ^^^^^ at cluster.control_plane

    error[E007]: `mean` must be longer than zero; for no time at all write Constant("0s")
     --> shop.ron:7:23
      |
    7 |         endpoint_lag: Exponential(mean: "0s"),
      |                       ^^^^^^^^^^^ at cluster.endpoint_lag.Exponential

    error[E016]: ./no-lag.csv: cannot be read: No such file or directory (os error 2)
     --> shop.ron:7:23
      |
    7 |         endpoint_lag: Empirical(file: "no-lag.csv"),
      |                       ^^^^^^^^^ at cluster.endpoint_lag

    error[E007]: readings need time between them
     --> shop.ron:8:26
      |
    8 |         metrics: (every: "0s", delay: "5s"),
      |                          ^^^^ at cluster.metrics.every

    error[E007]: each 1ns would be 1800000000000 times in this run, more than 10000000
     --> shop.ron:8:26
      |
    8 |         metrics: (every: "1ns", delay: "5s"),
      |                          ^^^^^ at cluster.metrics.every

    error[E007]: 10min is not between 1s and 5min
     --> shop.ron:9:27
      |
    9 |         crash_loop: (max: "10min"),
      |                           ^^^^^^^ at cluster.crash_loop.max

    error[E007]: 40s is less than monitor_period, 1min
      --> shop.ron:10:9
       |
    10 |         node_lifecycle: (monitor_period: "1min"),
       |         ^^^^^^^^^^^^^^ at cluster.node_lifecycle.monitor_grace_period
    "#);
}

#[test]
fn pods() {
    let said = changed(&[
        ("cpu_limit: \"2\"", "cpu_limit: \"0\""),
        ("cpu_limit: \"2\"", "cpu_limit: \"0.5\""),
        ("workers: None", "workers: None, pod: (cpu_limit: \"2\")"),
        ("memory: \"256MiB\"", "memory: \"1GiB\""),
        ("pull: \"5s\"", "pull: Empirical(file: \"no-pulls.csv\")"),
        ("cv: 0.5", "cv: -1"),
    ]);
    assert_snapshot!(said, @r#"
    error[E007]: without any processor no work gets done; leave the limit out for none
      --> shop.ron:17:40
       |
    17 |             pod: (cpu: "1", cpu_limit: "0", memory: "256MiB", pull: "5s", startup: LogNormal(mean: "3s", cv: 0.5)),
       |                                        ^^^ at services.shop.pod.cpu_limit

    error[E007]: a request of 1 is more than cpu_limit, 500m
      --> shop.ron:17:24
       |
    17 |             pod: (cpu: "1", cpu_limit: "0.5", memory: "256MiB", pull: "5s", startup: LogNormal(mean: "3s", cv: 0.5)),
       |                        ^^^ at services.shop.pod.cpu

    error[E007]: there is nothing to limit: each of unlimited workers has a core of its own
      --> shop.ron:29:45
       |
    29 |             workers: None, pod: (cpu_limit: "2"),
       |                                             ^^^ at services.stock.pod.cpu_limit
       |
       = help: say how many `workers` there are, or `discipline: Sharing(cores: …)`

    error[E007]: a request of 1GiB is more than the service's memory.limit, 512MiB
      --> shop.ron:17:53
       |
    17 |             pod: (cpu: "1", cpu_limit: "2", memory: "1GiB", pull: "5s", startup: LogNormal(mean: "3s", cv: 0.5)),
       |                                                     ^^^^^^ at services.shop.pod.memory

    error[E016]: ./no-pulls.csv: cannot be read: No such file or directory (os error 2)
      --> shop.ron:17:69
       |
    17 | ...   pod: (cpu: "1", cpu_limit: "2", memory: "256MiB", pull: Empirical(file: "no-pulls.csv"), startup: LogNormal(mean: "3s", cv: 0....
       |                                                               ^^^^^^^^^ at services.shop.pod.pull

    error[E007]: `cv` must be between 0 and 1000, found -1
      --> shop.ron:17:84
       |
    17 |             pod: (cpu: "1", cpu_limit: "2", memory: "256MiB", pull: "5s", startup: LogNormal(mean: "3s", cv: -1)),
       |                                                                                    ^^^^^^^^^ at services.shop.pod.startup.LogNormal
    "#);
}

#[test]
fn probes_and_budgets() {
    let said = changed(&[
        ("liveness: (endpoint: \"health\")", "liveness: (endpoint: \"helth\")"),
        ("deep: (endpoint: \"buy\")", "deep: (period: \"5s\")"),
        ("readiness: (period: \"2s\")", "readiness: (period: \"0s\")"),
        ("readiness: (period: \"2s\")", "readiness: (timeout: \"0s\")"),
        ("readiness: (period: \"2s\")", "readiness: (period: \"1ns\")"),
        ("failure_threshold: 30", "failure_threshold: 0"),
        ("liveness: (endpoint: \"health\")", "liveness: (success_threshold: 2)"),
        ("MinAvailable(\"80%\")", "MinAvailable(\"800%\")"),
    ]);
    assert_snapshot!(said, @r#"
    error[E008]: unknown endpoint of its service, "helth"
      --> shop.ron:20:38
       |
    20 |                 liveness: (endpoint: "helth"),
       |                                      ^^^^^^^ at services.shop.probes.liveness.endpoint
       |
       = help: did you mean `health`? (known: buy, health)

    error[E003]: a deep probe asks an endpoint that calls what is further down; name it
      --> shop.ron:22:17
       |
    22 |                 deep: (period: "5s"),
       |                 ^^^^ at services.shop.probes.deep
       |
       = help: known: buy, health

    error[E007]: a probe needs time between its tries
      --> shop.ron:21:37
       |
    21 |                 readiness: (period: "0s"),
       |                                     ^^^^ at services.shop.probes.readiness.period

    error[E007]: a limit of zero fails every probe before it begins
      --> shop.ron:21:38
       |
    21 |                 readiness: (timeout: "0s"),
       |                                      ^^^^ at services.shop.probes.readiness.timeout

    error[E007]: each 1ns would be 1800000000000 times in this run, more than 10000000
      --> shop.ron:21:37
       |
    21 |                 readiness: (period: "1ns"),
       |                                     ^^^^^ at services.shop.probes.readiness.period

    error[E007]: a failure takes at least 1
      --> shop.ron:19:80
       |
    19 |                 startup: (endpoint: "health", period: "1s", failure_threshold: 0),
       |                                                                                ^ at services.shop.probes.startup.failure_threshold

    error[E007]: must be 1 for liveness and startup, as Kubernetes demands
      --> shop.ron:20:47
       |
    20 |                 liveness: (success_threshold: 2),
       |                                               ^ at services.shop.probes.liveness.success_threshold

    error[E007]: 800% is more than all of them
      --> shop.ron:25:21
       |
    25 |             budget: MinAvailable("800%"),
       |                     ^^^^^^^^^^^^ at services.shop.budget
    "#);
}
