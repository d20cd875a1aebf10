//! The pods that need new nodes: those that would fit neither on the nodes that are there nor on
//! those on their way.
//!
//! Source: `core/podlistprocessor/filter_out_schedulable.go`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use sim_core::Time;

use super::estimate::PodGroup;
use super::settings::ClusterAutoscalerSettings;
use super::view::{Pool, View};
use crate::place::NodeId;
use crate::schedule::{ClassId, Cluster, FilterChain, NodeSpec, PodKey, Unplaced};

/// Pods that need new nodes, and the cluster as it will be when all others have found a place.
pub(super) struct Groups {
    groups: Vec<PodGroup>,
    cluster: Cluster,
}

impl Groups {
    /// The pods that need new nodes, if there are any.
    pub(super) fn find(
        settings: &ClusterAutoscalerSettings,
        pools: &[Pool],
        filters: &mut FilterChain,
        now: Time,
        view: &View<'_>,
    ) -> Option<Groups> {
        let priority = |unplaced: &Unplaced| view.cluster.class(unplaced.class).priority;
        let is_due = |unplaced: &&Unplaced| {
            unplaced.since + settings.new_pod_scale_up_delay <= now
                && priority(unplaced) >= settings.expendable_pods_priority_cutoff
        };
        let mut pending: Vec<&Unplaced> = view.pending.iter().filter(is_due).collect();
        if pending.is_empty() {
            return None;
        }
        pending.sort_by_key(|unplaced| Reverse(priority(unplaced)));
        let mut cluster = view.cluster.clone();
        for (index, starting) in view.starting.iter().enumerate() {
            cluster.add_node(&pools[starting.pool.index()].template.named(&format!("starting-{index}")));
        }
        let mut waiting: BTreeMap<ClassId, Vec<PodKey>> = BTreeMap::new();
        // Where one pod of a class found no place, the next will not.
        let mut hopeless = BTreeSet::new();
        for Unplaced { pod, class, .. } in pending {
            let hope = (!hopeless.contains(class)).then(|| any_node(&cluster, filters, *class));
            if let Some(node) = hope.flatten() {
                cluster.bind(*pod, *class, node, now);
            } else {
                hopeless.insert(*class);
                waiting.entry(*class).or_default().push(*pod);
            }
        }
        let groups: Vec<PodGroup> = waiting.into_iter().map(|(class, pods)| PodGroup { class, pods }).collect();
        (!groups.is_empty()).then_some(Groups { groups, cluster })
    }

    /// The cluster as it will be.
    pub(super) fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The groups whose pods fit on an empty new node.
    pub(super) fn fitting(&self, template: &NodeSpec, filters: &mut FilterChain) -> Vec<PodGroup> {
        let mut cluster = self.cluster.clone();
        let node = cluster.add_node(&template.named("new"));
        self.groups.iter().filter(|group| filters.fits(&cluster, group.class, node).is_ok()).cloned().collect()
    }
}

fn any_node(cluster: &Cluster, filters: &mut FilterChain, class: ClassId) -> Option<NodeId> {
    filters.prepare(cluster, class);
    cluster.nodes().iter().copied().find(|&node| filters.check(cluster, class, node).is_ok())
}
