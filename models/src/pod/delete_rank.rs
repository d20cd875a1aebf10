//! Which pods a shrinking replica set deletes first.
//!
//! Those that cost least to lose: not placed, not running, not ready; then those that are cheap by
//! their owner's word, share their node with others of their kind, or are young, for a young pod
//! has fewer caches and connections. Ages are compared in powers of two, and a pod's random id
//! decides inside one, so that a scale-down does not always hit the newest pods, which may all
//! stand in one zone. Source: Kubernetes, pkg/controller/controller_utils.go (`ActivePodsWithRanks`).

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use sim_core::{Span, Time};

use super::Phase;

/// The gates of Kubernetes that decide which rules hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeleteRank {
    /// Whether the deletion cost is looked at (`PodDeletionCost`).
    pub deletion_cost: bool,
    /// Whether ages are compared in powers of two (`LogarithmicScaleDown`), not exactly.
    pub logarithmic: bool,
}

impl Default for DeleteRank {
    fn default() -> DeleteRank {
        DeleteRank { deletion_cost: true, logarithmic: true }
    }
}

/// A pod that may be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deletable {
    /// Whether it has a node.
    pub assigned: bool,
    /// Where it is in its life.
    pub phase: Phase,
    /// Whether it is ready.
    pub ready: bool,
    /// What its deletion costs, in nobody's currency (`controller.kubernetes.io/pod-deletion-cost`).
    pub cost: i32,
    /// How many active pods of its owner are on its node, itself included.
    pub colocated: u32,
    /// Since when it is ready, if that is known.
    pub ready_since: Option<Time>,
    /// The most restarts of any of its containers.
    pub restarts: u32,
    /// When it was created, if that is known.
    pub created: Option<Time>,
    /// Decides where ages are about the same.
    pub id: u64,
}

impl DeleteRank {
    /// `Less` if the first pod is deleted before the second, `Equal` if neither comes first.
    ///
    /// Not a total order, as Kubernetes' is not: what is equal to two pods may stand between them.
    pub fn compare(&self, now: Time, one: &Deletable, other: &Deletable) -> Ordering {
        let cost = |pod: &Deletable| if self.deletion_cost { pod.cost } else { 0 };
        (one.assigned.cmp(&other.assigned))
            .then_with(|| ordinal(one.phase).cmp(&ordinal(other.phase)))
            .then_with(|| one.ready.cmp(&other.ready))
            .then_with(|| cost(one).cmp(&cost(other)))
            .then_with(|| other.colocated.cmp(&one.colocated))
            .then_with(|| {
                // Ages that differ decide, be it by id: what follows is not looked at then.
                let ids = || one.id.cmp(&other.id);
                let ready = |pod: &Deletable| pod.ready_since.filter(|_| pod.ready).map(stored);
                self.compare_ages(now, ready(one), ready(other), ids)
                    .or_else(|| Some(other.restarts.cmp(&one.restarts)).filter(|order| order.is_ne()))
                    .or_else(|| self.compare_ages(now, one.created.map(stored), other.created.map(stored), ids))
                    .unwrap_or(Ordering::Equal)
            })
    }

    /// Unknown first, then the younger; inside a power of two as `ids` say. `None` if they are equal.
    fn compare_ages(
        &self,
        now: Time,
        one: Option<Time>,
        other: Option<Time>,
        ids: impl FnOnce() -> Ordering,
    ) -> Option<Ordering> {
        (one != other).then(|| match (one, other) {
            (Some(one), Some(other)) if self.logarithmic => {
                magnitude(now.since(one)).cmp(&magnitude(now.since(other))).then_with(ids)
            }
            (Some(one), Some(other)) => other.cmp(&one),
            _ => one.is_some().cmp(&other.is_some()),
        })
    }

    /// The indices of `pods` in the order of their deletion.
    pub fn order(&self, now: Time, pods: &[Deletable]) -> Vec<usize> {
        let mut order: Vec<usize> = Vec::with_capacity(pods.len());
        for (index, pod) in pods.iter().enumerate() {
            // The standard sorts may panic where an order is not total; this cannot.
            let before = |&other: &usize| self.compare(now, &pods[other], pod) != Ordering::Greater;
            order.insert(order.partition_point(before), index);
        }
        order
    }
}

/// Pending, unknown, running; a pod that has ended is not active and comes with the first.
fn ordinal(phase: Phase) -> u8 {
    match phase {
        Phase::Pending | Phase::Succeeded | Phase::Failed => 0,
        Phase::Unknown => 1,
        Phase::Running => 2,
    }
}

/// An instant as Kubernetes stores it, in whole seconds.
fn stored(instant: Time) -> Time {
    const SECOND: u64 = 1_000_000_000;
    Time::from_nanos(instant.as_nanos() / SECOND * SECOND)
}

/// The power of two of an age in nanoseconds; `None` is younger than any.
fn magnitude(age: Span) -> Option<u32> {
    age.as_nanos().checked_ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_nanos(1_000_000_000_000_000);

    fn ready(id: u64, age_secs: u64) -> Deletable {
        let since = Some(Time::from_nanos(NOW.as_nanos() - age_secs * 1_000_000_000));
        let (assigned, phase, ready) = (true, Phase::Running, true);
        Deletable { assigned, phase, ready, cost: 0, colocated: 1, ready_since: since, restarts: 0, created: since, id }
    }

    #[test]
    fn what_costs_least_goes_first() {
        let pods = [
            ready(0, 9_000),
            Deletable { restarts: 3, ..ready(1, 9_000) },
            ready(2, 60),
            Deletable { colocated: 2, ..ready(3, 9_000) },
            Deletable { cost: -1, ..ready(4, 9_000) },
            Deletable { ready: false, ..ready(5, 9_000) },
            Deletable { phase: Phase::Pending, ready: false, ..ready(6, 9_000) },
            Deletable { assigned: false, phase: Phase::Pending, ready: false, ..ready(7, 9_000) },
        ];
        assert_eq!(DeleteRank::default().order(NOW, &pods), [7, 6, 5, 4, 3, 2, 1, 0]);
    }

    #[test]
    fn ages_count_by_powers_of_two_unless_told_otherwise() {
        let (rank, pods) = (DeleteRank::default(), [ready(9, 18_000), ready(3, 28_800), ready(5, 90_000)]);
        assert_eq!(rank.order(NOW, &pods), [1, 0, 2]);
        assert_eq!(DeleteRank { logarithmic: false, ..rank }.order(NOW, &pods), [0, 1, 2]);
    }

    #[test]
    fn a_circle_of_preferences_does_no_harm() {
        // One before two by id, two before three by restarts, three before one by id.
        let three = Deletable { id: 0, ..ready(0, 28_800) };
        let pods = [ready(1, 18_000), Deletable { restarts: 1, ..ready(2, 28_800) }, three];
        assert_eq!(DeleteRank::default().order(NOW, &pods.repeat(50)).len(), 150);
    }
}
