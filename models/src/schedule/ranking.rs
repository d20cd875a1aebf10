//! The scores of all plug-ins, added up by weight.
//!
//! What a node's own pods alone decide is remembered by class and node until a pod comes or goes
//! there: of the hundreds of nodes that are compared for a pod, few have changed since the last one.

use super::class::ClassId;
use super::cluster::Cluster;
use super::plugin::Score;
use super::settings::WeightedScore;
use crate::place::NodeId;

/// A sum of local scores, and how often the node had changed then.
#[derive(Clone, Copy)]
struct Remembered {
    changes: u32,
    sum: i32,
}

/// The score plug-ins of a profile.
pub(super) struct Ranking {
    plugins: Vec<(Box<dyn Score>, i64)>,
    /// By class, then by node.
    remembered: Vec<Vec<Option<Remembered>>>,
    totals: Vec<i64>,
    scores: Vec<i64>,
    stale: Vec<NodeId>,
    sums: Vec<i64>,
}

impl Ranking {
    pub(super) fn new(plugins: &[WeightedScore]) -> Ranking {
        Ranking {
            plugins: plugins.iter().map(|score| (score.plugin.build(&()), score.weight)).collect(),
            remembered: Vec::new(),
            totals: Vec::new(),
            scores: Vec::new(),
            stale: Vec::new(),
            sums: Vec::new(),
        }
    }

    /// The weighted sum of all scores for each of `nodes`.
    pub(super) fn rank(&mut self, cluster: &Cluster, class: ClassId, nodes: &[NodeId]) -> &[i64] {
        self.refresh(cluster, class, nodes);
        let remembered = &self.remembered[class.index()];
        self.totals.clear();
        self.totals
            .extend(nodes.iter().map(|node| remembered[node.0 as usize].map_or(0, |local| i64::from(local.sum))));
        let others = self.plugins.iter_mut().filter(|(plugin, _)| !plugin.is_local());
        add(others, cluster, class, nodes, &mut self.scores, &mut self.totals);
        &self.totals
    }

    /// Scores anew, by what is local, the nodes that have changed.
    fn refresh(&mut self, cluster: &Cluster, class: ClassId, nodes: &[NodeId]) {
        if class.index() >= self.remembered.len() {
            self.remembered.resize_with(class.index() + 1, Vec::new);
        }
        let remembered = &mut self.remembered[class.index()];
        let changes = &cluster.nodes.changes;
        remembered.resize(changes.len(), None);
        let is_stale = |node: &&NodeId| {
            let index = node.0 as usize;
            remembered[index].is_none_or(|known| known.changes != changes[index])
        };
        self.stale.clear();
        self.stale.extend(nodes.iter().filter(is_stale));
        self.sums.clear();
        self.sums.resize(self.stale.len(), 0);
        let local = self.plugins.iter_mut().filter(|(plugin, _)| plugin.is_local());
        add(local, cluster, class, &self.stale, &mut self.scores, &mut self.sums);
        for (node, &sum) in self.stale.iter().zip(&self.sums) {
            let index = node.0 as usize;
            let sum = i32::try_from(sum).expect("scores and weights are small");
            remembered[index] = Some(Remembered { changes: changes[index], sum });
        }
    }
}

fn add<'a>(
    plugins: impl Iterator<Item = &'a mut (Box<dyn Score>, i64)>,
    cluster: &Cluster,
    class: ClassId,
    nodes: &[NodeId],
    scores: &mut Vec<i64>,
    totals: &mut [i64],
) {
    for (plugin, weight) in plugins {
        scores.clear();
        if plugin.score(cluster, class, nodes, scores) {
            for (total, score) in totals.iter_mut().zip(&*scores) {
                *total += *weight * score;
            }
        }
    }
}
