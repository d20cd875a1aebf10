//! From facts about faults to figures: who was hit, when it was noticed, when all was well again.
//!
//! A strike that hit anything is **detected** by the first check of the steady state that breaks while it is
//! active; what is over at once counts as active for a minute. If none is active when a check breaks, it is put
//! down to the last that was, if that ended less than a minute before. What breaks when a check is broken already
//! is not detected. In a scenario without checks, by the first probe that fails or the first
//! pod that a controller replaces or restarts. The system has **recovered** when all checks hold again;
//! without checks, when everything that has fallen ill since the strike, and before the next one, is
//! well. Requests are counted by the second in which they end, so that shares before, during and after a
//! strike can be read off. Without faults and checks nothing is counted at all.

use models::chaos::{CheckId, FaultId, StrikeId};
use models::cluster::Command;
use models::heal::Patient;
use models::world::Fact;
use sim_core::{Span, Time};

use super::cluster::Log;

/// How long after its end a strike is still what a broken check is put down to, and how much time
/// before and after it is compared with it.
pub(crate) const AROUND: Span = Span::from_secs(60);

/// Strikes of which a record is kept; what comes after is only counted.
const STRIKES_MAX: usize = 10_000;

/// Victims that are remembered by name, of each strike.
const NAMED_MAX: usize = 100;

/// What was seen of chaos in one replication.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChaosMeter {
    /// Whether there is anything to see.
    on: bool,
    checked: bool,
    /// The most time that a good answer takes, by workload.
    within: Vec<Option<Span>>,
    /// Good requests and all, by the second in which they ended.
    seconds: Vec<(u32, u32)>,
    pub(crate) strikes: Vec<StrikeRecord>,
    /// The first strike of which something is still to be found out.
    open: usize,
    pub(crate) struck: u64,
    /// Checks that broke, or held again.
    pub(crate) steady: Log<(CheckId, bool)>,
    /// By check: since when it has been broken, how often, and how long in all.
    checks: Vec<CheckRecord>,
    pub(crate) halted: Option<(Time, CheckId)>,
}

/// What was seen of a check.
#[derive(Clone, Copy, Debug, Default)]
struct CheckRecord {
    since: Option<Time>,
    breaks: u64,
    broken: Span,
}

/// What was seen of a strike.
#[derive(Clone, Debug)]
pub(crate) struct StrikeRecord {
    pub(crate) fault: FaultId,
    pub(crate) strike: StrikeId,
    pub(crate) begun: Time,
    pub(crate) ended: Option<Time>,
    pub(crate) victims: u32,
    pub(crate) hit: Vec<Patient>,
    pub(crate) detected: Option<Time>,
    pub(crate) recovered: Option<Time>,
}

impl StrikeRecord {
    /// Whether what is noticed now may come of it.
    fn may_cause(&self, now: Time) -> bool {
        self.ended.is_none_or(|ended| now.since(ended) <= AROUND)
    }

    /// Whether it can have done anything: what lasts may meet victims later, or messages of customers.
    fn hits_anything(&self) -> bool {
        self.victims > 0 || self.ended != Some(self.begun)
    }

    /// Whether it is still breaking something; what is over at once is so for a while.
    fn is_active(&self, now: Time) -> bool {
        self.ended.is_none_or(|ended| ended == self.begun && now.since(ended) <= AROUND)
    }
}

impl ChaosMeter {
    /// A meter for so many checks and the most time that a good answer takes, by workload.
    pub(crate) fn new(on: bool, checks: usize, within: Vec<Option<Span>>) -> ChaosMeter {
        let records = vec![CheckRecord::default(); checks];
        ChaosMeter { on, checked: checks > 0, within, checks: records, ..ChaosMeter::default() }
    }

    /// A customer's request has ended.
    #[inline]
    pub(super) fn answered(&mut self, now: Time, workload: usize, ok: bool, latency: Span) {
        if self.on {
            self.count(now, ok && self.within[workload].is_none_or(|within| latency <= within));
        }
    }

    fn count(&mut self, now: Time, good: bool) {
        let second = (now.as_nanos() / 1_000_000_000) as usize;
        if self.seconds.len() <= second {
            self.seconds.resize(second + 1, (0, 0));
        }
        let (well, all) = &mut self.seconds[second];
        (*well, *all) = (*well + u32::from(good), *all + 1);
    }

    /// The share of requests that ended well between two instants, by whole seconds, in percent.
    pub(crate) fn good(&self, from: Time, to: Time) -> Option<f64> {
        let second = |time: Time| ((time.as_nanos() / 1_000_000_000) as usize).min(self.seconds.len());
        let (from, to) = (second(from), second(to).max(second(from)));
        let sum = |(well, all), one: &(u32, u32)| (well + u64::from(one.0), all + u64::from(one.1));
        let (well, all) = self.seconds[from..to].iter().fold((0, 0), sum);
        (all > 0).then(|| 100.0 * well as f64 / all as f64)
    }

    /// Takes in a fact.
    pub(super) fn fact(&mut self, now: Time, fact: &Fact) {
        match *fact {
            Fact::Struck { fault, strike, victims, at_once } => {
                self.struck += 1;
                if self.strikes.len() < STRIKES_MAX {
                    let ended = at_once.then_some(now);
                    let (hit, detected, recovered) = (Vec::new(), None, None);
                    let record = StrikeRecord { fault, strike, begun: now, ended, victims, hit, detected, recovered };
                    self.strikes.push(record);
                }
            }
            Fact::Hit { strike, victim } => {
                if let Some(record) = self.strikes.last_mut().filter(|record| record.strike == strike)
                    && record.hit.len() < NAMED_MAX
                {
                    record.hit.push(victim);
                }
            }
            Fact::Mended { strike, .. } => {
                let mut open = self.strikes[self.open..].iter_mut();
                if let Some(record) = open.find(|record| record.strike == strike) {
                    record.ended = Some(now);
                }
            }
            Fact::Steady { check, holds } => self.steady(now, check, holds),
            Fact::Halted { check } => self.halted = Some((now, check)),
            Fact::Probed { ok: false, .. } | Fact::Commanded { command: Command::Delete { cause: Some(_), .. } } => {
                self.alarm(now);
            }
            Fact::Healed(healing) if healing.success && !self.checked => {
                self.healed(now, healing.ailment.since);
            }
            _ => {}
        }
    }

    fn steady(&mut self, now: Time, check: CheckId, holds: bool) {
        self.steady.push(now, (check, holds));
        let record = &mut self.checks[usize::from(check.0)];
        if !holds {
            (record.since, record.breaks) = (Some(now), record.breaks + 1);
            self.notice(now);
            return;
        }
        if let Some(since) = record.since.take() {
            record.broken += now.since(since);
        }
        if self.checks.iter().all(|record| record.since.is_none()) {
            let open = self.strikes[self.open..].iter_mut().filter(|record| record.detected.is_some());
            open.for_each(|record| _ = record.recovered.get_or_insert(now));
        }
    }

    /// A probe failed, or a controller acts on what has gone wrong.
    fn alarm(&mut self, now: Time) {
        if !self.checked && self.open < self.strikes.len() {
            self.notice(now);
        }
    }

    /// Whatever is going on has been noticed.
    fn notice(&mut self, now: Time) {
        // Those that are long over will not be noticed any more.
        while self.strikes.get(self.open).is_some_and(|record| !record.may_cause(now) && record.ended.is_some()) {
            let checked = self.checked;
            let record = &self.strikes[self.open];
            if checked && record.detected.is_some() && record.recovered.is_none() {
                break;
            }
            self.open += 1;
        }
        let hits = |record: &&mut StrikeRecord| record.hits_anything() && record.may_cause(now);
        let mut candidates: Vec<&mut StrikeRecord> = self.strikes[self.open..].iter_mut().filter(hits).collect();
        match candidates.iter().any(|record| record.is_active(now)) {
            true => candidates.retain(|record| record.is_active(now)),
            false => drop(candidates.drain(..candidates.len().saturating_sub(1))),
        }
        candidates.into_iter().for_each(|record| _ = record.detected.get_or_insert(now));
    }

    /// What fell ill at `since` is well: that is put down to the last strike before.
    fn healed(&mut self, now: Time, since: Time) {
        let last = self.strikes.partition_point(|record| record.begun <= since);
        if let Some(record) = last.checked_sub(1).map(|index| &mut self.strikes[index]) {
            // A restart is noticed when it happens, by whoever does it.
            record.detected.get_or_insert(since);
            record.recovered = Some(now);
        }
    }

    /// How often a check was broken until `end`, and how long in all.
    pub(crate) fn broken(&self, check: usize, end: Time) -> (u64, Span) {
        let record = self.checks.get(check).copied().unwrap_or_default();
        (record.breaks, record.broken + record.since.map_or(Span::ZERO, |since| end.since(since)))
    }
}
