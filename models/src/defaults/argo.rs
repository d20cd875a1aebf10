//! Argo Rollouts (utils/defaults/defaults.go).
//!
//! To be replaced by the rollouts' own: these constants will belong to them.

use sim_core::Span;

use super::{Constant, amount, number, span};
use crate::amount::Amount;

const REPLICAS: u32 = 1;
const REVISION_HISTORY_LIMIT: u32 = 10;
const ANALYSIS_HISTORY_LIMIT: u32 = 5;
const MAX_SURGE: Amount = Amount::Percent(25);
const MAX_UNAVAILABLE: Amount = Amount::Percent(25);
const PROGRESS_DEADLINE: Span = Span::from_secs(600);
const SCALE_DOWN_DELAY: Span = Span::from_secs(30);
const ABORT_SCALE_DOWN_DELAY: Span = Span::from_secs(30);
const CONSECUTIVE_ERROR_LIMIT: u32 = 4;

/// All of them.
pub(super) const TABLE: &[Constant] = &[
    number(&["argo.replicas"], REPLICAS as f64, "pods"),
    number(&["argo.revisionHistoryLimit"], REVISION_HISTORY_LIMIT as f64, "replica sets"),
    number(
        &["argo.analysisRunSuccessfulHistoryLimit", "argo.successfulRunHistoryLimit"],
        ANALYSIS_HISTORY_LIMIT as f64,
        "runs",
    ),
    number(
        &["argo.analysisRunUnsuccessfulHistoryLimit", "argo.unsuccessfulRunHistoryLimit"],
        ANALYSIS_HISTORY_LIMIT as f64,
        "runs",
    ),
    amount(&["argo.maxSurge"], MAX_SURGE, "of replicas, rounded up"),
    amount(&["argo.maxUnavailable"], MAX_UNAVAILABLE, "of replicas, rounded down"),
    span(&["argo.progressDeadline"], PROGRESS_DEADLINE),
    span(&["argo.scaleDownDelay"], SCALE_DOWN_DELAY),
    span(&["argo.abortScaleDownDelay"], ABORT_SCALE_DOWN_DELAY),
    number(&["argo.consecutiveErrorLimit"], CONSECUTIVE_ERROR_LIMIT as f64, "count"),
];
