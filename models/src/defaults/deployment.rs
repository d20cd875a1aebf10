//! Deployments.

use super::{Constant, amount, number, span};
use crate::rollout::sync::{
    MAX_SURGE, MAX_UNAVAILABLE, MIN_READY, PROGRESS_DEADLINE, REPLICAS, REVISION_HISTORY_LIMIT,
};

/// All of them.
pub(super) const TABLE: &[Constant] = &[
    amount(&["deployment.maxSurge"], MAX_SURGE, "of replicas, rounded up"),
    amount(&["deployment.maxUnavailable"], MAX_UNAVAILABLE, "of replicas, rounded down"),
    span(&["deployment.progressDeadline"], PROGRESS_DEADLINE),
    number(&["deployment.revisionHistoryLimit"], REVISION_HISTORY_LIMIT as f64, "replica sets"),
    span(&["deployment.minReadySeconds"], MIN_READY),
    number(&["deployment.replicas"], REPLICAS as f64, "pods"),
];
