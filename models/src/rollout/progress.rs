//! When a release last made progress, and when it is too late for more.

use sim_core::{Span, Time};

use super::sync::{self, Status};
use super::{SetView, View};

/// The status at the last look, and when it was last better than before.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress(Option<(Status, Time)>);

impl Progress {
    /// Takes in how things stand; true if nothing has got better for longer than the deadline.
    pub(super) fn is_late(&mut self, now: Time, status: Status, deadline: Span, through: bool) -> bool {
        let (before, at) = self.0.get_or_insert((status, now));
        if status.is_progress(before) {
            *at = now;
        }
        *before = status;
        sync::is_late(Some(deadline), now.since(*at), through)
    }

    /// Begins anew: a pause, or a turn back.
    pub(super) fn restart(&mut self) {
        self.0 = None;
    }

    /// When it would be too late, if that is to come.
    pub(super) fn expires(&self, now: Time, deadline: Span) -> Option<Time> {
        let (_, at) = self.0?;
        Some(at + deadline + Span::from_nanos(1)).filter(|expires| *expires > now)
    }
}

/// The status of a deployment whose new set is `new`.
pub(super) fn status<'a>(new: &SetView, old: impl IntoIterator<Item = &'a SetView> + Clone) -> Status {
    let sum = |of: fn(&SetView) -> u32| of(new) + old.clone().into_iter().map(of).sum::<u32>();
    Status {
        replicas: sum(|set| set.pods),
        updated: new.pods,
        ready: sum(|set| set.ready),
        available: sum(|set| set.available),
    }
}

/// The status of a release on its way to the canary.
pub(super) fn forward(view: &View<'_>) -> Status {
    let old: Vec<SetView> = view.older.iter().copied().chain([view.stable]).collect();
    status(&view.canary, &old)
}
