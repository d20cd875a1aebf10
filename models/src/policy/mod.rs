//! What surrounds a call: timeouts, deadlines, retries; later breakers, bulkheads, hedges.
//!
//! Policies are layers, outermost first as a file lists them. A call passes down through
//! [`Policy::admit`] of each; the bottom sends one attempt to a backend. Its end climbs back up
//! through [`Policy::settle`], where a layer may deliver it or send the call down once more. A layer
//! that asked to be woken may end everything below it. The shape follows tower's layers.
//!
//! **Contract.** Each passage down through a layer (an admit that passed, or a retry it asked for)
//! meets exactly one settle of that layer; the outcome is [`Outcome::Cancelled`] if a layer further
//! out gave up, and then the answer is ignored. A retry that waits is a passage too.
//!
//! A policy is shared by all calls of its call site; what belongs to one call is kept in its [`Memo`].

mod deadline;
mod retry;
mod timeout;

use sim_core::{Draws, Span, Time, strategies};

pub use deadline::Deadline;
pub use retry::{CapAt, Jitter, Memory, Retry};
pub use timeout::Timeout;

use crate::outcome::Outcome;

/// A layer around calls.
pub trait Policy {
    /// The call comes down to this layer.
    fn admit(&mut self, now: Time, call: &mut Passage<'_>) -> Admit;

    /// What this layer let pass has ended.
    fn settle(&mut self, now: Time, call: &mut Passage<'_>, outcome: Outcome) -> Settle;

    /// The time has come that this layer asked for: `Some` ends all below it with that outcome.
    fn wake(&mut self, _now: Time, _call: &mut Passage<'_>) -> Option<Outcome> {
        None
    }
}

/// Whether a call may pass a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admit {
    /// It may.
    Pass,
    /// It may, and the layer wants to be woken after this span unless it has settled by then.
    PassThenWake(Span),
    /// It may not; it ends so.
    Reject(Outcome),
}

/// What becomes of an end that climbs up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settle {
    /// It goes on to the next layer, perhaps changed.
    Deliver(Outcome),
    /// The call goes down from this layer once more.
    Retry {
        /// How long to wait before.
        after: Span,
        /// Whether the backends tried so far shall be avoided.
        elsewhere: bool,
    },
}

/// A call as a policy sees it.
#[derive(Debug)]
pub struct Passage<'a> {
    /// Which client calls: a user's number in a closed workload, otherwise 0.
    pub client: u32,
    /// The instant after which nobody wants the answer; travels with the call.
    pub deadline: &'a mut Time,
    /// The call's own randomness.
    pub draws: &'a mut Draws,
    /// What this layer remembers of this call; default when the call begins.
    pub memo: &'a mut Memo,
}

/// What a layer remembers of one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memo {
    /// A number, such as attempts so far.
    pub count: u32,
    /// A span, such as the last wait.
    pub span: Span,
}

strategies! {
    /// What surrounds a call, outermost first.
    pub enum CallPolicy: dyn Policy, context () {
        /// Ends the call with `timeout` after a span; the server is not told.
        Timeout(Timeout),
        /// Like a timeout, but the limit travels with the call: servers drop what is overdue.
        Deadline(Deadline),
        /// Sends the call again after a failure, with back-off and jitter.
        Retry(Retry),
    }
}

impl CallPolicy {
    /// Tells what is wrong with the settings, if anything is.
    pub fn check(&self) -> Result<(), String> {
        match self {
            CallPolicy::Timeout(Timeout(limit)) | CallPolicy::Deadline(Deadline(limit)) if *limit == Span::ZERO => {
                Err("a limit of zero ends every call before it begins".to_owned())
            }
            CallPolicy::Retry(retry) => retry.check(),
            _ => Ok(()),
        }
    }
}
