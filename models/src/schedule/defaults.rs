//! kube-scheduler's constants: what holds where a scenario says nothing.
//!
//! From `pkg/scheduler/apis/config/v1/{defaults,default_plugins}.go`,
//! `pkg/scheduler/{schedule_one,backend/queue/scheduling_queue}.go` and
//! `framework/plugins/{podtopologyspread,imagelocality}`.

use sim_core::{Bytes, Cores, Span};

/// What a pod waits after its first failed attempt.
pub const POD_INITIAL_BACKOFF: Span = Span::from_secs(1);
/// What a pod waits at most after a failed attempt.
pub const POD_MAX_BACKOFF: Span = Span::from_secs(10);
/// After so long without a helping event, an unschedulable pod is tried again all the same.
pub const UNSCHEDULABLE_FLUSH: Span = Span::from_secs(300);

/// The share of potential nodes, in percent, on which preemption is tried at least.
pub const MIN_CANDIDATE_NODES_PERCENTAGE: u32 = 10;
/// The number of potential nodes on which preemption is tried at least.
pub const MIN_CANDIDATE_NODES_ABSOLUTE: u32 = 100;

/// Clusters smaller than this have all of their nodes scored, and at least so many are looked for.
pub const MIN_FEASIBLE_NODES: usize = 100;
/// The share of nodes to find, in percent, for the smallest cluster that is not searched in full.
pub const NODES_TO_FIND_PERCENTAGE: usize = 50;
/// For each so many nodes the share sinks by one percent.
pub const NODES_A_PERCENT: usize = 125;
/// The share of nodes to find, in percent, for the largest clusters.
pub const MIN_NODES_TO_FIND_PERCENTAGE: usize = 5;

/// Weight of the score `TaintToleration`.
pub const TAINT_TOLERATION_WEIGHT: i64 = 3;
/// Weight of the score `NodeAffinity`.
pub const NODE_AFFINITY_WEIGHT: i64 = 2;
/// Weight of the score `PodTopologySpread`.
pub const POD_TOPOLOGY_SPREAD_WEIGHT: i64 = 2;
/// Weight of the score `InterPodAffinity`.
pub const INTER_POD_AFFINITY_WEIGHT: i64 = 2;
/// Weight of the score `NodeResourcesFit`.
pub const NODE_RESOURCES_FIT_WEIGHT: i64 = 1;
/// Weight of the score `NodeResourcesBalancedAllocation`.
pub const BALANCED_ALLOCATION_WEIGHT: i64 = 1;
/// Weight of the score `ImageLocality`.
pub const IMAGE_LOCALITY_WEIGHT: i64 = 1;

/// The best score that a plug-in gives.
pub const MAX_NODE_SCORE: i64 = 100;
/// The weight of an existing pod's required affinity when it is scored.
pub const HARD_POD_AFFINITY_WEIGHT: i64 = 1;

/// What a container without a CPU request counts, in scores alone.
pub const UNSTATED_CPU: Cores = Cores::milli(100);
/// What a container without a memory request counts, in scores alone.
pub const UNSTATED_MEMORY: Bytes = Bytes::new(200 * 1024 * 1024);

/// The skew over hosts that the soft default spread waters down.
pub const DEFAULT_HOSTNAME_SKEW: u32 = 3;
/// The skew over zones that the soft default spread waters down.
pub const DEFAULT_ZONE_SKEW: u32 = 5;
/// The label whose value is a node's own.
pub const HOSTNAME_KEY: &str = "kubernetes.io/hostname";
/// The label of a node's zone.
pub const ZONE_KEY: &str = "topology.kubernetes.io/zone";
/// The label of a node's region.
pub const REGION_KEY: &str = "topology.kubernetes.io/region";
/// The taint of a node that is not ready.
pub const NOT_READY_TAINT: &str = "node.kubernetes.io/not-ready";
/// The taint of a node that is cordoned, which a pod may tolerate.
pub const UNSCHEDULABLE_TAINT: &str = "node.kubernetes.io/unschedulable";

/// The size of images on a node below which they do not matter.
pub const IMAGE_SIZE_MIN: Bytes = Bytes::new(23 << 20);
/// The size of an image on a node above which more does not matter, for each of a pod's containers.
pub const IMAGE_SIZE_MAX: Bytes = Bytes::new(1_000 << 20);
