//! Flagger (pkg/apis/flagger/v1beta1/canary.go, pkg/controller/scheduler.go).

use super::{Constant, number, span};
use crate::rollout::progressive::ladder::{THRESHOLD, TOTAL_WEIGHT};
use crate::rollout::progressive::{INTERVAL, INTERVAL_MIN, METRIC_INTERVAL, PROGRESS_DEADLINE, READY_THRESHOLD};

/// All of them.
pub(super) const TABLE: &[Constant] = &[
    span(&["flagger.interval", "flagger.analysisInterval"], INTERVAL),
    span(&["flagger.interval.min", "flagger.analysisInterval.min"], INTERVAL_MIN),
    span(&["flagger.metricInterval"], METRIC_INTERVAL),
    span(&["flagger.progressDeadline"], PROGRESS_DEADLINE),
    number(&["flagger.threshold", "flagger.analysisThreshold"], THRESHOLD as f64, "failed checks"),
    number(&["flagger.maxWeight", "flagger.canaryMaxWeight"], TOTAL_WEIGHT as f64, "percent"),
    number(&["flagger.totalWeight"], TOTAL_WEIGHT as f64, "percent"),
    number(&["flagger.primaryReadyThreshold", "flagger.readyThreshold"], READY_THRESHOLD as f64, "percent"),
    number(&["flagger.canaryReadyThreshold"], READY_THRESHOLD as f64, "percent"),
];
