//! Recent recommendations hold off the next one: stabilisation.
//!
//! What is kept is the raw recommendation, never the stabilised one, or the first high one would
//! hold for ever. The list is that of horizontal.go, slot for slot: the last slot that is too old to
//! count is used again.

use sim_core::{Span, Time};

/// What the metrics proposed at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recommendation {
    /// When.
    pub at: Time,
    /// How many.
    pub replicas: u32,
}

/// How far back recommendations count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Lower ones, against scaling up.
    pub up: Span,
    /// Higher ones, against scaling down.
    pub down: Span,
}

/// The recommendations of the recent past.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recommendations {
    slots: Vec<Recommendation>,
}

impl Recommendations {
    /// These, in the order of their slots.
    pub fn new(slots: Vec<Recommendation>) -> Recommendations {
        Recommendations { slots }
    }

    /// What is kept, slot by slot.
    pub fn slots(&self) -> &[Recommendation] {
        &self.slots
    }

    /// Without `behavior`: the highest recommendation that is not older than `window`.
    pub fn stabilize(&mut self, now: Time, window: Span, proposed: u32) -> u32 {
        let (old, recent): (Vec<_>, Vec<_>) =
            (0..self.slots.len()).partition(|&slot| now.since(self.slots[slot].at) > window);
        let stable = recent.into_iter().map(|slot| self.slots[slot].replicas).fold(proposed, u32::max);
        self.keep(old.last().copied(), Recommendation { at: now, replicas: proposed });
        stable
    }

    /// With `behavior`: the current number, raised to the lowest recommendation of the window
    /// upwards, or lowered to the highest of the window downwards.
    pub fn stabilize_between(&mut self, now: Time, windows: Windows, current: u32, proposed: u32) -> u32 {
        let (mut lowest, mut highest, mut old) = (proposed, proposed, None);
        for (slot, &Recommendation { at, replicas }) in self.slots.iter().enumerate() {
            let age = now.since(at);
            if age < windows.up {
                lowest = lowest.min(replicas);
            }
            if age < windows.down {
                highest = highest.max(replicas);
            }
            if age > windows.up && age > windows.down {
                old = Some(slot);
            }
        }
        self.keep(old, Recommendation { at: now, replicas: proposed });
        current.max(lowest).min(highest)
    }

    fn keep(&mut self, slot: Option<usize>, recommendation: Recommendation) {
        match slot {
            Some(slot) => self.slots[slot] = recommendation,
            None => self.slots.push(recommendation),
        }
    }
}
