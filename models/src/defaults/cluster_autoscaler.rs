//! The cluster autoscaler.
//!
//! To be replaced at the merge: these constants belong to `node::autoscaler::defaults`.

use sim_core::Span;

use super::{Constant, number, span, text};

const SCAN_INTERVAL: Span = Span::from_secs(10);
const UNNEEDED_TIME: Span = Span::from_secs(600);
const DELAY_AFTER_ADD: Span = Span::from_secs(600);
const DELAY_AFTER_DELETE: Span = Span::ZERO;
const DELAY_AFTER_FAILURE: Span = Span::from_secs(180);
const UNREADY_TIME: Span = Span::from_secs(1_200);
const UTILIZATION_THRESHOLD: f64 = 0.5;
const GPU_UTILIZATION_THRESHOLD: f64 = 0.5;
const NODE_PROVISION_TIME_MAX: Span = Span::from_secs(900);
const UNREADY_PERCENTAGE_MAX: u32 = 45;
const UNREADY_COUNT_OK: u32 = 3;
const NEW_POD_DELAY: Span = Span::ZERO;
const EXPANDER: &str = "least-waste";
const NON_EMPTY_CANDIDATES: u32 = 30;
const CANDIDATES_POOL_RATIO: f64 = 0.1;
const CANDIDATES_POOL_MIN: u32 = 50;
const EMPTY_BULK_DELETE_MAX: u32 = 10;
const GRACEFUL_TERMINATION_MAX: Span = Span::from_secs(600);
const NODES_TOTAL_MAX: u32 = 0;
const UNREMOVABLE_RECHECK: Span = Span::from_secs(300);
const EXPENDABLE_PRIORITY: f64 = -10.0;
const NODE_DELETE_DELAY: Span = Span::from_secs(5);
const SCALE_DOWN_PARALLELISM: u32 = 10;
const DRAIN_PARALLELISM: u32 = 1;
const INACTIVITY_MAX: Span = Span::from_secs(600);
const FAILING_TIME_MAX: Span = Span::from_secs(900);

/// All of them.
pub(super) const TABLE: &[Constant] = &[
    span(&["ca.scanInterval"], SCAN_INTERVAL),
    span(&["ca.scaleDownUnneededTime"], UNNEEDED_TIME),
    span(&["ca.scaleDownDelayAfterAdd"], DELAY_AFTER_ADD),
    span(&["ca.scaleDownDelayAfterDelete"], DELAY_AFTER_DELETE),
    span(&["ca.scaleDownDelayAfterFailure"], DELAY_AFTER_FAILURE),
    span(&["ca.scaleDownUnreadyTime"], UNREADY_TIME),
    number(
        &["ca.scaleDownUtilizationThreshold", "ca.utilizationThreshold"],
        UTILIZATION_THRESHOLD,
        "share of allocatable requested",
    ),
    number(&["ca.scaleDownGpuUtilizationThreshold"], GPU_UTILIZATION_THRESHOLD, "share of allocatable requested"),
    span(&["ca.maxNodeProvisionTime"], NODE_PROVISION_TIME_MAX),
    number(&["ca.maxTotalUnreadyPercentage"], UNREADY_PERCENTAGE_MAX as f64, "percent"),
    number(&["ca.okTotalUnreadyCount"], UNREADY_COUNT_OK as f64, "nodes"),
    span(&["ca.newPodScaleUpDelay"], NEW_POD_DELAY),
    text(&["ca.expander"], EXPANDER),
    number(&["ca.scaleDownNonEmptyCandidatesCount"], NON_EMPTY_CANDIDATES as f64, "nodes"),
    number(&["ca.scaleDownCandidatesPoolRatio"], CANDIDATES_POOL_RATIO, "share"),
    number(&["ca.scaleDownCandidatesPoolMinCount"], CANDIDATES_POOL_MIN as f64, "nodes"),
    number(&["ca.maxEmptyBulkDelete"], EMPTY_BULK_DELETE_MAX as f64, "nodes"),
    span(&["ca.maxGracefulTermination"], GRACEFUL_TERMINATION_MAX),
    number(&["ca.maxNodesTotal"], NODES_TOTAL_MAX as f64, "nodes (0 = no limit)"),
    span(&["ca.unremovableNodeRecheckTimeout"], UNREMOVABLE_RECHECK),
    number(&["ca.expendablePodsPriorityCutoff"], EXPENDABLE_PRIORITY, "priority"),
    span(&["ca.nodeDeleteDelayAfterTaint"], NODE_DELETE_DELAY),
    number(&["ca.maxScaleDownParallelism"], SCALE_DOWN_PARALLELISM as f64, "nodes"),
    number(&["ca.maxDrainParallelism"], DRAIN_PARALLELISM as f64, "nodes"),
    span(&["ca.maxInactivity"], INACTIVITY_MAX),
    span(&["ca.maxFailingTime"], FAILING_TIME_MAX),
];
