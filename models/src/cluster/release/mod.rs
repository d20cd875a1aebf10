//! Releases: new versions of a service, each with its own set of pods, and the rollout that decides
//! between them.
//!
//! ```text
//! autoscaler ── Scale ──▶ lineage: so many are wanted ─▶ look ─▶ rollout ─▶ plan
//! pods change ─────────────────────────────────────────▶ look               │
//!                  Resize (a set) · Route (the traffic) ◀── differences ────┘
//! ```
//!
//! All versions of a service are one lineage, whose first set is the one it started with: what is said of
//! that one's size (by an autoscaler, say) is said of all together, and the rollout shares it out. A set is
//! there from the beginning, without pods until its release. Versions take turns in the two pools of
//! their service's router; where none is needed the next version joins the pool of the last.

mod status;
mod traffic;
mod views;

use sim_core::sim::Cx;
use sim_core::{Span, Ticket, Time};

pub use status::{ReleaseStatus, VersionStatus};

use super::deployment::Template;
use super::{Command, DeploymentId};
use crate::balance::Pool;
use crate::chaos::Cue;
use crate::rollout::{Phase, Plan, Reason, RollOut, Rollout, SetView, Traffic};
use crate::service::{Router, ServiceId};
use crate::world::{Due, Event, Fact, World};

/// For how long after a release the last old pods may still end, and balancers not know it.
const AFTERMATH: Span = Span::from_secs(60);

/// A release's index, in the order of adding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseId(pub u16);

/// The index of a service's versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineageId(pub(crate) u16);

/// A new version of a service.
#[derive(Clone, Debug)]
pub struct Release {
    /// When it is begun; `None` if only a fault begins it.
    pub at: Option<Time>,
    /// What its pods are like.
    pub template: Template,
    /// How it gets from the version before to this one.
    pub rollout: Rollout,
    /// An answer later than this harms who asked; by default only failures do.
    pub slow: Option<Span>,
}

/// A release as the world keeps it.
pub(crate) struct Releasing {
    pub(crate) lineage: LineageId,
    pub(crate) deployment: DeploymentId,
    at: Option<Time>,
    pub(crate) rollout: Rollout,
    slow: Option<Span>,
    /// Whether it has begun; a manifest that is applied again changes nothing.
    begun: bool,
    pub(crate) phase: Option<Phase>,
    pub(crate) reason: Option<Reason>,
}

/// All versions of a service.
pub(crate) struct Lineage {
    pub(crate) service: ServiceId,
    /// Their sets, by version; the first one is known by all the world.
    pub(crate) sets: Vec<DeploymentId>,
    /// Replicas that are wanted in all, and the most that were since the last release began.
    pub(crate) wanted: u32,
    pub(crate) wanted_max: u32,
    /// The set that serves, and the size that each set was last told to have.
    pub(crate) stable: DeploymentId,
    pub(crate) asked: Vec<u32>,
    pub(crate) active: Option<Active>,
    /// The one that was last begun.
    pub(crate) last: Option<ReleaseId>,
    /// From when on what fails is no longer put down to the last change of pods.
    calm_from: Time,
    /// Whether it is to be looked at already.
    queued: bool,
}

/// A release under way.
pub(crate) struct Active {
    pub(crate) release: ReleaseId,
    rollout: Box<dyn RollOut>,
    /// Sets that earlier releases have left, newest first.
    pub(crate) older: Vec<DeploymentId>,
    /// What the router was last told, and what was last said of it.
    traffic: Option<Traffic>,
    told: Option<(Phase, Option<u32>, Option<Reason>)>,
    /// The number wanted at the last look.
    replicas: u32,
    /// The new version's share at the last look, in percent.
    share: u32,
    timer: Option<(Time, Ticket)>,
}

impl World {
    /// Adds a release of the service that `head` runs; its versions must be all there is of the service.
    ///
    /// `pool` is where its pods go if a router divides the traffic; only the first one given is used. Says by
    /// which id the pods of the new version go. To be called before the world starts.
    pub fn add_release(&mut self, head: DeploymentId, release: Release, pool: Pool) -> (ReleaseId, DeploymentId) {
        let service = self.cluster.deployments[usize::from(head.0)].service;
        let deployment = self.add_deployment(service, 0, release.template);
        let lineage = self.lineage_of(head, pool);
        let record = &mut self.cluster.lineages[usize::from(lineage.0)];
        record.sets.push(deployment);
        record.asked.push(0);
        let version = u8::try_from(record.sets.len() - 1).expect("more than 255 releases of a service");
        let set = &mut self.cluster.deployments[usize::from(deployment.0)];
        (set.lineage, set.version, set.selected) = (Some(lineage), version, false);
        self.router_of(service).meters.push(Default::default());
        self.cluster.releases.push(Releasing {
            lineage,
            deployment,
            at: release.at,
            rollout: release.rollout,
            slow: release.slow,
            begun: false,
            phase: None,
            reason: None,
        });
        let id = u16::try_from(self.cluster.releases.len() - 1).expect("more than 65,536 releases");
        (ReleaseId(id), deployment)
    }

    fn lineage_of(&mut self, head: DeploymentId, pool: Pool) -> LineageId {
        let deployment = &mut self.cluster.deployments[usize::from(head.0)];
        if let Some(lineage) = deployment.lineage {
            return lineage;
        }
        let lineage = LineageId(self.cluster.lineages.len() as u16);
        deployment.lineage = Some(lineage);
        self.cluster.lineages.push(Lineage {
            service: deployment.service,
            sets: vec![head],
            wanted: deployment.desired,
            wanted_max: deployment.desired,
            stable: head,
            asked: vec![deployment.desired],
            active: None,
            last: None,
            calm_from: Time::ZERO,
            queued: false,
        });
        self.services[usize::from(deployment.service.0)].router = Some(Box::new(Router::new(pool)));
        lineage
    }

    pub(crate) fn router_of(&mut self, service: ServiceId) -> &mut Router {
        self.services[usize::from(service.0)].router.as_mut().expect("a service with releases has a router")
    }

    pub(crate) fn start_releases(&mut self, cx: &mut Cx<'_, World>) {
        for (index, release) in self.cluster.releases.iter().enumerate() {
            if let Some(at) = release.at {
                cx.at(at, Event::Release(ReleaseId(index as u16)));
            }
        }
    }

    /// It is time for a release: somebody applies the new version's manifest.
    pub(crate) fn release(&mut self, cx: &mut Cx<'_, World>, release: ReleaseId) {
        self.command(cx, Command::Release { release });
    }

    /// The control plane knows of a release.
    pub(crate) fn begin_release(&mut self, cx: &mut Cx<'_, World>, id: ReleaseId) -> bool {
        if std::mem::replace(&mut self.cluster.releases[usize::from(id.0)].begun, true) {
            return false;
        }
        let Releasing { lineage, deployment, slow, .. } = self.cluster.releases[usize::from(id.0)];
        let (rollout, routes) = {
            let rollout = &self.cluster.releases[usize::from(id.0)].rollout;
            (rollout.build(&()), rollout.routes())
        };
        let overtaken = self.cluster.lineages[usize::from(lineage.0)].active.take();
        let older = overtaken.map_or_else(Vec::new, |active| self.overtake(cx, active));
        let record = &mut self.cluster.lineages[usize::from(lineage.0)];
        record.last = Some(id);
        record.wanted_max = record.wanted;
        let (service, stable, replicas) = (record.service, record.stable, record.wanted);
        record.active =
            Some(Active { release: id, rollout, older, traffic: None, told: None, replicas, share: 0, timer: None });
        let router = self.router_of(service);
        (router.watched, router.slow, router.traffic) = (true, slow, Traffic::default());
        router.meters.iter_mut().for_each(|meter| {
            meter.recent.clear();
            meter.release.clear();
        });
        let subset = self.cluster.deployments[usize::from(stable.0)].subset;
        let set = &mut self.cluster.deployments[usize::from(deployment.0)];
        set.subset = if routes { 1 - subset } else { subset };
        self.select(cx, id);
        self.touch(deployment);
        true
    }

    /// The next release has come before this one was through: what it has made is on its way out.
    fn overtake(&mut self, cx: &mut Cx<'_, World>, active: Active) -> Vec<DeploymentId> {
        if let Some((_, timer)) = active.timer {
            cx.cancel(timer);
        }
        let Releasing { lineage, deployment, phase, .. } = self.cluster.releases[usize::from(active.release.0)];
        let mut left = deployment;
        if phase == Some(Phase::Promoted) {
            // The new version serves already: it is what the next one starts from.
            left = std::mem::replace(&mut self.cluster.lineages[usize::from(lineage.0)].stable, deployment);
            let subset = self.cluster.deployments[usize::from(deployment.0)].subset;
            let service = self.cluster.lineages[usize::from(lineage.0)].service;
            self.router_of(service).stable = subset;
        } else {
            self.tell_release(cx, active.release, (Phase::Stalled, None, Some(Reason::Superseded)), 0);
        }
        std::iter::once(left).chain(active.older).collect()
    }

    /// Which versions may have traffic while this release is under way: with a router only stable and canary,
    /// else all in the pool of the stable one.
    fn select(&mut self, cx: &mut Cx<'_, World>, release: ReleaseId) {
        let Releasing { lineage, deployment: canary, .. } = self.cluster.releases[usize::from(release.0)];
        let routes = self.cluster.releases[usize::from(release.0)].rollout.routes();
        let stable = self.cluster.lineages[usize::from(lineage.0)].stable;
        let subset = self.cluster.deployments[usize::from(stable.0)].subset;
        for index in 0..self.cluster.lineages[usize::from(lineage.0)].sets.len() {
            let id = self.cluster.lineages[usize::from(lineage.0)].sets[index];
            let set = &mut self.cluster.deployments[usize::from(id.0)];
            let selected = id == stable || id == canary || (!routes && set.subset == subset);
            if std::mem::replace(&mut set.selected, selected) != selected {
                set.selected_changed = cx.now;
                let pods = set.pods.clone();
                pods.into_iter().for_each(|pod| self.announce(cx, pod));
            }
        }
    }

    /// An autoscaler or a user wants another size of a deployment, or of a service with all its versions.
    pub(crate) fn scale(&mut self, cx: &mut Cx<'_, World>, id: DeploymentId, replicas: u32) -> bool {
        let Some(lineage) = self.cluster.deployments[usize::from(id.0)].lineage else {
            return self.set_replicas(cx, id, replicas);
        };
        let record = &mut self.cluster.lineages[usize::from(lineage.0)];
        let changed = record.wanted != replicas;
        record.wanted = replicas;
        record.wanted_max = record.wanted_max.max(replicas);
        if record.active.is_some() {
            self.touch(id);
        } else {
            let stable = record.stable;
            record.asked[record.sets.iter().position(|set| *set == stable).expect("one of its sets")] = replicas;
            self.set_replicas(cx, stable, replicas);
        }
        changed
    }

    /// The router divides the traffic from now on as a release wants, unless another has taken over.
    pub(crate) fn set_traffic(&mut self, release: ReleaseId, traffic: Traffic) -> bool {
        let lineage = self.cluster.releases[usize::from(release.0)].lineage;
        let record = &self.cluster.lineages[usize::from(lineage.0)];
        if record.active.as_ref().is_none_or(|active| active.release != release) {
            return false;
        }
        let service = record.service;
        let router = self.router_of(service);
        std::mem::replace(&mut router.traffic, traffic) != traffic
    }

    /// Something about the pods of a version has changed: its rollout has to look.
    pub(crate) fn touch(&mut self, id: DeploymentId) {
        let Some(lineage) = self.cluster.deployments[usize::from(id.0)].lineage else { return };
        let record = &mut self.cluster.lineages[usize::from(lineage.0)];
        if record.active.is_some() && !std::mem::replace(&mut record.queued, true) {
            self.agenda.push_back(Due::Look(lineage));
        }
    }

    /// A command has taken effect that a rollout may wait for.
    pub(crate) fn touch_command(&mut self, command: Command) {
        match command {
            Command::Resize { deployment, .. } => self.touch(deployment),
            Command::Route { release, .. } => self.touch(self.cluster.releases[usize::from(release.0)].deployment),
            _ => {}
        }
    }

    /// It is the time for which a rollout asked.
    pub(crate) fn look_again(&mut self, cx: &mut Cx<'_, World>, id: LineageId) {
        if let Some(active) = &mut self.cluster.lineages[usize::from(id.0)].active {
            active.timer = None;
            self.look_at_release(cx, id);
        }
    }

    /// A rollout looks, and what it wants differently is commanded.
    pub(crate) fn look_at_release(&mut self, cx: &mut Cx<'_, World>, id: LineageId) {
        let index = usize::from(id.0);
        self.cluster.lineages[index].queued = false;
        let Some(mut active) = self.cluster.lineages[index].active.take() else { return };
        let (mut plan, due) = self.plan(cx.now, id, &mut active);
        // What has gone back has gone back, whatever befalls its pods while the other's are given up.
        if self.cluster.releases[usize::from(active.release.0)].phase == Some(Phase::RolledBack) {
            plan.phase = Phase::RolledBack;
        }
        let lineage = &self.cluster.lineages[index];
        let canary = self.cluster.releases[usize::from(active.release.0)].deployment;
        let mut wishes = vec![(lineage.stable, plan.stable), (canary, plan.canary)];
        wishes.extend(active.older.iter().copied().zip(plan.older.iter().copied()));
        let traffic = plan.traffic.filter(|traffic| active.traffic.replace(*traffic) != Some(*traffic));
        let told = (plan.phase, plan.traffic.map(|traffic| traffic.share()), plan.reason);
        let news = active.told.replace(told) != Some(told);
        self.set_timer(cx, id, &mut active, due);
        let release = active.release;
        let ended = plan.done.then_some((release, plan.phase));
        let from = active.share;
        self.cluster.lineages[index].active = Some(active);
        let to = self.share_of(release);
        if from != to {
            self.cluster.lineages[index].active.as_mut().expect("it is under way").share = to;
            self.cue(cx, Cue::Share { release, from, to });
        }
        for (deployment, replicas) in wishes {
            self.resize(cx, id, deployment, replicas);
        }
        if let Some(traffic) = traffic {
            self.command(cx, Command::Route { release, traffic });
        }
        if news {
            self.tell_release(cx, release, told, plan.judged);
        }
        if let Some((release, phase)) = ended {
            self.end_release(cx.now, release, phase);
        }
    }

    fn set_timer(&mut self, cx: &mut Cx<'_, World>, id: LineageId, active: &mut Active, due: Option<Time>) {
        if active.timer.as_ref().map(|(at, _)| *at) == due {
            return;
        }
        if let Some((_, ticket)) = active.timer.take() {
            cx.cancel(ticket);
        }
        active.timer = due.map(|at| (at, cx.at(at.max(cx.now), Event::Look(id))));
    }

    fn resize(&mut self, cx: &mut Cx<'_, World>, id: LineageId, deployment: DeploymentId, replicas: u32) {
        let lineage = &mut self.cluster.lineages[usize::from(id.0)];
        let version = lineage.sets.iter().position(|set| *set == deployment).expect("one of its sets");
        if std::mem::replace(&mut lineage.asked[version], replicas) != replicas {
            self.command(cx, Command::Resize { deployment, replicas });
        }
    }

    fn tell_release(
        &mut self,
        cx: &mut Cx<'_, World>,
        release: ReleaseId,
        (phase, share, reason): (Phase, Option<u32>, Option<Reason>),
        judged: u64,
    ) {
        let record = &mut self.cluster.releases[usize::from(release.0)];
        let is_new = record.phase.replace(phase) != Some(phase);
        record.reason = reason;
        if is_new {
            self.cue(cx, Cue::Phase(release, phase));
        }
        let status = self.release_status(release);
        let error_rates = [status.stable.error_rate, status.canary.error_rate];
        cx.tell(Fact::Released { release, phase, share, reason, judged, error_rates });
    }

    /// Nothing is left to be done: the version that has won is the stable one.
    fn end_release(&mut self, now: Time, release: ReleaseId, phase: Phase) {
        let Releasing { lineage, deployment, .. } = self.cluster.releases[usize::from(release.0)];
        let record = &mut self.cluster.lineages[usize::from(lineage.0)];
        if phase == Phase::Promoted {
            record.stable = deployment;
        }
        record.active = None;
        record.calm_from = now + AFTERMATH;
        let (service, stable) = (record.service, record.stable);
        let subset = self.cluster.deployments[usize::from(stable.0)].subset;
        let router = self.router_of(service);
        (router.stable, router.traffic) = (subset, Traffic::default());
    }
}
