//! NodeResourcesFit: a node needs room for what the pod asks for; of several that have it, the
//! emptiest (or, to pack, the fullest, or as a curve says) is best.
//!
//! Source: `noderesources/{fit,least_allocated,most_allocated,requested_to_capacity_ratio}.go`.
//! The filter goes by what pods ask for; the score counts 100m and 200 MiB for what they do not say.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;

use super::class::ClassId;
use super::cluster::{Amounts, CPU, Cluster, MEMORY};
use super::defaults::MAX_NODE_SCORE;
use super::plugin::{Filter, Score};
use super::reasons::{Reason, Rejection, Resourceless};
use crate::place::NodeId;

/// A resource and how much it matters in a score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightedResource {
    /// "cpu", "memory", or the name of any other resource.
    pub name: String,
    /// From 1 to 100.
    pub weight: i64,
}

/// Processor and memory alike.
pub(super) fn cpu_and_memory() -> Vec<WeightedResource> {
    ["cpu", "memory"].map(|name| WeightedResource { name: name.to_owned(), weight: 1 }).into()
}

/// Which of the nodes with room is best.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum FitStrategy {
    /// The emptiest.
    #[default]
    LeastAllocated,
    /// The fullest.
    MostAllocated,
    /// As a curve says: scores from 0 to 10 at utilizations in percent, rising, with straight lines
    /// between them.
    RequestedToCapacityRatio(Vec<(i64, i64)>),
}

/// Refuses nodes without room, ranks by room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NodeResourcesFit {
    /// Which of the nodes with room is best.
    pub strategy: FitStrategy,
    /// The resources that are scored.
    pub resources: Vec<WeightedResource>,
}

impl Default for NodeResourcesFit {
    fn default() -> NodeResourcesFit {
        NodeResourcesFit { strategy: FitStrategy::default(), resources: cpu_and_memory() }
    }
}

/// A resource that is short on a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insufficient {
    /// Its name; "pods" for places.
    pub resource: String,
    /// What the pod asks for.
    pub requested: i64,
    /// What others have.
    pub used: i64,
    /// What there is.
    pub capacity: i64,
}

impl NodeResourcesFit {
    /// Whether the parameters make sense; the error says which does not, and why.
    pub fn check(&self) -> Result<(), String> {
        let wrong = |resource: &WeightedResource| !(1..=MAX_NODE_SCORE).contains(&resource.weight);
        if let Some(index) = self.resources.iter().position(wrong) {
            let WeightedResource { name, weight } = &self.resources[index];
            return Err(format!("resources[{index}].weight: the weight of {name} is from 1 to 100, not {weight}"));
        }
        match &self.strategy {
            FitStrategy::RequestedToCapacityRatio(curve) => check_curve(curve),
            _ => Ok(()),
        }
    }

    /// What is short on a node for a pod of a class.
    pub fn insufficient(cluster: &Cluster, class: ClassId, node: NodeId) -> Vec<Insufficient> {
        let index = node.0 as usize;
        let mut short = Vec::new();
        let places = cluster.nodes.slots[index];
        if !has_place(cluster, index) {
            let used = cluster.pods(node).len() as i64;
            let capacity = i64::from(places);
            short.push(Insufficient { resource: "pods".to_owned(), requested: 1, used, capacity });
        }
        for &(resource, requested) in &cluster.classes[class.index()].requests {
            let amounts = &cluster.resources[resource];
            let (used, capacity) = (amounts.requested[index], amounts.allocatable[index]);
            if requested > capacity - used {
                let resource = cluster.resource_names[resource].clone();
                short.push(Insufficient { resource, requested, used, capacity });
            }
        }
        short
    }
}

fn check_curve(curve: &[(i64, i64)]) -> Result<(), String> {
    let within = |&(utilization, score): &(i64, i64)| (0..=100).contains(&utilization) && (0..=10).contains(&score);
    if curve.is_empty() || !curve.iter().all(within) || !curve.is_sorted_by(|one, next| one.0 < next.0) {
        return Err("strategy: the curve is utilizations from 0 to 100, rising, with scores from 0 to 10".to_owned());
    }
    Ok(())
}

impl Build<dyn Filter, ()> for NodeResourcesFit {
    fn build(&self, (): &()) -> Box<dyn Filter> {
        Box::new(self.clone())
    }
}

impl Build<dyn Score, ()> for NodeResourcesFit {
    fn build(&self, (): &()) -> Box<dyn Score> {
        Box::new(self.clone())
    }
}

impl Filter for NodeResourcesFit {
    fn prepare(&mut self, _: &Cluster, _: ClassId) -> bool {
        true
    }

    fn check(&self, cluster: &Cluster, class: ClassId, node: NodeId) -> Result<(), Rejection> {
        let requests = &cluster.classes[class.index()].requests;
        let node = node.0 as usize;
        let fits = |&(resource, amount): &(usize, i64)| {
            let amounts = &cluster.resources[resource];
            amount <= amounts.allocatable[node] - amounts.requested[node]
        };
        if has_place(cluster, node) && requests.iter().all(fits) {
            return Ok(());
        }
        Err(shortage(cluster, requests, node))
    }

    /// Resource after resource: a column at a time is read faster than a node at a time.
    fn retain(&self, cluster: &Cluster, class: ClassId, nodes: &mut Vec<NodeId>) {
        nodes.retain(|node| has_place(cluster, node.0 as usize));
        for &(resource, amount) in &cluster.classes[class.index()].requests {
            let Amounts { allocatable, requested } = &cluster.resources[resource];
            nodes.retain(|node| amount <= allocatable[node.0 as usize] - requested[node.0 as usize]);
        }
    }
}

fn has_place(cluster: &Cluster, node: usize) -> bool {
    cluster.nodes.pods[node].len() < cluster.nodes.slots[node] as usize
}

/// All that is short; no leaving pod helps where the whole node would be too small.
#[cold]
fn shortage(cluster: &Cluster, requests: &[(usize, i64)], node: usize) -> Rejection {
    let mut short = if has_place(cluster, node) { Resourceless::default() } else { Resourceless::PODS };
    let mut unresolvable = cluster.nodes.slots[node] == 0;
    for &(resource, amount) in requests {
        let amounts = &cluster.resources[resource];
        if amount > amounts.allocatable[node] - amounts.requested[node] {
            short = short.with(Resourceless::resource(resource));
            unresolvable |= amount > amounts.allocatable[node];
        }
    }
    assert!(!short.is_empty(), "a node that was refused is short of something");
    Rejection { reason: Reason::Insufficient(short), unresolvable }
}

/// A scored resource: what nodes have and have given of it, what the pod adds, and its weight.
struct Scored<'a> {
    allocatable: &'a [i64],
    requested: &'a [i64],
    added: i64,
    weight: i64,
}

impl NodeResourcesFit {
    fn scored<'a>(&self, cluster: &'a Cluster, class: ClassId) -> Vec<Scored<'a>> {
        let class = &cluster.classes[class.index()];
        let scored = |WeightedResource { name, weight }: &WeightedResource| {
            let resource = cluster.resource_names.iter().position(|known| known == name)?;
            let amounts = &cluster.resources[resource];
            let asked = class.requests.iter().find(|(known, _)| *known == resource).map(|(_, amount)| *amount);
            let (requested, added) = match resource {
                CPU | MEMORY => (&cluster.scored[resource], class.scored[resource]),
                // An extended resource that is not asked for does not count.
                _ => (&amounts.requested, asked?),
            };
            Some(Scored { allocatable: &amounts.allocatable, requested, added, weight: *weight })
        };
        self.resources.iter().filter_map(scored).collect()
    }
}

impl Score for NodeResourcesFit {
    fn score(&mut self, cluster: &Cluster, class: ClassId, nodes: &[NodeId], scores: &mut Vec<i64>) -> bool {
        let scored = self.scored(cluster, class);
        match &self.strategy {
            FitStrategy::LeastAllocated => {
                scores.extend(nodes.iter().map(|node| mean(&scored, node.0 as usize, least_allocated)));
            }
            FitStrategy::MostAllocated => {
                scores.extend(nodes.iter().map(|node| mean(&scored, node.0 as usize, most_allocated)));
            }
            FitStrategy::RequestedToCapacityRatio(curve) => {
                scores.extend(nodes.iter().map(|node| along(curve, &scored, node.0 as usize)));
            }
        }
        true
    }

    fn is_local(&self) -> bool {
        true
    }
}

/// The weighted mean over the resources that the node has, rounded down.
#[inline]
fn mean(scored: &[Scored<'_>], node: usize, score: impl Fn(i64, i64) -> i64) -> i64 {
    let (mut sum, mut weights) = (0, 0);
    for resource in scored {
        let capacity = resource.allocatable[node];
        if capacity != 0 {
            sum += score(resource.requested[node] + resource.added, capacity) * resource.weight;
            weights += resource.weight;
        }
    }
    if weights == 0 { 0 } else { sum / weights }
}

#[inline]
fn least_allocated(requested: i64, capacity: i64) -> i64 {
    if requested > capacity { 0 } else { (capacity - requested) * MAX_NODE_SCORE / capacity }
}

#[inline]
fn most_allocated(requested: i64, capacity: i64) -> i64 {
    requested.min(capacity) * MAX_NODE_SCORE / capacity
}

/// The weighted mean of what the curve gives, to the nearest; resources that score nothing do not count.
fn along(curve: &[(i64, i64)], scored: &[Scored<'_>], node: usize) -> i64 {
    let (mut sum, mut weights) = (0, 0);
    for resource in scored {
        let capacity = resource.allocatable[node];
        let requested = resource.requested[node] + resource.added;
        if capacity != 0 {
            let utilization = if requested > capacity { 100 } else { requested * 100 / capacity };
            let score = on_curve(curve, utilization);
            if score > 0 {
                sum += score * resource.weight;
                weights += resource.weight;
            }
        }
    }
    if weights == 0 { 0 } else { (sum as f64 / weights as f64).round() as i64 }
}

/// The score from 0 to 100 at a utilization.
fn on_curve(curve: &[(i64, i64)], utilization: i64) -> i64 {
    const SCALE: i64 = MAX_NODE_SCORE / 10;
    match curve.iter().position(|&(at, _)| utilization <= at) {
        Some(0) => curve[0].1 * SCALE,
        Some(next) => {
            let ((from, low), (to, high)) = (curve[next - 1], curve[next]);
            low * SCALE + (high - low) * SCALE * (utilization - from) / (to - from)
        }
        None => curve.last().map_or(0, |&(_, score)| score * SCALE),
    }
}
