//! Which changes were made lately: what rate limits count.

use sim_core::{Span, Time};

use super::behavior::Rules;

/// A change of the number of replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Time,
    /// By how many, in the list's direction.
    pub replicas: u32,
}

/// The changes in one direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    slots: Vec<Change>,
}

impl Changes {
    /// These, in the order of their slots.
    pub fn new(slots: Vec<Change>) -> Changes {
        Changes { slots }
    }

    /// What is kept, slot by slot.
    pub fn slots(&self) -> &[Change] {
        &self.slots
    }

    /// The sum of the changes younger than `period`.
    pub fn within(&self, now: Time, period: Span) -> i64 {
        self.slots.iter().filter(|change| now.since(change.at) < period).map(|change| i64::from(change.replicas)).sum()
    }

    /// Keeps a change for as long as the longest policy counts it, in the last slot that holds one
    /// too old for that. Without rules nobody will ask, and nothing is kept.
    pub fn record(&mut self, now: Time, replicas: u32, rules: Option<&Rules>) {
        let Some(rules) = rules else { return };
        let longest = rules.policies.iter().map(|policy| policy.period()).max().unwrap_or(Span::ZERO);
        let outdated = self.slots.iter().rposition(|change| now.since(change.at) > longest);
        let change = Change { at: now, replicas };
        match outdated {
            Some(slot) => self.slots[slot] = change,
            None => self.slots.push(change),
        }
    }
}
