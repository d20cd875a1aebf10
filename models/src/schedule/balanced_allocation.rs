//! NodeResourcesBalancedAllocation: better where the shares of all resources in use are alike, so
//! that none runs out while others lie idle. Source: `noderesources/balanced_allocation.go`.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;

use super::class::ClassId;
use super::cluster::{Amounts, Cluster};
use super::defaults::MAX_NODE_SCORE;
use super::plugin::Score;
use super::resources_fit::{WeightedResource, cpu_and_memory};
use crate::place::NodeId;

/// Ranks by how alike the shares in use are: 100 less the standard deviation in percent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NodeResourcesBalancedAllocation {
    /// The resources that are compared; their weights do not matter.
    pub resources: Vec<WeightedResource>,
}

impl Default for NodeResourcesBalancedAllocation {
    fn default() -> NodeResourcesBalancedAllocation {
        NodeResourcesBalancedAllocation { resources: cpu_and_memory() }
    }
}

impl Build<dyn Score, ()> for NodeResourcesBalancedAllocation {
    fn build(&self, (): &()) -> Box<dyn Score> {
        Box::new(self.clone())
    }
}

impl Score for NodeResourcesBalancedAllocation {
    fn score(&mut self, cluster: &Cluster, class: ClassId, nodes: &[NodeId], scores: &mut Vec<i64>) -> bool {
        let requests = &cluster.classes[class.index()].requests;
        let asked = |name: &String| {
            let resource = cluster.resource_names.iter().position(|known| known == name)?;
            let amount = requests.iter().find(|(known, _)| *known == resource).map_or(0, |(_, amount)| *amount);
            // An extended resource that is not asked for does not count.
            (amount > 0 || resource < 2).then(|| (&cluster.resources[resource], amount))
        };
        let compared: Vec<(&Amounts, i64)> =
            self.resources.iter().filter_map(|resource| asked(&resource.name)).collect();
        if compared.iter().all(|(_, amount)| *amount == 0) {
            return false;
        }
        match compared[..] {
            [one, other] => scores.extend(nodes.iter().map(|node| of_two(one, other, node.0 as usize))),
            _ => {
                let mut shares = Vec::with_capacity(compared.len());
                scores.extend(nodes.iter().map(|node| {
                    shares.clear();
                    shares.extend(compared.iter().filter_map(|&compared| share(compared, node.0 as usize)));
                    score(deviation(&shares))
                }));
            }
        }
        true
    }

    fn is_local(&self) -> bool {
        true
    }
}

/// The share of a resource in use with the pod, if the node has any of it.
fn share((amounts, asked): (&Amounts, i64), node: usize) -> Option<f64> {
    let allocatable = amounts.allocatable[node];
    let requested = amounts.requested[node] + asked;
    (allocatable != 0).then(|| (requested as f64 / allocatable as f64).min(1.0))
}

fn of_two(one: (&Amounts, i64), other: (&Amounts, i64), node: usize) -> i64 {
    match (share(one, node), share(other, node)) {
        (Some(one), Some(other)) => score(((one - other) / 2.0).abs()),
        _ => score(0.0),
    }
}

fn score(deviation: f64) -> i64 {
    ((1.0 - deviation) * MAX_NODE_SCORE as f64) as i64
}

/// The standard deviation of a whole population.
fn deviation(shares: &[f64]) -> f64 {
    match *shares {
        [] | [_] => 0.0,
        [one, other] => ((one - other) / 2.0).abs(),
        _ => {
            let mean = shares.iter().sum::<f64>() / shares.len() as f64;
            let square: f64 = shares.iter().map(|share| (share - mean) * (share - mean)).sum();
            (square / shares.len() as f64).sqrt()
        }
    }
}
