//! How many pods of some classes lie in each domain: each host, each zone, each value of a label.
//!
//! A tally is kept for each spread constraint and each affinity term of a class. It is changed by
//! the placing and the leaving of a pod, so that no plug-in ever counts pods.

use super::class::ClassId;
use super::columns::{KeyId, NONE};
use super::selector::{Labels, Selector};

/// The index of a tally.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TallyId(pub(super) u32);

impl TallyId {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// Pods by their labels and namespaces.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Match {
    pub(super) selector: Selector,
    /// All of them, if there is no list.
    pub(super) namespaces: Option<Vec<String>>,
}

impl Match {
    pub(super) fn holds(&self, namespace: &str, labels: &Labels) -> bool {
        let inside = |names: &Vec<String>| names.iter().any(|name| name == namespace);
        self.namespaces.as_ref().is_none_or(inside) && self.selector.matches(labels)
    }
}

/// Whose pods are counted.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Members {
    /// Those of one class.
    Class(ClassId),
    /// Those that satisfy all of these.
    Matching(Vec<Match>),
}

/// For whom and why a node's pods may not count.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Eligibility {
    pub(super) class: ClassId,
    /// Labels that a node must have, all of them.
    pub(super) keys: Vec<KeyId>,
    pub(super) by_affinity: bool,
    pub(super) by_taints: bool,
}

/// What pods are counted by.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Domains {
    /// Each node for itself.
    Nodes,
    /// The values of a label, over all nodes or the eligible ones.
    Values(KeyId, Option<Eligibility>),
}

/// The count of some classes' pods by domain.
#[derive(Clone, Debug)]
pub(super) struct Tally {
    pub(super) members: Members,
    /// Whether pods that are ending no longer count.
    pub(super) living: bool,
    pub(super) domains: Domains,
    domain: Vec<u32>,
    counts: Vec<u32>,
    nodes: Vec<u32>,
    sum: u64,
}

impl Tally {
    pub(super) fn new(members: Members, living: bool, domains: Domains) -> Tally {
        Tally { members, living, domains, domain: Vec::new(), counts: Vec::new(), nodes: Vec::new(), sum: 0 }
    }

    /// Puts node number `node` with its `pods` into `domain`, or out of all with [`NONE`].
    pub(super) fn settle(&mut self, node: usize, domain: u32, pods: u32) {
        if node >= self.domain.len() {
            self.domain.resize(node + 1, NONE);
        }
        let old = std::mem::replace(&mut self.domain[node], domain);
        if old != NONE {
            self.nodes[old as usize] -= 1;
            self.counts[old as usize] -= pods;
            self.sum -= u64::from(pods);
        }
        if domain != NONE {
            let domain = domain as usize;
            if domain >= self.counts.len() {
                self.counts.resize(domain + 1, 0);
                self.nodes.resize(domain + 1, 0);
            }
            self.nodes[domain] += 1;
            self.counts[domain] += pods;
            self.sum += u64::from(pods);
        }
    }

    /// Counts a pod on `node`.
    pub(super) fn add(&mut self, node: usize) {
        let domain = self.domain[node];
        if domain != NONE {
            self.counts[domain as usize] += 1;
            self.sum += 1;
        }
    }

    /// No longer counts a pod on `node`.
    pub(super) fn subtract(&mut self, node: usize) {
        let domain = self.domain[node];
        if domain != NONE {
            self.counts[domain as usize] -= 1;
            self.sum -= 1;
        }
    }

    /// The pods in a domain; none in one that was never eligible.
    pub(super) fn count(&self, domain: u32) -> u32 {
        self.counts.get(domain as usize).copied().unwrap_or(0)
    }

    /// The pods in all domains.
    pub(super) fn sum(&self) -> u64 {
        self.sum
    }

    /// The number of domains with eligible nodes, and the fewest pods in one.
    pub(super) fn least(&self) -> (u32, u32) {
        let eligible = self.counts.iter().zip(&self.nodes).filter(|&(_, &nodes)| nodes > 0);
        eligible.fold((0, u32::MAX), |(domains, least), (&count, _)| (domains + 1, least.min(count)))
    }
}
