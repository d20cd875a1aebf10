//! Flagger's weights and phases, tick by tick.
//!
//! A tick is one analysis interval. The rule is in the order of its questions: promoted already? finished?
//! failed too often? Only then are the checks run, and none at all while the canary has no traffic; and a
//! failure that reaches the threshold is seen at the next tick, not at its own.
//!
//! Source: fluxcd/flagger, pkg/controller/scheduler.go (advanceCanary, runCanary, runAB, runBlueGreen,
//! runPromotionTrafficShift). Left out: webhooks and gates.

use super::super::Phase;

/// All of the traffic.
pub const TOTAL_WEIGHT: u32 = 100;
/// Failed checks after which it goes back, by default.
pub const THRESHOLD: u32 = 1;

/// How the weight rises.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rungs {
    /// What is added each tick.
    pub step_weight: u32,
    /// The weights themselves, instead of `step_weight`.
    pub step_weights: Vec<u32>,
    /// The weight from which it is promoted. Default the last of `step_weights`, or all.
    pub max_weight: Option<u32>,
    /// What goes back to the primary each tick after that; all at once if zero.
    pub step_weight_promotion: u32,
    /// Failed checks after which it goes back.
    pub threshold: u32,
    /// Ticks of a comparison without weights, if it is one.
    pub iterations: u32,
    /// Whether only those users take part who match a rule (an A/B test).
    pub matches: bool,
    /// Whether the canary first gets copies of the requests.
    pub mirror: bool,
}

/// Where a release stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    /// How far it is; `None` before the new version was noticed.
    pub phase: Option<Phase>,
    /// The primary's share.
    pub primary: u32,
    /// The canary's share.
    pub canary: u32,
    /// Whether the canary gets copies.
    pub mirrored: bool,
    /// Checks that failed so far.
    pub failed_checks: u32,
    /// Ticks of a comparison so far.
    pub iterations: u32,
}

impl Default for Ladder {
    fn default() -> Ladder {
        Ladder { phase: None, primary: TOTAL_WEIGHT, canary: 0, mirrored: false, failed_checks: 0, iterations: 0 }
    }
}

impl Rungs {
    fn weight_max(&self) -> u32 {
        match self.step_weights.last() {
            Some(last) => (*last).min(TOTAL_WEIGHT),
            None => self.max_weight.filter(|max| *max > 0).unwrap_or(TOTAL_WEIGHT),
        }
    }

    /// What is added to this weight.
    fn next(&self, weight: u32) -> u32 {
        let Some(first) = self.step_weights.first().filter(|_| self.step_weight == 0) else {
            return self.step_weight;
        };
        if weight == 0 {
            return (*first).min(TOTAL_WEIGHT);
        }
        let pair = self.step_weights.windows(2).find(|pair| pair[0] == weight);
        pair.map_or(TOTAL_WEIGHT.saturating_sub(weight), |pair| pair[1].saturating_sub(pair[0]))
    }
}

impl Ladder {
    /// Whether the canary has pods.
    pub fn has_canary(&self) -> bool {
        !matches!(self.phase, None | Some(Phase::Promoted | Phase::RolledBack))
    }

    /// One tick; `passes` runs the checks, and is asked only where Flagger runs them.
    pub fn tick(&mut self, rungs: &Rungs, passes: impl FnOnce() -> bool) {
        match self.phase {
            None => self.phase = Some(Phase::Progressing),
            Some(Phase::Promoting) => self.shift_back(rungs),
            Some(Phase::Finalising) => self.phase = Some(Phase::Promoted),
            Some(Phase::Progressing) if self.failed_checks >= rungs.threshold => self.roll_back(),
            Some(Phase::Progressing) => {
                let idle = self.canary == 0 && self.iterations == 0 && !(rungs.mirror && self.mirrored);
                if idle || passes() { self.advance(rungs) } else { self.failed_checks += 1 }
            }
            Some(_) => {}
        }
    }

    /// Everything goes back to the primary.
    pub fn roll_back(&mut self) {
        self.route(0, false);
        self.phase = Some(Phase::RolledBack);
    }

    fn route(&mut self, canary: u32, mirrored: bool) {
        (self.canary, self.primary, self.mirrored) = (canary, TOTAL_WEIGHT - canary, mirrored);
    }

    fn advance(&mut self, rungs: &Rungs) {
        if rungs.iterations > 0 {
            return self.compare(rungs);
        }
        let step = rungs.next(self.canary);
        if self.canary >= rungs.weight_max() || self.canary >= TOTAL_WEIGHT {
            self.phase = Some(Phase::Promoting);
        } else if rungs.mirror && self.canary == 0 && !self.mirrored {
            self.route(0, true);
        } else {
            self.route((self.canary + step).min(TOTAL_WEIGHT), false);
        }
    }

    /// A comparison of so many ticks: of those who match, or of a second set without traffic.
    fn compare(&mut self, rungs: &Rungs) {
        let left = rungs.iterations > self.iterations;
        match (rungs.matches, left) {
            (true, true) => self.route(TOTAL_WEIGHT, false),
            (false, true) => self.route(0, rungs.mirror),
            (false, false) if self.iterations == rungs.iterations => self.route(TOTAL_WEIGHT, false),
            (_, false) => return self.phase = Some(Phase::Promoting),
        }
        self.iterations += 1;
    }

    /// The primary runs the new version now and takes the traffic back.
    fn shift_back(&mut self, rungs: &Rungs) {
        let step = if rungs.step_weight_promotion == 0 { TOTAL_WEIGHT } else { rungs.step_weight_promotion };
        self.route(self.canary.saturating_sub(step), false);
        if self.canary == 0 {
            self.phase = Some(Phase::Finalising);
        }
    }
}
