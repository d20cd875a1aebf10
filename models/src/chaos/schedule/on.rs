//! When something happens in the world, a while after it.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Rng, Span, Time};

use super::{Recur, Surroundings};
use crate::chaos::cue::{Awaited, Cue, Trigger};

/// What it waits for, how long after it strikes, and how many times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct On {
    /// What has to happen.
    pub fact: Trigger,
    /// From then until it strikes. Default at once.
    #[serde(default)]
    pub after: Span,
    /// How many times at most. Default 1.
    #[serde(default = "once")]
    pub times: u32,
}

fn once() -> u32 {
    1
}

impl On {
    pub(super) fn check(&self) -> Result<(), String> {
        match self.times {
            0 => Err("times: no strike at all breaks nothing".to_owned()),
            _ => Ok(()),
        }
    }
}

impl Build<dyn Recur, Surroundings> for On {
    fn build(&self, surroundings: &Surroundings) -> Box<dyn Recur> {
        let awaited = self.fact.resolve(surroundings);
        Box::new(Waiting { awaited, after: self.after, left: self.times })
    }
}

struct Waiting {
    awaited: Awaited,
    after: Span,
    left: u32,
}

impl Recur for Waiting {
    fn next(&mut self, _: Option<Time>, _: &mut Rng) -> Option<Time> {
        None
    }

    fn cue(&mut self, cue: &Cue) -> Option<Span> {
        (self.left > 0 && self.awaited.is_met_by(cue)).then(|| {
            self.left -= 1;
            self.after
        })
    }
}
