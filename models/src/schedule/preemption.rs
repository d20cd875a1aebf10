//! Preemption: a pod that fits nowhere takes the place of pods with a lower priority.
//!
//! On each node that refused it for want of room, all weaker pods are taken away in thought, and as
//! many as possible put back, the most important first, those under a disruption budget before all
//! others. Then one node is picked. Source: `framework/preemption/preemption.go`,
//! `plugins/defaultpreemption/default_preemption.go`.

use std::cmp::Reverse;

use sim_core::{Draw, Time};

use super::class::{ClassId, PodKey};
use super::node::Placed;
use super::scheduler::Scheduler;
use crate::place::NodeId;

/// A pod that would have to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Victim {
    /// The pod.
    pub pod: PodKey,
    /// Its priority.
    pub priority: i32,
    /// When it was placed.
    pub start: Time,
}

/// A node that would do if its victims went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The node.
    pub node: NodeId,
    /// The pods that would have to go.
    pub victims: Vec<Victim>,
    /// How many of them a disruption budget would keep.
    pub violations: u32,
}

/// The candidate to preempt on, by its index: one without victims; else fewest budgets violated,
/// lowest highest priority, lowest sum of priorities, fewest victims, most important victims that
/// started latest; of equals the first.
pub fn pick_node(candidates: &[Candidate]) -> Option<usize> {
    let rank = |candidate: &Candidate| {
        let victims = &candidate.victims;
        let highest = victims.iter().map(|victim| victim.priority).max();
        // Shifted, so that each victim adds to the sum, whatever its priority.
        let sum: i64 = victims.iter().map(|victim| i64::from(victim.priority) + (1 << 31)).sum();
        let most_important = victims.iter().filter(|victim| Some(victim.priority) == highest);
        let earliest = most_important.map(|victim| victim.start).min();
        (highest.is_some(), candidate.violations, highest, sum, victims.len(), Reverse(earliest))
    };
    (0..candidates.len()).min_by_key(|&index| rank(&candidates[index]))
}

impl Scheduler {
    /// The node on which, and the pods whose place, a pod takes that fits nowhere; `potential` are
    /// the nodes where leaving pods could help.
    pub(super) fn preempt(&mut self, pod: PodKey, class: ClassId, potential: &[NodeId]) -> Option<Candidate> {
        if potential.is_empty() || !self.may_preempt(pod, class) {
            return None;
        }
        let share = potential.len() * self.settings.min_candidate_nodes_percentage as usize / 100;
        let wanted = share.max(self.settings.min_candidate_nodes_absolute as usize);
        let offset = self.ties.below(potential.len());
        let (mut clean, mut violating) = (Vec::new(), Vec::new());
        for &node in potential[offset..].iter().chain(&potential[..offset]) {
            if let Some(candidate) = self.victims_on(pod, class, node) {
                if candidate.violations == 0 { &mut clean } else { &mut violating }.push(candidate);
                if !clean.is_empty() && clean.len() + violating.len() >= wanted {
                    break;
                }
            }
        }
        clean.append(&mut violating);
        pick_node(&clean).map(|index| clean.swap_remove(index))
    }

    /// Not if it shall not, if nobody is weaker, or if victims of an earlier attempt are still leaving.
    fn may_preempt(&self, pod: PodKey, class: ClassId) -> bool {
        let spec = self.cluster.class(class);
        let leaves = |placed: &Placed| placed.ending.is_some() && self.is_weaker(placed.class, spec.priority);
        let awaited = self.nominated_node(pod).filter(|&node| self.cluster.has_node(node));
        self.settings.preemption
            && spec.preempts
            && self.cluster.classes.iter().any(|class| class.pods > 0 && class.spec.priority < spec.priority)
            && !awaited.is_some_and(|node| self.cluster.pods(node).iter().any(leaves))
    }

    fn is_weaker(&self, class: ClassId, priority: i32) -> bool {
        self.cluster.class(class).priority < priority
    }

    /// The fewest and least important pods of a node that would have to go.
    fn victims_on(&mut self, pod: PodKey, class: ClassId, node: NodeId) -> Option<Candidate> {
        let priority = self.cluster.class(class).priority;
        let before = self.cluster.pods(node).to_vec();
        let mut weaker: Vec<Placed> =
            before.iter().filter(|placed| self.is_weaker(placed.class, priority)).copied().collect();
        if weaker.is_empty() {
            return None;
        }
        for placed in &weaker {
            self.cluster.unbind(placed.pod, node);
        }
        let candidate = self.fits_beside_nominated(pod, class, node).is_ok().then(|| {
            weaker.sort_by_key(|placed| self.importance(placed));
            self.reprieve(pod, class, node, &weaker)
        });
        let victims = candidate.as_ref().map(|(victims, _)| victims).unwrap_or(&weaker);
        for placed in victims {
            self.cluster.place(*placed, node);
        }
        // As it was, down to the order in which the pods came.
        self.cluster.nodes.pods[node.0 as usize] = before;
        let (victims, violations) = candidate?;
        let victim = |placed: &Placed| Victim {
            pod: placed.pod,
            priority: self.cluster.class(placed.class).priority,
            start: placed.start,
        };
        Some(Candidate { node, victims: victims.iter().map(victim).collect(), violations })
    }

    /// The most important first.
    fn importance(&self, placed: &Placed) -> (Reverse<i32>, Time, PodKey) {
        (Reverse(self.cluster.class(placed.class).priority), placed.start, placed.pod)
    }

    /// Puts back as many pods as possible; answers with those that have to go, and how many of them a
    /// budget would keep.
    fn reprieve(&mut self, pod: PodKey, class: ClassId, node: NodeId, weaker: &[Placed]) -> (Vec<Placed>, u32) {
        let mut budgets = self.cluster.budgets_left();
        let (free, kept): (Vec<Placed>, Vec<Placed>) =
            weaker.iter().partition(|placed| budgets.take(&self.cluster, placed.class));
        let (mut victims, mut violations) = (Vec::new(), 0);
        for (is_kept, placed) in kept.iter().map(|placed| (true, placed)).chain(free.iter().map(|one| (false, one))) {
            self.cluster.place(*placed, node);
            if self.fits_beside_nominated(pod, class, node).is_err() {
                self.cluster.unbind(placed.pod, node);
                victims.push(*placed);
                violations += u32::from(is_kept);
            }
        }
        victims.sort_by_key(|placed| self.importance(placed));
        (victims, violations)
    }
}
