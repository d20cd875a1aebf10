//! Workloads: who asks, from where, for what, and with which key.
//!
//! A request's own number is drawn from its workload's stream in arrival order; its origin, target,
//! key and all that happens to it derive from that number. Strategies that are compared thus face
//! the same customers.

use sim_core::dist::Sampler;
use sim_core::sim::Cx;
use sim_core::{Draw, Draws, KeySampler, Rng, Span, Time};

use crate::call::{Blame, Call, Origin};
use crate::place::{NodeId, Place, RegionId, ZoneId};
use crate::plan::SiteId;
use crate::traffic::Arrive;
use crate::world::{Event, Fact, World};

/// The least that a user takes who was answered in no time at all, by a refusal, say. A user who takes
/// no time either would ask for ever at one instant.
const BREATH: Span = Span::from_millis(1);

/// A workload's index, in the scenario's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkloadId(pub u16);

/// A stream of customers.
pub struct Workload {
    source: Source,
    requests: Rng,
    origins: Shares<RegionId>,
    targets: Shares<SiteId>,
    keys: Option<KeySampler>,
    priority: u8,
    /// Requests that have begun.
    asked: u64,
}

/// When customers ask.
pub enum Source {
    /// At arrivals that do not depend on the answers.
    Open(Box<ArrivalStream>),
    /// Each of `users` thinks, asks, waits for the answer, and thinks again.
    Closed {
        /// How many there are.
        users: u32,
        /// How long one thinks.
        think: Sampler,
    },
}

/// Arrivals, drawn a batch ahead from a stream of their own: one draw waits for the one before, and in a
/// row a processor overlaps what does not.
pub struct ArrivalStream {
    arrive: Box<dyn Arrive>,
    rng: Rng,
    /// The next ones, last first.
    ahead: Vec<Time>,
}

impl ArrivalStream {
    const BATCH: usize = 64;

    /// What `arrive` draws from `rng`.
    pub fn new(arrive: Box<dyn Arrive>, rng: Rng) -> ArrivalStream {
        ArrivalStream { arrive, rng, ahead: Vec::with_capacity(ArrivalStream::BATCH) }
    }

    #[inline]
    fn next(&mut self) -> Option<Time> {
        if self.ahead.is_empty() {
            let ArrivalStream { arrive, rng, ahead } = self;
            arrive.extend(rng, ahead, ArrivalStream::BATCH);
            ahead.reverse();
        }
        self.ahead.pop()
    }
}

/// Things with shares of a whole.
#[derive(Clone, Debug)]
pub struct Shares<T>(Vec<(f64, T)>);

impl<T: Copy> Shares<T> {
    /// Shares by weight; `None` unless some weight is above zero.
    pub fn new(weighted: &[(f64, T)]) -> Option<Shares<T>> {
        let total: f64 = weighted.iter().map(|(weight, _)| weight).sum();
        let mut sum = 0.0;
        let cumulative = weighted.iter().filter(|(weight, _)| *weight > 0.0).map(|&(weight, thing)| {
            sum += weight;
            (sum / total, thing)
        });
        (total > 0.0).then(|| Shares(cumulative.collect()))
    }

    /// One of them; draws nothing when there is no choice.
    fn pick(&self, draws: &mut Draws) -> T {
        let (last, others) = self.0.split_last().expect("shares are never empty");
        if others.is_empty() {
            return last.1;
        }
        let at = draws.unit();
        // Counted, not searched for: where a search ends cannot be predicted.
        let index = others.iter().map(|(share, _)| usize::from(at >= *share)).sum::<usize>();
        self.0[index].1
    }
}

impl Workload {
    /// A workload whose requests draw their numbers from `requests`.
    pub fn new(source: Source, requests: Rng, origins: Shares<RegionId>, targets: Shares<SiteId>) -> Workload {
        Workload { source, requests, origins, targets, keys: None, priority: 0, asked: 0 }
    }

    /// Gives each request a key.
    pub fn with_keys(self, keys: KeySampler) -> Workload {
        Workload { keys: Some(keys), ..self }
    }

    /// Gives its requests a priority; higher goes first, 0 is the lowest.
    pub fn with_priority(self, priority: u8) -> Workload {
        Workload { priority, ..self }
    }

    /// Its requests that have begun.
    pub(crate) fn asked(&self) -> u64 {
        self.asked
    }

    fn next_arrival(&mut self) -> Option<Time> {
        match &mut self.source {
            Source::Open(arrivals) => arrivals.next(),
            Source::Closed { .. } => None,
        }
    }
}

impl World {
    /// Schedules each workload's first arrivals.
    pub(crate) fn start_workloads(&mut self, cx: &mut Cx<'_, World>) {
        for index in 0..self.workloads.len() {
            let id = WorkloadId(index as u16);
            if let Some(first) = self.workloads[index].next_arrival() {
                cx.at(first, Event::Arrive(id));
            }
            if let Source::Closed { users, .. } = self.workloads[index].source {
                (0..users).for_each(|user| self.think(cx, id, user, Span::ZERO));
            }
        }
    }

    /// An open workload's next request arrives.
    #[inline]
    pub(crate) fn arrive(&mut self, cx: &mut Cx<'_, World>, id: WorkloadId) {
        // First, because the next arrival is mostly the next event of all: its key stays at the root
        // of the pending events, which this event has just left.
        if let Some(next) = self.workloads[usize::from(id.0)].next_arrival() {
            cx.at(next, Event::Arrive(id));
        }
        self.ask(cx, id, 0);
    }

    /// A customer's request begins.
    pub(crate) fn ask(&mut self, cx: &mut Cx<'_, World>, id: WorkloadId, client: u32) {
        let workload = &mut self.workloads[usize::from(id.0)];
        let seed = Draws::new(workload.requests.next_u64());
        let mut draws = seed.branch(0);
        let region = workload.origins.pick(&mut draws);
        let site = workload.targets.pick(&mut draws);
        let key = match &workload.keys {
            Some(keys) => keys.draw(&mut draws),
            None => draws.next_u64(),
        };
        let priority = workload.priority;
        workload.asked += 1;
        self.requests += 1;
        cx.tell(Fact::Arrived { workload: id, region });
        let call = self.begin(site, || Call {
            origin: Origin::Workload(id),
            site,
            client,
            priority,
            // Customers share no zone and no node with any server.
            from: Place { region, zone: ZoneId(u16::MAX), node: NodeId(u32::MAX) },
            key,
            deadline: Time::MAX,
            began: cx.now,
            seed,
            draws,
            open: 0,
            subset: 0,
            divided: false,
            blame: Blame::None,
            attempts: 0,
            picked: None,
            tried: None,
            sent: cx.now,
            in_flight: false,
        });
        cx.tell(Fact::Called { service: self.plan.sites[usize::from(site.0)].service });
        self.admit(cx, call, 0);
    }

    /// A customer has the answer: a closed workload's user thinks again.
    pub(crate) fn answered(&mut self, cx: &mut Cx<'_, World>, id: WorkloadId, client: u32, latency: Span) {
        if matches!(self.workloads[usize::from(id.0)].source, Source::Closed { .. }) {
            self.think(cx, id, client, if latency == Span::ZERO { BREATH } else { Span::ZERO });
        }
    }

    fn think(&mut self, cx: &mut Cx<'_, World>, id: WorkloadId, user: u32, least: Span) {
        let workload = &mut self.workloads[usize::from(id.0)];
        let Source::Closed { think, .. } = &workload.source else { unreachable!("only closed workloads think") };
        let span = think.draw(&mut workload.requests).max(least);
        cx.after(span, Event::Think { workload: id, user });
    }
}
