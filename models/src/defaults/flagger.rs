//! Flagger (pkg/apis/flagger/v1beta1/canary.go, pkg/controller/scheduler.go).
//!
//! To be replaced by the rollouts' own: these constants will belong to them.

use sim_core::Span;

use super::{Constant, number, span};

const INTERVAL: Span = Span::from_secs(60);
const INTERVAL_MIN: Span = Span::from_secs(10);
const METRIC_INTERVAL: Span = Span::from_secs(60);
const PROGRESS_DEADLINE: Span = Span::from_secs(600);
const THRESHOLD: u32 = 1;
const MAX_WEIGHT: u32 = 100;
const TOTAL_WEIGHT: u32 = 100;
const READY_THRESHOLD: u32 = 100;

/// All of them.
pub(super) const TABLE: &[Constant] = &[
    span(&["flagger.interval", "flagger.analysisInterval"], INTERVAL),
    span(&["flagger.interval.min", "flagger.analysisInterval.min"], INTERVAL_MIN),
    span(&["flagger.metricInterval"], METRIC_INTERVAL),
    span(&["flagger.progressDeadline"], PROGRESS_DEADLINE),
    number(&["flagger.threshold", "flagger.analysisThreshold"], THRESHOLD as f64, "failed checks"),
    number(&["flagger.maxWeight", "flagger.canaryMaxWeight"], MAX_WEIGHT as f64, "percent"),
    number(&["flagger.totalWeight"], TOTAL_WEIGHT as f64, "percent"),
    number(&["flagger.primaryReadyThreshold", "flagger.readyThreshold"], READY_THRESHOLD as f64, "percent"),
    number(&["flagger.canaryReadyThreshold"], READY_THRESHOLD as f64, "percent"),
];
