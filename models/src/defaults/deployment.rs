//! Deployments.
//!
//! To be replaced by the rollouts' own: these constants will belong to them.

use sim_core::Span;

use super::{Constant, amount, number, span};
use crate::amount::Amount;

const MAX_SURGE: Amount = Amount::Percent(25);
const MAX_UNAVAILABLE: Amount = Amount::Percent(25);
const PROGRESS_DEADLINE: Span = Span::from_secs(600);
const REVISION_HISTORY_LIMIT: u32 = 10;
const MIN_READY: Span = Span::ZERO;
const REPLICAS: u32 = 1;

/// All of them.
pub(super) const TABLE: &[Constant] = &[
    amount(&["deployment.maxSurge"], MAX_SURGE, "of replicas, rounded up"),
    amount(&["deployment.maxUnavailable"], MAX_UNAVAILABLE, "of replicas, rounded down"),
    span(&["deployment.progressDeadline"], PROGRESS_DEADLINE),
    number(&["deployment.revisionHistoryLimit"], REVISION_HISTORY_LIMIT as f64, "replica sets"),
    span(&["deployment.minReadySeconds"], MIN_READY),
    number(&["deployment.replicas"], REPLICAS as f64, "pods"),
];
