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
    assert_snapshot!(said, @"");
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
    assert_snapshot!(said, @"");
}
