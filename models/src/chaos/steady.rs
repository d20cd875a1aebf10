//! The steady state: what a system shall do whatever breaks, judged in the world as it runs.
//!
//! The hypothesis of every chaos experiment ("Principles of Chaos Engineering"): a share of requests is
//! answered well and in time, over a sliding window; so many replicas are ready. Requests are counted
//! in tenths of the window as they end, and judged at the end of each tenth; ready replicas are judged
//! at the beginning and whenever one more or one less is ready. A window without requests is steady.

use sim_core::Span;
use sim_core::sim::Cx;

use super::Cue;
use crate::outcome::Outcome;
use crate::service::ServiceId;
use crate::workload::WorkloadId;
use crate::world::{Event, Fact, World};

/// Parts of a window.
const PARTS: usize = 10;

/// A check's index, in the order of adding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckId(pub u16);

/// What shall be so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SteadyState {
    /// This share of a workload's requests, of those that ended within the window, was answered, and
    /// within the limit if there is one.
    Requests {
        /// Of which workload.
        workload: WorkloadId,
        /// The share, from 0 to 1.
        good: f64,
        /// The most time that a good answer takes.
        within: Option<Span>,
        /// How far back it looks.
        window: Span,
    },
    /// So many replicas of a service are ready.
    Ready {
        /// Of which service.
        service: ServiceId,
        /// How many at least.
        least: u32,
    },
}

/// A check at run time.
#[derive(Debug)]
pub(crate) struct Watch {
    check: SteadyState,
    /// Good requests and all, in each part of the window.
    parts: [(u32, u32); PARTS],
    part: usize,
    /// Whether it holds.
    holds: bool,
}

impl World {
    /// Adds a check.
    ///
    /// To be called before the world starts; panics on a window of no time.
    pub fn add_check(&mut self, check: SteadyState) -> CheckId {
        assert!(!matches!(check, SteadyState::Requests { window: Span::ZERO, .. }), "a window has a length");
        self.steady.push(Watch { check, parts: Default::default(), part: 0, holds: true });
        CheckId(u16::try_from(self.steady.len() - 1).expect("more than 65,536 checks"))
    }

    pub(crate) fn start_checks(&mut self, cx: &mut Cx<'_, World>) {
        for (index, watch) in self.steady.iter().enumerate() {
            cx.after(watch.part_length().unwrap_or(Span::ZERO), Event::Judge(CheckId(index as u16)));
        }
    }

    /// A request of a customer has ended.
    pub(crate) fn watch(&mut self, of: WorkloadId, outcome: Outcome, latency: Span) {
        for watch in &mut self.steady {
            let SteadyState::Requests { workload, within, .. } = watch.check else { continue };
            if workload == of {
                let good = outcome.is_ok() && within.is_none_or(|within| latency <= within);
                let part = &mut watch.parts[watch.part];
                *part = (part.0 + u32::from(good), part.1 + 1);
            }
        }
    }

    /// A part of a check's window is over, or the world has begun.
    pub(crate) fn judge_check(&mut self, cx: &mut Cx<'_, World>, id: CheckId) {
        let watch = &mut self.steady[usize::from(id.0)];
        let good = match watch.check {
            SteadyState::Requests { good, .. } => good,
            SteadyState::Ready { service, least } => {
                let holds = self.ready(service) >= least;
                return self.found(cx, id, holds);
            }
        };
        let (well, all) = watch.parts.iter().fold((0, 0), |(well, all), part| (well + part.0, all + part.1));
        watch.part = (watch.part + 1) % PARTS;
        watch.parts[watch.part] = (0, 0);
        let part = watch.part_length().expect("it has a window");
        cx.after(part, Event::Judge(id));
        self.found(cx, id, f64::from(well) >= good * f64::from(all));
    }

    /// Another number of a service's replicas is ready.
    pub(super) fn judge_ready(&mut self, cx: &mut Cx<'_, World>, of: ServiceId, ready: u32) {
        for index in 0..self.steady.len() {
            if let SteadyState::Ready { service, least } = self.steady[index].check
                && service == of
            {
                self.found(cx, CheckId(index as u16), ready >= least);
            }
        }
    }

    /// A check holds or does not.
    fn found(&mut self, cx: &mut Cx<'_, World>, check: CheckId, holds: bool) {
        if std::mem::replace(&mut self.steady[usize::from(check.0)].holds, holds) == holds {
            return;
        }
        cx.tell(Fact::Steady { check, holds });
        self.cue(cx, if holds { Cue::Holds(check) } else { Cue::Broken(check) });
        if !holds && self.chaos.guarded {
            // Not in the middle of what broke it.
            cx.after(Span::ZERO, Event::Halt(check));
        }
    }
}

impl Watch {
    fn part_length(&self) -> Option<Span> {
        match self.check {
            SteadyState::Requests { window, .. } => Some((window / PARTS as u64).max(Span::from_nanos(1))),
            SteadyState::Ready { .. } => None,
        }
    }
}
