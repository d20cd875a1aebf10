//! Progressive: each interval a step more of the traffic, as long as the checks hold, as Flagger does it.
//!
//! Once the weight is reached the primary is updated to the new version and takes the traffic back. Here
//! that means that the new version's set grows to full size and gets all traffic: which set is called
//! primary makes no difference to a request.
//!
//! A check without requests fails, as in Flagger: no traffic, no promotion.

pub mod ladder;

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Ratio, Span, Time};

use self::ladder::{Ladder, Rungs, THRESHOLD, TOTAL_WEIGHT};
use super::analysis::{Check, Measured};
use super::progress::{Progress, forward};
use super::{Observed, Phase, Plan, Reason, RollOut, Traffic, View, earlier};

/// From one look to the next, by default.
pub const INTERVAL: Span = Span::from_secs(60);
/// The shortest interval there can be.
pub const INTERVAL_MIN: Span = Span::from_secs(10);
/// What the checks look back on, by default.
pub const METRIC_INTERVAL: Span = INTERVAL;
/// Without progress for longer than this it goes back, by default.
pub const PROGRESS_DEADLINE: Span = Span::from_secs(600);
/// The percentage of pods that must be ready, by default.
pub const READY_THRESHOLD: u32 = 100;

/// A release interval by interval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Progressive {
    /// From one look to the next. Default 60s.
    pub interval: Span,
    /// What must hold.
    pub checks: Vec<Check>,
    /// Failed looks after which it goes back. Default 1.
    pub threshold: u32,
    /// Percent of the traffic that are added each time. Default 10, where nothing else is said.
    pub step_weight: Option<u32>,
    /// The percentages themselves, instead.
    pub step_weights: Vec<u32>,
    /// The percentage from which it is promoted. Default the last of `step_weights`, or 100.
    pub max_weight: Option<u32>,
    /// Percent that go back to the primary each time afterwards. Default all at once.
    pub step_weight_promotion: u32,
    /// Instead of weights, so many looks at one comparison. Default none.
    pub iterations: u32,
    /// In a comparison, the share of the users who get the new version. Default none: it gets no traffic.
    pub matching: Option<Ratio>,
    /// Whether the new version first gets a copy of each request. Default false.
    pub mirror: bool,
    /// With fewer requests to the new version a check fails. Default 1.
    pub min_requests: u64,
    /// Without progress for longer than this it goes back. Default 10min.
    pub progress_deadline: Span,
}

impl Default for Progressive {
    fn default() -> Progressive {
        Progressive {
            interval: INTERVAL,
            checks: Vec::new(),
            threshold: THRESHOLD,
            step_weight: None,
            step_weights: Vec::new(),
            max_weight: None,
            step_weight_promotion: 0,
            iterations: 0,
            matching: None,
            mirror: false,
            min_requests: 1,
            progress_deadline: PROGRESS_DEADLINE,
        }
    }
}

impl Progressive {
    pub(super) fn check(&self) -> Result<(), String> {
        let weights = self.step_weight.iter().chain(&self.step_weights).chain(&self.max_weight);
        let weights = weights.chain([&self.step_weight_promotion]);
        if let Some(weight) = weights.copied().find(|weight| *weight > TOTAL_WEIGHT) {
            return Err(format!("{weight} is more than all of the traffic, {TOTAL_WEIGHT}"));
        }
        if self.interval < INTERVAL_MIN {
            return Err(format!("interval: {} is shorter than Flagger's least, {INTERVAL_MIN}", self.interval));
        }
        if self.step_weights.windows(2).any(|pair| pair[0] >= pair[1]) || self.step_weights.first() == Some(&0) {
            return Err("step_weights: each is more than the one before".to_owned());
        }
        if self.step_weight.is_some() && !self.step_weights.is_empty() {
            return Err("step_weights: step_weight says how it rises already; remove one of the two".to_owned());
        }
        if self.step_weight == Some(0) {
            return Err("step_weight: with a step of nothing it never gets anywhere".to_owned());
        }
        if self.matching.is_some() && self.iterations == 0 {
            return Err("matching: a comparison needs `iterations`".to_owned());
        }
        if self.iterations > 0 && self.matching.is_none() && !self.mirror {
            return Err("iterations: the new version gets no requests; add `matching` or `mirror: true`".to_owned());
        }
        if self.threshold == 0 {
            return Err("threshold: it would go back before anything failed; at least 1".to_owned());
        }
        if self.progress_deadline == Span::ZERO {
            return Err("progress_deadline: without any time for progress it goes back at once".to_owned());
        }
        if self.matching.is_some_and(|share| share > Ratio::ONE) {
            return Err("matching: there are no more than all users, 100%".to_owned());
        }
        if self.checks.is_empty() {
            return Err("checks: without any, a step follows another whatever happens; add one".to_owned());
        }
        Check::check_all(&self.checks)
    }

    fn rungs(&self) -> Rungs {
        let default = if self.step_weights.is_empty() { 10 } else { 0 };
        Rungs {
            step_weight: self.step_weight.unwrap_or(default),
            step_weights: self.step_weights.clone(),
            max_weight: self.max_weight,
            step_weight_promotion: self.step_weight_promotion,
            threshold: self.threshold,
            iterations: self.iterations,
            matches: self.matching.is_some(),
            mirror: self.mirror,
        }
    }
}

impl Build<dyn RollOut, ()> for Progressive {
    fn build(&self, (): &()) -> Box<dyn RollOut> {
        Box::new(Climbing {
            rungs: self.rungs(),
            settings: self.clone(),
            ladder: Ladder::default(),
            next: None,
            taken_over: false,
            window: Default::default(),
            progress: Progress::default(),
            reason: None,
            judged: 0,
        })
    }
}

/// A progressive release at work.
struct Climbing {
    settings: Progressive,
    rungs: Rungs,
    ladder: Ladder,
    /// The next tick.
    next: Option<Time>,
    /// Whether the primary runs the new version.
    taken_over: bool,
    /// What stable and canary met since the last tick.
    window: [Observed; 2],
    progress: Progress,
    /// The last check that failed.
    reason: Option<Reason>,
    judged: u64,
}

impl RollOut for Climbing {
    fn look(&mut self, now: Time, view: &View<'_>) -> Plan {
        for (window, seen) in self.window.iter_mut().zip([view.stable_seen, view.canary_seen]) {
            window.merge(seen);
        }
        let next = *self.next.get_or_insert(now);
        if now >= next {
            self.tick(now, view);
            self.next = Some(now + self.settings.interval);
        }
        let phase = self.ladder.phase.unwrap_or_default();
        let promoted = phase == Phase::Promoted;
        let canary = if phase == Phase::RolledBack { 0 } else { view.replicas };
        let back = phase == Phase::RolledBack && view.weight > 0;
        let over = match phase {
            Phase::Promoted => view.stable.pods == 0,
            Phase::RolledBack => view.canary.pods == 0,
            _ => false,
        };
        Plan {
            stable: if promoted { 0 } else { view.replicas },
            canary: if back { view.canary.spec } else { canary },
            older: vec![0; view.older.len()],
            traffic: Some(self.traffic()),
            phase,
            reason: self.reason.filter(|_| phase == Phase::RolledBack),
            judged: self.judged,
            again: if matches!(phase, Phase::Promoted | Phase::RolledBack) { None } else { earlier(self.next, None) },
            done: over && view.older.iter().all(|set| set.pods == 0),
        }
    }
}

impl Climbing {
    fn traffic(&self) -> Traffic {
        let users = self.settings.matching.filter(|_| !self.taken_over);
        Traffic {
            canary: if self.taken_over { TOTAL_WEIGHT } else { self.ladder.canary },
            mirror: self.ladder.mirrored,
            users: users.map(|share| (share.fraction() * 1e6) as u32),
        }
    }

    /// One interval is over.
    fn tick(&mut self, now: Time, view: &View<'_>) {
        let begins = self.ladder.phase.is_none();
        let ready = view.canary.available >= view.replicas;
        if !begins && self.ladder.has_canary() && !ready {
            let late = self.progress.is_late(now, forward(view), self.settings.progress_deadline, false);
            if late {
                self.reason = Some(Reason::ProgressDeadline);
                self.ladder.roll_back();
            }
            return;
        }
        self.progress.restart();
        let [stable, canary] = &self.window;
        let verdict = self.settings.checks.iter().map(|check| {
            let window = [stable.clone(), canary.clone()];
            match check.measure(&window, &window, self.settings.min_requests) {
                Measured::Successful => None,
                Measured::Failed(reason) => Some(reason),
                Measured::Inconclusive => Some(Reason::Inconclusive),
            }
        });
        let failed = verdict.flatten().next();
        let (seen, before) = (canary.requests, self.ladder.phase);
        let mut judged = false;
        self.ladder.tick(&self.rungs, || {
            judged = true;
            failed.is_none()
        });
        if judged {
            self.judged += seen;
            self.reason = failed.or(self.reason);
        }
        // Updated, the primary is the new version.
        self.taken_over |= before == Some(Phase::Promoting) || self.ladder.phase == Some(Phase::Finalising);
        self.window.iter_mut().for_each(Observed::clear);
    }
}
