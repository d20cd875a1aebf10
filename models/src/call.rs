//! Calls on the caller's side: down through the policies, out to a backend, back up again.

use sim_core::sim::Cx;
use sim_core::{Draws, Span, Ticket, Time};

use crate::balance::{BackendId, Choice, Picked, Settled};
use crate::outcome::Outcome;
use crate::place::Place;
use crate::plan::{Position, SiteId};
use crate::policy::{Admit, Memo, Passage, Settle};
use crate::slots::SlotId;
use crate::task::{Task, TaskId};
use crate::workload::WorkloadId;
use crate::world::{Due, Event, Fact, World};

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
    /// Attempts so far.
    pub(crate) attempts: u32,
    /// Where the last attempt was sent, if there was one.
    pub(crate) picked: Option<Picked>,
    /// When the last attempt was sent.
    pub(crate) sent: Time,
    /// Whether the last attempt is still under way.
    pub(crate) in_flight: bool,
}

/// Who waits for a call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin {
    /// A customer.
    Workload(WorkloadId),
    /// A task, at this step.
    Task(TaskId, Position),
}

/// What a policy keeps of a call, and the event that it waits for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Layer {
    memo: Memo,
    timer: Option<Ticket>,
}

impl World {
    /// Begins a call, which then has to be [admitted](World::admit).
    pub(crate) fn begin(&mut self, call: Call) -> CallId {
        let id = self.calls.insert(call);
        let first = id.index() * self.depth;
        if self.layers.len() < first + self.depth {
            self.layers.resize(first + self.depth, Layer::default());
        }
        self.layers[first..first + self.depth].fill(Layer::default());
        id
    }

    /// Takes a call down its policies from `layer` on, and sends it if they let it.
    pub(crate) fn admit(&mut self, cx: &mut Cx<'_, World>, id: CallId, layer: u8) {
        let Some(call) = self.calls.get_mut(id) else { return };
        let site = &mut self.plan.sites[usize::from(call.site.0)];
        for (index, policy) in site.policies.iter_mut().enumerate().skip(usize::from(layer)) {
            let state = &mut self.layers[id.index() * self.depth + index];
            let admit = policy.admit(cx.now, &mut passage(call, state));
            match admit {
                Admit::Pass => {}
                Admit::PassThenWake(after) => {
                    let wake = Event::Wake { call: id, layer: index as u8 };
                    // A layer mostly asks for the same span: those timers go to a FIFO lane.
                    let (span, lane) = *site.timers[index].get_or_insert_with(|| (after, cx.lane(after)));
                    state.timer = Some(if span == after { cx.after_lane(lane, wake) } else { cx.after(after, wake) });
                }
                Admit::Reject(outcome) => return self.settle(cx, id, outcome),
            }
            call.open = index as u8 + 1;
        }
        self.send(cx, id);
    }

    /// Sends one attempt of a call to the backend that the balancer chooses.
    fn send(&mut self, cx: &mut Cx<'_, World>, id: CallId) {
        let call = &mut self.calls[id];
        let target = &self.plan.endpoints[usize::from(self.plan.sites[usize::from(call.site.0)].target.0)];
        let service = &mut self.services[usize::from(target.service.0)];
        let tried = self.tried.get(id.index()).map_or(&[][..], Vec::as_slice);
        let mut choice = Choice::new(call.key, call.from.region, tried, &mut call.draws);
        let Some(picked) = service.pool.pick(cx.now, &mut choice) else {
            return self.settle(cx, id, Outcome::NoBackend);
        };
        cx.tell(Fact::Sent { service: target.service });
        call.attempts += 1;
        (call.picked, call.sent, call.in_flight) = (Some(picked), cx.now, true);
        let replica = service.replicas[picked.backend.index()];
        let route = self.network.route(call.from, self.replicas[replica.0 as usize].settings.place);
        let mut seed = call.seed.branch(u64::from(call.attempts));
        let Some(delay) = self.network.delay(route, &mut seed) else {
            // Given up by the transport: the caller learns of it as of an answer.
            let lost = Event::Reply { call: id, attempt: call.attempts, outcome: Outcome::Lost };
            cx.after(self.network.patience(route), lost);
            return;
        };
        let task = self.tasks.insert(Task::new(call, id, replica, route, target.start, seed));
        if let Some(lane) = self.route_lanes[route.index()] {
            cx.after_lane(lane, Event::Reach(task));
        } else if delay > Span::ZERO {
            cx.after(delay, Event::Reach(task));
        } else {
            self.reach(cx, task);
        }
    }

    /// An answer arrives, if its call still waits for that attempt.
    pub(crate) fn reply(&mut self, cx: &mut Cx<'_, World>, id: CallId, attempt: u32, outcome: Outcome) {
        if self.awaits(id, attempt) {
            self.end_attempt(cx.now, id, outcome);
            self.settle(cx, id, outcome);
        }
    }

    /// Whether a call still waits for this attempt.
    pub(crate) fn awaits(&self, id: CallId, attempt: u32) -> bool {
        self.calls.get(id).is_some_and(|call| call.in_flight && call.attempts == attempt)
    }

    /// Tells the balancer that the attempt in flight, if there is one, has ended.
    fn end_attempt(&mut self, now: Time, id: CallId, outcome: Outcome) {
        let call = &mut self.calls[id];
        let Some(picked) = call.picked.filter(|_| std::mem::take(&mut call.in_flight)) else { return };
        let target = self.plan.sites[usize::from(call.site.0)].target;
        let service = self.plan.endpoints[usize::from(target.0)].service;
        let settled = Settled { outcome, latency: now.since(call.sent) };
        self.services[usize::from(service.0)].pool.settle(now, picked, settled);
    }

    /// An end climbs up through the open layers until one retries or the call is over.
    fn settle(&mut self, cx: &mut Cx<'_, World>, id: CallId, mut outcome: Outcome) {
        let call = &mut self.calls[id];
        let policies = &mut self.plan.sites[usize::from(call.site.0)].policies;
        while call.open > 0 {
            let index = usize::from(call.open) - 1;
            let state = &mut self.layers[id.index() * self.depth + index];
            stop_timer(cx, state);
            match policies[index].settle(cx.now, &mut passage(call, state), outcome) {
                Settle::Deliver(delivered) => outcome = delivered,
                Settle::Retry { after, elsewhere } => {
                    let layer = call.open;
                    if after == Span::ZERO {
                        self.agenda.push_back(Due::Admit(id, layer));
                    } else {
                        state.timer = Some(cx.after(after, Event::Resume { call: id, layer }));
                    }
                    if let Some(picked) = call.picked.filter(|_| elsewhere) {
                        self.avoid(id, picked.backend);
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
        let policies = &mut self.plan.sites[usize::from(call.site.0)].policies;
        let state = &mut self.layers[id.index() * self.depth + index];
        state.timer = None;
        let Some(outcome) = policies[index].wake(cx.now, &mut passage(call, state)) else { return };
        while usize::from(call.open) > index + 1 {
            let inner = usize::from(call.open) - 1;
            let state = &mut self.layers[id.index() * self.depth + inner];
            stop_timer(cx, state);
            policies[inner].settle(cx.now, &mut passage(call, state), Outcome::Cancelled);
            call.open -= 1;
        }
        self.end_attempt(cx.now, id, outcome);
        self.settle(cx, id, outcome);
    }

    /// Later attempts of this call shall not go to this backend.
    fn avoid(&mut self, id: CallId, backend: BackendId) {
        if self.tried.len() <= id.index() {
            self.tried.resize_with(id.index() + 1, Vec::new);
        }
        self.tried[id.index()].push(backend);
    }

    /// The caller has its answer.
    fn finish_call(&mut self, cx: &mut Cx<'_, World>, id: CallId, outcome: Outcome) {
        let &Call { site, origin, began, client, from, .. } = &self.calls[id];
        self.calls.remove(id);
        if let Some(tried) = self.tried.get_mut(id.index()) {
            tried.clear();
        }
        let endpoint = self.plan.sites[usize::from(site.0)].target;
        let service = self.plan.endpoints[usize::from(endpoint.0)].service;
        let latency = cx.now.since(began);
        cx.tell(Fact::Returned { service, endpoint, outcome, latency });
        match origin {
            Origin::Task(task, step) => self.agenda.push_back(Due::Joined(task, step, outcome)),
            Origin::Workload(workload) => {
                cx.tell(Fact::Answered { workload, region: from.region, outcome, latency });
                self.answered(cx, workload, client);
            }
        }
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
