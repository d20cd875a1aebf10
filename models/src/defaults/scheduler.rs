//! The scheduler.

use super::{Constant, number, span, text};
use crate::schedule::defaults::{
    BALANCED_ALLOCATION_WEIGHT, DEFAULT_HOSTNAME_SKEW, DEFAULT_ZONE_SKEW, HARD_POD_AFFINITY_WEIGHT,
    IMAGE_LOCALITY_WEIGHT, INTER_POD_AFFINITY_WEIGHT, MIN_CANDIDATE_NODES_ABSOLUTE, MIN_CANDIDATE_NODES_PERCENTAGE,
    MIN_FEASIBLE_NODES, NODE_AFFINITY_WEIGHT, NODE_RESOURCES_FIT_WEIGHT, POD_INITIAL_BACKOFF, POD_MAX_BACKOFF,
    POD_TOPOLOGY_SPREAD_WEIGHT, TAINT_TOLERATION_WEIGHT, UNSCHEDULABLE_FLUSH, UNSTATED_CPU, UNSTATED_MEMORY,
};

const PERCENTAGE_OF_NODES_TO_SCORE: u32 = 0;
const PARALLELISM: u32 = 16;

/// All of them.
pub(super) const TABLE: &[Constant] = &[
    span(&["scheduler.podInitialBackoff"], POD_INITIAL_BACKOFF),
    span(&["scheduler.podMaxBackoff"], POD_MAX_BACKOFF),
    span(&["scheduler.podMaxInUnschedulablePodsDuration", "scheduler.podMaxUnschedulable"], UNSCHEDULABLE_FLUSH),
    number(
        &["scheduler.percentageOfNodesToScore"],
        PERCENTAGE_OF_NODES_TO_SCORE as f64,
        "percent (0 = by the size of the cluster)",
    ),
    number(&["scheduler.minFeasibleNodesToFind", "scheduler.minFeasibleNodes"], MIN_FEASIBLE_NODES as f64, "nodes"),
    number(&["scheduler.parallelism"], PARALLELISM as f64, "count"),
    number(
        &["scheduler.hardPodAffinityWeight", "scheduler.interPodAffinity.hardPodAffinityWeight"],
        HARD_POD_AFFINITY_WEIGHT as f64,
        "weight",
    ),
    number(
        &["scheduler.preemption.minCandidateNodesPercentage", "scheduler.minCandidateNodesPercentage"],
        MIN_CANDIDATE_NODES_PERCENTAGE as f64,
        "percent",
    ),
    number(
        &["scheduler.preemption.minCandidateNodesAbsolute", "scheduler.minCandidateNodesAbsolute"],
        MIN_CANDIDATE_NODES_ABSOLUTE as f64,
        "nodes",
    ),
    number(&["scheduler.weight.TaintToleration"], TAINT_TOLERATION_WEIGHT as f64, "weight"),
    number(&["scheduler.weight.NodeAffinity"], NODE_AFFINITY_WEIGHT as f64, "weight"),
    number(&["scheduler.weight.NodeResourcesFit"], NODE_RESOURCES_FIT_WEIGHT as f64, "weight"),
    number(&["scheduler.weight.PodTopologySpread"], POD_TOPOLOGY_SPREAD_WEIGHT as f64, "weight"),
    number(&["scheduler.weight.InterPodAffinity"], INTER_POD_AFFINITY_WEIGHT as f64, "weight"),
    number(
        &[
            "scheduler.weight.NodeResourcesBalancedAllocation",
            "scheduler.weight.BalancedAllocation",
            "scheduler.weight.NodeResourcesBalanced",
        ],
        BALANCED_ALLOCATION_WEIGHT as f64,
        "weight",
    ),
    number(&["scheduler.weight.ImageLocality"], IMAGE_LOCALITY_WEIGHT as f64, "weight"),
    number(
        &["scheduler.defaultSpread.hostname", "scheduler.defaultSpread.hostnameMaxSkew"],
        DEFAULT_HOSTNAME_SKEW as f64,
        "pods",
    ),
    number(&["scheduler.defaultSpread.zone", "scheduler.defaultSpread.zoneMaxSkew"], DEFAULT_ZONE_SKEW as f64, "pods"),
    number(
        &["scheduler.defaultRequest.cpu", "scheduler.defaultMilliCPURequest"],
        UNSTATED_CPU.as_milli() as f64,
        "thousandths of a core",
    ),
    number(&["scheduler.defaultRequest.memory"], UNSTATED_MEMORY.count() as f64 / (1 << 20) as f64, "MiB"),
    text(&["scheduler.scoringStrategy", "scheduler.NodeResourcesFit.scoringStrategy"], "LeastAllocated"),
];
