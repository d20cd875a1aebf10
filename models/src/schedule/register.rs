//! Registering a class: every selector is resolved, every count is set up, so that placing one of
//! its pods compares and adds small numbers only.

use super::class::{
    ClassId, ClassSpec, Namespaces, NodePolicy, PodTerm, Requests, SpreadConstraint, WhenUnsatisfiable,
};
use super::cluster::{CPU, Cluster, MEMORY, to_amount};
use super::columns::KeyId;
use super::defaults::{HOSTNAME_KEY, UNSCHEDULABLE_TAINT, UNSTATED_CPU, UNSTATED_MEMORY};
use super::selector::Labels;
use super::taints::{Effect, Taint, Tolerance};
use super::tally::{Domains, Eligibility, Match, Members, Tally, TallyId};

/// A class, resolved against all nodes and all other classes.
#[derive(Clone, Debug)]
pub(super) struct Class {
    pub(super) spec: ClassSpec,
    /// What its pods ask for, by resource; none is zero.
    pub(super) requests: Vec<(usize, i64)>,
    /// Processor and memory that they count where nodes are scored.
    pub(super) scored: [i64; 2],
    /// By list of taints.
    pub(super) tolerances: Vec<Tolerance>,
    pub(super) tolerates_cordon: bool,
    /// By node, if the node affinity could refuse any.
    pub(super) allowed: Option<Vec<bool>>,
    /// By node, if the node affinity prefers any.
    pub(super) preference: Option<Vec<i64>>,
    pub(super) hard_spread: Vec<Spread>,
    pub(super) soft_spread: Vec<Spread>,
    /// Whether only nodes with the labels of all soft constraints are scored by them.
    pub(super) spread_needs_all: bool,
    /// What its required affinity counts, and whether it matches itself.
    pub(super) near: Vec<(KeyId, TallyId)>,
    pub(super) is_near_itself: bool,
    /// Domains with pods here are refused: by its own terms, and by those of others.
    pub(super) far: Vec<(KeyId, TallyId)>,
    pub(super) shunned: Vec<(KeyId, TallyId)>,
    pub(super) pulls: Vec<Pull>,
    pub(super) images: Vec<usize>,
    pub(super) counted_in: Vec<TallyId>,
    /// Pods by node, and how many of them are ending.
    pub(super) placed: Vec<u32>,
    pub(super) ending: Vec<u32>,
    /// Pods in all.
    pub(super) pods: u64,
}

/// A spread constraint, resolved.
#[derive(Clone, Debug)]
pub(super) struct Spread {
    pub(super) key: KeyId,
    pub(super) tally: TallyId,
    pub(super) max_skew: u32,
    pub(super) min_domains: u32,
    /// Whether the class counts its own pods.
    pub(super) counts_itself: bool,
    /// Whether it is soft and counts each node for itself.
    pub(super) by_node: bool,
}

/// A term that raises or lowers the score of nodes near the pods that a tally counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pull {
    pub(super) key: KeyId,
    pub(super) tally: TallyId,
    /// `None` for another's required affinity, whose weight is the plug-in's setting.
    pub(super) weight: Option<i64>,
    /// Whether the term is the class's own.
    pub(super) own: bool,
}

/// A term of a class that bears on pods of others.
#[derive(Clone, Debug)]
pub(super) struct OwnedTerm {
    wanted: Match,
    key: KeyId,
    /// The owner's pods.
    tally: TallyId,
    bearing: Bearing,
}

#[derive(Clone, Copy, Debug)]
enum Bearing {
    Shuns,
    Pulls(Option<i64>),
}

impl Class {
    /// Learns of one more node.
    pub(super) fn push_node(&mut self, labels: &Labels) {
        let affinity = &self.spec.node_affinity;
        if let Some(allowed) = &mut self.allowed {
            allowed.push(affinity.allows(labels));
        }
        if let Some(preference) = &mut self.preference {
            preference.push(affinity.preference(labels));
        }
        self.placed.push(0);
        self.ending.push(0);
    }
}

impl Cluster {
    /// Registers a class of pods.
    pub fn add_class(&mut self, spec: ClassSpec) -> ClassId {
        let id = ClassId(u32::try_from(self.classes.len()).expect("fewer than 2^32 classes"));
        let class = self.resolve(spec);
        self.classes.push(class);
        self.join_tallies(id);
        self.resolve_spread(id);
        self.resolve_terms(id);
        id
    }

    /// What needs no other class.
    fn resolve(&mut self, spec: ClassSpec) -> Class {
        let cordon = Taint::new(UNSCHEDULABLE_TAINT, Effect::NoSchedule);
        let affinity = &spec.node_affinity;
        let mut class = Class {
            requests: self.amounts_of(&spec),
            scored: scored(&spec),
            tolerances: self.taints.iter().map(|taints| Tolerance::new(&spec.tolerations, taints)).collect(),
            tolerates_cordon: spec.tolerations.iter().any(|toleration| toleration.tolerates(&cordon)),
            allowed: affinity.is_strict().then(Vec::new),
            preference: (!affinity.preferred.is_empty()).then(Vec::new),
            hard_spread: Vec::new(),
            soft_spread: Vec::new(),
            spread_needs_all: true,
            near: Vec::new(),
            is_near_itself: false,
            far: Vec::new(),
            shunned: Vec::new(),
            pulls: Vec::new(),
            images: spec.images.iter().map(|name| self.images.intern(name)).collect(),
            counted_in: Vec::new(),
            placed: Vec::new(),
            ending: Vec::new(),
            pods: 0,
            spec,
        };
        for labels in &self.nodes.labels {
            class.push_node(labels);
        }
        class
    }

    /// A pod asks for its containers together, or for the largest of its init containers.
    fn amounts_of(&mut self, spec: &ClassSpec) -> Vec<(usize, i64)> {
        let mut amounts = Vec::new();
        self.raise(&mut amounts, &spec.requests);
        for requests in &spec.init_requests {
            self.raise(&mut amounts, requests);
        }
        amounts.retain(|&(_, amount)| amount > 0);
        amounts.sort_unstable();
        amounts
    }

    fn raise(&mut self, amounts: &mut Vec<(usize, i64)>, requests: &Requests) {
        let cpu = (CPU, requests.cpu.unwrap_or_default().as_milli());
        let memory = (MEMORY, requests.memory.unwrap_or_default().count());
        let extended = requests.extended.iter().map(|(name, amount)| (self.resource(name), *amount));
        for (resource, amount) in [cpu, memory].into_iter().chain(extended) {
            let amount = to_amount(amount);
            match amounts.iter_mut().find(|(known, _)| *known == resource) {
                Some((_, most)) => *most = amount.max(*most),
                None => amounts.push((resource, amount)),
            }
        }
    }

    /// A new class is counted where the selectors of others mean it, and felt where their terms do.
    fn join_tallies(&mut self, id: ClassId) {
        for index in 0..self.tallies.len() {
            if self.is_member(&self.tallies[index].members, id) {
                self.classes[id.index()].counted_in.push(TallyId(index as u32));
            }
        }
        for index in 0..self.terms.len() {
            self.apply(index, id);
        }
    }

    fn resolve_spread(&mut self, id: ClassId) {
        let (constraints, system) = self.constraints(id);
        let (hard, soft): (Vec<_>, Vec<_>) = constraints
            .into_iter()
            .partition(|constraint| constraint.when_unsatisfiable == WhenUnsatisfiable::DoNotSchedule);
        self.classes[id.index()].spread_needs_all = !system;
        self.classes[id.index()].hard_spread = self.spread(id, &hard, true);
        self.classes[id.index()].soft_spread = self.spread(id, &soft, !system);
    }

    /// A class's own constraints or the default ones, and whether these are the system's.
    fn constraints(&self, id: ClassId) -> (Vec<SpreadConstraint>, bool) {
        let spec = &self.classes[id.index()].spec;
        match &spec.spread_with {
            Some(selector) if spec.spread.is_empty() => {
                (self.default_spread.constraints(selector), self.default_spread.is_system())
            }
            _ => (spec.spread.clone(), false),
        }
    }

    fn spread(&mut self, id: ClassId, constraints: &[SpreadConstraint], needs_all: bool) -> Vec<Spread> {
        let keys: Vec<KeyId> =
            constraints.iter().map(|constraint| self.columns.key(&constraint.topology_key)).collect();
        let namespace = self.classes[id.index()].spec.namespace.clone();
        let mut resolved = Vec::new();
        for (constraint, &key) in constraints.iter().zip(&keys) {
            let soft = constraint.when_unsatisfiable == WhenUnsatisfiable::ScheduleAnyway;
            let by_node = soft && constraint.topology_key == HOSTNAME_KEY;
            let eligibility = Eligibility {
                class: id,
                keys: if needs_all { keys.clone() } else { Vec::new() },
                by_affinity: constraint.node_affinity_policy == NodePolicy::Honor,
                by_taints: constraint.node_taints_policy == NodePolicy::Honor,
            };
            let counted = Match { selector: constraint.selector.clone(), namespaces: Some(vec![namespace.clone()]) };
            let domains = if by_node { Domains::Nodes } else { Domains::Values(key, Some(eligibility)) };
            resolved.push(Spread {
                key,
                tally: self.new_tally(Members::Matching(vec![counted]), true, domains),
                max_skew: constraint.max_skew,
                min_domains: constraint.min_domains,
                counts_itself: constraint.selector.matches(&self.classes[id.index()].spec.labels),
                by_node,
            });
        }
        resolved
    }

    fn resolve_terms(&mut self, id: ClassId) {
        let spec = self.classes[id.index()].spec.clone();
        let matched = |term: &PodTerm| Match {
            selector: term.selector.clone(),
            namespaces: match &term.namespaces {
                Namespaces::Own => Some(vec![spec.namespace.clone()]),
                Namespaces::Named(names) => Some(names.clone()),
                Namespaces::All => None,
            },
        };
        // A pod near which another must run has to satisfy all of its terms.
        let all: Vec<Match> = spec.pod_affinity.required.iter().map(matched).collect();
        self.classes[id.index()].is_near_itself = all.iter().all(|term| term.holds(&spec.namespace, &spec.labels));
        for term in &spec.pod_affinity.required {
            let counted = self.term_tally(Members::Matching(all.clone()), term);
            self.classes[id.index()].near.push(counted);
            self.own(id, matched(term), term, Bearing::Pulls(None));
        }
        for term in &spec.pod_anti_affinity.required {
            let counted = self.term_tally(Members::Matching(vec![matched(term)]), term);
            self.classes[id.index()].far.push(counted);
            self.own(id, matched(term), term, Bearing::Shuns);
        }
        let near = spec.pod_affinity.preferred.iter().map(|(weight, term)| (*weight, term));
        let far = spec.pod_anti_affinity.preferred.iter().map(|(weight, term)| (-weight, term));
        for (weight, term) in near.chain(far) {
            let (key, tally) = self.term_tally(Members::Matching(vec![matched(term)]), term);
            self.classes[id.index()].pulls.push(Pull { key, tally, weight: Some(weight), own: true });
            self.own(id, matched(term), term, Bearing::Pulls(Some(weight)));
        }
    }

    fn term_tally(&mut self, members: Members, term: &PodTerm) -> (KeyId, TallyId) {
        let key = self.columns.key(&term.topology_key);
        (key, self.new_tally(members, false, Domains::Values(key, None)))
    }

    /// Makes a term bear on all classes that it means, and on those still to come.
    fn own(&mut self, id: ClassId, wanted: Match, term: &PodTerm, bearing: Bearing) {
        let (key, tally) = self.term_tally(Members::Class(id), term);
        self.terms.push(OwnedTerm { wanted, key, tally, bearing });
        for class in 0..self.classes.len() {
            self.apply(self.terms.len() - 1, ClassId(class as u32));
        }
    }

    fn apply(&mut self, term: usize, id: ClassId) {
        let class = &mut self.classes[id.index()];
        let OwnedTerm { wanted, key, tally, bearing } = &self.terms[term];
        if wanted.holds(&class.spec.namespace, &class.spec.labels) {
            match *bearing {
                Bearing::Shuns => class.shunned.push((*key, *tally)),
                Bearing::Pulls(weight) => class.pulls.push(Pull { key: *key, tally: *tally, weight, own: false }),
            }
        }
    }

    /// The tally of these members by these domains; the same one serves all who ask for the same.
    fn new_tally(&mut self, members: Members, living: bool, domains: Domains) -> TallyId {
        let same = |tally: &Tally| tally.living == living && tally.domains == domains && tally.members == members;
        if let Some(index) = self.tallies.iter().position(same) {
            return TallyId(index as u32);
        }
        let id = TallyId(u32::try_from(self.tallies.len()).expect("fewer than 2^32 tallies"));
        for index in 0..self.classes.len() {
            if self.is_member(&members, ClassId(index as u32)) {
                self.classes[index].counted_in.push(id);
            }
        }
        self.tallies.push(Tally::new(members, living, domains));
        for node in 0..self.nodes.here.len() {
            let domain = self.domain(&self.tally(id).domains, node);
            let pods = self.counted(id, node);
            self.tallies[id.index()].settle(node, domain, pods);
        }
        id
    }

    fn is_member(&self, members: &Members, id: ClassId) -> bool {
        let spec = &self.classes[id.index()].spec;
        match members {
            Members::Class(class) => *class == id,
            Members::Matching(terms) => terms.iter().all(|term| term.holds(&spec.namespace, &spec.labels)),
        }
    }
}

/// As what a pod counts where nodes are scored.
fn scored(spec: &ClassSpec) -> [i64; 2] {
    let all = || std::iter::once(&spec.requests).chain(&spec.init_requests);
    let cpu = all().map(|requests| requests.cpu.unwrap_or(UNSTATED_CPU).as_milli()).max();
    let memory = all().map(|requests| requests.memory.unwrap_or(UNSTATED_MEMORY).count()).max();
    [cpu, memory].map(|amount| to_amount(amount.unwrap_or_default()))
}
