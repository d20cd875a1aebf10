//! Argo Rollouts (utils/defaults/defaults.go).

use super::{Constant, amount, number, span};
use crate::rollout::analysis::{CONSECUTIVE_ERROR_LIMIT, HISTORY_LIMIT};
use crate::rollout::canary::{ABORT_SCALE_DOWN_DELAY, MAX_SURGE, MAX_UNAVAILABLE, PROGRESS_DEADLINE, SCALE_DOWN_DELAY};
use crate::rollout::sync::{REPLICAS, REVISION_HISTORY_LIMIT};

/// All of them.
pub(super) const TABLE: &[Constant] = &[
    number(&["argo.replicas"], REPLICAS as f64, "pods"),
    number(&["argo.revisionHistoryLimit"], REVISION_HISTORY_LIMIT as f64, "replica sets"),
    number(&["argo.analysisRunSuccessfulHistoryLimit", "argo.successfulRunHistoryLimit"], HISTORY_LIMIT as f64, "runs"),
    number(
        &["argo.analysisRunUnsuccessfulHistoryLimit", "argo.unsuccessfulRunHistoryLimit"],
        HISTORY_LIMIT as f64,
        "runs",
    ),
    amount(&["argo.maxSurge"], MAX_SURGE, "of replicas, rounded up"),
    amount(&["argo.maxUnavailable"], MAX_UNAVAILABLE, "of replicas, rounded down"),
    span(&["argo.progressDeadline"], PROGRESS_DEADLINE),
    span(&["argo.scaleDownDelay"], SCALE_DOWN_DELAY),
    span(&["argo.abortScaleDownDelay"], ABORT_SCALE_DOWN_DELAY),
    number(&["argo.consecutiveErrorLimit"], CONSECUTIVE_ERROR_LIMIT as f64, "count"),
];
