//! Why a pod cannot be placed, as `kubectl describe pod` would tell it.

use std::fmt;
use std::sync::Arc;

/// What a plug-in says of a class of pods and a node, in the scheduling framework's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The node will do.
    Success,
    /// It will not, unless pods leave.
    Unschedulable,
    /// It will not, whichever pods leave.
    UnschedulableAndUnresolvable,
    /// The plug-in has nothing to say.
    Skip,
}

/// Why a node was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It is cordoned.
    Cordoned,
    /// It has a taint that the pod does not tolerate.
    UntoleratedTaint,
    /// The pod's node selector or node affinity leaves it out.
    NodeAffinity,
    /// Not enough of some resources.
    Insufficient(Resourceless),
    /// A port is taken.
    HostPorts,
    /// The spread would be too uneven.
    TopologySpread,
    /// A label that the spread goes by is missing.
    TopologySpreadLabel,
    /// The pods it wants near are not there.
    PodAffinity,
    /// A pod it wants far is there.
    PodAntiAffinity,
    /// A pod is there that wants it far.
    ExistingPodAntiAffinity,
}

/// A set of resources that are short on a node, the places for pods among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Resourceless(u64);

impl Resourceless {
    /// The places for pods.
    pub(super) const PODS: Resourceless = Resourceless(1);

    pub(super) fn resource(index: usize) -> Resourceless {
        Resourceless(1 << (index + 1).min(63))
    }

    pub(super) fn with(self, other: Resourceless) -> Resourceless {
        Resourceless(self.0 | other.0)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn each(self) -> impl Iterator<Item = Resourceless> {
        (0..64).map(|bit| Resourceless(1 << bit)).filter(move |one| self.0 & one.0 != 0)
    }
}

/// A plug-in's refusal of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Why.
    pub reason: Reason,
    /// Whether it would still be refused if all pods left it.
    pub unresolvable: bool,
}

impl Rejection {
    /// A refusal that might be lifted if pods left.
    pub fn resolvable(reason: Reason) -> Rejection {
        Rejection { reason, unresolvable: false }
    }

    /// A refusal that no leaving pod would lift.
    pub fn unresolvable(reason: Reason) -> Rejection {
        Rejection { reason, unresolvable: true }
    }

    /// The refusal as a status.
    pub fn status(&self) -> Status {
        if self.unresolvable { Status::UnschedulableAndUnresolvable } else { Status::Unschedulable }
    }
}

/// Why no node will do: how many nodes were refused for each reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// All nodes there are.
    pub nodes: usize,
    /// Reasons and how many nodes each applies to; a node short of two resources is in both.
    pub reasons: Vec<(Reason, u32)>,
    resource_names: Arc<Vec<String>>,
}

impl Unfit {
    pub(super) fn new(nodes: usize, resource_names: Arc<Vec<String>>) -> Unfit {
        Unfit { nodes, reasons: Vec::new(), resource_names }
    }

    pub(super) fn count(&mut self, reason: Reason) {
        match reason {
            Reason::Insufficient(short) => short.each().for_each(|one| self.count_one(Reason::Insufficient(one))),
            reason => self.count_one(reason),
        }
    }

    fn count_one(&mut self, reason: Reason) {
        match self.reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, nodes)) => *nodes += 1,
            None => self.reasons.push((reason, 1)),
        }
    }

    fn text(&self, reason: Reason) -> String {
        let text = match reason {
            Reason::Cordoned => "node(s) were unschedulable",
            Reason::UntoleratedTaint => "node(s) had untolerated taint",
            Reason::NodeAffinity => "node(s) didn't match Pod's node affinity/selector",
            Reason::Insufficient(Resourceless::PODS) => "Too many pods",
            Reason::Insufficient(short) => {
                let index = short.0.trailing_zeros() as usize - 1;
                let name = self.resource_names.get(index).map_or("resources", String::as_str);
                return format!("Insufficient {name}");
            }
            Reason::HostPorts => "node(s) didn't have free ports for the requested pod ports",
            Reason::TopologySpread => "node(s) didn't match pod topology spread constraints",
            Reason::TopologySpreadLabel => {
                "node(s) didn't match pod topology spread constraints (missing required label)"
            }
            Reason::PodAffinity => "node(s) didn't match pod affinity rules",
            Reason::PodAntiAffinity => "node(s) didn't match pod anti-affinity rules",
            Reason::ExistingPodAntiAffinity => "node(s) didn't satisfy existing pods anti-affinity rules",
        };
        text.to_owned()
    }
}

impl fmt::Display for Unfit {
    /// "0/5 nodes are available: 2 node(s) had untolerated taint, 3 Insufficient cpu."
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> =
            self.reasons.iter().map(|(reason, nodes)| format!("{nodes} {}", self.text(*reason))).collect();
        parts.sort();
        let colon = if parts.is_empty() { "" } else { ": " };
        write!(f, "0/{} nodes are available{colon}{}.", self.nodes, parts.join(", "))
    }
}
