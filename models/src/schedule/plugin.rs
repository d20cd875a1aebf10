//! The two kinds of plug-ins, and the list of them: filters refuse nodes, scores compare the rest.
//!
//! One file and one line add a plug-in. A plug-in looks at many nodes at a call, so that the inner
//! loop is its own and nothing is looked up twice.

use sim_core::strategies;

use super::balanced_allocation::NodeResourcesBalancedAllocation;
use super::class::ClassId;
use super::cluster::Cluster;
use super::image_locality::ImageLocality;
use super::inter_pod_affinity::InterPodAffinity;
use super::node_affinity::NodeAffinityMatch;
use super::node_ports::NodePorts;
use super::reasons::Rejection;
use super::resources_fit::NodeResourcesFit;
use super::taint_toleration::TaintToleration;
use super::topology_spread::PodTopologySpread;
use super::unschedulable::NodeUnschedulable;
use crate::place::NodeId;

/// Refuses nodes.
///
/// Contract: after a change of the cluster, `prepare` comes before any `check`; `check` then is the
/// same until the next change.
pub trait Filter {
    /// Looks at a class and the cluster as a whole; `false` if no node will be refused.
    fn prepare(&mut self, cluster: &Cluster, class: ClassId) -> bool;

    /// Whether a pod of the class may run on a node.
    fn check(&self, cluster: &Cluster, class: ClassId, node: NodeId) -> Result<(), Rejection>;

    /// Whether only what is on a node itself counts, so that a change elsewhere changes nothing.
    fn is_local(&self) -> bool {
        true
    }

    /// Drops the nodes that it refuses.
    fn retain(&self, cluster: &Cluster, class: ClassId, nodes: &mut Vec<NodeId>) {
        nodes.retain(|&node| self.check(cluster, class, node).is_ok());
    }
}

/// Compares nodes that no filter refused.
pub trait Score {
    /// Fills in a score from 0 to 100 for each of `nodes`; `false` if it has none to give (Skip).
    fn score(&mut self, cluster: &Cluster, class: ClassId, nodes: &[NodeId], scores: &mut Vec<i64>) -> bool;

    /// Whether a node's score is made of the class and the pods on that node alone, so that it holds
    /// until a pod comes or goes there.
    fn is_local(&self) -> bool {
        false
    }
}

strategies! {
    /// What may refuse a node.
    pub enum FilterPlugin: dyn Filter, context () {
        /// Nodes that are cordoned.
        NodeUnschedulable(NodeUnschedulable),
        /// Nodes with taints that the pod does not tolerate.
        TaintToleration(TaintToleration),
        /// Nodes that the pod's node selector or affinity leaves out.
        NodeAffinity(NodeAffinityMatch),
        /// Nodes on which a port of the pod is taken.
        NodePorts(NodePorts),
        /// Nodes without enough of what the pod asks for.
        NodeResourcesFit(NodeResourcesFit),
        /// Nodes where the pod would make the spread too uneven.
        PodTopologySpread(PodTopologySpread),
        /// Nodes near pods that keep it off, or far from pods that it needs.
        InterPodAffinity(InterPodAffinity),
    }
}

strategies! {
    /// What may rank nodes.
    pub enum ScorePlugin: dyn Score, context () {
        /// Few soft taints that the pod does not tolerate.
        TaintToleration(TaintToleration),
        /// Labels that the pod prefers.
        NodeAffinity(NodeAffinityMatch),
        /// Few pods of the same kind nearby.
        PodTopologySpread(PodTopologySpread),
        /// Pods nearby that it prefers, and that prefer it.
        InterPodAffinity(InterPodAffinity),
        /// Much left of what is asked for, or little, or as a curve says.
        NodeResourcesFit(NodeResourcesFit),
        /// Processor and memory used alike.
        NodeResourcesBalancedAllocation(NodeResourcesBalancedAllocation),
        /// Large images of the pod that are there already.
        ImageLocality(ImageLocality),
    }
}

/// Turns raw figures into scores: the highest is 100 (or, if `reverse`, 0).
pub(super) fn normalize(scores: &mut [i64], reverse: bool) {
    const MAX: i64 = super::defaults::MAX_NODE_SCORE;
    let most = scores.iter().copied().max().unwrap_or(0);
    for score in scores {
        let share = if most == 0 { 0 } else { MAX * *score / most };
        *score = if reverse { MAX - share } else { share };
    }
}
