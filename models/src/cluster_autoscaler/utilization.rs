//! How much of a node its pods ask for: the larger of the shares of processor and memory.
//!
//! Source: `simulator/utilization/info.go`. Pods of daemon sets and of the node itself, where they
//! are left out, are taken off what the node offers too. Accelerators are left out.

use sim_core::Time;

use super::defaults::LONG_TERMINATING_EXTRA;
use super::settings::ClusterAutoscalerSettings;
use crate::place::NodeId;
use crate::pod::Resources;
use crate::schedule::{Cluster, Owner, Placed};

/// The shares of a node that its pods ask for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Utilization {
    /// Of its processor.
    pub cpu: f64,
    /// Of its memory.
    pub memory: f64,
}

impl Utilization {
    /// The larger share.
    pub fn most(self) -> f64 {
        if self.cpu > self.memory { self.cpu } else { self.memory }
    }
}

/// Whether a pod has been ending for so long that it no longer counts.
pub(super) fn is_long_terminating(cluster: &Cluster, placed: &Placed, now: Time) -> bool {
    let allowed = |since: Time| since + cluster.class(placed.class).grace + LONG_TERMINATING_EXTRA;
    placed.ending.is_some_and(|since| allowed(since) < now)
}

/// The utilization of a node; `None` if it offers no processor or no memory.
pub fn utilization(
    settings: &ClusterAutoscalerSettings,
    cluster: &Cluster,
    node: NodeId,
    now: Time,
) -> Option<Utilization> {
    let is_left_out = |owner| match owner {
        Owner::DaemonSet => settings.ignore_daemon_sets_utilization,
        Owner::Node => settings.ignore_mirror_pods_utilization,
        Owner::Replicated | Owner::Nobody => false,
    };
    let share = |of: fn(Resources) -> u64| {
        let offered = of(cluster.allocatable(node));
        let (mut asked, mut left_out) = (0, 0);
        for placed in cluster.pods(node) {
            let requests = of(cluster.requests(placed.class));
            if is_left_out(cluster.class(placed.class).owner) {
                left_out += requests;
            } else if !is_long_terminating(cluster, placed, now) {
                asked += requests;
            }
        }
        (offered > 0).then(|| asked as f64 / offered.saturating_sub(left_out) as f64)
    };
    let cpu = share(|resources| resources.cpu.as_milli())?;
    Some(Utilization { cpu, memory: share(|resources| resources.memory.count())? })
}
