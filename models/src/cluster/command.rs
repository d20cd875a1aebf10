//! Commands: what controllers decide, applied by the control plane.

use sim_core::sim::Cx;
use sim_core::{Span, Time};

use super::{DeploymentId, PodId, PoolId, ReleaseId};
use crate::heal::Cause;
use crate::place::NodeId;
use crate::rollout::Traffic;
use crate::slots::SlotId;
use crate::world::{Due, Event, Fact, World};

/// A decision of a controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// The deployment shall have so many replicas.
    Scale {
        /// Which.
        deployment: DeploymentId,
        /// How many.
        replicas: u32,
    },
    /// The deployment gets one more pod.
    Create {
        /// Which.
        deployment: DeploymentId,
    },
    /// A pod goes to a node.
    Bind {
        /// Which pod.
        pod: PodId,
        /// Where to.
        node: NodeId,
    },
    /// Nodes are asked for.
    AddNodes {
        /// Of which pool.
        pool: PoolId,
        /// How many.
        count: u32,
    },
    /// A node is emptied and given back.
    RemoveNode {
        /// Which.
        node: NodeId,
    },
    /// A release begins.
    Release {
        /// Which.
        release: ReleaseId,
    },
    /// The pods of one version shall be so many.
    Resize {
        /// Which.
        deployment: DeploymentId,
        /// How many.
        replicas: u32,
    },
    /// The traffic of a service is to be divided so.
    Route {
        /// On behalf of which release.
        release: ReleaseId,
        /// How.
        traffic: Traffic,
    },
    /// A pod is to end.
    Delete {
        /// Which.
        pod: PodId,
        /// Why, if anything is wrong.
        cause: Option<Cause>,
    },
}

/// A command on its way.
#[derive(Clone, Copy, Debug)]
pub struct Issued {
    pub(crate) command: Command,
    at: Time,
}

/// Names a command on its way.
pub type IssuedId = SlotId<Issued>;

impl World {
    /// Hands a command to the control plane.
    pub(crate) fn command(&mut self, cx: &mut Cx<'_, World>, command: Command) {
        cx.tell(Fact::Commanded { command });
        let delay = self.cluster.settings.control_plane;
        if delay == Span::ZERO {
            self.agenda.push_back(Due::Apply(command, cx.now));
        } else {
            let id = self.cluster.commands.insert_with(|| Issued { command, at: cx.now });
            cx.after(delay, Event::Apply(id));
        }
    }

    /// The control plane has taken in a command.
    pub(crate) fn commit(&mut self, cx: &mut Cx<'_, World>, id: IssuedId) {
        let Issued { command, at } = self.cluster.commands[id];
        self.cluster.commands.remove(id);
        self.apply(cx, command, at);
    }

    /// A command takes effect, unless what it speaks of is gone.
    pub(crate) fn apply(&mut self, cx: &mut Cx<'_, World>, command: Command, issued: Time) {
        let effective = match command {
            Command::Scale { deployment, replicas } => self.scale(cx, deployment, replicas),
            Command::Release { release } => self.begin_release(cx, release),
            Command::Resize { deployment, replicas } => self.set_replicas(cx, deployment, replicas),
            Command::Route { release, traffic } => self.set_traffic(release, traffic),
            Command::Create { deployment } => self.create_pod(cx, deployment),
            Command::Bind { pod, node } => self.bind(cx, pod, node),
            Command::AddNodes { pool, count } => self.order_nodes(cx, pool, count),
            Command::RemoveNode { node } => self.give_back(cx, node),
            Command::Delete { pod, cause } => self.delete_pod(cx, pod, cause),
        };
        cx.tell(Fact::Applied { command, effective, after: cx.now.since(issued) });
        self.touch_command(command);
    }
}
