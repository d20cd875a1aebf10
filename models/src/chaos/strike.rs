//! Strikes: a fault begins, has its victims, and is healed of exactly what it broke.

use sim_core::sim::Cx;
use sim_core::{Rng, Seed, Time};

use super::{Chaos, Cue, Effect, Fault, FaultId, Hits, Target};
use crate::cluster::PodId;
use crate::heal::Patient;
use crate::place::{NodeId, ZoneId};
use crate::world::{Event, Fact, World};

/// Numbers the strikes of a run, of all faults together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StrikeId(pub u32);

/// One time that a fault breaks something.
#[derive(Debug)]
pub struct Strike {
    id: StrikeId,
    fault: FaultId,
    target: Target,
    pub(super) from: Target,
    pods: Vec<PodId>,
    nodes: Vec<NodeId>,
    /// Where it took all machines, or all that could be had.
    zones: Vec<ZoneId>,
    /// The pools of which no node can be had.
    pub(super) pools: Vec<u16>,
    /// What pods get that come while it lasts.
    effects: Vec<Effect>,
    newcomers: bool,
}

impl Strike {
    /// Its number.
    pub fn id(&self) -> StrikeId {
        self.id
    }

    /// Of which fault.
    pub fn fault(&self) -> FaultId {
        self.fault
    }

    /// Where it may hit.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The pods it hit, or those at whose end messages are hit.
    pub fn pods(&self) -> &[PodId] {
        &self.pods
    }

    /// The nodes it hit.
    pub fn nodes(&self) -> &[NodeId] {
        &self.nodes
    }

    /// Lets pods of its target that come while it lasts suffer too, unless its victims were drawn.
    pub fn meets_newcomers(&mut self) {
        self.newcomers = !self.target.is_drawn();
    }

    /// The pods whose messages it hits, where they were drawn.
    pub(super) fn drawn(&self) -> Option<Vec<PodId>> {
        self.target.is_drawn().then(|| self.pods.clone())
    }
}

impl Chaos {
    /// The faults that have waited for this, and how long after it they strike.
    pub(super) fn cue(&mut self, cue: &Cue) -> Vec<(FaultId, sim_core::Span)> {
        let faults = self.faults.iter_mut().enumerate();
        faults.filter_map(|(index, fault)| Some((FaultId(index as u16), fault.schedule.cue(cue)?))).collect()
    }

    /// Whether any fault acts on machines.
    pub(crate) fn is_about_nodes(&self) -> bool {
        let mut kinds = self.faults.iter().map(|fault| fault.disruption.hits());
        kinds.any(|hits| matches!(hits, Hits::Nodes | Hits::Zones | Hits::Regions))
    }
}

impl World {
    /// Adds a fault.
    ///
    /// To be called before the world starts.
    pub fn add_fault(&mut self, fault: Fault) -> FaultId {
        self.chaos.faults.push(fault);
        FaultId(u16::try_from(self.chaos.faults.len() - 1).expect("more than 65,536 faults"))
    }

    /// Lets a broken check of the steady state end all chaos, if it breaks while a fault is active.
    pub fn guard_chaos(&mut self) {
        self.chaos.guarded = true;
    }

    /// Strikes that are not healed.
    pub fn active_strikes(&self) -> impl Iterator<Item = StrikeId> {
        self.chaos.active.iter().map(|strike| strike.id)
    }

    pub(crate) fn start_faults(&mut self, cx: &mut Cx<'_, World>) {
        for index in 0..self.chaos.faults.len() {
            self.schedule_strike(cx, FaultId(index as u16), None);
        }
    }

    fn schedule_strike(&mut self, cx: &mut Cx<'_, World>, id: FaultId, last: Option<Time>) {
        let fault = &mut self.chaos.faults[usize::from(id.0)];
        if let Some(next) = fault.schedule.next(last, &mut fault.times) {
            cx.at(next, Event::Strike(id));
        }
    }

    /// A fault strikes.
    pub(crate) fn strike(&mut self, cx: &mut Cx<'_, World>, id: FaultId) {
        if self.chaos.halted {
            return;
        }
        self.schedule_strike(cx, id, Some(cx.now));
        let mut strike = self.new_strike(id);
        let fault = &mut self.chaos.faults[usize::from(id.0)];
        let (by_chance, lasts) = (fault.schedule.chance().is_some(), fault.lasts);
        let victims = match fault.disruption.hits() {
            Hits::Releases => 1,
            _ => strike.pods.len().max(strike.nodes.len()) as u32,
        };
        if by_chance && victims == 0 {
            return;
        }
        self.chaos.strikes += 1;
        let mut disruption = std::mem::replace(&mut fault.disruption, Box::new(super::crash::Crash {}));
        let at_once = disruption.at_once().is_some();
        cx.tell(Fact::Struck { fault: id, strike: strike.id, victims, at_once });
        self.tell_victims(cx, &strike, disruption.hits());
        disruption.strike(self, cx, &mut strike);
        self.chaos.faults[usize::from(id.0)].disruption = disruption;
        if !at_once {
            if let Some(lasts) = lasts {
                cx.after(lasts, Event::Mend(strike.id));
            }
            self.chaos.active.push(strike);
        }
        self.cue(cx, Cue::Begun(id));
    }

    fn tell_victims(&self, cx: &mut Cx<'_, World>, strike: &Strike, hits: Hits) {
        let pods = strike.pods.iter().filter(|_| hits == Hits::Pods).map(|&pod| {
            let record = &self.cluster.pods[pod];
            Patient::Pod(record.deployment, record.serial)
        });
        for victim in pods.chain(strike.nodes.iter().map(|&node| Patient::Node(node))) {
            cx.tell(Fact::Hit { strike: strike.id, victim });
        }
    }

    /// The next strike of a fault, with its victims.
    fn new_strike(&mut self, id: FaultId) -> Strike {
        let fault = &self.chaos.faults[usize::from(id.0)];
        let (hits, target, from) = (fault.disruption.hits(), fault.target.clone(), fault.from.clone());
        let chance = fault.schedule.chance();
        let mut rng = fault.rng.clone();
        let (mut pods, mut nodes, mut zones) = (Vec::new(), Vec::new(), Vec::new());
        match hits {
            Hits::Releases => {}
            Hits::Pods | Hits::Messages | Hits::Calls => pods = target.draw(self.pods_in(&target), chance, &mut rng),
            Hits::Nodes => {
                // What is down already stays down until this is over, unless it is only about some.
                let down = !target.is_drawn() && chance.is_none();
                nodes = target.draw(self.nodes_in(&target, down), chance, &mut rng);
            }
            Hits::Zones | Hits::Regions => {
                let count = target.count.or(target.share.is_none().then_some(1));
                let among = Target { count, ..target.clone() };
                let places = self.places_in(&target);
                let drawn = if hits == Hits::Zones {
                    among.draw(places, chance, &mut rng)
                } else {
                    let mut regions: Vec<_> = places.iter().map(|(region, _)| *region).collect();
                    regions.dedup();
                    let regions = among.draw(regions, chance, &mut rng);
                    places.into_iter().filter(|(region, _)| regions.contains(region)).collect()
                };
                zones = drawn.into_iter().map(|(_, zone)| zone).collect();
                let all = self.nodes_in(&Target::default(), true);
                nodes = all.into_iter().filter(|node| zones.contains(&self.zone_of(*node))).collect();
            }
        }
        self.chaos.faults[usize::from(id.0)].rng = rng;
        let id_next = StrikeId(self.chaos.strikes);
        let (pools, effects) = (Vec::new(), Vec::new());
        Strike { id: id_next, fault: id, target, from, pods, nodes, zones, pools, effects, newcomers: false }
    }

    fn zone_of(&self, node: NodeId) -> ZoneId {
        self.cluster.nodes[node.0 as usize].place.zone
    }

    /// A strike is over, unless it was ended before.
    pub(crate) fn mend(&mut self, cx: &mut Cx<'_, World>, id: StrikeId) {
        let Some(index) = self.chaos.active.iter().position(|strike| strike.id == id) else { return };
        let strike = self.chaos.active.remove(index);
        let fault = &mut self.chaos.faults[usize::from(strike.fault.0)];
        let mut disruption = std::mem::replace(&mut fault.disruption, Box::new(super::crash::Crash {}));
        disruption.heal(self, cx, &strike);
        self.chaos.faults[usize::from(strike.fault.0)].disruption = disruption;
        self.relieve(cx, &strike);
        self.clear_links(id);
        self.reopen_places(cx, &strike);
        for &node in &strike.nodes {
            self.find_node(cx, node, id);
        }
        self.house_all(cx);
        cx.tell(Fact::Mended { fault: strike.fault, strike: id });
        self.cue(cx, Cue::Ended(strike.fault));
    }

    /// A check has broken: if a fault is active then, the guard heals all, and no more come.
    pub(crate) fn halt_chaos(&mut self, cx: &mut Cx<'_, World>, check: super::CheckId) {
        if self.chaos.halted || self.chaos.active.is_empty() {
            return;
        }
        self.chaos.halted = true;
        cx.tell(Fact::Halted { check });
        while let Some(strike) = self.chaos.active.first() {
            let id = strike.id;
            self.mend(cx, id);
        }
    }

    /// No machine can be had where the strike hits: in its zones, or of its pool.
    pub(super) fn close_places(&mut self, strike: &mut Strike) {
        match strike.target.pool {
            Some(pool) => strike.pools.push(pool),
            None if strike.zones.is_empty() => {
                strike.zones = self.places_in(&strike.target).into_iter().map(|(_, zone)| zone).collect();
                strike.zones.dedup();
            }
            None => {}
        }
        self.cluster.lost_zones.extend(&strike.zones);
        self.cluster.lost_pools.extend(&strike.pools);
    }

    fn reopen_places(&mut self, cx: &mut Cx<'_, World>, strike: &Strike) {
        fn take<T: PartialEq + std::fmt::Debug>(lost: &mut Vec<T>, one: &T) {
            let index = lost.iter().position(|other| other == one);
            lost.remove(index.expect("what is closed stays so until it is opened"));
        }
        strike.zones.iter().for_each(|zone| take(&mut self.cluster.lost_zones, zone));
        strike.pools.iter().for_each(|pool| take(&mut self.cluster.lost_pools, pool));
        if !(strike.zones.is_empty() && strike.pools.is_empty()) {
            self.deliver_overdue(cx);
        }
    }

    /// Machines fall silent until this strike, and every other that took them, is over.
    pub(super) fn lose_nodes(&mut self, cx: &mut Cx<'_, World>, strike: &Strike) {
        for &node in &strike.nodes {
            self.node(node).outages.push(strike.id);
            if self.lose_node(cx, node) {
                self.cue(cx, Cue::NodeLost);
            }
        }
    }

    /// A machine is free of one strike, and back if that was the last that held it.
    fn find_node(&mut self, cx: &mut Cx<'_, World>, node: NodeId, id: StrikeId) {
        let outages = &mut self.node(node).outages;
        let before = outages.len();
        outages.retain(|other| *other != id);
        if outages.len() < before && outages.is_empty() {
            self.revive_node(cx, node);
        }
    }

    /// The victims of a strike get a condition, and so do those who come, if it meets them.
    pub(super) fn afflict(&mut self, cx: &mut Cx<'_, World>, strike: &mut Strike, effect: Effect) {
        for &pod in &strike.pods {
            if self.cluster.pods.get(pod).is_some() {
                self.add_effect(cx, pod, strike.id, effect.clone());
            }
        }
        strike.effects.push(effect);
    }

    /// A pod has come to its node: what is so of its place and its service is so of it.
    pub(crate) fn receive(&mut self, cx: &mut Cx<'_, World>, pod: PodId) {
        for index in 0..self.chaos.active.len() {
            let strike = &self.chaos.active[index];
            if !strike.newcomers || !self.is_target_pod(&strike.target, pod) {
                continue;
            }
            let (id, effects) = (strike.id, strike.effects.clone());
            self.chaos.active[index].pods.push(pod);
            effects.into_iter().for_each(|effect| self.add_effect(cx, pod, id, effect));
        }
    }

    /// Takes back what a strike did to pods.
    fn relieve(&mut self, cx: &mut Cx<'_, World>, strike: &Strike) {
        if strike.effects.is_empty() {
            return;
        }
        for &pod in &strike.pods {
            if self.cluster.pods.get(pod).is_some() {
                self.remove_effects(cx, pod, strike.id);
            }
        }
    }
}

impl Fault {
    /// A fault that strikes at `schedule`, everywhere, and is never healed; its chance comes from streams
    /// of `seed` under this name.
    pub fn new(
        name: &str,
        disruption: &super::Disruption,
        schedule: &super::Schedule,
        surroundings: &super::Surroundings,
        seed: Seed,
    ) -> Fault {
        let stream = |name: String| -> Rng { seed.stream(&name) };
        Fault {
            disruption: disruption.build(surroundings),
            target: Target::default(),
            from: Target::default(),
            schedule: schedule.build(surroundings),
            lasts: None,
            rng: stream(format!("fault/{name}")),
            times: stream(format!("fault/{name}/times")),
        }
    }
}
