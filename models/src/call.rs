//! Calls on the caller's side: down through the policies, out to a backend, back up again.

use sim_core::sim::Cx;
use sim_core::{Draws, Span, Ticket, Time};

use crate::balance::{Choice, Picked, Settled};
use crate::chaos::Message;
use crate::cluster::PodId;
use crate::outcome::Outcome;
use crate::place::Place;
use crate::plan::{CallSite, Position, SiteId, SitePolicy};
use crate::policy::{Admit, Memo, Passage, Settle};
use crate::slots::{ListId, SlotId};
use crate::task::{Task, TaskId};
use crate::workload::WorkloadId;
use crate::world::{Due, Event, Fact, Transit, World};

/// Names a call while it lasts.
pub type CallId = SlotId<Call>;

/// A call in flight: one customer's request, or one call of a task further down.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pub(crate) origin: Origin,
    pub(crate) site: SiteId,
    pub(crate) client: u32,
    pub(crate) priority: u8,
    pub(crate) from: Place,
    pub(crate) key: u64,
    pub(crate) deadline: Time,
    pub(crate) began: Time,
    /// What all further chance in this call derives from.
    pub(crate) seed: Draws,
    /// What its policies and balancer draw from.
    pub(crate) draws: Draws,
    /// How many layers it has passed and not settled.
    pub(crate) open: u8,
    /// The pool that it goes to, of its service's two.
    pub(crate) subset: u8,
    /// Whether that was decided before.
    pub(crate) divided: bool,
    /// What a release has to do with how its attempts fared.
    pub(crate) blame: Blame,
    /// Attempts so far.
    pub(crate) attempts: u32,
    /// Where the last attempt was sent, if there was one.
    pub(crate) picked: Option<Picked>,
    /// The backends it shall not be sent to again, if there are any.
    pub(crate) tried: Option<ListId>,
    /// When the last attempt was sent.
    pub(crate) sent: Time,
    /// Whether the last attempt is still under way.
    pub(crate) in_flight: bool,
}

/// What a release has to do with how the attempts of a call have fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Blame {
    /// Nothing.
    #[default]
    None,
    /// Pods came and went for it.
    Change,
    /// The new version had one.
    Canary,
}

/// Who waits for a call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin {
    /// A customer.
    Workload(WorkloadId),
    /// A task, at this step.
    Task(TaskId, Position),
    /// The kubelet, which probes a pod.
    Probe(PodId, u8),
    /// Nobody: it is a copy, for a version on trial.
    Mirror,
}

/// What a policy keeps of a call, and the event that it waits for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Layer {
    memo: Memo,
    timer: Option<Ticket>,
}

impl World {
    /// Begins a call from `site`, which then has to be [admitted](World::admit).
    #[inline]
    pub(crate) fn begin(&mut self, site: SiteId, make: impl FnOnce() -> Call) -> CallId {
        let policies = self.plan.sites[usize::from(site.0)].policies.len();
        let id = self.calls.insert_with(make);
        let first = id.index() * self.depth;
        if self.layers.len() < first + self.depth {
            self.layers.resize(first + self.depth, Layer::default());
        }
        self.layers[first..first + policies].fill(Layer::default());
        id
    }

    /// Takes a call down its policies from `layer` on, and sends it if they let it.
    pub(crate) fn admit(&mut self, cx: &mut Cx<'_, World>, id: CallId, layer: u8) {
        let Some(call) = self.calls.get_mut(id) else { return };
        let site = &mut self.plan.sites[usize::from(call.site.0)];
        let from = usize::from(layer);
        let states = &mut self.layers[id.index() * self.depth + from..];
        call.open = layer;
        for (SitePolicy { policy, timer }, state) in site.policies[from..].iter_mut().zip(states) {
            match policy.admit(cx.now, &mut passage(call, state)) {
                Admit::Pass => {}
                Admit::PassThenWake(after) => {
                    let wake = Event::Wake { call: id, layer: call.open };
                    // A layer mostly asks for the same span: those timers go to a FIFO lane.
                    let (span, lane) = *timer.get_or_insert_with(|| (after, cx.lane(after)));
                    state.timer = Some(if span == after { cx.after_lane(lane, wake) } else { cx.after(after, wake) });
                }
                Admit::Reject(outcome) => return self.settle(cx, id, outcome),
            }
            call.open += 1;
        }
        self.send(cx, id);
    }

    /// Sends one attempt of a call to the backend that the balancer chooses.
    #[inline]
    pub(crate) fn send(&mut self, cx: &mut Cx<'_, World>, id: CallId) {
        let call = &mut self.calls[id];
        let site = &self.plan.sites[usize::from(call.site.0)];
        if self.services[usize::from(site.service.0)].router.is_some() {
            self.divide(id);
        }
        let disturbed = self.links.are_disturbed();
        if disturbed && self.is_unresolved(id) {
            return self.settle(cx, id, Outcome::NoBackend);
        }
        let call = &mut self.calls[id];
        let site = &self.plan.sites[usize::from(call.site.0)];
        let service = &mut self.services[usize::from(site.service.0)];
        let replica = if let Origin::Probe(pod, _) = call.origin {
            // Nobody chooses where a probe goes.
            let Some(replica) = self.cluster.pods.get(pod).and_then(|pod| pod.replica) else {
                return self.settle(cx, id, Outcome::NoBackend);
            };
            replica
        } else {
            service.asked += 1;
            let mut choice = Choice::new(call.key, call.from.region, self.tried.get(call.tried), &mut call.draws);
            let Some(picked) = service.pool_mut(call.subset).pick(cx.now, &mut choice) else {
                service.unserved += 1;
                if service.router.is_some() {
                    self.unserved(cx.now, id);
                }
                return self.settle(cx, id, Outcome::NoBackend);
            };
            cx.tell(Fact::Sent { service: site.service, call: id });
            call.picked = Some(picked);
            service.replica(call.subset, picked.backend)
        };
        call.attempts += 1;
        (call.sent, call.in_flight) = (cx.now, true);
        let route = self.network.route(call.from, self.replicas[replica.0 as usize].settings.place);
        let mut seed = call.seed.branch(u64::from(call.attempts));
        if disturbed {
            let message = Message { call: id, attempt: call.attempts, replica, route, seed, answer: None };
            return self.carry(cx, message, cx.now);
        }
        let transit = self.transits[route.index()];
        let mut delay = Span::ZERO;
        if let Transit::Drawn = transit {
            let Some(drawn) = self.network.delay(route, &mut seed) else {
                // Given up by the transport: the caller learns of it as of an answer.
                let lost = Event::Reply { call: id, attempt: call.attempts, outcome: Outcome::Lost };
                cx.after(self.network.patience(route), lost);
                return;
            };
            delay = drawn;
        }
        let start = self.plan.endpoints[usize::from(site.target.0)].start;
        let task = self.tasks.insert_with(|| Task::new(call, id, replica, route, start, seed));
        match transit {
            Transit::Fixed(lane) => _ = cx.after_lane(lane, Event::Reach(task)),
            Transit::Drawn if delay > Span::ZERO => _ = cx.after(delay, Event::Reach(task)),
            Transit::Instant | Transit::Drawn => self.reach(cx, task),
        }
    }

    /// An answer arrives, if its call still waits for that attempt.
    #[inline]
    pub(crate) fn reply(&mut self, cx: &mut Cx<'_, World>, id: CallId, attempt: u32, outcome: Outcome) {
        if !self.calls.get(id).is_some_and(|call| call.awaits(attempt)) {
            return;
        }
        self.end_attempt(cx, id, outcome);
        self.settle(cx, id, outcome);
    }

    /// An end climbs up through the open layers until one retries or the call is over.
    fn settle(&mut self, cx: &mut Cx<'_, World>, id: CallId, mut outcome: Outcome) {
        let call = &mut self.calls[id];
        let site = &mut self.plan.sites[usize::from(call.site.0)];
        let first = id.index() * self.depth;
        while call.open > 0 {
            let index = usize::from(call.open) - 1;
            let state = &mut self.layers[first + index];
            stop_timer(cx, state);
            match site.policies[index].policy.settle(cx.now, &mut passage(call, state), outcome) {
                Settle::Deliver(delivered) => outcome = delivered,
                Settle::Retry { after, elsewhere } => {
                    let layer = call.open;
                    if after == Span::ZERO {
                        self.agenda.push_back(Due::Admit(id, layer));
                    } else {
                        state.timer = Some(cx.after(after, Event::Resume { call: id, layer }));
                    }
                    if let Some(picked) = call.picked.filter(|_| elsewhere) {
                        self.tried.push(&mut call.tried, picked.backend);
                    }
                    return;
                }
            }
            call.open -= 1;
        }
        self.finish_call(cx, id, outcome);
    }

    /// A wait between attempts is over.
    pub(crate) fn resume(&mut self, cx: &mut Cx<'_, World>, id: CallId, layer: u8) {
        self.layers[id.index() * self.depth + usize::from(layer) - 1].timer = None;
        self.admit(cx, id, layer);
    }

    /// A policy wakes and may end everything further in.
    pub(crate) fn wake(&mut self, cx: &mut Cx<'_, World>, id: CallId, layer: u8) {
        let index = usize::from(layer);
        let call = &mut self.calls[id];
        let site = &mut self.plan.sites[usize::from(call.site.0)];
        let states = &mut self.layers[id.index() * self.depth..];
        states[index].timer = None;
        let Some(outcome) = site.policies[index].policy.wake(cx.now, &mut passage(call, &mut states[index])) else {
            return;
        };
        while usize::from(call.open) > index + 1 {
            let inner = usize::from(call.open) - 1;
            stop_timer(cx, &mut states[inner]);
            site.policies[inner].policy.settle(cx.now, &mut passage(call, &mut states[inner]), Outcome::Cancelled);
            call.open -= 1;
        }
        self.end_attempt(cx, id, outcome);
        self.settle(cx, id, outcome);
    }

    /// Tells its service's balancer that the attempt in flight, if there is one, has ended.
    #[inline]
    fn end_attempt(&mut self, cx: &mut Cx<'_, World>, id: CallId, outcome: Outcome) {
        let call = &mut self.calls[id];
        if std::mem::take(&mut call.in_flight)
            && let Some(picked) = call.picked
        {
            let service = self.plan.sites[usize::from(call.site.0)].service;
            let service = &mut self.services[usize::from(service.0)];
            let latency = cx.now.since(call.sent);
            service.pool_mut(call.subset).settle(cx.now, picked, Settled { outcome, latency });
            if service.router.is_some() {
                self.observe(cx.now, id, picked, outcome, latency);
            }
        }
    }

    /// The caller has its answer.
    fn finish_call(&mut self, cx: &mut Cx<'_, World>, id: CallId, outcome: Outcome) {
        let &Call { site, origin, began, client, from, tried, seed, blame, key, .. } = &self.calls[id];
        self.calls.remove(id);
        self.tried.remove(tried);
        let &CallSite { service, target: endpoint, .. } = &self.plan.sites[usize::from(site.0)];
        if let Origin::Probe(pod, probe) = origin {
            return self.probe_answered(cx, pod, probe, outcome);
        }
        if let Origin::Mirror = origin {
            return;
        }
        let latency = cx.now.since(began);
        if blame != Blame::None {
            self.blame_release(cx, service, blame, outcome, latency, key);
        }
        let parent = match origin {
            Origin::Task(task, _) => self.tasks.get(task).map(|task| task.call),
            _ => None,
        };
        cx.tell(Fact::Returned { service, endpoint, outcome, latency, call: id, parent, number: seed.number() });
        match origin {
            Origin::Probe(..) | Origin::Mirror => {}
            Origin::Task(task, step) => self.agenda.push_back(Due::Joined(task, step, outcome)),
            Origin::Workload(workload) => {
                if !self.steady.is_empty() {
                    self.watch(workload, outcome, latency);
                }
                cx.tell(Fact::Answered { workload, region: from.region, outcome, latency });
                self.answered(cx, workload, client, latency);
            }
        }
    }
}

impl Call {
    /// Whether it still waits for this attempt.
    #[inline]
    pub(crate) fn awaits(&self, attempt: u32) -> bool {
        self.in_flight && self.attempts == attempt
    }
}

fn passage<'a>(call: &'a mut Call, layer: &'a mut Layer) -> Passage<'a> {
    Passage { client: call.client, deadline: &mut call.deadline, draws: &mut call.draws, memo: &mut layer.memo }
}

fn stop_timer(cx: &mut Cx<'_, World>, layer: &mut Layer) {
    if let Some(timer) = layer.timer.take() {
        cx.cancel(timer);
    }
}
