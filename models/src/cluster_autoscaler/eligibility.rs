//! Which nodes might be removed at all, before anyone asks where their pods would go.
//!
//! Source: `core/scaledown/eligibility/eligibility.go`.

use sim_core::Time;

use super::defaults::MAX_NODE_DELETION_TIME;
use super::settings::ClusterAutoscalerSettings;
use super::utilization::utilization;
use super::view::NodeView;
use crate::schedule::Cluster;

/// Why a node is not up for removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ineligible {
    /// It is being removed.
    BeingDeleted,
    /// It is marked as not to be removed.
    ScaleDownDisabled,
    /// It is not ready, and such nodes stay.
    Unready,
    /// Its pods ask for enough of it.
    WellUsed,
}

/// Whether a node is up for removal.
pub fn eligible(
    settings: &ClusterAutoscalerSettings,
    cluster: &Cluster,
    node: &NodeView,
    now: Time,
) -> Result<(), Ineligible> {
    if is_being_deleted(node, now) {
        return Err(Ineligible::BeingDeleted);
    }
    if node.scale_down_disabled {
        return Err(Ineligible::ScaleDownDisabled);
    }
    if !node.ready && !settings.scale_down_unready {
        return Err(Ineligible::Unready);
    }
    // A node that offers nothing is used by nobody.
    let used = utilization(settings, cluster, node.node, now).map_or(0.0, |utilization| utilization.most());
    if used >= settings.scale_down_utilization_threshold.fraction() {
        return Err(Ineligible::WellUsed);
    }
    Ok(())
}

/// Whether a removal is under way, and has not been for so long that it must have been forgotten.
pub(super) fn is_being_deleted(node: &NodeView, now: Time) -> bool {
    node.deleting.is_some_and(|since| now < since + MAX_NODE_DELETION_TIME)
}
