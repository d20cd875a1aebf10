//! PodTopologySpread: pods of a kind lie evenly over zones and hosts.
//!
//! A hard constraint refuses a node if its domain would then hold more than `max_skew` pods above
//! the emptiest; a soft one ranks domains by their pods, each constraint weighted with the logarithm
//! of the number of its domains, so that few zones are not drowned by many hosts.
//!
//! Source: `framework/plugins/podtopologyspread/{filtering,scoring}.go`. Match label keys are left
//! out: they belong in the selector.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;

use super::class::ClassId;
use super::cluster::Cluster;
use super::columns::NONE;
use super::defaults::MAX_NODE_SCORE;
use super::plugin::{Filter, Score};
use super::reasons::{Reason, Rejection};
use super::register::Spread;
use crate::place::NodeId;

/// Refuses by hard spread constraints, ranks by soft ones.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PodTopologySpread {
    #[serde(skip)]
    rooms: Vec<i64>,
    #[serde(skip)]
    seen: Vec<bool>,
    #[serde(skip)]
    sums: Vec<f64>,
}

impl Build<dyn Filter, ()> for PodTopologySpread {
    fn build(&self, (): &()) -> Box<dyn Filter> {
        Box::new(self.clone())
    }
}

impl Build<dyn Score, ()> for PodTopologySpread {
    fn build(&self, (): &()) -> Box<dyn Score> {
        Box::new(self.clone())
    }
}

impl Filter for PodTopologySpread {
    /// Finds how many pods a domain may hold now, for each constraint.
    fn prepare(&mut self, cluster: &Cluster, class: ClassId) -> bool {
        self.rooms.clear();
        for spread in &cluster.classes[class.index()].hard_spread {
            let (domains, least) = cluster.tally(spread.tally).least();
            let least = if domains < spread.min_domains { 0 } else { least };
            self.rooms.push(i64::from(spread.max_skew) + i64::from(least) - i64::from(spread.counts_itself));
        }
        !self.rooms.is_empty()
    }

    fn check(&self, cluster: &Cluster, class: ClassId, node: NodeId) -> Result<(), Rejection> {
        for (spread, &room) in cluster.classes[class.index()].hard_spread.iter().zip(&self.rooms) {
            let domain = cluster.values(spread.key)[node.0 as usize];
            if domain == NONE {
                return Err(Rejection::unresolvable(Reason::TopologySpreadLabel));
            }
            if i64::from(cluster.tally(spread.tally).count(domain)) > room {
                return Err(Rejection::resolvable(Reason::TopologySpread));
            }
        }
        Ok(())
    }

    fn is_local(&self) -> bool {
        false
    }
}

impl Score for PodTopologySpread {
    fn score(&mut self, cluster: &Cluster, class: ClassId, nodes: &[NodeId], scores: &mut Vec<i64>) -> bool {
        let class = &cluster.classes[class.index()];
        if class.soft_spread.is_empty() {
            return false;
        }
        let lacks = |spread: &Spread, node: NodeId| cluster.values(spread.key)[node.0 as usize] == NONE;
        let is_ignored = |node: NodeId| class.soft_spread.iter().any(|spread| lacks(spread, node));
        let any_ignored = class.spread_needs_all && nodes.iter().any(|&node| is_ignored(node));
        let ignored = |node: NodeId| any_ignored && is_ignored(node);
        self.sums.clear();
        self.sums.resize(nodes.len(), 0.0);
        for spread in &class.soft_spread {
            let scored = || nodes.iter().filter(|&&node| !ignored(node));
            let domains = if spread.by_node { scored().count() } else { self.domains(cluster, spread, scored()) };
            self.add(cluster, spread, nodes, libm::log((domains + 2) as f64));
        }
        scores.extend(self.sums.iter().map(|sum| (sum + 0.5) as i64));
        normalize(nodes, scores, ignored);
        true
    }
}

impl PodTopologySpread {
    /// How many domains the nodes lie in; those without the label count as one more.
    fn domains<'a>(&mut self, cluster: &Cluster, spread: &Spread, nodes: impl Iterator<Item = &'a NodeId>) -> usize {
        let values = cluster.values(spread.key);
        let none = cluster.columns.count(spread.key);
        self.seen.clear();
        self.seen.resize(none + 1, false);
        for node in nodes {
            self.seen[(values[node.0 as usize] as usize).min(none)] = true;
        }
        self.seen.iter().filter(|&&seen| seen).count()
    }

    /// Adds what one constraint makes of each node; nothing to a node without its label.
    fn add(&mut self, cluster: &Cluster, spread: &Spread, nodes: &[NodeId], weight: f64) {
        let tally = cluster.tally(spread.tally);
        let values = cluster.values(spread.key);
        let skew = f64::from(spread.max_skew - 1);
        for (sum, node) in self.sums.iter_mut().zip(nodes) {
            let value = values[node.0 as usize];
            if value != NONE {
                let domain = if spread.by_node { node.0 } else { value };
                *sum += f64::from(tally.count(domain)) * weight + skew;
            }
        }
    }
}

/// The fewest pods score 100, the most as far below as they lie above; ignored nodes 0.
fn normalize(nodes: &[NodeId], scores: &mut [i64], ignored: impl Fn(NodeId) -> bool) {
    let counted = || nodes.iter().zip(&*scores).filter(|(node, _)| !ignored(**node)).map(|(_, score)| *score);
    let (least, most) = counted().fold((i64::MAX, 0), |(least, most), score| (least.min(score), most.max(score)));
    for (&node, score) in nodes.iter().zip(scores) {
        *score = match most {
            _ if ignored(node) => 0,
            0 => MAX_NODE_SCORE,
            _ => MAX_NODE_SCORE * (most + least - *score) / most,
        };
    }
}
