//! What is peculiar about a version: how it fails, leaks, crashes, or gives in under load.
//!
//! A replica without a behaviour pays nothing for it. Where there is one, its faults show when a request
//! ends; chance comes from the request, so two strategies that send the same request to the same version
//! see the same fault. A leak is looked at when a request ends: an idle server that is full lives until
//! then.

use sim_core::dist::Sampler;
use sim_core::rng::hash_words;
use sim_core::sim::Cx;
use sim_core::{Bytes, Draw, Span, Time};

use super::{PodEvent, PodId};
use crate::heal::Cause;
use crate::outcome::Outcome;
use crate::service::ReplicaId;
use crate::task::TaskId;
use crate::world::{Event, World};

/// What keeps the keys that a version fails for apart from other uses of keys.
const KEYS: u64 = 0x6b_65_79_73;

/// A behaviour's index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BehaviourId(pub(crate) u16);

/// What is peculiar about a version.
#[derive(Clone, Debug, Default)]
pub struct Behaviour {
    /// The share of answers that are errors, whatever else.
    pub error_rate: f64,
    /// Memory that is never given back.
    pub leak: Option<Leak>,
    /// From its container's start until the program crashes.
    pub crash_after: Option<Sampler>,
    /// What happens with many requests at once.
    pub strain: Option<Strain>,
    /// The share of keys for which all answers are errors.
    pub bad_keys: f64,
}

/// Memory that is never given back, until the container starts again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Leak {
    /// By time.
    pub per_hour: Bytes,
    /// By requests that were taken up.
    pub per_request: Bytes,
}

/// A fault that shows only under load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strain {
    /// It shows while a replica holds more requests than this.
    pub above: u32,
    /// The share of answers that are errors then.
    pub error_rate: f64,
    /// How many times as long work takes then.
    pub slowdown: f64,
}

impl Behaviour {
    /// How long a piece of work takes on a replica that holds so many requests.
    pub(crate) fn strained(&self, work: Span, held: u32) -> Span {
        match self.strain {
            Some(strain) if held > strain.above => work.scale(strain.slowdown),
            _ => work,
        }
    }
}

impl World {
    /// Adds what is peculiar about a version, to be named in its template.
    pub fn add_behaviour(&mut self, behaviour: Behaviour) -> BehaviourId {
        self.cluster.behaviours.push(behaviour);
        BehaviourId(u16::try_from(self.cluster.behaviours.len() - 1).expect("more than 65,536 behaviours"))
    }

    /// A container of a peculiar version starts.
    pub(crate) fn begin_behaving(&mut self, cx: &mut Cx<'_, World>, pod: PodId) {
        let record = &self.cluster.pods[pod];
        let template = &self.cluster.deployments[usize::from(record.deployment.0)].template;
        let Some(behaviour) = template.behaviour else { return };
        let replica = record.replica.expect("a pod that runs has a replica");
        let replica = &mut self.replicas[replica.0 as usize];
        let common = &self.services[usize::from(replica.service.0)].settings;
        replica.leaked = 0;
        replica.refit(common);
        let record = &mut self.cluster.pods[pod];
        record.served_before = replica.taken;
        if let Some(after) = &self.cluster.behaviours[usize::from(behaviour.0)].crash_after {
            let after = after.draw(&mut record.draws);
            record.fate = Some(cx.after(after, Event::Pod { pod, event: PodEvent::Crash }));
        }
    }

    /// How a request of a peculiar version ends; `None` if its server ends with it.
    pub(crate) fn behave(&mut self, cx: &mut Cx<'_, World>, id: TaskId) -> Option<Outcome> {
        let task = &mut self.tasks[id];
        let replica = &self.replicas[task.replica.0 as usize];
        let behaviour = replica.settings.behaviour.expect("only peculiar replicas behave so");
        let behaviour = &self.cluster.behaviours[usize::from(behaviour.0)];
        let strain = behaviour.strain.filter(|strain| replica.held() > strain.above);
        let error_rate = behaviour.error_rate.max(strain.map_or(0.0, |strain| strain.error_rate));
        let by_chance = task.draws.chance(error_rate.max(replica.settings.error_rate));
        let by_key = hash_words(&[task.key, KEYS]) as f64 / u64::MAX as f64;
        let fails = by_chance || by_key < behaviour.bad_keys;
        let (leaks, of) = (behaviour.leak.is_some(), task.replica);
        if leaks && self.leak(cx, of) {
            return None;
        }
        Some(if fails { Outcome::Error } else { Outcome::Ok })
    }

    /// A leak has left less memory than before; true if there was none left, and the program is gone.
    fn leak(&mut self, cx: &mut Cx<'_, World>, of: ReplicaId) -> bool {
        let replica = &self.replicas[of.0 as usize];
        let memory = self.services[usize::from(replica.service.0)].settings.memory;
        let (Some(memory), Some(pod)) = (memory, replica.pod) else { return false };
        let leaked = self.leaked(pod, cx.now);
        let replica = &mut self.replicas[of.0 as usize];
        replica.leaked = leaked.count();
        replica.refit(&self.services[usize::from(replica.service.0)].settings);
        let taken = replica.leaked.saturating_add(replica.memory_taken());
        let is_full = memory.used(0).count().saturating_add(taken) > memory.limit.count();
        if is_full {
            self.crash(cx, pod, Cause::OutOfMemory);
        }
        is_full
    }

    /// Memory that a pod has leaked since its container started.
    pub(crate) fn leaked(&self, pod: PodId, now: Time) -> Bytes {
        let record = &self.cluster.pods[pod];
        let template = &self.cluster.deployments[usize::from(record.deployment.0)].template;
        let Some(behaviour) = template.behaviour else { return Bytes::default() };
        let leak = self.cluster.behaviours[usize::from(behaviour.0)].leak;
        let (Some(leak), Some(replica)) = (leak, record.replica) else { return Bytes::default() };
        let hours = now.since(record.container_started).as_secs_f64() / 3_600.0;
        let served = self.replicas[replica.0 as usize].taken - record.served_before;
        let by_time = (leak.per_hour.count() as f64 * hours) as u64;
        Bytes::new(by_time.saturating_add(leak.per_request.count().saturating_mul(served)))
    }
}
