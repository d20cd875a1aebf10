//! A limit on how long a call may take, known to the caller alone.
//!
//! When it strikes, the caller goes on; the server is not told and works on in vain, which is what
//! makes overload feed itself. Around a retry it limits all attempts together, inside one each of them.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Span, Time};

use super::{Admit, Passage, Policy, Settle};
use crate::outcome::Outcome;

/// Ends a call with [`Outcome::Timeout`] after this span; written `Timeout("250ms")`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timeout(pub Span);

impl Build<dyn Policy, ()> for Timeout {
    fn build(&self, _context: &()) -> Box<dyn Policy> {
        Box::new(*self)
    }
}

impl Policy for Timeout {
    fn admit(&mut self, _now: Time, _call: &mut Passage<'_>) -> Admit {
        Admit::PassThenWake(self.0)
    }

    fn settle(&mut self, _now: Time, _call: &mut Passage<'_>, outcome: Outcome) -> Settle {
        Settle::Deliver(outcome)
    }

    fn wake(&mut self, _now: Time, _call: &mut Passage<'_>) -> Option<Outcome> {
        Some(Outcome::Timeout)
    }
}
