//! TaintToleration: no node with a hard taint that the pod does not tolerate; better one with few
//! such soft taints. Source: `framework/plugins/tainttoleration`.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;

use super::class::ClassId;
use super::cluster::Cluster;
use super::defaults::MAX_NODE_SCORE;
use super::plugin::{Filter, Score, normalize};
use super::reasons::{Reason, Rejection};
use crate::place::NodeId;

/// Refuses by hard taints, ranks by soft ones.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TaintToleration {}

impl Build<dyn Filter, ()> for TaintToleration {
    fn build(&self, (): &()) -> Box<dyn Filter> {
        Box::new(self.clone())
    }
}

impl Build<dyn Score, ()> for TaintToleration {
    fn build(&self, (): &()) -> Box<dyn Score> {
        Box::new(self.clone())
    }
}

impl Filter for TaintToleration {
    fn prepare(&mut self, cluster: &Cluster, _: ClassId) -> bool {
        !cluster.taints.none()
    }

    fn check(&self, cluster: &Cluster, class: ClassId, node: NodeId) -> Result<(), Rejection> {
        match cluster.tolerance(class, node).refused_by {
            Some(_) => Err(Rejection::unresolvable(Reason::UntoleratedTaint)),
            None => Ok(()),
        }
    }
}

impl Score for TaintToleration {
    fn score(&mut self, cluster: &Cluster, class: ClassId, nodes: &[NodeId], scores: &mut Vec<i64>) -> bool {
        if cluster.taints.none() {
            scores.resize(nodes.len(), MAX_NODE_SCORE);
            return true;
        }
        scores.extend(nodes.iter().map(|&node| i64::from(cluster.tolerance(class, node).disliked)));
        normalize(scores, true);
        true
    }
}
