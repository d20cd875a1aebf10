//! NodeAffinity: the pod's node selector and required node affinity decide where it may run, its
//! preferred terms where it would rather. Source: `framework/plugins/nodeaffinity`.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;

use super::class::ClassId;
use super::cluster::Cluster;
use super::plugin::{Filter, Score, normalize};
use super::reasons::{Reason, Rejection};
use crate::place::NodeId;

/// Refuses and ranks by the labels of nodes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NodeAffinityMatch {}

impl Build<dyn Filter, ()> for NodeAffinityMatch {
    fn build(&self, (): &()) -> Box<dyn Filter> {
        Box::new(self.clone())
    }
}

impl Build<dyn Score, ()> for NodeAffinityMatch {
    fn build(&self, (): &()) -> Box<dyn Score> {
        Box::new(self.clone())
    }
}

impl Filter for NodeAffinityMatch {
    fn prepare(&mut self, cluster: &Cluster, class: ClassId) -> bool {
        cluster.classes[class.index()].allowed.is_some()
    }

    fn check(&self, cluster: &Cluster, class: ClassId, node: NodeId) -> Result<(), Rejection> {
        let allowed = cluster.classes[class.index()].allowed.as_ref();
        let allowed = allowed.is_none_or(|allowed| allowed[node.0 as usize]);
        if allowed { Ok(()) } else { Err(Rejection::unresolvable(Reason::NodeAffinity)) }
    }
}

impl Score for NodeAffinityMatch {
    fn score(&mut self, cluster: &Cluster, class: ClassId, nodes: &[NodeId], scores: &mut Vec<i64>) -> bool {
        let Some(preference) = &cluster.classes[class.index()].preference else { return false };
        scores.extend(nodes.iter().map(|node| preference[node.0 as usize]));
        normalize(scores, false);
        true
    }
}
