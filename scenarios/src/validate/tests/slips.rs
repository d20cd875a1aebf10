//! Slips that the reader stumbles over: values that are nearly right, and where they are.

use insta::assert_snapshot;

use super::*;

#[test]
fn values_that_are_nearly_right() {
    let said = changed(&[
        ("MinAvailable(\"80%\")", "MaxUnavailable(-2)"),
        ("pod: (cpu: \"1\"", "pod: (cpu: \"-4\""),
        ("readiness: (period: \"2s\")", "readiness: (period: \"2\")"),
        ("control_plane: Delay(\"300ms\")", "control_plane: Constant(\"300ms\")"),
        ("control_plane: Delay(\"300ms\")", "control_plane: \"300ms\""),
    ]);
    assert_snapshot!(said, @r#"
    error[E005]: expected a count, such as 3, or a whole percentage, such as "30%", found the number -2
      --> shop.ron:25:36
       |
    25 |             budget: MaxUnavailable(-2),
       |                                    ^^ at services.shop.budget
       |
       = help: less than nothing makes no sense here

    error[E005]: expected cores, such as "500m" or "2", found "-4"
      --> shop.ron:17:24
       |
    17 |             pod: (cpu: "-4", cpu_limit: "2", memory: "256MiB", pull: "5s", startup: LogNormal(mean: "3s", cv: 0.5)),
       |                        ^^^^ at services.shop.pod.cpu
       |
       = help: less than nothing makes no sense here

    error[E005]: expected a duration with a unit (d, h, min, s, ms, us, ns), such as "250ms" or "1h30min", found "2"
      --> shop.ron:21:37
       |
    21 |                 readiness: (period: "2"),
       |                                     ^^^ at services.shop.probes.readiness.period
       |
       = help: add the unit, for example "2s" or "2ms"

    error[E002]: unknown variant `Constant` in `ControlPlane`
     --> shop.ron:6:24
      |
    6 |         control_plane: Constant("300ms"),
      |                        ^^^^^^^^ at cluster.control_plane
      |
      = help: write Delay("300ms") (known: Instant, Delay)

    error[E004]: expected a variant of `ControlPlane`, found the string "300ms"
     --> shop.ron:6:24
      |
    6 |         control_plane: "300ms",
      |                        ^^^^^^^ at cluster.control_plane
      |
      = help: write Delay("300ms") (known: Instant, Delay)
    "#);
}

#[test]
fn mistakes_inside_a_block_are_shown_where_they_are() {
    let said = changed(&[
        (
            "crash_loop: (max: \"1min\")",
            "node_autoscaler: (max_total_unready: \"300%\", max_scale_down_parallelism: 3)",
        ),
        ("crash_loop: (max: \"1min\")", "scheduler: (pod_max_backoff: \"10ms\")"),
        ("average: 9)]", "average: 9), InFlight(average: 0)]"),
        (
            "average: 9)]",
            "average: 9)], behavior: (scale_down: (policies: [Pods(value: 1, period: \"1min\"), Pods(value: 0, period: \"1min\")]))",
        ),
    ]);
    assert_snapshot!(said, @r#"
    error[E007]: 300% is more than all of them
     --> shop.ron:9:46
      |
    9 |         node_autoscaler: (max_total_unready: "300%", max_scale_down_parallelism: 3),
      |                                              ^^^^^^ at cluster.node_autoscaler.max_total_unready

    error[E007]: 10ms is less than pod_initial_backoff, 1s
     --> shop.ron:9:38
      |
    9 |         scheduler: (pod_max_backoff: "10ms"),
      |                                      ^^^^^^ at cluster.scheduler.pod_max_backoff

    error[E007]: a target of 0 is not above zero
      --> shop.ron:24:141
       |
    24 | ...stock"), average: 9), InFlight(average: 0)]),
       |                                            ^ at services.shop.autoscaler.metrics[1].average

    error[E007]: a policy that allows nothing; say select: Disabled
      --> shop.ron:24:191
       |
    24 | ...Pods(value: 1, period: "1min"), Pods(value: 0, period: "1min")]))),
       |                                    ^^^^ at services.shop.autoscaler.behavior.scale_down.policies[1]
    "#);
}
