//! Earliest deadline first, as Envoy turns weights into an order.
//!
//! Each backend has a deadline; the earliest is taken, time moves there, and the backend comes back
//! 1 / weight later. Weights may change with load: then the schedule is least request with weights.
//! Source: Envoy's edf_scheduler.h. Unlike Envoy, a schedule outlives changes of the backends: who
//! comes joins it, who goes leaves it, instead of all starting anew.

use super::min_tree::MinTree;
use super::{BackendId, Backends};

/// The schedule.
#[derive(Default)]
pub(crate) struct Deadlines {
    /// By deadline, as the bits of a positive float, which sort as it does; then by entry.
    tree: MinTree<(u64, u64)>,
    now: f64,
    entered: u64,
}

impl Deadlines {
    /// The candidate with the earliest deadline, which comes back after 1 / `weight`.
    pub(crate) fn pick(&mut self, tried: &[BackendId], weight: impl FnOnce(BackendId) -> f64) -> Option<BackendId> {
        let index = self.tree.first_except(tried.iter().map(|id| id.index()))?;
        let id = BackendId(index as u32);
        let (deadline, _) = self.tree.get(index).expect("the first key is there");
        // One that was passed over because a call had tried it may be overdue: time does not go back.
        self.now = self.now.max(f64::from_bits(deadline));
        self.enter(id, weight(id));
        Some(id)
    }

    /// Lets who was opened join and who was closed leave.
    pub(crate) fn changed(&mut self, backends: &Backends, weight: impl Fn(BackendId) -> f64) {
        self.tree.resize(backends.len());
        for id in (0..backends.len() as u32).map(BackendId) {
            if !backends.is_open(id) {
                self.tree.set(id.index(), None);
            } else if self.tree.get(id.index()).is_none() {
                self.enter(id, weight(id));
            }
        }
    }

    fn enter(&mut self, id: BackendId, weight: f64) {
        self.entered += 1;
        let deadline = self.now + 1.0 / weight;
        self.tree.set(id.index(), Some((deadline.to_bits(), self.entered)));
    }
}
