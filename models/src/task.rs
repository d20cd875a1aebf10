//! Tasks: attempts on the server's side, from reaching a replica to the answer.

mod end;

use sim_core::sim::Cx;
use sim_core::{Draw, Draws, Span, Time};

use crate::balance::Pool;
use crate::call::{Blame, Call, CallId, Origin};
use crate::network::Route;
use crate::outcome::Outcome;
use crate::plan::{Op, Position};
use crate::service::{Door, Processor, ReplicaId, Router};
use crate::slots::SlotId;
use crate::world::{Due, Event, Fact, World};

/// Before it has reached its replica.
const ON_THE_WAY: Time = Time::MAX;

/// Names a task while it lasts.
pub type TaskId = SlotId<Task>;

/// An attempt on a replica, waiting or in service.
#[derive(Clone, Copy, Debug)]
pub struct Task {
    pub(crate) call: CallId,
    pub(crate) attempt: u32,
    pub(crate) replica: ReplicaId,
    route: Route,
    at: Position,
    /// Calls under way, and how many of them must still succeed.
    pending: u16,
    needed: u16,
    /// Whether it is using the processor.
    working: bool,
    priority: u8,
    client: u32,
    pub(crate) key: u64,
    deadline: Time,
    reached: Time,
    /// What the calls it makes derive their chance from.
    seed: Draws,
    /// What its own work is drawn from.
    pub(crate) draws: Draws,
}

impl Task {
    #[inline]
    pub(crate) fn new(call: &Call, id: CallId, replica: ReplicaId, route: Route, at: Position, seed: Draws) -> Task {
        Task {
            call: id,
            attempt: call.attempts,
            replica,
            route,
            at,
            pending: 0,
            needed: 0,
            working: false,
            priority: call.priority,
            client: call.client,
            key: call.key,
            deadline: call.deadline,
            reached: ON_THE_WAY,
            seed,
            draws: seed,
        }
    }
}

impl Task {
    /// The replica that it has reached.
    pub(crate) fn held_by(&self) -> Option<ReplicaId> {
        (self.reached != ON_THE_WAY).then_some(self.replica)
    }

    /// The replica that it is on, or on its way to.
    pub(crate) fn replica(&self) -> ReplicaId {
        self.replica
    }

    /// Whether it uses a worker's own core on this replica.
    pub(crate) fn is_at_work(&self, replica: ReplicaId) -> bool {
        self.working && self.replica == replica
    }

    /// Whether it is on this replica, or on its way there.
    pub(crate) fn is_on(&self, replica: ReplicaId) -> bool {
        self.replica == replica
    }
}

impl World {
    /// An attempt reaches its replica: it is taken up, waits, or is refused.
    #[inline]
    pub(crate) fn reach(&mut self, cx: &mut Cx<'_, World>, id: TaskId) {
        let task = &mut self.tasks[id];
        task.reached = cx.now;
        let replica = &mut self.replicas[task.replica.0 as usize];
        let service = &mut self.services[usize::from(replica.service.0)];
        replica.reached += 1;
        match replica.door {
            Door::Open => {}
            Door::Shut => return self.answer(cx, id, Outcome::Refused),
            Door::Gone => return self.lose(cx, id),
        }
        if task.deadline <= replica.clock(cx.now) {
            return self.answer(cx, id, Outcome::DeadlineExceeded);
        }
        if replica.held_max != u32::MAX && replica.held() >= replica.held_max {
            return self.run_out_of_memory(cx, id);
        }
        let paused = replica.is_paused();
        if service.settings.workers.is_none_or(|workers| replica.busy < workers) && !paused {
            return self.take_up(cx, id);
        }
        let room = if paused { service.room_when_paused(replica.busy) } else { service.settings.queue as usize };
        if replica.line.len() >= room {
            return self.answer(cx, id, Outcome::QueueFull);
        }
        replica.line.push(id, task.priority);
        service.levels.waiting.rise(cx.now);
    }

    /// A worker takes a task up.
    #[inline]
    fn take_up(&mut self, cx: &mut Cx<'_, World>, id: TaskId) {
        let task = &self.tasks[id];
        let replica = &mut self.replicas[task.replica.0 as usize];
        replica.busy += 1;
        replica.taken += 1;
        self.services[usize::from(replica.service.0)].levels.busy.rise(cx.now);
        let (service, replica, waited) = (replica.service, task.replica, cx.now.since(task.reached));
        cx.tell(Fact::Started { service, replica, call: task.call, waited });
        self.run(cx, id);
    }

    /// A task whose work on a shared processor has ended goes on, unless its server died just now.
    pub(crate) fn go_on(&mut self, cx: &mut Cx<'_, World>, id: TaskId) {
        if self.tasks.get(id).is_some() {
            self.run(cx, id);
        }
    }

    /// A task goes on with its steps until one takes time.
    pub(crate) fn run(&mut self, cx: &mut Cx<'_, World>, id: TaskId) {
        loop {
            let task = &mut self.tasks[id];
            match &self.plan.ops[task.at as usize] {
                Op::Work(sampler) => {
                    let work = sampler.draw(&mut task.draws);
                    return self.work(cx, id, work);
                }
                Op::Sleep(sampler) => {
                    let sleep = sampler.draw(&mut task.draws);
                    let sleep = self.replicas[task.replica.0 as usize].sleep(sleep);
                    cx.after(sleep, Event::Step(id));
                    return;
                }
                Op::Call { .. } => return self.call_out(cx, id),
                Op::Branch(ways) => {
                    let at = task.draws.unit();
                    // Rounding may leave the last share below 1: the last way takes the rest.
                    let way = ways.iter().position(|(share, _)| at < *share).unwrap_or(ways.len() - 1);
                    task.at = ways[way].1;
                }
                Op::Jump(to) => task.at = *to,
                Op::End => {
                    let replica = &mut self.replicas[task.replica.0 as usize];
                    // A script is for requests: probes do not use it up.
                    let is_probe = |call: Option<&Call>| matches!(call, Some(Call { origin: Origin::Probe(..), .. }));
                    let fails = replica.condition.is_some()
                        && !is_probe(self.calls.get(task.call))
                        && replica.fails_by_script();
                    let outcome = match replica.settings.behaviour {
                        None if task.draws.chance(replica.settings.error_rate) | fails => Outcome::Error,
                        None => Outcome::Ok,
                        Some(_) => match self.behave(cx, id) {
                            Some(_) if fails => Outcome::Error,
                            Some(outcome) => outcome,
                            None => return,
                        },
                    };
                    return self.finish_task(cx, id, outcome);
                }
            }
        }
    }

    /// The processor begins a piece of work.
    #[inline]
    fn work(&mut self, cx: &mut Cx<'_, World>, id: TaskId, work: Span) {
        let task = &mut self.tasks[id];
        let replica = &mut self.replicas[task.replica.0 as usize];
        let service = &mut self.services[usize::from(replica.service.0)];
        let crowded = work + service.settings.contention * u64::from(replica.busy - 1);
        let work = if replica.settings.speed == 1.0 { crowded } else { crowded.scale(1.0 / replica.settings.speed) };
        let work = match replica.settings.behaviour {
            None => work,
            Some(behaviour) => self.cluster.behaviours[usize::from(behaviour.0)].strained(work, replica.held()),
        };
        match &mut replica.processor {
            Processor::PerWorker => {
                task.working = true;
                cx.after(work, Event::Step(id));
                replica.working.rise(cx.now);
                service.levels.working.rise(cx.now);
            }
            Processor::Shared(sharing, _) => {
                sharing.join(cx.now, id, work);
                let of = task.replica;
                self.share_on(cx, of);
            }
        }
    }

    /// A task's own work or sleep has ended.
    #[inline]
    pub(crate) fn step(&mut self, cx: &mut Cx<'_, World>, id: TaskId) {
        // It may have died with its server.
        let Some(task) = self.tasks.get_mut(id) else { return };
        let (of, works) = (task.replica, task.working);
        if self.replicas[of.0 as usize].condition.is_some() && self.is_held_up(cx, id, of, works) {
            return;
        }
        let task = &mut self.tasks[id];
        task.at += 1;
        if std::mem::take(&mut task.working) {
            let replica = &mut self.replicas[task.replica.0 as usize];
            replica.working.fall(cx.now);
            self.services[usize::from(replica.service.0)].levels.working.fall(cx.now);
        }
        self.run(cx, id);
    }

    /// The next job on a shared processor may have ended.
    pub(crate) fn share(&mut self, cx: &mut Cx<'_, World>, of: ReplicaId) {
        let Processor::Shared(sharing, ticket) = &mut self.replicas[of.0 as usize].processor else {
            unreachable!("only shared processors ask for this event")
        };
        *ticket = None;
        while let Some(done) = sharing.finished(cx.now) {
            self.tasks[done].at += 1;
            self.agenda.push_back(Due::Run(done));
        }
        self.share_on(cx, of);
    }

    /// Schedules the next end on a shared processor.
    pub(crate) fn share_on(&mut self, cx: &mut Cx<'_, World>, of: ReplicaId) {
        let Processor::Shared(sharing, ticket) = &mut self.replicas[of.0 as usize].processor else {
            unreachable!("only shared processors are scheduled so")
        };
        if let Some(ticket) = ticket.take() {
            cx.cancel(ticket);
        }
        *ticket = sharing.next().map(|after| cx.after(after, Event::Share(of)));
        let busy = u64::from(sharing.cores_busy());
        let replica = &mut self.replicas[of.0 as usize];
        let total = &mut self.services[usize::from(replica.service.0)].levels.working;
        total.set(cx.now, total.value() - replica.working.value() + busy);
        replica.working.set(cx.now, busy);
    }

    /// A task makes its calls and waits for them.
    fn call_out(&mut self, cx: &mut Cx<'_, World>, id: TaskId) {
        let now = cx.now;
        let task = &mut self.tasks[id];
        let Op::Call { sites, need } = &self.plan.ops[task.at as usize] else {
            unreachable!("only call steps make calls")
        };
        (task.pending, task.needed) = (sites.len() as u16, *need);
        let task = *task;
        let from = self.replicas[task.replica.0 as usize].settings.place;
        for arm in 0..task.pending {
            let Op::Call { sites, .. } = &self.plan.ops[task.at as usize] else { unreachable!("as above") };
            let seed = task.seed.branch(u64::from(task.at) << 16 | u64::from(arm));
            let site = sites[usize::from(arm)];
            let call = self.begin(site, || Call {
                origin: Origin::Task(id, task.at),
                site,
                client: task.client,
                priority: task.priority,
                from,
                key: task.key,
                deadline: task.deadline,
                began: now,
                seed,
                draws: seed.branch(0),
                open: 0,
                subset: 0,
                divided: false,
                blame: Blame::None,
                attempts: 0,
                picked: None,
                tried: None,
                sent: now,
                in_flight: false,
            });
            cx.tell(Fact::Called { service: self.plan.sites[usize::from(site.0)].service });
            self.agenda.push_back(Due::Admit(call, 0));
        }
    }

    /// A call that a task made has ended; the task goes on if it has enough answers.
    ///
    /// Calls whose answers are no longer needed run on by themselves, as they do without cancellation.
    pub(crate) fn joined(&mut self, cx: &mut Cx<'_, World>, id: TaskId, step: Position, outcome: Outcome) {
        let Some(task) = self.tasks.get_mut(id).filter(|task| task.at == step && task.pending > 0) else { return };
        let of = task.replica;
        if self.replicas[of.0 as usize].condition.is_some() && self.keep_joined(of, id, step, outcome) {
            return;
        }
        let task = &mut self.tasks[id];
        task.pending -= 1;
        task.needed -= u16::from(outcome.is_ok());
        if task.needed == 0 {
            task.pending = 0;
            task.at += 1;
            self.run(cx, id);
        } else if task.needed > task.pending {
            task.pending = 0;
            self.finish_task(cx, id, Outcome::Dependency);
        }
    }

    /// A task has ended: its worker takes up the next.
    fn finish_task(&mut self, cx: &mut Cx<'_, World>, id: TaskId, outcome: Outcome) {
        let of = self.tasks[id].replica;
        self.answer(cx, id, outcome);
        let replica = &mut self.replicas[of.0 as usize];
        // The answer may have been the server's end, such as that of a probe; it has let go of all then.
        if replica.busy == 0 {
            return;
        }
        replica.busy -= 1;
        let service = usize::from(replica.service.0);
        self.services[service].levels.busy.fall(cx.now);
        if self.take_up_next(cx, of) {
            return;
        }
        let replica = &self.replicas[of.0 as usize];
        if replica.door == Door::Shut
            && replica.busy == 0
            && let Some(pod) = replica.pod
        {
            self.drained(cx, pod);
        }
    }

    /// Takes up the next that waits and has time left. False if there is none.
    pub(crate) fn take_up_next(&mut self, cx: &mut Cx<'_, World>, of: ReplicaId) -> bool {
        while let Some(next) = self.replicas[of.0 as usize].line.pop() {
            let replica = &self.replicas[of.0 as usize];
            self.services[usize::from(replica.service.0)].levels.waiting.fall(cx.now);
            if self.tasks[next].deadline > replica.clock(cx.now) {
                self.take_up(cx, next);
                return true;
            }
            self.answer(cx, next, Outcome::DeadlineExceeded);
        }
        false
    }

    /// Whether a replica could take one more up.
    pub(crate) fn has_free_worker(&self, of: ReplicaId) -> bool {
        let replica = &self.replicas[of.0 as usize];
        let workers = self.services[usize::from(replica.service.0)].settings.workers;
        workers.is_none_or(|workers| replica.busy < workers)
    }

    /// Reads the gauges, and the CPU for balancers that look at it.
    pub(crate) fn sample(&mut self, cx: &mut Cx<'_, World>) {
        self.gauges(cx.now).for_each(|fact| cx.tell(fact));
        if cx.now > Time::ZERO {
            for service in &mut self.services {
                let mut read = |id: ReplicaId, pool: &mut Pool| {
                    let replica = &mut self.replicas[id.0 as usize];
                    let cpu = replica.scrape_cpu(cx.now, self.sample_every, &service.settings);
                    let memory = replica.scrape_memory(&service.settings);
                    pool.set_signals(replica.backend, cpu, memory);
                };
                service.replicas.iter().for_each(|id| read(*id, &mut service.pool));
                if let Some(Router { other, replicas, .. }) = service.router.as_deref_mut() {
                    replicas.iter().for_each(|id| read(*id, other));
                }
            }
        }
        self.survey(cx);
        cx.after(self.sample_every, Event::Sample);
    }
}
