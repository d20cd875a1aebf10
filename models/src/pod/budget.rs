//! Disruption budgets: how many pods may be taken away on purpose.
//!
//! Evictions (a drain, the cluster autoscaler, preemption) ask the budget; a rolling update, a
//! scale-down and a crash do not. Source: Kubernetes, pkg/controller/disruption/disruption.go and
//! pkg/registry/core/pod/storage/eviction.go. Left out: `AlwaysAllow` for pods that are not ready.

use serde::{Deserialize, Serialize};

use super::Phase;
use crate::amount::Amount;

/// What a budget promises. Percentages round up, of either kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum DisruptionBudget {
    /// So many pods stay healthy.
    MinAvailable(Amount),
    /// No more pods than so many are missing.
    MaxUnavailable(Amount),
}

/// The pods that a budget is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guarded<'a> {
    /// How many there are.
    pub pods: u32,
    /// How many of them are ready and not about to end.
    pub healthy: u32,
    /// The replicas that each of the controllers owning some of them should have.
    pub scales: &'a [u32],
}

/// Where a budget stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BudgetStatus {
    /// Pods there should be.
    pub expected: u32,
    /// Pods that must be healthy.
    pub desired: u32,
    /// Pods that are healthy.
    pub healthy: u32,
    /// Healthy pods that may be evicted now.
    pub allowed: u32,
}

impl DisruptionBudget {
    /// Where the budget stands.
    pub fn status(self, guarded: &Guarded<'_>) -> BudgetStatus {
        // Pods without a controller do not say how many there should be.
        let scale = guarded.scales.iter().fold(0, |sum: u32, &scale| sum.saturating_add(scale));
        let (expected, desired) = match self {
            DisruptionBudget::MinAvailable(Amount::Count(count)) => (guarded.pods, count),
            DisruptionBudget::MinAvailable(share) => (scale, share.of_rounded_up(scale)),
            DisruptionBudget::MaxUnavailable(amount) => (scale, scale.saturating_sub(amount.of_rounded_up(scale))),
        };
        let healthy = guarded.healthy;
        let allowed = if expected == 0 { 0 } else { healthy.saturating_sub(desired) };
        BudgetStatus { expected, desired, healthy, allowed }
    }
}

impl BudgetStatus {
    /// Asks to evict a pod; if it may, the budget has room for one less until it is computed anew.
    pub fn evict(&mut self, phase: Phase, ready: bool) -> bool {
        if matches!(phase, Phase::Pending | Phase::Succeeded | Phase::Failed) {
            return true;
        }
        if !ready && self.desired > 0 && self.healthy >= self.desired {
            return true;
        }
        let allowed = self.allowed > 0;
        self.allowed = self.allowed.saturating_sub(1);
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(budget: &str, pods: u32, healthy: u32, scales: &[u32]) -> BudgetStatus {
        ron::from_str::<DisruptionBudget>(budget).unwrap().status(&Guarded { pods, healthy, scales })
    }

    #[test]
    fn percentages_round_up_against_and_for_disruption() {
        assert_eq!(status("MinAvailable(\"34%\")", 3, 3, &[3]).allowed, 1);
        assert_eq!(status("MaxUnavailable(\"30%\")", 7, 7, &[7]).allowed, 3);
        assert_eq!(status("MinAvailable(\"28%\")", 22, 9, &[11, 11]).desired, 7);
    }

    #[test]
    fn bare_pods_count_only_for_a_plain_minimum() {
        assert_eq!(status("MinAvailable(3)", 4, 4, &[]).allowed, 1);
        assert_eq!(status("MinAvailable(\"28%\")", 4, 4, &[]).allowed, 0);
        assert_eq!(status("MaxUnavailable(1)", 4, 4, &[]).allowed, 0);
    }

    #[test]
    fn evictions_use_the_budget_up() {
        let mut status = status("MaxUnavailable(1)", 3, 3, &[3]);
        assert!(status.evict(Phase::Pending, false), "what never ran is nobody's loss");
        assert!(status.evict(Phase::Running, false), "nor what does not work while enough others do");
        assert!(status.evict(Phase::Running, true));
        assert!(!status.evict(Phase::Running, true));
    }
}
