//! Provisioning: nodes come when the cluster autoscaler asks for them, and go when nobody needs them
//! or their provider wants them back.

use sim_core::dist::Sampler;
use sim_core::sim::Cx;
use sim_core::{Rng, Span};

use super::{Command, PoolId};
use crate::cluster_autoscaler::{self, Action, ClusterAutoscaler, ClusterAutoscalerSettings, NodeView, Starting, View};
use crate::heal::Cause;
use crate::place::NodeId;
use crate::world::{Event, World};

/// How nodes of a pool come and go.
#[derive(Clone, Debug)]
pub struct Provision {
    /// The fewest and the most nodes; the autoscaler keeps between them.
    pub bounds: Option<(u32, u32)>,
    /// From asking for a node until it is ready.
    pub delay: Sampler,
    /// After how long a node is wanted back, and how long before it is told so.
    pub spot: Option<(Sampler, Span)>,
    /// What a node costs an hour.
    pub price: f64,
    /// What its delays are drawn with.
    pub rng: Rng,
}

/// The cluster autoscaler at work.
pub(crate) struct NodeScaling {
    autoscaler: ClusterAutoscaler,
    scan_interval: Span,
    /// Nodes that were asked for and have not come.
    starting: Vec<(u32, Starting)>,
    asked: u32,
}

impl World {
    /// Lets an autoscaler add and remove nodes of the pools that have bounds; `ties` decides between
    /// equal pools.
    ///
    /// To be called when all pools have been added.
    pub fn set_cluster_autoscaler(&mut self, settings: &ClusterAutoscalerSettings, ties: Rng) {
        let scheduler = self.cluster.scheduler.as_ref().expect("nodes are scaled for a scheduler");
        let pools = self.cluster.pools.iter().enumerate().map(|(index, pool)| {
            let count = self.cluster.nodes.iter().filter(|node| node.pool == Some(index as u16)).count() as u32;
            let (min, max) = pool.provision.bounds.unwrap_or((count, count));
            let mut template = pool.node.clone();
            template.labels.extend(pool.places[0].1.iter().cloned());
            cluster_autoscaler::Pool { template, min, max, price: pool.provision.price }
        });
        let autoscaler = ClusterAutoscaler::new(settings, pools.collect(), scheduler.filters(), ties);
        let scan_interval = settings.scan_interval;
        self.cluster.node_scaling = Some(NodeScaling { autoscaler, scan_interval, starting: Vec::new(), asked: 0 });
    }

    /// Begins what concerns nodes of pools.
    pub(crate) fn start_pools(&mut self, cx: &mut Cx<'_, World>) {
        for index in 0..self.cluster.nodes.len() {
            self.lease(cx, NodeId(index as u32));
        }
        if let Some(scaling) = &self.cluster.node_scaling {
            cx.after(scaling.scan_interval, Event::ScaleNodes);
        }
    }

    /// The time of a spot node begins.
    fn lease(&mut self, cx: &mut Cx<'_, World>, id: NodeId) {
        let Some(pool) = self.node(id).pool else { return };
        let Provision { spot: Some((lifetime, _)), rng, .. } = &mut self.cluster.pools[usize::from(pool)].provision
        else {
            return;
        };
        let lifetime = lifetime.draw(rng);
        cx.after(lifetime, Event::Reclaim(id));
    }

    /// A spot node is wanted back.
    pub(crate) fn reclaim_spot(&mut self, cx: &mut Cx<'_, World>, id: NodeId) {
        let pool = self.node(id).pool.expect("spot nodes are of a pool");
        let spot = self.cluster.pools[usize::from(pool)].provision.spot.as_ref();
        let notice = spot.expect("only spot nodes are wanted back").1;
        if !self.node(id).removed {
            self.reclaim(cx, id, notice);
        }
    }

    /// The cluster autoscaler looks.
    pub(crate) fn scale_nodes(&mut self, cx: &mut Cx<'_, World>) {
        let cluster = &mut self.cluster;
        let (Some(scaling), Some(scheduler)) = (&mut cluster.node_scaling, &cluster.scheduler) else { return };
        let nodes = cluster.nodes.iter().enumerate().filter(|(_, node)| !node.removed);
        let nodes: Vec<NodeView> = nodes
            .map(|(index, node)| NodeView {
                node: NodeId(index as u32),
                pool: cluster_autoscaler::PoolId(u32::from(node.pool.expect("with a scheduler, nodes are of pools"))),
                ready: node.ready,
                scale_down_disabled: node.drain.is_some() && node.leaving.is_none(),
                deleting: node.leaving,
            })
            .collect();
        let starting: Vec<Starting> = scaling.starting.iter().map(|(_, starting)| *starting).collect();
        let pending: Vec<_> = scheduler.unplaced().collect();
        let view = View { cluster: scheduler.cluster(), nodes: &nodes, starting: &starting, pending: &pending };
        let actions = scaling.autoscaler.step(cx.now, &view);
        cx.after(scaling.scan_interval, Event::ScaleNodes);
        for action in actions {
            match action {
                Action::Add { pool, count } => {
                    self.command(cx, Command::AddNodes { pool: PoolId(pool.0 as u16), count });
                }
                Action::Remove { node } => {
                    self.node(node).leaving = Some(cx.now);
                    self.command(cx, Command::RemoveNode { node });
                }
                Action::GiveUp { pool, count } => self.give_up(pool, count),
            }
        }
    }

    /// Nobody waits any longer for the oldest nodes of a pool that have not come.
    fn give_up(&mut self, pool: cluster_autoscaler::PoolId, count: u32) {
        let scaling = self.cluster.node_scaling.as_mut().expect("it has looked");
        let mut left = count;
        scaling.starting.retain(|(_, starting)| {
            let goes = starting.pool == pool && left > 0;
            left -= u32::from(goes);
            !goes
        });
    }

    /// Nodes of a pool are asked for.
    pub(crate) fn order_nodes(&mut self, cx: &mut Cx<'_, World>, pool: PoolId, count: u32) -> bool {
        let scaling = self.cluster.node_scaling.as_mut().expect("only the autoscaler asks for nodes");
        let provision = &mut self.cluster.pools[usize::from(pool.0)].provision;
        for _ in 0..count {
            let order = scaling.asked;
            scaling.asked += 1;
            let starting = Starting { pool: cluster_autoscaler::PoolId(u32::from(pool.0)), since: cx.now };
            scaling.starting.push((order, starting));
            cx.after(provision.delay.draw(&mut provision.rng), Event::Deliver { pool, order });
        }
        count > 0
    }

    /// A node that was asked for has come, if anybody still waits for it and there is one to be had.
    pub(crate) fn deliver_node(&mut self, cx: &mut Cx<'_, World>, pool: PoolId, order: u32) {
        let scaling = self.cluster.node_scaling.as_mut().expect("only the autoscaler asks for nodes");
        let Some(index) = scaling.starting.iter().position(|(other, _)| *other == order) else { return };
        let places = &self.cluster.pools[usize::from(pool.0)].places;
        let no_place = places.iter().all(|(place, _)| self.cluster.lost_zones.contains(&place.zone));
        if no_place || self.cluster.lost_pools.contains(&pool.0) {
            // It comes when machines can be had again, unless it has been given up by then.
            return self.cluster.overdue.push((pool, order));
        }
        scaling.starting.remove(index);
        let node = self.add_node(cx.now, pool);
        self.lease(cx, node);
        self.schedule(cx);
    }

    /// Machines can be had again somewhere: what was asked for may come.
    pub(crate) fn deliver_overdue(&mut self, cx: &mut Cx<'_, World>) {
        for (pool, order) in std::mem::take(&mut self.cluster.overdue) {
            self.deliver_node(cx, pool, order);
        }
    }

    /// A node that nobody needs is emptied and given back.
    pub(crate) fn give_back(&mut self, cx: &mut Cx<'_, World>, node: NodeId) -> bool {
        if self.node(node).removed {
            return false;
        }
        self.drain(cx, node, Cause::Drained);
        true
    }

    /// A node is empty that was being drained: if it was to go, it goes.
    pub(crate) fn leave(&mut self, cx: &mut Cx<'_, World>, node: NodeId) {
        if self.node(node).leaving.is_some() {
            self.remove_node(cx, node);
        }
    }
}
