//! Balancers above balancers: the engine of `Tiers` and `Geographic`.
//!
//! A node cuts the backends below it into parts and has a balancer that sees each part as one
//! backend: open if any member is, as heavy as its open members together, as busy as they are on
//! average, with the calls in flight that went through this node. The nodes of the last tier see
//! the backends themselves.
//!
//! Where a part is a copy, several nodes of the last tier share a backend, so a call remembers
//! through which of them it went.

use sim_core::Time;
use sim_core::rng::hash_words;

use super::{BackendId, Backends, Balance, Choice, Picked, Settled, Split};
use crate::place::Place;

/// A tree of balancers; itself a balancer.
pub(crate) struct Tree {
    splits: Vec<Split>,
    /// Makes the balancer of a node of the given tier.
    make: Box<dyn Fn(usize) -> Box<dyn Balance>>,
    /// The root first, each node before those below it.
    nodes: Vec<Node>,
    /// The last-tier node of each backend, where there is only one.
    homes: Vec<usize>,
    has_copies: bool,
}

struct Node {
    tier: usize,
    /// The node above, and which of its parts this is.
    parent: Option<(usize, BackendId)>,
    balancer: Box<dyn Balance>,
    /// The parts as the balancer sees them.
    parts: Backends,
    /// What each part is.
    contents: Vec<Content>,
    /// In the last tier: which part each backend is.
    part_of: Vec<Option<BackendId>>,
    /// The parts that the present call cannot use; here only so that no call allocates.
    tried: Vec<BackendId>,
}

#[derive(Clone, Copy)]
enum Content {
    Backend(BackendId),
    Node(usize),
}

impl Tree {
    /// A tree with a tier for each of `splits`, of which the last, and only that, is `Backends`.
    pub(crate) fn new(splits: Vec<Split>, make: impl Fn(usize) -> Box<dyn Balance> + 'static) -> Tree {
        let has_copies = splits.iter().any(|split| matches!(split, Split::Copies(_)));
        let root = Node::new(0, None, make(0));
        Tree { splits, make: Box::new(make), nodes: vec![root], homes: Vec::new(), has_copies }
    }

    /// Puts a new backend into its parts below `node`, making nodes where there are none yet.
    fn insert(&mut self, node: usize, id: BackendId, place: Place, identity: u64) {
        let parts = &self.nodes[node].parts;
        let (first, last) = match self.splits[self.nodes[node].tier] {
            Split::Backends => {
                self.nodes[node].insert(id, place, identity);
                self.homes.resize(id.index() + 1, node);
                return;
            }
            Split::Copies(copies) => (0, copies as usize),
            Split::Region => one(parts.regions.iter().position(|&region| region == place.region), parts.len()),
            Split::Zone => one(parts.zones.iter().position(|&zone| zone == place.zone), parts.len()),
        };
        for part in first..last {
            let child = self.child(node, part, place);
            self.insert(child, id, place, identity);
        }
    }

    /// The node that is the given part of `node`; if it is the next part, it is made.
    fn child(&mut self, node: usize, part: usize, place: Place) -> usize {
        let (tier, made) = (self.nodes[node].tier + 1, self.nodes.len());
        let parent = &mut self.nodes[node];
        if let Some(&Content::Node(child)) = parent.contents.get(part) {
            return child;
        }
        let number = match self.splits[parent.tier] {
            Split::Region => u64::from(place.region.0),
            Split::Zone => u64::from(place.zone.0),
            Split::Copies(_) | Split::Backends => part as u64,
        };
        let part = parent.parts.push(0, place, hash_words(&[tier as u64, number]));
        parent.contents.push(Content::Node(made));
        self.nodes.push(Node::new(tier, Some((node, part)), (self.make)(tier)));
        made
    }

    /// The backend for a call that has been nowhere yet, and the node of the last tier that chose it;
    /// `None` also where a balancer refuses all open parts it has.
    #[inline]
    fn pick_first(&mut self, now: Time, choice: &mut Choice<'_>) -> Option<(BackendId, usize)> {
        let mut at = 0;
        loop {
            let node = &mut self.nodes[at];
            choice.via = 0;
            let part = node.balancer.pick(now, choice, &node.parts)?;
            match node.contents[part.index()] {
                Content::Backend(id) => return Some((id, at)),
                Content::Node(child) => at = child,
            }
        }
    }

    /// The backend for a call below `node`, and the node of the last tier that chose it.
    fn pick_below(&mut self, node: usize, now: Time, choice: &mut Choice<'_>) -> Option<(BackendId, usize)> {
        let mut tried = std::mem::take(&mut self.nodes[node].tried);
        tried.clear();
        let part_of = &self.nodes[node].part_of;
        tried.extend(choice.tried.iter().filter_map(|id| part_of.get(id.index()).copied().flatten()));
        let found = loop {
            let Node { balancer, parts, contents, .. } = &mut self.nodes[node];
            let mut below = Choice { tried: &tried, draws: &mut *choice.draws, via: 0, ..*choice };
            let Some(part) = balancer.pick(now, &mut below, parts) else { break None };
            let via = below.via;
            match contents[part.index()] {
                Content::Backend(id) => {
                    choice.via = via;
                    break Some((id, node));
                }
                // A part whose open backends have all been tried is passed over.
                Content::Node(child) => match self.pick_below(child, now, choice) {
                    Some(found) => break Some(found),
                    None => tried.push(part),
                },
            }
        };
        self.nodes[node].tried = tried;
        found
    }

    /// Does something at each node through which a call went, from the last tier to the root.
    fn along(&mut self, picked: Picked, mut visit: impl FnMut(&mut Node, Picked)) {
        let leaf = if self.has_copies { picked.via as usize } else { self.homes[picked.backend.index()] };
        let part = self.nodes[leaf].part_of[picked.backend.index()].expect("a call went to a backend of this node");
        let mut step = Some((leaf, part));
        // Below copies `via` is this tree's; otherwise it belongs to a balancer of the last tier.
        let mut via = if self.has_copies { 0 } else { picked.via };
        while let Some((node, part)) = step {
            visit(&mut self.nodes[node], Picked { backend: part, via });
            via = 0;
            step = self.nodes[node].parent;
        }
    }

    /// What the balancer above sees of the part that `node` is.
    fn summary(&self, node: usize, is_copy: bool) -> Summary {
        let parts = &self.nodes[node].parts;
        let open = parts.open_ids();
        let mean = |readings: &[f64]| match open.len() {
            0 => 0.0,
            count => open.iter().map(|id| readings[id.index()]).sum::<f64>() / count as f64,
        };
        let weight = if is_copy { 1 } else { u32::try_from(parts.open_weight()).unwrap_or(u32::MAX) };
        let (cpu, memory) = (mean(&parts.cpu), mean(&parts.memory));
        Summary { identity: None, weight, is_open: !open.is_empty(), cpu, memory }
    }
}

struct Summary {
    /// Where it can change.
    identity: Option<u64>,
    weight: u32,
    is_open: bool,
    cpu: f64,
    memory: f64,
}

/// The part that was found, or else the next one.
fn one(found: Option<usize>, len: usize) -> (usize, usize) {
    let part = found.unwrap_or(len);
    (part, part + 1)
}

impl Node {
    fn new(tier: usize, parent: Option<(usize, BackendId)>, balancer: Box<dyn Balance>) -> Node {
        let (parts, contents, part_of, tried) = (Backends::default(), Vec::new(), Vec::new(), Vec::new());
        Node { tier, parent, balancer, parts, contents, part_of, tried }
    }

    fn insert(&mut self, id: BackendId, place: Place, identity: u64) {
        self.part_of.resize(id.index(), None);
        self.part_of.push(Some(self.parts.push(0, place, identity)));
        self.contents.push(Content::Backend(id));
    }
}

impl Balance for Tree {
    fn pick(&mut self, now: Time, choice: &mut Choice<'_>, _: &Backends) -> Option<BackendId> {
        let first = if choice.tried.is_empty() { self.pick_first(now, choice) } else { None };
        let (backend, leaf) = match first {
            Some(found) => found,
            None => self.pick_below(0, now, choice)?,
        };
        if self.has_copies {
            choice.via = leaf as u32;
        }
        Some(backend)
    }

    fn sent(&mut self, now: Time, picked: Picked, _: &Backends) {
        self.along(picked, |node, picked| {
            node.parts.connect(picked.backend);
            node.balancer.sent(now, picked, &node.parts);
        });
    }

    fn settled(&mut self, now: Time, picked: Picked, settled: &Settled, _: &Backends) {
        self.along(picked, |node, picked| {
            node.parts.disconnect(picked.backend);
            node.balancer.settled(now, picked, settled, &node.parts);
        });
    }

    fn renewed(&mut self, backend: BackendId) {
        for node in &mut self.nodes {
            if let Some(&Some(part)) = node.part_of.get(backend.index()) {
                node.balancer.renewed(part);
            }
        }
    }

    fn changed(&mut self, now: Time, backends: &Backends) {
        for id in (self.homes.len() as u32..backends.len() as u32).map(BackendId) {
            self.insert(0, id, backends.place(id), backends.identities[id.index()]);
        }
        // From the last tier up: a node's summary needs its parts' own.
        for node in (0..self.nodes.len()).rev() {
            for part in (0..self.nodes[node].contents.len() as u32).map(BackendId) {
                let summary = match self.nodes[node].contents[part.index()] {
                    Content::Backend(id) => Summary {
                        identity: Some(backends.identities[id.index()]),
                        weight: if backends.is_in_service(id) { backends.weights[id.index()] } else { 0 },
                        is_open: backends.is_open(id),
                        cpu: backends.cpu[id.index()],
                        memory: backends.memory[id.index()],
                    },
                    Content::Node(child) => {
                        self.summary(child, matches!(self.splits[self.nodes[node].tier], Split::Copies(_)))
                    }
                };
                let parts = &mut self.nodes[node].parts;
                if let Some(identity) = summary.identity {
                    parts.identities[part.index()] = identity;
                }
                parts.weights[part.index()] = summary.weight;
                parts.cpu[part.index()] = summary.cpu;
                parts.memory[part.index()] = summary.memory;
                parts.reopen(part, !summary.is_open);
            }
            let Node { balancer, parts, .. } = &mut self.nodes[node];
            parts.refresh();
            balancer.changed(now, parts);
        }
    }
}
