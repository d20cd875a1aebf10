//! The cluster autoscaler.

use sim_core::Span;

use super::{Constant, number, span, text};
use crate::cluster_autoscaler::defaults::{
    EXPENDABLE_PODS_PRIORITY_CUTOFF, MAX_DRAIN_PARALLELISM, MAX_NODE_PROVISION_TIME, MAX_SCALE_DOWN_PARALLELISM,
    MAX_TOTAL_UNREADY_PERCENTAGE, NEW_POD_SCALE_UP_DELAY, OK_TOTAL_UNREADY_COUNT, SCALE_DOWN_DELAY_AFTER_ADD,
    SCALE_DOWN_DELAY_AFTER_DELETE, SCALE_DOWN_DELAY_AFTER_FAILURE, SCALE_DOWN_UNNEEDED_TIME, SCALE_DOWN_UNREADY_TIME,
    SCALE_DOWN_UTILIZATION_THRESHOLD, SCAN_INTERVAL, UNREMOVABLE_RECHECK_TIME,
};

const GPU_UTILIZATION_THRESHOLD: f64 = 0.5;
const EXPANDER: &str = "least-waste";
const NON_EMPTY_CANDIDATES: u32 = 30;
const CANDIDATES_POOL_RATIO: f64 = 0.1;
const CANDIDATES_POOL_MIN: u32 = 50;
const EMPTY_BULK_DELETE_MAX: u32 = 10;
const GRACEFUL_TERMINATION_MAX: Span = Span::from_secs(600);
const NODES_TOTAL_MAX: u32 = 0;
const NODE_DELETE_DELAY: Span = Span::from_secs(5);
const INACTIVITY_MAX: Span = Span::from_secs(600);
const FAILING_TIME_MAX: Span = Span::from_secs(900);

/// All of them.
pub(super) const TABLE: &[Constant] = &[
    span(&["ca.scanInterval"], SCAN_INTERVAL),
    span(&["ca.scaleDownUnneededTime"], SCALE_DOWN_UNNEEDED_TIME),
    span(&["ca.scaleDownDelayAfterAdd"], SCALE_DOWN_DELAY_AFTER_ADD),
    span(&["ca.scaleDownDelayAfterDelete"], SCALE_DOWN_DELAY_AFTER_DELETE),
    span(&["ca.scaleDownDelayAfterFailure"], SCALE_DOWN_DELAY_AFTER_FAILURE),
    span(&["ca.scaleDownUnreadyTime"], SCALE_DOWN_UNREADY_TIME),
    number(
        &["ca.scaleDownUtilizationThreshold", "ca.utilizationThreshold"],
        SCALE_DOWN_UTILIZATION_THRESHOLD,
        "share of allocatable requested",
    ),
    number(&["ca.scaleDownGpuUtilizationThreshold"], GPU_UTILIZATION_THRESHOLD, "share of allocatable requested"),
    span(&["ca.maxNodeProvisionTime"], MAX_NODE_PROVISION_TIME),
    number(&["ca.maxTotalUnreadyPercentage"], MAX_TOTAL_UNREADY_PERCENTAGE as f64, "percent"),
    number(&["ca.okTotalUnreadyCount"], OK_TOTAL_UNREADY_COUNT as f64, "nodes"),
    span(&["ca.newPodScaleUpDelay"], NEW_POD_SCALE_UP_DELAY),
    text(&["ca.expander"], EXPANDER),
    number(&["ca.scaleDownNonEmptyCandidatesCount"], NON_EMPTY_CANDIDATES as f64, "nodes"),
    number(&["ca.scaleDownCandidatesPoolRatio"], CANDIDATES_POOL_RATIO, "share"),
    number(&["ca.scaleDownCandidatesPoolMinCount"], CANDIDATES_POOL_MIN as f64, "nodes"),
    number(&["ca.maxEmptyBulkDelete"], EMPTY_BULK_DELETE_MAX as f64, "nodes"),
    span(&["ca.maxGracefulTermination"], GRACEFUL_TERMINATION_MAX),
    number(&["ca.maxNodesTotal"], NODES_TOTAL_MAX as f64, "nodes (0 = no limit)"),
    span(&["ca.unremovableNodeRecheckTimeout"], UNREMOVABLE_RECHECK_TIME),
    number(&["ca.expendablePodsPriorityCutoff"], EXPENDABLE_PODS_PRIORITY_CUTOFF as f64, "priority"),
    span(&["ca.nodeDeleteDelayAfterTaint"], NODE_DELETE_DELAY),
    number(&["ca.maxScaleDownParallelism"], MAX_SCALE_DOWN_PARALLELISM as f64, "nodes"),
    number(&["ca.maxDrainParallelism"], MAX_DRAIN_PARALLELISM as f64, "nodes"),
    span(&["ca.maxInactivity"], INACTIVITY_MAX),
    span(&["ca.maxFailingTime"], FAILING_TIME_MAX),
];
