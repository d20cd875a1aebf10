//! Answers fail by script: "fail the first two, then succeed" is what shows whether retries work.
//!
//! Each victim counts its own answers from the beginning of the strike, those to probes not among them. After the last entry all
//! pass, or the script starts over.

use serde::{Deserialize, Serialize};
use sim_core::sim::Cx;
use sim_core::strategy::Build;

use super::{Disrupt, Effect, Hits, Strike, Surroundings};
use crate::world::World;

/// What becomes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Answer {
    /// It is an error.
    Fail,
    /// It is what it would be.
    Pass,
}

/// The answers of each victim, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// What becomes of the first, the second, ...
    pub answers: Vec<Answer>,
    /// Whether it starts over after the last. Default false.
    #[serde(default)]
    pub repeat: bool,
}

impl Script {
    pub(super) fn check(&self) -> Result<(), String> {
        match self.answers.contains(&Answer::Fail) {
            true => Ok(()),
            false => Err("answers: a script in which nothing fails breaks nothing".to_owned()),
        }
    }

    /// Whether the answer with this number, counted from 0, fails.
    pub(super) fn fails(&self, number: usize) -> bool {
        let number = if self.repeat { number % self.answers.len() } else { number };
        self.answers.get(number) == Some(&Answer::Fail)
    }
}

impl Build<dyn Disrupt, Surroundings> for Script {
    fn build(&self, _: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(self.clone())
    }
}

impl Disrupt for Script {
    fn hits(&self) -> Hits {
        Hits::Pods
    }

    fn strike(&mut self, world: &mut World, cx: &mut Cx<'_, World>, strike: &mut Strike) {
        world.afflict(cx, strike, Effect::Script(self.clone(), 0));
    }
}
