//! What endpoints do, compiled: a flat list of operations, and the call sites they use.
//!
//! An endpoint's steps may nest (branches); flattened, a task needs to remember only where it is.

use sim_core::dist::Sampler;
use sim_core::{Lane, Span};

use crate::policy::Policy;
use crate::service::ServiceId;

/// An operation's position in the world's [`Plan`].
pub(crate) type Position = u32;

/// A call site's index in the world's [`Plan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SiteId(pub(crate) u16);

/// An endpoint's index in the world's [`Plan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndpointId(pub u16);

/// A step of an endpoint.
#[derive(Clone, Debug)]
pub enum Step {
    /// Uses the processor for a time drawn anew for each request.
    Work(Sampler),
    /// Waits without using the processor.
    Sleep(Sampler),
    /// Calls the sites at once and waits until `need` of them have succeeded; fails when they cannot.
    Call {
        /// Where to.
        sites: Vec<SiteId>,
        /// How many must succeed; 1 to the number of sites.
        need: u16,
    },
    /// Goes one of several ways, by weight.
    Branch(Vec<(f64, Vec<Step>)>),
}

#[derive(Debug)]
pub(crate) enum Op {
    Work(Sampler),
    Sleep(Sampler),
    Call { sites: Box<[SiteId]>, need: u16 },
    // Cumulative shares, and where each way begins.
    Branch(Box<[(f64, Position)]>),
    Jump(Position),
    End,
}

/// A place from which calls go to an endpoint, with its policies.
pub(crate) struct CallSite {
    pub(crate) target: EndpointId,
    /// The target's.
    pub(crate) service: ServiceId,
    /// Outermost first.
    pub(crate) policies: Vec<SitePolicy>,
}

/// A policy at a call site.
pub(crate) struct SitePolicy {
    pub(crate) policy: Box<dyn Policy>,
    /// The span for which it first asked to be woken, and the lane of that span.
    pub(crate) timer: Option<(Span, Lane)>,
}

#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) service: ServiceId,
    pub(crate) start: Position,
}

/// All endpoints and call sites.
#[derive(Default)]
pub struct Plan {
    pub(crate) ops: Vec<Op>,
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) sites: Vec<CallSite>,
}

impl Plan {
    /// Adds an endpoint of `service`; its steps are given by [`Plan::define`].
    pub fn endpoint(&mut self, service: ServiceId) -> EndpointId {
        self.endpoints.push(Endpoint { service, start: Position::MAX });
        EndpointId(index16(self.endpoints.len() - 1, "endpoints"))
    }

    /// Adds a call site with its own instance of each policy, outermost first.
    pub fn site(&mut self, target: EndpointId, policies: Vec<Box<dyn Policy>>) -> SiteId {
        let service = self.endpoints[usize::from(target.0)].service;
        let policies = policies.into_iter().map(|policy| SitePolicy { policy, timer: None }).collect();
        self.sites.push(CallSite { target, service, policies });
        SiteId(index16(self.sites.len() - 1, "call sites"))
    }

    /// Gives an endpoint its steps.
    pub fn define(&mut self, endpoint: EndpointId, steps: Vec<Step>) {
        self.endpoints[endpoint.0 as usize].start = self.position();
        self.append(steps);
        self.ops.push(Op::End);
    }

    /// The most policies around any call.
    pub(crate) fn depth(&self) -> usize {
        self.sites.iter().map(|site| site.policies.len()).max().unwrap_or(0)
    }

    fn append(&mut self, steps: Vec<Step>) {
        for step in steps {
            match step {
                Step::Work(sampler) => self.ops.push(Op::Work(sampler)),
                Step::Sleep(sampler) => self.ops.push(Op::Sleep(sampler)),
                Step::Call { sites, need } => {
                    assert!((1..=sites.len()).contains(&usize::from(need)), "a call step needs 1 to all of its calls");
                    self.ops.push(Op::Call { sites: sites.into(), need });
                }
                Step::Branch(ways) => self.append_branch(ways),
            }
        }
    }

    fn append_branch(&mut self, ways: Vec<(f64, Vec<Step>)>) {
        let total: f64 = ways.iter().map(|(weight, _)| weight).sum();
        assert!(total > 0.0, "a branch needs a way with a weight above zero");
        let branch = self.ops.len();
        self.ops.push(Op::End);
        let mut table = Vec::new();
        let mut jumps = Vec::new();
        let mut sum = 0.0;
        for (weight, steps) in ways {
            sum += weight;
            table.push((sum / total, self.position()));
            self.append(steps);
            jumps.push(self.ops.len());
            self.ops.push(Op::End);
        }
        self.ops[branch] = Op::Branch(table.into());
        let after = self.position();
        for jump in jumps {
            self.ops[jump] = Op::Jump(after);
        }
    }

    fn position(&self) -> Position {
        Position::try_from(self.ops.len()).expect("more than 2^32 steps")
    }
}

fn index16(index: usize, what: &str) -> u16 {
    u16::try_from(index).unwrap_or_else(|_| panic!("more than 65,536 {what}"))
}
