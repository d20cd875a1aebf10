//! The scheduler.
//!
//! To be replaced at the merge: these constants belong to `schedule::defaults`.

use sim_core::Span;

use super::{Constant, number, span, text};

const POD_INITIAL_BACKOFF: Span = Span::from_secs(1);
const POD_MAX_BACKOFF: Span = Span::from_secs(10);
const POD_MAX_IN_UNSCHEDULABLE: Span = Span::from_secs(300);
const PERCENTAGE_OF_NODES_TO_SCORE: u32 = 0;
const MIN_FEASIBLE_NODES: u32 = 100;
const PARALLELISM: u32 = 16;
const HARD_POD_AFFINITY_WEIGHT: u32 = 1;
const MIN_CANDIDATES_PERCENTAGE: u32 = 10;
const MIN_CANDIDATES_ABSOLUTE: u32 = 100;
const TAINT_TOLERATION: u32 = 3;
const NODE_AFFINITY: u32 = 2;
const POD_TOPOLOGY_SPREAD: u32 = 2;
const INTER_POD_AFFINITY: u32 = 2;
const NODE_RESOURCES_FIT: u32 = 1;
const BALANCED_ALLOCATION: u32 = 1;
const IMAGE_LOCALITY: u32 = 1;
const SPREAD_HOSTNAME: u32 = 3;
const SPREAD_ZONE: u32 = 5;
const DEFAULT_REQUEST_CPU: u32 = 100;
const DEFAULT_REQUEST_MEMORY: u32 = 200;

/// All of them.
pub(super) const TABLE: &[Constant] = &[
    span(&["scheduler.podInitialBackoff"], POD_INITIAL_BACKOFF),
    span(&["scheduler.podMaxBackoff"], POD_MAX_BACKOFF),
    span(&["scheduler.podMaxInUnschedulablePodsDuration", "scheduler.podMaxUnschedulable"], POD_MAX_IN_UNSCHEDULABLE),
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
        MIN_CANDIDATES_PERCENTAGE as f64,
        "percent",
    ),
    number(
        &["scheduler.preemption.minCandidateNodesAbsolute", "scheduler.minCandidateNodesAbsolute"],
        MIN_CANDIDATES_ABSOLUTE as f64,
        "nodes",
    ),
    number(&["scheduler.weight.TaintToleration"], TAINT_TOLERATION as f64, "weight"),
    number(&["scheduler.weight.NodeAffinity"], NODE_AFFINITY as f64, "weight"),
    number(&["scheduler.weight.NodeResourcesFit"], NODE_RESOURCES_FIT as f64, "weight"),
    number(&["scheduler.weight.PodTopologySpread"], POD_TOPOLOGY_SPREAD as f64, "weight"),
    number(&["scheduler.weight.InterPodAffinity"], INTER_POD_AFFINITY as f64, "weight"),
    number(
        &[
            "scheduler.weight.NodeResourcesBalancedAllocation",
            "scheduler.weight.BalancedAllocation",
            "scheduler.weight.NodeResourcesBalanced",
        ],
        BALANCED_ALLOCATION as f64,
        "weight",
    ),
    number(&["scheduler.weight.ImageLocality"], IMAGE_LOCALITY as f64, "weight"),
    number(
        &["scheduler.defaultSpread.hostname", "scheduler.defaultSpread.hostnameMaxSkew"],
        SPREAD_HOSTNAME as f64,
        "pods",
    ),
    number(&["scheduler.defaultSpread.zone", "scheduler.defaultSpread.zoneMaxSkew"], SPREAD_ZONE as f64, "pods"),
    number(
        &["scheduler.defaultRequest.cpu", "scheduler.defaultMilliCPURequest"],
        DEFAULT_REQUEST_CPU as f64,
        "thousandths of a core",
    ),
    number(&["scheduler.defaultRequest.memory"], DEFAULT_REQUEST_MEMORY as f64, "MB"),
    text(&["scheduler.scoringStrategy", "scheduler.NodeResourcesFit.scoringStrategy"], "LeastAllocated"),
];
