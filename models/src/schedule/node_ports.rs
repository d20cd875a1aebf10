//! NodePorts: a port of the node belongs to one pod. Source: `framework/plugins/nodeports`; host
//! addresses and protocols are left out.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;

use super::class::ClassId;
use super::cluster::Cluster;
use super::plugin::Filter;
use super::reasons::{Reason, Rejection};
use crate::place::NodeId;

/// Refuses nodes on which a port of the pod is taken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NodePorts {}

impl Build<dyn Filter, ()> for NodePorts {
    fn build(&self, (): &()) -> Box<dyn Filter> {
        Box::new(self.clone())
    }
}

impl Filter for NodePorts {
    fn prepare(&mut self, cluster: &Cluster, class: ClassId) -> bool {
        !cluster.class(class).host_ports.is_empty()
    }

    fn check(&self, cluster: &Cluster, class: ClassId, node: NodeId) -> Result<(), Rejection> {
        let used = &cluster.nodes.ports[node.0 as usize];
        let taken = cluster.class(class).host_ports.iter().any(|port| used.contains(port));
        if taken { Err(Rejection::resolvable(Reason::HostPorts)) } else { Ok(()) }
    }
}
