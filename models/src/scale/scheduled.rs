//! Replicas by the clock: for load that is known in advance.
//!
//! `steps` hold from their time to the next step's, and start over every `every` if that is given;
//! before the first of them, and without any, `min` holds (with `every`, what the last step of the
//! round before asked for). `windows` are once: while one lasts there are at least as many replicas as
//! it says. The highest of all that apply holds, as with several cron triggers in KEDA.
//!
//! A schedule is blind to the load: it is on time or it is not.

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Span, Time};

use super::bounds::min_default;
use super::hpa::sync_period_default;
use super::{Bounds, Decision, Reading, Reason, Scale, ScaleSurroundings};

/// Settings of the schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheduled {
    /// The least replicas.
    #[serde(default = "min_default")]
    pub min: u32,
    /// The most replicas.
    pub max: u32,
    /// From when on how many replicas; in order.
    #[serde(default)]
    pub steps: Vec<(Span, u32)>,
    /// After how long the steps start over.
    #[serde(default)]
    pub every: Option<Span>,
    /// Times of the run at which there shall be more.
    #[serde(default)]
    pub windows: Vec<Window>,
    /// How often it looks at the clock.
    #[serde(default = "sync_period_default")]
    pub period: Span,
}

/// A time of the run with at least so many replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// When it begins.
    pub from: Span,
    /// When it is over.
    pub until: Span,
    /// How many.
    pub replicas: u32,
}

impl Scheduled {
    pub(super) fn check(&self) -> Result<(), String> {
        Bounds { min: self.min, max: self.max }.check()?;
        if self.steps.is_empty() && self.windows.is_empty() {
            return Err("steps: a schedule needs steps or windows".to_owned());
        }
        if let Some(pair) = self.steps.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
            return Err(format!("steps: {} does not come after {}", pair[1].0, pair[0].0));
        }
        let last = self.steps.last().map(|&(at, _)| at);
        if let (Some(every), Some(last)) = (self.every, last)
            && last >= every
        {
            return Err(format!("every: the step at {last} never comes in rounds of {every}"));
        }
        if let Some(window) = self.windows.iter().find(|window| window.from >= window.until) {
            return Err(format!("windows: one from {} until {} has no time", window.from, window.until));
        }
        if self.period == Span::ZERO {
            return Err("period: it must be longer than zero".to_owned());
        }
        Ok(())
    }

    /// How many the schedule asks for.
    fn replicas(&self, now: Time) -> u32 {
        let now = now.since(Time::ZERO);
        let (round, in_round) = match self.every {
            Some(every) => (now.as_nanos() / every.as_nanos(), Span::from_nanos(now.as_nanos() % every.as_nanos())),
            None => (0, now),
        };
        let reached = self.steps.iter().rev().find(|&&(at, _)| at <= in_round);
        let before = || self.steps.last().filter(|_| round > 0);
        let step = reached.or_else(before).map(|&(_, replicas)| replicas);
        let open = self.windows.iter().filter(|window| window.from <= now && now < window.until);
        open.map(|window| window.replicas).chain(step).max().unwrap_or(self.min)
    }
}

impl Build<dyn Scale, ScaleSurroundings> for Scheduled {
    fn build(&self, _: &ScaleSurroundings) -> Box<dyn Scale> {
        Box::new(self.clone())
    }
}

impl Scale for Scheduled {
    fn decide(&mut self, now: Time, _: &Reading<'_>) -> Decision {
        let bounds = Bounds { min: self.min, max: self.max };
        Decision::new(bounds.hold(self.replicas(now)), Reason::Schedule)
    }

    fn period(&self) -> Span {
        self.period
    }

    fn looks_at_pods(&self) -> bool {
        false
    }
}
