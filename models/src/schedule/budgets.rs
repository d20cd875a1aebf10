//! Disruption budgets as the scheduler and the cluster autoscaler see them: of some pods, how many
//! may be taken away now. Whoever runs the budgets keeps the figures true.

use super::class::ClassId;
use super::cluster::Cluster;
use super::selector::Selector;

/// A budget; counts up from 0 as budgets are added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BudgetId(pub u32);

#[derive(Clone, Debug)]
pub(super) struct Budget {
    namespace: String,
    selector: Selector,
    allowed: u32,
}

/// What is left of all budgets while several pods are being taken away.
#[derive(Clone, Debug)]
pub(crate) struct BudgetsLeft(Vec<u32>);

impl Cluster {
    /// Adds a budget for the pods of a namespace that a selector means; none of them may be taken yet.
    pub fn add_budget(&mut self, namespace: &str, selector: Selector) -> BudgetId {
        self.budgets.push(Budget { namespace: namespace.to_owned(), selector, allowed: 0 });
        BudgetId(u32::try_from(self.budgets.len() - 1).expect("fewer than 2^32 budgets"))
    }

    /// Says how many pods a budget allows to be taken away now.
    pub fn set_allowed(&mut self, budget: BudgetId, allowed: u32) {
        self.budgets[budget.0 as usize].allowed = allowed;
    }

    /// What all budgets allow now.
    pub(crate) fn budgets_left(&self) -> BudgetsLeft {
        BudgetsLeft(self.budgets.iter().map(|budget| budget.allowed).collect())
    }

    fn covers(&self, class: ClassId) -> impl Iterator<Item = usize> + '_ {
        let spec = self.class(class);
        let covers = move |budget: &Budget| budget.namespace == spec.namespace && budget.selector.matches(&spec.labels);
        self.budgets.iter().enumerate().filter(move |(_, budget)| covers(budget)).map(|(index, _)| index)
    }
}

impl BudgetsLeft {
    /// Takes a pod of a class; `false` if one of its budgets was used up.
    pub(crate) fn take(&mut self, cluster: &Cluster, class: ClassId) -> bool {
        let mut kept = true;
        for budget in cluster.covers(class) {
            kept &= self.0[budget] > 0;
            self.0[budget] = self.0[budget].saturating_sub(1);
        }
        kept
    }
}
