//! Requests with all calls that were made for them, one of so many: what tracing shows.
//!
//! A call is told of when it ends, after those that were made for it; so ended calls wait for the
//! one above, and the customer's call gathers all. Which requests are kept follows from their own
//! numbers: another balancer is seen serving the same ones. Left out: calls that end after the one
//! above has given them up, and those of requests that had not ended when the run was over.

use std::collections::BTreeMap;

use models::call::CallId;
use models::plan::EndpointId;
use models::service::ServiceId;
use models::world::{Fact, World};
use sim_core::Time;
use sim_core::results::{Attempt, Trace, TracedCall};
use sim_core::rng::mix;
use sim_core::sim::{self, Observer};

use crate::schema::Scenario;

/// More requests than this no viewer shows, and no file should hold.
const TRACES_MAX: usize = 10_000;

/// Watches one replication.
pub struct Spans<'a> {
    scenario: &'a Scenario,
    every: u64,
    /// Attempts of calls that have not ended.
    open: BTreeMap<CallId, Vec<Attempt>>,
    /// Calls that have ended, by the one for which they were made.
    ended: BTreeMap<CallId, Vec<Node>>,
    /// The last to end of those that nobody waits for but perhaps a customer.
    last: Option<Node>,
    traces: Vec<Trace>,
}

/// A call with those that were made for it.
struct Node {
    call: TracedCall,
    made: Vec<Node>,
}

impl Spans<'_> {
    /// Prepares to keep one of `every` requests of a replication of `scenario`, ten thousand at most.
    ///
    /// # Panics
    ///
    /// If `every` is zero.
    pub fn new(scenario: &Scenario, every: u64) -> Spans<'_> {
        assert!(every > 0, "one of no requests is none");
        let (open, ended) = (BTreeMap::new(), BTreeMap::new());
        Spans { scenario, every, open, ended, last: None, traces: Vec::new() }
    }

    /// The requests that were kept, in the order in which they ended.
    pub fn finish(self) -> Vec<Trace> {
        self.traces
    }

    fn target(&self, service: ServiceId, endpoint: EndpointId) -> String {
        let services = &self.scenario.services;
        let (name, settings) = services.get_index(usize::from(service.0)).expect("a service of the scenario");
        // Endpoints are counted over all services.
        let before: usize = services.values().take(usize::from(service.0)).map(|one| one.endpoints.len()).sum();
        let endpoint = settings.endpoints.get_index(usize::from(endpoint.0) - before);
        format!("{name}/{}", endpoint.map_or("", |(endpoint, _)| endpoint.as_str()))
    }

    /// The customer has the answer.
    fn answered(&mut self, workload: usize) {
        let Some(root) = self.last.take() else { return };
        let number = root.call.number;
        if !mix(number).is_multiple_of(self.every) || self.traces.len() == TRACES_MAX {
            return;
        }
        let (workload, _) = self.scenario.workloads.get_index(workload).expect("a workload of the scenario");
        let mut calls = Vec::new();
        flatten(root, None, &mut calls);
        self.traces.push(Trace { number, workload: workload.clone(), calls });
    }
}

fn flatten(node: Node, parent: Option<usize>, calls: &mut Vec<TracedCall>) {
    let at = calls.len();
    calls.push(TracedCall { parent, ..node.call });
    node.made.into_iter().for_each(|made| flatten(made, Some(at), calls));
}

impl Observer<World> for Spans<'_> {
    fn fact(&mut self, now: Time, fact: &<World as sim::World>::Fact) {
        match *fact {
            Fact::Sent { call, .. } => {
                let attempt = Attempt { sent_ns: now.as_nanos(), started_ns: None, waited_ns: 0, replica: None };
                self.open.entry(call).or_default().push(attempt);
            }
            Fact::Started { call, replica, waited, .. } => {
                if let Some(attempt) = self.open.get_mut(&call).and_then(|attempts| attempts.last_mut()) {
                    attempt.started_ns = Some(now.as_nanos());
                    (attempt.waited_ns, attempt.replica) = (waited.as_nanos(), Some(replica.number()));
                }
            }
            Fact::Returned { service, endpoint, outcome, latency, call, parent, number } => {
                let node = Node {
                    call: TracedCall {
                        number,
                        parent: None,
                        target: self.target(service, endpoint),
                        from_ns: now.as_nanos() - latency.as_nanos(),
                        to_ns: now.as_nanos(),
                        outcome: outcome.label().to_owned(),
                        attempts: self.open.remove(&call).unwrap_or_default(),
                    },
                    made: self.ended.remove(&call).unwrap_or_default(),
                };
                match parent {
                    // Given up by the one above, which has ended.
                    Some(parent) if !self.open.contains_key(&parent) => {}
                    Some(parent) => self.ended.entry(parent).or_default().push(node),
                    None => self.last = Some(node),
                }
            }
            Fact::Answered { workload, .. } => self.answered(usize::from(workload.0)),
            _ => {}
        }
    }
}
