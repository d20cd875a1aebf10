//! At times that somebody has written down.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Rng, Span, Time};

use super::{Recur, Surroundings};

/// At each of these times, in order; written `Times(["1min", "90s"])`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Times(pub Vec<Span>);

impl Times {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.0.is_empty() {
            return Err("without a time it never happens".to_owned());
        }
        match self.0.windows(2).find(|pair| pair[0] >= pair[1]) {
            Some(pair) => Err(format!("{} comes before {}; put the times in order", pair[0], pair[1])),
            None => Ok(()),
        }
    }
}

impl Build<dyn Recur, Surroundings> for Times {
    fn build(&self, _: &Surroundings) -> Box<dyn Recur> {
        Box::new(self.clone())
    }
}

impl Recur for Times {
    fn next(&mut self, last: Option<Time>, _: &mut Rng) -> Option<Time> {
        let mut times = self.0.iter().map(|at| Time::ZERO + *at);
        times.find(|at| last.is_none_or(|last| *at > last))
    }
}
