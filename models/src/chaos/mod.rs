//! Chaos: what breaks, where, when, for how long; and whether the system still did what it shall.
//!
//! ```text
//! schedule ──▶ strike ──▶ victims, drawn by the target ──▶ a condition, an outage, a link ──▶ mend
//!    ▲            │                                                                            ▲
//!    └── cue ◀────┴── facts of the world, checks of the steady state ──▶ guard ────────────────┘
//! ```
//!
//! A fault strikes once or many times; each strike has its own victims, drawn with chance of the
//! fault's own when it begins, and its own end, at which exactly that is healed which it broke. What
//! several strikes did to one victim lies on a stack (`condition.rs`, a node's outages, `links.rs`):
//! each takes back its own, in any order. Faults act on machines, processes and messages, never on
//! what controllers decide: what follows is left to them.
//!
//! Who comes while a strike lasts: a new pod is spared by what is injected into pods (Chaos Mesh,
//! Litmus: the victims are chosen at the beginning), and met by what is so of a place, a service or a
//! route between them, unless victims were drawn by number.
//!
//! Left out: faults inside of what is not modelled (disks' contents, caches).

mod bandwidth;
mod brown_out;
mod capacity_loss;
mod clock_skew;
mod condition;
mod cpu_stress;
mod crash;
mod cue;
mod delete_pods;
mod deploy;
mod disk_stress;
mod dns_failure;
mod drain;
mod duplication;
mod errors;
mod expired_certificate;
mod latency;
mod links;
mod lose_nodes;
mod lose_region;
mod lose_zone;
mod loss;
mod memory_stress;
mod partition;
mod pause;
mod reclaim;
mod reordering;
mod schedule;
mod script;
mod slow;
mod steady;
mod strike;
mod target;

pub use bandwidth::Bandwidth;
pub use brown_out::BrownOut;
pub use capacity_loss::CapacityLoss;
pub use clock_skew::ClockSkew;
pub(crate) use condition::Condition;
pub use condition::Effect;
pub use cpu_stress::CpuStress;
pub use crash::Crash;
pub use cue::{Cue, Trigger};
pub use delete_pods::DeletePods;
pub use deploy::Deploy;
pub use disk_stress::DiskStress;
pub use dns_failure::DnsFailure;
pub use drain::Drain;
pub use duplication::Duplication;
pub use errors::Errors;
pub use expired_certificate::ExpiredCertificate;
pub use latency::Latency;
pub(crate) use links::{Links, Message};
pub use links::{Resend, ResendId};
pub use lose_nodes::LoseNodes;
pub use lose_region::LoseRegion;
pub use lose_zone::LoseZone;
pub use loss::Loss;
pub use memory_stress::MemoryStress;
pub use partition::Partition;
pub use pause::Pause;
pub use reclaim::Reclaim;
pub use reordering::Reordering;
pub use schedule::{At, BusinessHours, Day, Every, Monkey, On, Random, Recur, Schedule, Times};
pub use script::{Answer, Script};
pub use slow::Slow;
pub(crate) use steady::Watch;
pub use steady::{CheckId, SteadyState};
pub use strike::{Strike, StrikeId};
pub use target::Target;

use sim_core::sim::Cx;
use sim_core::{Distribution, Recordings, Rng, Span, strategies};

use crate::cluster::ReleaseId;
use crate::world::World;

/// A fault's index, in the order of adding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FaultId(pub u16);

/// What a fault breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hits {
    /// Pods whose container runs.
    Pods,
    /// Nodes.
    Nodes,
    /// Whole zones.
    Zones,
    /// Whole regions.
    Regions,
    /// Messages from one side to the other.
    Messages,
    /// New calls to a service.
    Calls,
    /// Nobody: it begins a release.
    Releases,
}

/// Breaks something.
///
/// What it does to victims through [`Strike`], and to links, is taken back by itself when the strike
/// ends; [`Disrupt::heal`] is for all else.
pub trait Disrupt {
    /// What its victims are.
    fn hits(&self) -> Hits;

    /// Breaks the victims of `strike`.
    fn strike(&mut self, world: &mut World, cx: &mut Cx<'_, World>, strike: &mut Strike);

    /// Heals what this strike broke.
    fn heal(&mut self, _world: &mut World, _cx: &mut Cx<'_, World>, _strike: &Strike) {}

    /// Why there is nothing to heal, if there is nothing: what it does is over at once.
    fn at_once(&self) -> Option<&'static str> {
        None
    }
}

/// What the surroundings offer to a fault or a schedule that is being built.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// What empirical distributions draw from.
    pub recordings: Recordings,
    /// The names of all services, in the scenario's order.
    pub services: Vec<String>,
    /// The names of all faults.
    pub faults: Vec<String>,
    /// The names of all checks of the steady state.
    pub checks: Vec<String>,
    /// The names of all releases.
    pub releases: Vec<String>,
}

impl Surroundings {
    /// The release of this name. Panics if there is none.
    fn release(&self, name: &str) -> ReleaseId {
        let index = self.releases.iter().position(|other| other == name);
        ReleaseId(index.expect("releases that are named have been checked") as u16)
    }
}

strategies! {
    /// What breaks.
    pub enum Disruption: dyn Disrupt, context Surroundings {
        /// Programs end at once: their containers are started again where they were (kill a pod's process).
        Crash(Crash),
        /// Pods are deleted, with all grace: others take their place.
        DeletePods(DeletePods),
        /// Programs stand still (SIGSTOP, a long garbage collection): work waits, arrivals queue, probes time out.
        Pause(Pause),
        /// All work takes so many times as long.
        Slow(Slow),
        /// A share of answers are errors.
        Errors(Errors),
        /// Answers fail by script, pod by pod: the first two, say, and then no more.
        Script(Script),
        /// Another program takes a share of the cores.
        CpuStress(CpuStress),
        /// Another program takes memory: what follows is left to limits and kubelets.
        MemoryStress(MemoryStress),
        /// Disks are slow: waiting without using the processor takes so many times as long.
        DiskStress(DiskStress),
        /// Clocks are ahead or behind, or drift: servers misjudge deadlines.
        ClockSkew(ClockSkew),
        /// A service is slow and fails now and then, all pods of it alike.
        BrownOut(BrownOut),
        /// Machines lose power or network: silence. Healed, they boot again.
        LoseNodes(LoseNodes),
        /// A zone drawn at random goes dark, as Chaos Gorilla does it: none of its machines, and no new ones.
        LoseZone(LoseZone),
        /// A region drawn at random goes dark, as Chaos Kong does it.
        LoseRegion(LoseRegion),
        /// Machines are gone, and none can be had in their place until it is over.
        CapacityLoss(CapacityLoss),
        /// Nodes are cordoned and emptied, as budgets allow. Healed, they take pods again.
        Drain(Drain),
        /// The provider takes nodes back: after a notice they are gone for good.
        Reclaim(Reclaim),
        /// Messages take longer (Latency Monkey).
        Latency(Latency),
        /// Messages get lost: the transport sends them again, later and later.
        Loss(Loss),
        /// Requests arrive twice and are executed twice; the second answer is ignored.
        Duplication(Duplication),
        /// A share of messages is held back, so that later ones overtake them.
        Reordering(Reordering),
        /// No message gets through, one way or both, until it is healed.
        Partition(Partition),
        /// Messages share a link of limited rate and buffer.
        Bandwidth(Bandwidth),
        /// A share of new calls fails because the service's name is not resolved.
        DnsFailure(DnsFailure),
        /// New calls are refused until a certificate, or a secret, is rotated.
        ExpiredCertificate(ExpiredCertificate),
        /// A new version is released (a bad deploy): one of `releases`, by its name, such as "shop v2".
        Deploy(Deploy),
    }
}

impl Disruption {
    /// What it draws from, if that may be recorded.
    pub fn distribution(&self) -> Option<&Distribution> {
        match self {
            Disruption::Latency(settings) => Some(&settings.delay),
            _ => None,
        }
    }

    /// Whether the parameters make sense; the error says which does not, and why.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Disruption::Slow(settings) => settings.check(),
            Disruption::Errors(settings) => settings.check(),
            Disruption::Script(settings) => settings.check(),
            Disruption::CpuStress(settings) => settings.check(),
            Disruption::DiskStress(settings) => settings.check(),
            Disruption::ClockSkew(settings) => settings.check(),
            Disruption::BrownOut(settings) => settings.check(),
            Disruption::Latency(settings) => settings.check(),
            Disruption::Loss(settings) => settings.check(),
            Disruption::Duplication(settings) => settings.check(),
            Disruption::Reordering(settings) => settings.check(),
            Disruption::Bandwidth(settings) => settings.check(),
            Disruption::DnsFailure(settings) => settings.check(),
            _ => Ok(()),
        }
    }
}

/// Something that breaks.
pub struct Fault {
    /// What.
    pub disruption: Box<dyn Disrupt>,
    /// Where.
    pub target: Target,
    /// Where the messages come from that it concerns; everywhere, if it concerns messages at all.
    pub from: Target,
    /// When.
    pub schedule: Box<dyn Recur>,
    /// After how long each strike is healed; `None` is never.
    pub lasts: Option<Span>,
    /// What its victims are drawn with.
    pub rng: Rng,
    /// What its times are drawn with.
    pub times: Rng,
}

/// All chaos of a world.
#[derive(Default)]
pub(crate) struct Chaos {
    pub(crate) faults: Vec<Fault>,
    /// Strikes that are not healed, oldest first.
    pub(crate) active: Vec<Strike>,
    /// How many there were.
    strikes: u32,
    /// Whether a broken check ends it all, and whether one has.
    pub(crate) guarded: bool,
    halted: bool,
}

/// A factor that makes things worse.
fn check_factor(factor: f64) -> Result<(), String> {
    match factor.is_finite() && factor > 1.0 {
        true => Ok(()),
        false => Err(format!("a factor of {factor} makes nothing worse; it is more than 1")),
    }
}

/// A share of something that is hit.
fn check_share(place: &str, share: sim_core::Ratio) -> Result<(), String> {
    let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
    match share {
        sim_core::Ratio::ZERO => Err(format!("{place}none of them is hit by 0%")),
        share if share > sim_core::Ratio::ONE => Err(format!("{place}{share} is more than all of them")),
        _ => Ok(()),
    }
}
