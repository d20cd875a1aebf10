//! Links: what strikes do to messages between two sides.
//!
//! A rule says from whom, to whom, and what. While there is none, a message costs one branch; while
//! there are some, each message is held against each of them: a few comparisons of small numbers, with
//! nothing kept that could be out of date when pods come and go. Chance comes from the request itself,
//! branched by the fault, so that a rule more shifts no other draws.
//!
//! Probes of kubelets stay on their node and are never hit.

use sim_core::sim::Cx;
use sim_core::{Draw, Draws, Sampler, Span, Time};

use super::target::Side;
use super::{Bandwidth, FaultId, Strike, StrikeId, Target};
use crate::call::{CallId, Origin};
use crate::cluster::PodId;
use crate::network::{self, Route};
use crate::outcome::Outcome;
use crate::service::ReplicaId;
use crate::slots::{SlotId, Slots};
use crate::task::Task;
use crate::world::{Event, World};

/// What happens to messages.
#[derive(Clone, Debug)]
pub(super) enum Disturbance {
    Latency {
        delay: Sampler,
        share: f64,
    },
    Loss(f64),
    Duplication(f64),
    Reordering {
        share: f64,
        gap: Span,
    },
    Partition,
    /// When the link is free again, there and back.
    Bandwidth {
        link: Bandwidth,
        free: [Time; 2],
    },
    /// This share of new calls finds no name.
    Unresolved(f64),
    Refused,
}

/// From whom, to whom, what.
#[derive(Debug)]
pub(super) struct Rule {
    strike: StrikeId,
    fault: FaultId,
    from: Target,
    to: Target,
    /// The pods of that target, if they were drawn.
    drawn: Option<Vec<PodId>>,
    both_ways: bool,
    disturbance: Disturbance,
}

/// All rules.
#[derive(Default)]
pub(crate) struct Links {
    rules: Vec<Rule>,
    /// What its senders will send again.
    resends: Slots<Resend>,
}

impl Links {
    /// Whether any message is hit by anything.
    #[inline]
    pub(crate) fn are_disturbed(&self) -> bool {
        !self.rules.is_empty()
    }

    /// The strikes that rules are of.
    pub(crate) fn strikes(&self) -> impl Iterator<Item = StrikeId> {
        self.rules.iter().map(|rule| rule.strike)
    }
}

/// A message that did not arrive, and when it was sent for the first time.
#[derive(Clone, Copy, Debug)]
pub struct Resend {
    message: Message,
    sent: Time,
}

/// Names a message that will be sent again.
pub type ResendId = SlotId<Resend>;

/// A message on its way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message {
    pub(crate) call: CallId,
    pub(crate) attempt: u32,
    pub(crate) replica: ReplicaId,
    pub(crate) route: Route,
    pub(crate) seed: Draws,
    /// What it says, if it is an answer.
    pub(crate) answer: Option<Outcome>,
}

/// What becomes of a message.
enum Fate {
    /// It arrives so much later, once or twice.
    Later(Span, bool),
    /// It is given up.
    Lost,
    /// It does not arrive, and is sent again.
    Again,
    Refused(Span),
}

impl World {
    /// A strike disturbs messages.
    pub(super) fn disturb(&mut self, strike: &Strike, both_ways: bool, disturbance: Disturbance) {
        self.links.rules.push(Rule {
            strike: strike.id(),
            fault: strike.fault(),
            from: strike.from.clone(),
            to: strike.target().clone(),
            drawn: strike.drawn(),
            both_ways,
            disturbance,
        });
    }

    /// A strike disturbs messages no longer.
    pub(super) fn clear_links(&mut self, id: StrikeId) {
        self.links.rules.retain(|rule| rule.strike != id);
    }

    /// A message that did not arrive is sent again, if anybody still waits for what comes of it.
    pub(crate) fn resend(&mut self, cx: &mut Cx<'_, World>, id: ResendId) {
        let Resend { message, sent } = self.links.resends[id];
        self.links.resends.remove(id);
        if self.calls.get(message.call).is_some_and(|call| call.awaits(message.attempt)) {
            self.carry(cx, message, sent);
        }
    }

    /// Whether a new call fails because its service's name is not resolved.
    #[cold]
    pub(crate) fn is_unresolved(&mut self, id: CallId) -> bool {
        let call = &self.calls[id];
        let service = self.plan.sites[usize::from(call.site.0)].service;
        let Some(from) = self.side_of(id) else { return false };
        let seed = call.seed.branch(u64::from(call.attempts));
        let unresolved = self.links.rules.iter().any(|rule| match rule.disturbance {
            Disturbance::Unresolved(share) if rule.to.service.is_none_or(|of| of == service) => {
                branch(seed, rule).chance(share) && self.is_side(&rule.from, None, from)
            }
            _ => false,
        });
        // The next try is another attempt, with another chance.
        self.calls[id].attempts += u32::from(unresolved);
        unresolved
    }

    /// A message sets out that was `sent` for the first time then.
    #[cold]
    pub(crate) fn carry(&mut self, cx: &mut Cx<'_, World>, mut message: Message, sent: Time) {
        let (call, attempt, round_trip) = (message.call, message.attempt, self.network.round_trip(message.route));
        let lost = Event::Reply { call, attempt, outcome: Outcome::Lost };
        let Some(travel) = self.network.delay(message.route, &mut message.seed) else {
            cx.after(self.network.patience(message.route), lost);
            return;
        };
        match self.fate(cx.now, &message) {
            Fate::Later(later, twice) => {
                self.arrive_after(cx, message, travel + later);
                if twice {
                    self.arrive_after(cx, message, travel + later);
                }
            }
            Fate::Again => match network::transmission_after(round_trip, sent, cx.now) {
                Some(at) => {
                    let id = self.links.resends.insert_with(|| Resend { message, sent });
                    cx.at(at, Event::Resend(id));
                }
                None => _ = cx.at((sent + self.network.patience(message.route)).max(cx.now), lost),
            },
            Fate::Lost => _ = cx.after(self.network.patience(message.route), lost),
            Fate::Refused(later) => {
                cx.after((travel + later) * 2, Event::Reply { call, attempt, outcome: Outcome::Refused });
            }
        }
    }

    fn arrive_after(&mut self, cx: &mut Cx<'_, World>, message: Message, delay: Span) {
        let Message { call: id, attempt, replica, route, seed, answer } = message;
        if let Some(outcome) = answer {
            cx.after(delay, Event::Reply { call: id, attempt, outcome });
            return;
        }
        let call = &self.calls[id];
        let target = self.plan.sites[usize::from(call.site.0)].target;
        let start = self.plan.endpoints[usize::from(target.0)].start;
        let task = self.tasks.insert_with(|| Task::new(call, id, replica, route, start, seed));
        cx.after(delay, Event::Reach(task));
    }

    /// What all rules together do to a message.
    fn fate(&mut self, now: Time, message: &Message) -> Fate {
        let Some(caller) = self.side_of(message.call) else { return Fate::Later(Span::ZERO, false) };
        let (callee, back) = (Side::Replica(message.replica), message.answer.is_some());
        let (from, to) = if back { (callee, caller) } else { (caller, callee) };
        let round_trip = self.network.round_trip(message.route);
        let (mut later, mut twice, mut refused) = (Span::ZERO, false, false);
        for index in 0..self.links.rules.len() {
            let rule = &self.links.rules[index];
            let drawn = rule.drawn.as_deref();
            let there = self.is_side(&rule.from, None, from) && self.is_side(&rule.to, drawn, to);
            let here = || self.is_side(&rule.from, None, to) && self.is_side(&rule.to, drawn, from);
            if !(there || rule.both_ways && here()) {
                continue;
            }
            let mut draws = branch(message.seed, rule);
            let rule = &mut self.links.rules[index];
            match &mut rule.disturbance {
                Disturbance::Latency { delay, share } if draws.chance(*share) => later += delay.draw(&mut draws),
                Disturbance::Reordering { share, gap } if draws.chance(*share) => later += *gap,
                Disturbance::Loss(share) => match network::hold_up(*share, round_trip, &mut draws) {
                    Some(held_up) => later += held_up,
                    None => return Fate::Lost,
                },
                Disturbance::Duplication(share) if !back => twice |= draws.chance(*share),
                Disturbance::Partition => return Fate::Again,
                Disturbance::Bandwidth { link, free } => {
                    let free = &mut free[usize::from(!there)];
                    let at = now + later;
                    if free.since(at) > link.time_for(link.buffer) {
                        return Fate::Again;
                    }
                    *free = at.max(*free) + link.time_for(link.message);
                    later = free.since(now);
                }
                Disturbance::Refused if !back => refused = true,
                _ => {}
            }
        }
        if refused { Fate::Refused(later) } else { Fate::Later(later, twice) }
    }

    /// Who makes a call; nobody that links know, if it is a probe or its server is gone.
    fn side_of(&self, id: CallId) -> Option<Side> {
        let call = &self.calls[id];
        match call.origin {
            Origin::Workload(workload) => Some(Side::Customer(workload, call.from.region)),
            Origin::Task(task, _) => self.tasks.get(task).map(|task| Side::Replica(task.replica())),
            Origin::Probe(..) | Origin::Mirror => None,
        }
    }
}

/// The chance of a message under a rule.
fn branch(seed: Draws, rule: &Rule) -> Draws {
    /// Far from all other parts of a request.
    const LINKS: u64 = 0x6c69_6e6b_0000_0000;
    seed.branch(LINKS | u64::from(rule.fault.0))
}
