//! The world: what can happen in it, what is told of it, and who handles what. No logic of its own.
//!
//! ```text
//! workload ──▶ call ──▶ policies ──▶ balancer ──▶ network ──▶ replica ──▶ task ──▶ (calls …)
//!    ▲          ▲──────── settle ◀───────────── network ◀───────┘
//!    └─ answer ─┘
//! ```
//!
//! A network without latency costs no events: what follows at once is done at once. Where that could
//! nest without end (a task's calls, their ends, retries without a wait) it goes through the agenda,
//! in order, so that no chain of calls grows the stack.

mod event;
mod fact;

use std::collections::VecDeque;

use sim_core::sim::{self, Cx};
use sim_core::{Lane, Seed, Span, Ticket, Time};

use crate::balance::{BackendId, Balance, Pool};
use crate::call::{Call, CallId, Layer, Origin};
use crate::chaos::{Chaos, Links, Watch};
use crate::cluster::{Cluster, ClusterSettings, Command, LineageId};
use crate::network::Network;
use crate::outcome::Outcome;
use crate::plan::{Plan, Position};
use crate::service::{Replica, ReplicaId, ReplicaSettings, Service, ServiceId, ServiceSettings};
use crate::slots::{Lists, Slots};
use crate::task::{Task, TaskId};
use crate::workload::{Workload, WorkloadId};

pub use event::Event;
pub use fact::{Fact, Gauge};

/// A ticket for an event of this world.
pub(crate) type EventTicket = Ticket;

/// What follows at once from an event.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Due {
    /// A call goes down its policies from this layer on.
    Admit(CallId, u8),
    /// A task goes on with its steps.
    Run(TaskId),
    /// A call that a task made has ended.
    Joined(TaskId, Position, Outcome),
    /// A copy of a request goes to a version on trial.
    Mirror(CallId),
    /// A rollout looks at what has changed.
    Look(LineageId),
    /// A command takes effect that was decided then.
    Apply(Command, Time),
}

/// How messages on a route travel.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Transit {
    /// In no time, without an event.
    Instant,
    /// All for the same time, through a lane.
    Fixed(Lane),
    /// Each for a time of its own, if it arrives at all.
    Drawn,
}

/// Everything there is.
pub struct World {
    pub(crate) network: Network,
    pub(crate) plan: Plan,
    pub(crate) services: Vec<Service>,
    pub(crate) replicas: Vec<Replica>,
    pub(crate) workloads: Vec<Workload>,
    pub(crate) calls: Slots<Call>,
    pub(crate) tasks: Slots<Task>,
    /// For each call's slot, its layers' memories: `depth` apiece.
    pub(crate) layers: Vec<Layer>,
    /// The backends to which calls shall not be sent again.
    pub(crate) tried: Lists<BackendId>,
    pub(crate) depth: usize,
    pub(crate) cluster: Cluster,
    pub(crate) chaos: Chaos,
    /// What strikes do to messages.
    pub(crate) links: Links,
    /// The checks of the steady state.
    pub(crate) steady: Vec<Watch>,
    pub(crate) agenda: VecDeque<Due>,
    /// By route.
    pub(crate) transits: Vec<Transit>,
    pub(crate) sample_every: Span,
    pub(crate) requests: u64,
}

impl World {
    /// A world with these services' endpoints but without replicas and workloads.
    ///
    /// Gauges are sampled, and CPU readings refreshed, each `sample_every`; panics if that is zero.
    pub fn new(network: Network, plan: Plan, sample_every: Span) -> World {
        assert!(sample_every > Span::ZERO, "sampling needs an interval");
        let depth = plan.depth();
        World {
            network,
            plan,
            services: Vec::new(),
            replicas: Vec::new(),
            workloads: Vec::new(),
            calls: Slots::default(),
            tasks: Slots::default(),
            layers: Vec::new(),
            tried: Lists::default(),
            depth,
            chaos: Chaos::default(),
            links: Links::default(),
            steady: Vec::new(),
            cluster: Cluster::new(ClusterSettings::default(), Seed::new(0)),
            agenda: VecDeque::new(),
            transits: Vec::new(),
            sample_every,
            requests: 0,
        }
    }

    /// Lets the cluster work as these settings say, with the chance it needs from `seed`.
    ///
    /// To be called before deployments are added.
    pub fn with_cluster(self, settings: ClusterSettings, seed: Seed) -> World {
        World { cluster: Cluster::new(settings, seed), ..self }
    }

    /// Adds the next service, whose calls `pool` spreads.
    pub fn add_service(&mut self, settings: ServiceSettings, pool: Pool) -> ServiceId {
        assert!(settings.workers != Some(0), "a replica needs a worker");
        self.services.push(Service::new(settings, pool));
        ServiceId(u16::try_from(self.services.len() - 1).expect("more than 65,536 services"))
    }

    /// Adds a replica of `service` that no pod runs, with its share of the traffic relative to the
    /// others, and the identity that hashing balancers know it by.
    ///
    /// To be called before the world starts.
    pub fn add_replica(
        &mut self,
        service: ServiceId,
        weight: u32,
        identity: u64,
        settings: ReplicaSettings,
    ) -> ReplicaId {
        let id = self.push_replica(service, 0, weight, identity, settings);
        self.services[usize::from(service.0)].levels.running.rise(Time::ZERO);
        id
    }

    pub(crate) fn push_replica(
        &mut self,
        service: ServiceId,
        subset: u8,
        weight: u32,
        identity: u64,
        settings: ReplicaSettings,
    ) -> ReplicaId {
        let id = ReplicaId(u32::try_from(self.replicas.len()).expect("more than 2^32 replicas"));
        let owner = &mut self.services[usize::from(service.0)];
        let backend = owner.pool_mut(subset).add(weight, settings.place, identity);
        match &mut owner.router {
            Some(router) if subset > 0 => router.replicas.push(id),
            _ => owner.replicas.push(id),
        }
        let replica = Replica::new(service, backend, &owner.settings, settings);
        self.replicas.push(Replica { subset, ..replica });
        id
    }

    /// Spreads the calls of `service` by a balancer of the caller's own.
    ///
    /// To be called before the world starts; panics if calls to the service are in flight.
    pub fn set_balancer(&mut self, service: ServiceId, balancer: Box<dyn Balance>) {
        self.services[usize::from(service.0)].pool.set_balancer(balancer);
    }

    /// Adds the next workload.
    pub fn add_workload(&mut self, workload: Workload) -> WorkloadId {
        self.workloads.push(workload);
        WorkloadId(u16::try_from(self.workloads.len() - 1).expect("more than 65,536 workloads"))
    }

    /// Schedules what begins at time zero; to be called once, before the first event.
    pub fn start(&mut self, cx: &mut Cx<'_, World>) {
        let transit = |route| match self.network.fixed(route) {
            Some(Span::ZERO) => Transit::Instant,
            Some(delay) => Transit::Fixed(cx.lane(delay)),
            None => Transit::Drawn,
        };
        self.transits = self.network.routes().map(transit).collect();
        self.start_deployments(cx);
        self.start_pools(cx);
        self.start_kubelets(cx);
        self.start_faults(cx);
        self.start_checks(cx);
        self.start_scaling(cx);
        self.start_releases(cx);
        if self.chaos.is_about_nodes() || !self.cluster.pools.is_empty() {
            cx.after(self.cluster.settings.lifecycle.monitor_period, Event::MonitorNodes);
        }
        self.sample(cx);
        self.start_workloads(cx);
        self.follow_up(cx);
    }

    /// Does what follows at once from what has happened, and from that, until nothing follows.
    fn follow_up(&mut self, cx: &mut Cx<'_, World>) {
        while let Some(due) = self.agenda.pop_front() {
            match due {
                Due::Admit(call, layer) => self.admit(cx, call, layer),
                Due::Run(task) => self.go_on(cx, task),
                Due::Joined(task, step, outcome) => self.joined(cx, task, step, outcome),
                Due::Mirror(copy) => self.send(cx, copy),
                Due::Look(lineage) => self.look_at_release(cx, lineage),
                Due::Apply(command, decided) => self.apply(cx, command, decided),
            }
        }
    }

    /// Calls that have begun and not ended, customers' requests among them.
    pub fn calls_in_flight(&self) -> usize {
        self.calls.len()
    }

    /// Customers' requests that have begun and not ended.
    pub fn requests_in_flight(&self) -> usize {
        self.calls.iter().filter(|call| matches!(call.origin, Origin::Workload(_))).count()
    }

    /// What the gauges of all services read now, service by service.
    pub fn gauges(&self, now: Time) -> impl Iterator<Item = Fact> {
        self.services.iter().enumerate().flat_map(move |(index, service)| {
            let levels = &service.levels;
            let gauges = [
                (Gauge::Busy, &levels.busy),
                (Gauge::Working, &levels.working),
                (Gauge::Waiting, &levels.waiting),
                (Gauge::Running, &levels.running),
            ];
            gauges.into_iter().map(move |(gauge, level)| {
                let integral = u64::try_from(level.integral(now)).unwrap_or(u64::MAX);
                Fact::Sampled { service: ServiceId(index as u16), gauge, value: level.value(), integral }
            })
        })
    }

    /// Customers' requests that have begun since time zero.
    pub fn requests(&self) -> u64 {
        self.requests
    }

    /// For each replica of `service`, in the order of their backend ids, how many attempts it has
    /// taken up and how many cores (or workers) it has had at work on average.
    pub fn replicas_of(&self, service: ServiceId, now: Time) -> impl Iterator<Item = (u64, f64)> {
        let ids = self.services[usize::from(service.0)].all_replicas();
        ids.map(move |id| &self.replicas[id.0 as usize]).map(move |replica| (replica.taken, replica.working.mean(now)))
    }
}

impl sim::World for World {
    type Event = Event;
    type Fact = Fact;

    // Where the events come from, this is called at one place.
    #[inline(always)]
    fn handle(&mut self, cx: &mut Cx<'_, World>, event: Event) {
        match event {
            Event::Arrive(workload) => self.arrive(cx, workload),
            Event::Think { workload, user } => self.ask(cx, workload, user),
            Event::Reach(task) => self.reach(cx, task),
            Event::Step(task) => self.step(cx, task),
            Event::Share(replica) => self.share(cx, replica),
            Event::Reply { call, attempt, outcome } => self.reply(cx, call, attempt, outcome),
            Event::Wake { call, layer } => self.wake(cx, call, layer),
            Event::Resume { call, layer } => self.resume(cx, call, layer),
            Event::Sample => self.sample(cx),
            Event::Pod { pod, event } => self.pod_event(cx, pod, event),
            Event::Endpoint(replica) => self.route(replica),
            Event::Apply(command) => self.commit(cx, command),
            Event::Probe { pod, probe } => self.probe(cx, pod, probe),
            Event::MonitorNodes => self.monitor_nodes(cx),
            Event::Scrape => self.scrape(cx),
            Event::Schedule => self.schedule_again(cx),
            Event::CheckMemory => self.check_memory(cx),
            Event::ScaleNodes => self.scale_nodes(cx),
            Event::Deliver { pool, order } => self.deliver_node(cx, pool, order),
            Event::Reclaim(node) => self.reclaim_spot(cx, node),
            Event::Autoscale(deployment) => self.autoscale(cx, deployment),
            Event::Drain(node) => self.drain_on(cx, node),
            Event::Remove(node) => self.remove_node(cx, node),
            Event::Release(release) => self.release(cx, release),
            Event::Look(lineage) => self.look_again(cx, lineage),
            Event::Strike(fault) => self.strike(cx, fault),
            Event::Mend(strike) => self.mend(cx, strike),
            Event::Resend(message) => self.resend(cx, message),
            Event::Halt(check) => self.halt_chaos(cx, check),
            Event::Judge(check) => self.judge_check(cx, check),
        }
        if !self.agenda.is_empty() {
            self.follow_up(cx);
        }
    }
}
