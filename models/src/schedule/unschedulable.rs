//! NodeUnschedulable: a cordoned node takes no pods but those that tolerate it.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;

use super::class::ClassId;
use super::cluster::Cluster;
use super::plugin::Filter;
use super::reasons::{Reason, Rejection};
use crate::place::NodeId;

/// Refuses cordoned nodes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NodeUnschedulable {}

impl Build<dyn Filter, ()> for NodeUnschedulable {
    fn build(&self, (): &()) -> Box<dyn Filter> {
        Box::new(self.clone())
    }
}

impl Filter for NodeUnschedulable {
    fn prepare(&mut self, cluster: &Cluster, class: ClassId) -> bool {
        cluster.cordoned > 0 && !cluster.classes[class.index()].tolerates_cordon
    }

    fn check(&self, cluster: &Cluster, class: ClassId, node: NodeId) -> Result<(), Rejection> {
        let refused = cluster.nodes.cordoned[node.0 as usize] && !cluster.classes[class.index()].tolerates_cordon;
        if refused { Err(Rejection::unresolvable(Reason::Cordoned)) } else { Ok(()) }
    }
}
