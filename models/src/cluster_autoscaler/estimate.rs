//! How many nodes of a pool pending pods need: first-fit into nodes that are not there yet.
//!
//! Pods come in groups of a class, the largest group's pods first. A pod goes to any new node with
//! room, or one more is added; if even the empty one does not help, the rest of its group is given
//! up. Source: `estimator/{binpacking_estimator,decreasing_pod_orderer}.go`.

use crate::place::NodeId;
use crate::schedule::{ClassId, Cluster, FilterChain, NodeSpec, PodKey};

use sim_core::Time;

/// Pending pods of one class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodGroup {
    /// The class.
    pub class: ClassId,
    /// The pods.
    pub pods: Vec<PodKey>,
}

/// What nodes of one kind would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// The nodes that would get pods.
    pub nodes: u32,
    /// The pods that would find a place, in the order of placing.
    pub pods: Vec<(PodKey, ClassId)>,
}

/// Packs pods into new nodes like `template`, at most `max_nodes` of them.
pub fn estimate(
    cluster: &Cluster,
    filters: &mut FilterChain,
    template: &NodeSpec,
    groups: &[PodGroup],
    max_nodes: Option<u32>,
) -> Estimate {
    let mut packing =
        Packing { fork: cluster.clone(), filters, template, max_nodes, new: Vec::new(), estimate: Estimate::default() };
    let mut groups: Vec<&PodGroup> = groups.iter().collect();
    groups.sort_by(|one, other| size(cluster, template, other).total_cmp(&size(cluster, template, one)));
    for group in groups {
        let placed = packing.fill_new_nodes(group);
        packing.add_nodes(group.class, &group.pods[placed..]);
    }
    packing.estimate.nodes = packing.new.iter().filter(|new| new.1).count() as u32;
    packing.estimate
}

/// The shares of a node's processor and memory that a pod asks for, together.
fn size(cluster: &Cluster, template: &NodeSpec, group: &PodGroup) -> f64 {
    let requests = &cluster.class(group.class).requests;
    let share = |asked: u64, offered: u64| if offered > 0 { asked as f64 / offered as f64 } else { 0.0 };
    share(requests.cpu.unwrap_or_default().as_milli(), template.allocatable.cpu.as_milli())
        + share(requests.memory.unwrap_or_default().count(), template.allocatable.memory.count())
}

struct Packing<'a> {
    fork: Cluster,
    filters: &'a mut FilterChain,
    template: &'a NodeSpec,
    max_nodes: Option<u32>,
    /// The nodes that were added, and whether they have pods.
    new: Vec<(NodeId, bool)>,
    estimate: Estimate,
}

impl Packing<'_> {
    /// Puts pods on nodes that were added for other groups, until one fits on none; answers with how
    /// many were placed.
    fn fill_new_nodes(&mut self, group: &PodGroup) -> usize {
        for (placed, &pod) in group.pods.iter().enumerate() {
            self.filters.prepare(&self.fork, group.class);
            let fits = |&(node, _): &(NodeId, bool)| self.filters.check(&self.fork, group.class, node).is_ok();
            match self.new.iter().position(fits) {
                Some(index) => self.place(pod, group.class, index),
                None => return placed,
            }
        }
        group.pods.len()
    }

    /// Puts pods on the last node or one more, until that does not help.
    fn add_nodes(&mut self, class: ClassId, pods: &[PodKey]) {
        for &pod in pods {
            if self.place_on_last(pod, class) {
                continue;
            }
            let last_is_empty = self.new.last().is_some_and(|(_, has_pods)| !has_pods);
            let may_add = self.max_nodes.is_none_or(|max| self.new.len() < max as usize);
            if last_is_empty || !may_add {
                return;
            }
            let name = format!("new-{}", self.new.len());
            self.new.push((self.fork.add_node(&self.template.named(&name)), false));
            if !self.place_on_last(pod, class) {
                return;
            }
        }
    }

    fn place_on_last(&mut self, pod: PodKey, class: ClassId) -> bool {
        let Some(&(node, _)) = self.new.last() else { return false };
        let fits = self.filters.fits(&self.fork, class, node).is_ok();
        if fits {
            self.place(pod, class, self.new.len() - 1);
        }
        fits
    }

    fn place(&mut self, pod: PodKey, class: ClassId, index: usize) {
        let (node, has_pods) = &mut self.new[index];
        *has_pods = true;
        self.fork.bind(pod, class, *node, Time::ZERO);
        self.estimate.pods.push((pod, class));
    }
}
