//! InterPodAffinity: pods want others near or far, and the others want as much of them.
//!
//! "Near" is a node with the same value of the term's label. Required terms refuse nodes, in both
//! directions for anti-affinity; preferred terms rank them, in both directions. A pod that needs
//! pods like itself and finds none anywhere may be the first.
//!
//! Source: `framework/plugins/interpodaffinity/{filtering,scoring}.go`.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;

use super::class::ClassId;
use super::cluster::Cluster;
use super::columns::{KeyId, NONE};
use super::defaults::{HARD_POD_AFFINITY_WEIGHT, MAX_NODE_SCORE};
use super::plugin::{Filter, Score};
use super::reasons::{Reason, Rejection};
use super::tally::TallyId;
use crate::place::NodeId;

/// Refuses and ranks by the pods around.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InterPodAffinity {
    /// What the required affinity of a pod that is there adds to the score of nodes near it.
    pub hard_pod_affinity_weight: i64,
    /// Whether the wishes of pods that are there count only for a pod that has wishes itself.
    pub ignore_preferred_terms_of_existing_pods: bool,
    #[serde(skip)]
    may_be_first: bool,
}

impl Default for InterPodAffinity {
    fn default() -> InterPodAffinity {
        InterPodAffinity {
            hard_pod_affinity_weight: HARD_POD_AFFINITY_WEIGHT,
            ignore_preferred_terms_of_existing_pods: false,
            may_be_first: false,
        }
    }
}

impl Build<dyn Filter, ()> for InterPodAffinity {
    fn build(&self, (): &()) -> Box<dyn Filter> {
        Box::new(self.clone())
    }
}

impl Build<dyn Score, ()> for InterPodAffinity {
    fn build(&self, (): &()) -> Box<dyn Score> {
        Box::new(self.clone())
    }
}

impl Filter for InterPodAffinity {
    fn prepare(&mut self, cluster: &Cluster, class: ClassId) -> bool {
        let class = &cluster.classes[class.index()];
        let none = |terms: &[(KeyId, TallyId)]| terms.iter().all(|(_, tally)| cluster.tally(*tally).sum() == 0);
        self.may_be_first = class.is_near_itself && none(&class.near);
        !class.near.is_empty() || !none(&class.far) || !none(&class.shunned)
    }

    fn check(&self, cluster: &Cluster, class: ClassId, node: NodeId) -> Result<(), Rejection> {
        let class = &cluster.classes[class.index()];
        let value = |key: KeyId| cluster.values(key)[node.0 as usize];
        let pods = |&(key, tally): &(KeyId, TallyId)| {
            let domain = value(key);
            if domain == NONE { 0 } else { cluster.tally(tally).count(domain) }
        };
        let has_labels = class.near.iter().all(|(key, _)| value(*key) != NONE);
        if !has_labels || !(self.may_be_first || class.near.iter().all(|term| pods(term) > 0)) {
            return Err(Rejection::unresolvable(Reason::PodAffinity));
        }
        if class.far.iter().any(|term| pods(term) > 0) {
            return Err(Rejection::resolvable(Reason::PodAntiAffinity));
        }
        if class.shunned.iter().any(|term| pods(term) > 0) {
            return Err(Rejection::resolvable(Reason::ExistingPodAntiAffinity));
        }
        Ok(())
    }

    fn is_local(&self) -> bool {
        false
    }
}

impl Score for InterPodAffinity {
    fn score(&mut self, cluster: &Cluster, class: ClassId, nodes: &[NodeId], scores: &mut Vec<i64>) -> bool {
        let pulls = &cluster.classes[class.index()].pulls;
        if self.ignore_preferred_terms_of_existing_pods && !pulls.iter().any(|pull| pull.own) {
            return false;
        }
        let mut is_felt = false;
        for pull in pulls {
            let tally = cluster.tally(pull.tally);
            let weight = pull.weight.unwrap_or(self.hard_pod_affinity_weight);
            if tally.sum() == 0 || weight == 0 {
                continue;
            }
            is_felt = true;
            scores.resize(nodes.len(), 0);
            let values = cluster.values(pull.key);
            for (score, node) in scores.iter_mut().zip(nodes) {
                let domain = values[node.0 as usize];
                if domain != NONE {
                    *score += weight * i64::from(tally.count(domain));
                }
            }
        }
        normalize(scores);
        is_felt
    }
}

/// The highest is 100, the lowest 0.
fn normalize(scores: &mut [i64]) {
    let least = scores.iter().copied().min().unwrap_or(0);
    let most = scores.iter().copied().max().unwrap_or(0);
    for score in scores {
        let share = if most > least { (*score - least) as f64 / (most - least) as f64 } else { 0.0 };
        *score = (MAX_NODE_SCORE as f64 * share) as i64;
    }
}
