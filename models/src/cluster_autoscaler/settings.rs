//! The cluster autoscaler's settings, as a scenario file would write them.

use serde::{Deserialize, Serialize};
use sim_core::{Ratio, Span};

use super::defaults::{
    EXPENDABLE_PODS_PRIORITY_CUTOFF, MAX_DRAIN_PARALLELISM, MAX_NODE_PROVISION_TIME, MAX_SCALE_DOWN_PARALLELISM,
    MAX_TOTAL_UNREADY_PERCENTAGE, NEW_POD_SCALE_UP_DELAY, OK_TOTAL_UNREADY_COUNT, SCALE_DOWN_DELAY_AFTER_ADD,
    SCALE_DOWN_DELAY_AFTER_DELETE, SCALE_DOWN_DELAY_AFTER_FAILURE, SCALE_DOWN_UNNEEDED_TIME, SCALE_DOWN_UNREADY_TIME,
    SCALE_DOWN_UTILIZATION_THRESHOLD, SCAN_INTERVAL,
};
use super::expander::{Expander, LeastWaste};

/// When nodes are added and removed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClusterAutoscalerSettings {
    /// From one look at the cluster to the next.
    pub scan_interval: Span,
    /// Which of several pools grows.
    pub expander: Expander,
    /// How long a pod waits before nodes are added for it.
    pub new_pod_scale_up_delay: Span,
    /// Pods with a lower priority than this bring no nodes and keep none.
    pub expendable_pods_priority_cutoff: i32,
    /// A node that has not come after so long will not.
    pub max_node_provision_time: Span,
    /// The most nodes in all pools together; 0 is no limit.
    pub max_nodes_total: u32,
    /// Whether nodes are removed at all.
    pub scale_down: bool,
    /// Whether nodes that are not ready are removed.
    pub scale_down_unready: bool,
    /// A node whose pods ask for less than this share of it may be removed.
    pub scale_down_utilization_threshold: Ratio,
    /// How long a node must have been unneeded.
    pub scale_down_unneeded_time: Span,
    /// How long a node that is not ready must have been unneeded.
    pub scale_down_unready_time: Span,
    /// No node is removed for so long after one was added.
    pub scale_down_delay_after_add: Span,
    /// No node is removed for so long after one was removed.
    pub scale_down_delay_after_delete: Span,
    /// No node is removed for so long after a scale-up failed.
    pub scale_down_delay_after_failure: Span,
    /// Whether pods of daemon sets are left out of a node's utilization.
    pub ignore_daemon_sets_utilization: bool,
    /// Whether pods of the node itself are left out of its utilization.
    pub ignore_mirror_pods_utilization: bool,
    /// The most nodes that are removed at a time.
    pub max_scale_down_parallelism: u32,
    /// The most nodes with pods that are removed at a time.
    pub max_drain_parallelism: u32,
    /// With more than this share of nodes not ready, and more than the count, nothing is done.
    pub max_total_unready: Ratio,
    /// With at most so many nodes not ready, all goes on.
    pub ok_total_unready_count: u32,
}

impl Default for ClusterAutoscalerSettings {
    fn default() -> ClusterAutoscalerSettings {
        ClusterAutoscalerSettings {
            scan_interval: SCAN_INTERVAL,
            expander: Expander::LeastWaste(LeastWaste::default()),
            new_pod_scale_up_delay: NEW_POD_SCALE_UP_DELAY,
            expendable_pods_priority_cutoff: EXPENDABLE_PODS_PRIORITY_CUTOFF,
            max_node_provision_time: MAX_NODE_PROVISION_TIME,
            max_nodes_total: 0,
            scale_down: true,
            scale_down_unready: true,
            scale_down_utilization_threshold: Ratio::new(SCALE_DOWN_UTILIZATION_THRESHOLD),
            scale_down_unneeded_time: SCALE_DOWN_UNNEEDED_TIME,
            scale_down_unready_time: SCALE_DOWN_UNREADY_TIME,
            scale_down_delay_after_add: SCALE_DOWN_DELAY_AFTER_ADD,
            scale_down_delay_after_delete: SCALE_DOWN_DELAY_AFTER_DELETE,
            scale_down_delay_after_failure: SCALE_DOWN_DELAY_AFTER_FAILURE,
            ignore_daemon_sets_utilization: false,
            ignore_mirror_pods_utilization: false,
            max_scale_down_parallelism: MAX_SCALE_DOWN_PARALLELISM,
            max_drain_parallelism: MAX_DRAIN_PARALLELISM,
            max_total_unready: Ratio::new(f64::from(MAX_TOTAL_UNREADY_PERCENTAGE) / 100.0),
            ok_total_unready_count: OK_TOTAL_UNREADY_COUNT,
        }
    }
}

impl ClusterAutoscalerSettings {
    /// Whether the parameters make sense; the error says which does not, and why.
    pub fn check(&self) -> Result<(), String> {
        if self.scan_interval == Span::ZERO {
            return Err("scan_interval: the autoscaler needs time between its looks".to_owned());
        }
        if self.scale_down_utilization_threshold > Ratio::ONE {
            let threshold = self.scale_down_utilization_threshold;
            return Err(format!("scale_down_utilization_threshold: {threshold} is more than all of it"));
        }
        if self.max_total_unready > Ratio::ONE {
            return Err(format!("max_total_unready: {} is more than all of them", self.max_total_unready));
        }
        if self.max_scale_down_parallelism == 0 {
            return Err(
                "max_scale_down_parallelism: at least one node is removed at a time; scale_down turns removal off"
                    .to_owned(),
            );
        }
        Ok(())
    }
}
