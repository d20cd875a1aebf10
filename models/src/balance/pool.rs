//! A service's backends and the balancer in front of them: what the world talks to.
//!
//! The pool counts connections, applies passive health, and tells the balancer what changed, at
//! most once between two picks however much did.

use sim_core::Time;

use super::health::HealthRecords;
use super::{BackendId, Backends, Balance, Choice, PassiveHealth, Picked, Settled};
use crate::place::Place;

/// Backends, their balancer, and their health as their calls show it.
pub struct Pool {
    backends: Backends,
    balancer: Box<dyn Balance>,
    health: Option<HealthRecords>,
    /// Something changed that the balancer has not been told.
    changed: bool,
}

impl Pool {
    /// A pool without backends.
    pub fn new(balancer: Box<dyn Balance>, health: Option<PassiveHealth>) -> Pool {
        Pool { backends: Backends::default(), balancer, health: health.map(HealthRecords::new), changed: true }
    }

    /// Adds a backend that is up. Ids count from 0 in the order of adding.
    ///
    /// `weight` is its share of traffic relative to the others, 0 for none; `identity` is what
    /// hashing balancers know it by, and should differ from all others.
    pub fn add(&mut self, weight: u32, place: Place, identity: u64) -> BackendId {
        self.changed = true;
        if let Some(health) = &mut self.health {
            health.push();
        }
        self.backends.push(weight, place, identity)
    }

    /// Puts another balancer in front of the same backends, in place of the one there.
    ///
    /// Panics if calls are in flight: the old balancer was to see their end.
    pub fn set_balancer(&mut self, balancer: Box<dyn Balance>) {
        assert!(self.backends.in_flight() == 0, "a balancer is exchanged between calls, not during them");
        self.balancer = balancer;
        self.changed = true;
    }

    /// What is known of the backends.
    pub fn backends(&self) -> &Backends {
        &self.backends
    }

    /// Puts a backend in or out of service. One that comes back starts with a clean record.
    pub fn set_up(&mut self, id: BackendId, up: bool) {
        if up && !self.backends.is_up(id) {
            if let Some(health) = &mut self.health {
                health.forget(id);
            }
            self.balancer.renewed(id);
        }
        self.backends.set_up(id, up);
        self.reopen(id);
    }

    /// Whether the backend is out of service and no call is in flight to it.
    pub fn is_idle(&self, id: BackendId) -> bool {
        !self.backends.is_up(id) && self.backends.connections[id.index()] == 0
    }

    /// Makes another server of the same place out of a backend that is down.
    ///
    /// Panics if it is up or has calls in flight.
    pub fn replace(&mut self, id: BackendId, weight: u32, identity: u64) {
        assert!(self.is_idle(id), "backend {} is still in use", id.0);
        self.backends.weights[id.index()] = weight;
        self.backends.identities[id.index()] = identity;
        self.backends.cpu[id.index()] = 0.0;
        self.backends.memory[id.index()] = 0.0;
        self.changed = true;
    }

    /// Changes a backend's share of traffic; 0 takes it out.
    pub fn set_weight(&mut self, id: BackendId, weight: u32) {
        self.backends.weights[id.index()] = weight;
        self.changed = true;
        self.reopen(id);
    }

    /// Takes in a reading of the backend's use of processors and memory, as shares from 0 to 1.
    pub fn set_signals(&mut self, id: BackendId, cpu: f64, memory: f64) {
        self.backends.cpu[id.index()] = cpu;
        self.backends.memory[id.index()] = memory;
        self.changed = true;
    }

    /// Chooses a backend for a call and counts the call, or answers `None` if there is none for it.
    ///
    /// Each pick must meet one [`Pool::settle`].
    pub fn pick(&mut self, now: Time, choice: &mut Choice<'_>) -> Option<Picked> {
        if let Some(health) = &mut self.health {
            let (backends, changed) = (&mut self.backends, &mut self.changed);
            health.release(now, |id| *changed |= backends.reopen(id, false));
        }
        if self.changed {
            self.changed = false;
            self.backends.refresh();
            self.balancer.changed(now, &self.backends);
        }
        choice.via = 0;
        let backend = self.balancer.pick(now, choice, &self.backends)?;
        let picked = Picked { backend, via: choice.via };
        self.backends.connect(backend);
        self.balancer.sent(now, picked, &self.backends);
        if let Some(health) = &mut self.health
            && health.picked(now, backend)
        {
            self.reopen(backend);
        }
        Some(picked)
    }

    /// Takes in how a picked call ended. Panics if that call was not in flight.
    pub fn settle(&mut self, now: Time, picked: Picked, settled: Settled) {
        self.backends.disconnect(picked.backend);
        if let Some(health) = &mut self.health
            && health.settled(now, picked.backend, settled.outcome)
        {
            self.reopen(picked.backend);
        }
        self.balancer.settled(now, picked, &settled, &self.backends);
    }

    fn reopen(&mut self, id: BackendId) {
        let shut_out = self.health.as_ref().is_some_and(|health| health.is_shut_out(id));
        self.changed |= self.backends.reopen(id, shut_out);
    }
}
