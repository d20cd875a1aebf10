//! A limit that travels with the call, as gRPC's deadlines do.
//!
//! The caller gives up when it has passed, and so does every server further down: a server that takes
//! up a call after its deadline drops it instead of working on it, and calls it makes inherit what is left.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Span, Time};

use super::{Admit, Passage, Policy, Settle};
use crate::outcome::Outcome;

/// Ends a call with [`Outcome::DeadlineExceeded`] after this span, here and further down; written
/// `Deadline("250ms")`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Deadline(pub Span);

impl Build<dyn Policy, ()> for Deadline {
    fn build(&self, _context: &()) -> Box<dyn Policy> {
        Box::new(*self)
    }
}

impl Policy for Deadline {
    fn admit(&mut self, now: Time, call: &mut Passage<'_>) -> Admit {
        // Kept for what is outside this layer: a retry around it gives each attempt its own limit.
        call.memo.span = call.deadline.since(Time::ZERO);
        *call.deadline = (*call.deadline).min(now + self.0);
        let left = call.deadline.since(now);
        if left == Span::ZERO { Admit::Reject(Outcome::DeadlineExceeded) } else { Admit::PassThenWake(left) }
    }

    fn settle(&mut self, _now: Time, call: &mut Passage<'_>, outcome: Outcome) -> Settle {
        *call.deadline = Time::ZERO + call.memo.span;
        Settle::Deliver(outcome)
    }

    fn wake(&mut self, _now: Time, _call: &mut Passage<'_>) -> Option<Outcome> {
        Some(Outcome::DeadlineExceeded)
    }
}
