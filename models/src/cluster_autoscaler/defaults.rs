//! The cluster autoscaler's constants: what holds where a scenario says nothing.
//!
//! From cluster-autoscaler/FAQ.md, `config/const.go`, `main.go` and `utils/backoff`.

use sim_core::Span;

/// From one look at the cluster to the next.
pub const SCAN_INTERVAL: Span = Span::from_secs(10);
/// How long a pod waits before nodes are added for it.
pub const NEW_POD_SCALE_UP_DELAY: Span = Span::ZERO;
/// Pods with a lower priority than this bring no nodes and keep none.
pub const EXPENDABLE_PODS_PRIORITY_CUTOFF: i32 = -10;
/// The most nodes that one scale-up adds.
pub const MAX_NODES_PER_SCALE_UP: u32 = 1_000;
/// A node that has not come after so long will not.
pub const MAX_NODE_PROVISION_TIME: Span = Span::from_secs(900);
/// What a pool that failed to grow waits at first.
pub const INITIAL_POOL_BACKOFF: Span = Span::from_secs(300);
/// What it waits at most.
pub const MAX_POOL_BACKOFF: Span = Span::from_secs(1_800);
/// After so long without a failure, the next one counts as the first.
pub const POOL_BACKOFF_RESET: Span = Span::from_secs(10_800);

/// A node whose pods ask for less than this share of it may be removed.
pub const SCALE_DOWN_UTILIZATION_THRESHOLD: f64 = 0.5;
/// How long a node must have been unneeded.
pub const SCALE_DOWN_UNNEEDED_TIME: Span = Span::from_secs(600);
/// How long a node that is not ready must have been unneeded.
pub const SCALE_DOWN_UNREADY_TIME: Span = Span::from_secs(1_200);
/// No node is removed for so long after one was added.
pub const SCALE_DOWN_DELAY_AFTER_ADD: Span = Span::from_secs(600);
/// No node is removed for so long after one was removed.
pub const SCALE_DOWN_DELAY_AFTER_DELETE: Span = Span::ZERO;
/// No node is removed for so long after a scale-up failed.
pub const SCALE_DOWN_DELAY_AFTER_FAILURE: Span = Span::from_secs(180);
/// A node whose pods fit nowhere else is not looked at again for so long.
pub const UNREMOVABLE_RECHECK_TIME: Span = Span::from_secs(300);
/// The most nodes that are removed at a time.
pub const MAX_SCALE_DOWN_PARALLELISM: u32 = 10;
/// The most nodes with pods that are removed at a time.
pub const MAX_DRAIN_PARALLELISM: u32 = 1;
/// A removal that takes longer than this is forgotten.
pub const MAX_NODE_DELETION_TIME: Span = Span::from_secs(300);
/// A pod that ends for longer than its grace time and this no longer counts.
pub const LONG_TERMINATING_EXTRA: Span = Span::from_secs(30);

/// With more than this share of nodes not ready, and more than the count, nothing is done, in percent.
pub const MAX_TOTAL_UNREADY_PERCENTAGE: u32 = 45;
/// See [`MAX_TOTAL_UNREADY_PERCENTAGE`].
pub const OK_TOTAL_UNREADY_COUNT: u32 = 3;
