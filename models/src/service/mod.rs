//! Services and their replicas: workers, a bounded line, processors that are shared or not.
//!
//! A worker serves one request from beginning to end and is held while the request waits for calls
//! further down, as a thread is. What waits for a worker stands in a bounded line; a full line
//! refuses. Under [`Discipline::Sharing`] the requests in service share the cores; otherwise each
//! worker has a core of its own.

mod line;
mod router;
mod sharing;

use std::collections::{BinaryHeap, VecDeque};

use serde::{Deserialize, Serialize};
use sim_core::stats::TimeWeighted;
use sim_core::{Bytes, Span, Time};

pub(crate) use line::Line;
pub(crate) use router::{Router, SplitDraws};
pub(crate) use sharing::Sharing;

use crate::balance::{BackendId, Pool};
use crate::chaos::Condition;
use crate::cluster::{BehaviourId, PodId};
use crate::place::Place;
use crate::task::TaskId;
use crate::world::EventTicket;

/// A service's index, in the scenario's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(pub u16);

/// A replica's index over all services.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplicaId(pub(crate) u32);

impl ReplicaId {
    /// Its number among all replicas of the world, counted from 0.
    pub const fn number(self) -> u32 {
        self.0
    }
}

/// In which order a replica takes up what waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Discipline {
    /// First come, first served.
    #[default]
    Fifo,
    /// Last come, first served: under overload some are served in time rather than all too late.
    Lifo,
    /// Highest priority first.
    Priority,
    /// All requests in service share `cores` evenly.
    Sharing {
        /// Cores to share.
        cores: u32,
    },
}

/// The memory of a replica: what it takes when idle, and for each request that it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// Taken when idle.
    pub base: Bytes,
    /// Taken by each request in service or waiting.
    pub per_request: Bytes,
    /// All there is.
    pub limit: Bytes,
}

impl Memory {
    /// Says what is wrong with the settings, if anything.
    pub fn check(&self) -> Result<(), String> {
        if self.limit.count() == 0 || self.base > self.limit {
            return Err(format!("limit: {} is too little for the base of {}", self.limit, self.base));
        }
        Ok(())
    }

    /// What is in use while so many requests are held.
    pub(crate) fn used(&self, requests: u64) -> Bytes {
        Bytes::new(self.base.count().saturating_add(self.per_request.count().saturating_mul(requests)))
    }

    fn share(&self, requests: u64, taken: u64) -> f64 {
        (self.used(requests).count() + taken) as f64 / self.limit.count() as f64
    }

    /// The most requests for which there is room, where others have taken so many bytes.
    pub(crate) fn requests_max(&self, taken: u64) -> u32 {
        let room = self.limit.count().saturating_sub(self.base.count()).saturating_sub(taken);
        room.checked_div(self.per_request.count()).map_or(u32::MAX, |most| u32::try_from(most).unwrap_or(u32::MAX))
    }
}

/// What all replicas of a service have in common.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServiceSettings {
    /// Requests a replica serves at once; `None` sets no limit.
    pub workers: Option<u32>,
    /// Requests that may wait for a worker of a replica; more are refused.
    pub queue: u32,
    /// The order of service.
    pub discipline: Discipline,
    /// Added to the work of a request for each request already in service on the replica.
    pub contention: Span,
    /// The memory of each replica, if it is known.
    pub memory: Option<Memory>,
}

/// What one replica is like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReplicaSettings {
    /// Where it runs.
    pub place: Place,
    /// How much work it does in a unit of time; 1 is normal.
    pub speed: f64,
    /// The share of its answers that are errors.
    pub error_rate: f64,
    /// Whether it refuses connections.
    pub down: bool,
    /// What is peculiar about its version, if anything is.
    pub behaviour: Option<BehaviourId>,
}

/// A service at run time.
pub(crate) struct Service {
    pub(crate) settings: ServiceSettings,
    pub(crate) pool: Pool,
    /// The second pool and who gets what, where there are releases.
    pub(crate) router: Option<Box<Router>>,
    // Those of the first pool, in the order of their backend ids.
    pub(crate) replicas: Vec<ReplicaId>,
    /// Those without a pod, which the next pods at their place take over.
    pub(crate) vacant: VecDeque<ReplicaId>,
    /// How many identities were given away.
    pub(crate) identities: u64,
    /// Attempts to call it, and those of them that found no backend.
    pub(crate) asked: u64,
    pub(crate) unserved: u64,
    pub(crate) levels: Levels,
}

impl Service {
    /// A service without replicas.
    pub(crate) fn new(settings: ServiceSettings, pool: Pool) -> Service {
        let (replicas, vacant, levels) = (Vec::new(), VecDeque::new(), Levels::default());
        Service { settings, pool, router: None, replicas, vacant, identities: 0, asked: 0, unserved: 0, levels }
    }

    /// The pool of that number: 0, or 1 where there are releases.
    #[inline]
    pub(crate) fn pool_mut(&mut self, subset: u8) -> &mut Pool {
        match &mut self.router {
            Some(router) if subset > 0 => &mut router.other,
            _ => &mut self.pool,
        }
    }

    /// The pool of that number: 0, or 1 where there are releases.
    pub(crate) fn pool(&self, subset: u8) -> &Pool {
        match &self.router {
            Some(router) if subset > 0 => &router.other,
            _ => &self.pool,
        }
    }

    /// The replica behind a backend of that pool.
    #[inline]
    pub(crate) fn replica(&self, subset: u8, backend: BackendId) -> ReplicaId {
        match &self.router {
            Some(router) if subset > 0 => router.replicas[backend.index()],
            _ => self.replicas[backend.index()],
        }
    }

    /// All its replicas.
    pub(crate) fn all_replicas(&self) -> impl Iterator<Item = ReplicaId> + '_ {
        let others = self.router.iter().flat_map(|router| &router.replicas);
        self.replicas.iter().chain(others).copied()
    }
}

impl Service {
    /// How many requests wait at most for a program that stands still: in line, and for free workers,
    /// which cannot take them up.
    pub(crate) fn room_when_paused(&self, busy: u32) -> usize {
        let free = self.settings.workers.map(|workers| workers - busy);
        free.map_or(usize::MAX, |free| (self.settings.queue + free) as usize)
    }
}

/// What a service's replicas do together, over time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Levels {
    /// Requests in service.
    pub(crate) busy: TimeWeighted,
    /// Cores (or workers) at work.
    pub(crate) working: TimeWeighted,
    /// Requests waiting for a worker.
    pub(crate) waiting: TimeWeighted,
    /// Replicas that run.
    pub(crate) running: TimeWeighted,
}

/// What a message finds that reaches a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// Somebody who listens.
    Open,
    /// A machine on which nobody listens: connections are refused.
    Shut,
    /// Nothing at all: its machine is dead, and messages get lost.
    Gone,
}

/// A replica at run time.
#[derive(Debug)]
pub(crate) struct Replica {
    pub(crate) service: ServiceId,
    pub(crate) backend: BackendId,
    /// The pool that this is a backend of, and the version that it runs.
    pub(crate) subset: u8,
    pub(crate) version: u8,
    pub(crate) settings: ReplicaSettings,
    pub(crate) door: Door,
    /// What strikes do to it, if any does.
    pub(crate) condition: Option<Box<Condition>>,
    /// The pod that runs it, if a deployment does.
    pub(crate) pod: Option<PodId>,
    /// The most requests it can hold without running out of memory.
    pub(crate) held_max: u32,
    /// Bytes that its program has leaked.
    pub(crate) leaked: u64,
    pub(crate) busy: u32,
    pub(crate) line: Line,
    pub(crate) processor: Processor,
    pub(crate) working: TimeWeighted,
    pub(crate) taken: u64,
    /// Attempts that reached its present pod.
    pub(crate) reached: u64,
    pub(crate) scraped: u128,
    /// Cores at work on average between the last two scrapes.
    pub(crate) cores_used: f64,
}

/// Who does the work of a replica.
#[derive(Debug)]
pub(crate) enum Processor {
    /// Each worker has its own core.
    PerWorker,
    /// The cores are shared; the next job to end has this ticket. Boxed, so that replicas without,
    /// of which there may be thousands, stay small.
    Shared(Box<Sharing<TaskId>>, Option<EventTicket>),
}

impl Replica {
    pub(crate) fn new(
        service: ServiceId,
        backend: BackendId,
        common: &ServiceSettings,
        settings: ReplicaSettings,
    ) -> Replica {
        assert!(settings.speed > 0.0, "a replica needs a speed above zero");
        let line = match common.discipline {
            Discipline::Fifo | Discipline::Sharing { .. } => Line::Fifo(VecDeque::new()),
            Discipline::Lifo => Line::Lifo(Vec::new()),
            Discipline::Priority => Line::Priority { heap: BinaryHeap::new(), arrivals: 0 },
        };
        let processor = match common.discipline {
            Discipline::Sharing { cores } => Processor::Shared(Box::new(Sharing::new(cores)), None),
            _ => Processor::PerWorker,
        };
        Replica {
            service,
            backend,
            subset: 0,
            version: 0,
            settings,
            door: if settings.down { Door::Shut } else { Door::Open },
            condition: None,
            pod: None,
            held_max: common.memory.map_or(u32::MAX, |memory| memory.requests_max(0)),
            leaked: 0,
            busy: 0,
            line,
            processor,
            working: TimeWeighted::default(),
            taken: 0,
            reached: 0,
            scraped: 0,
            cores_used: 0.0,
        }
    }

    /// Becomes the replica of another pod; to be called when it holds nothing.
    pub(crate) fn renew(&mut self, now: Time, settings: ReplicaSettings) {
        assert!(self.held() == 0, "a replica with requests is in use");
        self.settings = settings;
        self.leaked = 0;
        self.scraped = self.working.integral(now);
    }

    /// Finds out again for how many requests there is memory, besides what leaked and what others take.
    pub(crate) fn refit(&mut self, common: &ServiceSettings) {
        let taken = self.leaked.saturating_add(self.memory_taken());
        self.held_max = common.memory.map_or(u32::MAX, |memory| memory.requests_max(taken));
    }

    /// Requests in service and waiting.
    pub(crate) fn held(&self) -> u32 {
        self.busy + self.line.len() as u32
    }

    /// How many cores could be at work at once; `None` where nothing limits them.
    pub(crate) fn cores(&self, common: &ServiceSettings) -> Option<u32> {
        match common.discipline {
            Discipline::Sharing { cores } => Some(cores),
            _ => common.workers,
        }
    }

    /// The mean share of its cores in use since this was last asked.
    pub(crate) fn scrape_cpu(&mut self, now: Time, every: Span, common: &ServiceSettings) -> f64 {
        let integral = self.working.integral(now);
        let used = (integral - self.scraped) as f64 / every.as_nanos() as f64;
        self.scraped = integral;
        self.cores_used = used;
        self.cores(common).map_or(0.0, |cores| used / f64::from(cores))
    }

    /// The share of its memory in use; 0 where it is not known.
    pub(crate) fn scrape_memory(&self, common: &ServiceSettings) -> f64 {
        common.memory.map_or(0.0, |memory| memory.share(u64::from(self.held()), self.memory_taken()))
    }
}
