//! The scheduler's settings: its profile, as a scenario file would write it.

use serde::{Deserialize, Serialize};
use sim_core::Span;

use super::class::{NodePolicy, SpreadConstraint, WhenUnsatisfiable};
use super::defaults::{
    BALANCED_ALLOCATION_WEIGHT, DEFAULT_HOSTNAME_SKEW, DEFAULT_ZONE_SKEW, HOSTNAME_KEY, IMAGE_LOCALITY_WEIGHT,
    INTER_POD_AFFINITY_WEIGHT, MAX_NODE_SCORE, MIN_CANDIDATE_NODES_ABSOLUTE, MIN_CANDIDATE_NODES_PERCENTAGE,
    MIN_FEASIBLE_NODES, MIN_NODES_TO_FIND_PERCENTAGE, NODE_AFFINITY_WEIGHT, NODE_RESOURCES_FIT_WEIGHT, NODES_A_PERCENT,
    NODES_TO_FIND_PERCENTAGE, POD_INITIAL_BACKOFF, POD_MAX_BACKOFF, POD_TOPOLOGY_SPREAD_WEIGHT,
    TAINT_TOLERATION_WEIGHT, UNSCHEDULABLE_FLUSH, ZONE_KEY,
};
use super::plugin::{FilterPlugin, ScorePlugin};
use super::selector::Selector;

/// Which of several best nodes is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ties {
    /// Any of them.
    #[default]
    Random,
    /// The one with the lowest id.
    Name,
}

/// A score plug-in and its weight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightedScore {
    /// The plug-in.
    pub plugin: ScorePlugin,
    /// Times which its scores are added.
    pub weight: i64,
}

/// A spread constraint without a selector: each class brings its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultConstraint {
    /// The label.
    pub topology_key: String,
    /// By how many pods the fullest value may exceed the emptiest.
    pub max_skew: u32,
    /// What if not.
    pub when_unsatisfiable: WhenUnsatisfiable,
}

/// How pods of services without spread constraints of their own are spread.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DefaultSpread {
    /// Softly over hosts (skew 3) and zones (skew 5), on nodes without a zone over hosts alone.
    #[default]
    System,
    /// By these; none turns spreading off.
    List(Vec<DefaultConstraint>),
}

impl DefaultSpread {
    pub(super) fn is_system(&self) -> bool {
        *self == DefaultSpread::System
    }

    pub(super) fn constraints(&self, selector: &Selector) -> Vec<SpreadConstraint> {
        let constraint = |key: &str, max_skew, when_unsatisfiable| SpreadConstraint {
            when_unsatisfiable,
            node_affinity_policy: NodePolicy::Honor,
            ..SpreadConstraint::new(key, max_skew, selector.clone())
        };
        match self {
            DefaultSpread::System => [(HOSTNAME_KEY, DEFAULT_HOSTNAME_SKEW), (ZONE_KEY, DEFAULT_ZONE_SKEW)]
                .map(|(key, skew)| constraint(key, skew, WhenUnsatisfiable::ScheduleAnyway))
                .into(),
            DefaultSpread::List(list) => {
                list.iter().map(|one| constraint(&one.topology_key, one.max_skew, one.when_unsatisfiable)).collect()
            }
        }
    }
}

/// The scheduler's profile, its queue and its preemption.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SchedulerSettings {
    /// What may refuse nodes, in the order of asking.
    pub filters: Vec<FilterPlugin>,
    /// What ranks nodes, and with which weight.
    pub scores: Vec<WeightedScore>,
    /// Which of several best nodes is taken.
    pub ties: Ties,
    /// The share of nodes in percent to find before the best of them is taken; 0 lets the size of the
    /// cluster decide.
    pub percentage_of_nodes_to_score: u32,
    /// How pods of services without spread constraints of their own are spread.
    pub default_spread: DefaultSpread,
    /// What a pod waits after its first failed attempt; doubles with each.
    pub pod_initial_backoff: Span,
    /// What a pod waits at most.
    pub pod_max_backoff: Span,
    /// After so long without a helping event, an unschedulable pod is tried again.
    pub unschedulable_flush: Span,
    /// Whether pods may take the place of pods with a lower priority.
    pub preemption: bool,
    /// The share of potential nodes in percent on which preemption is tried at least.
    pub min_candidate_nodes_percentage: u32,
    /// The number of potential nodes on which preemption is tried at least.
    pub min_candidate_nodes_absolute: u32,
}

impl Default for SchedulerSettings {
    fn default() -> SchedulerSettings {
        SchedulerSettings {
            filters: default_filters(),
            scores: default_scores(),
            ties: Ties::default(),
            percentage_of_nodes_to_score: 0,
            default_spread: DefaultSpread::default(),
            pod_initial_backoff: POD_INITIAL_BACKOFF,
            pod_max_backoff: POD_MAX_BACKOFF,
            unschedulable_flush: UNSCHEDULABLE_FLUSH,
            preemption: true,
            min_candidate_nodes_percentage: MIN_CANDIDATE_NODES_PERCENTAGE,
            min_candidate_nodes_absolute: MIN_CANDIDATE_NODES_ABSOLUTE,
        }
    }
}

fn default_filters() -> Vec<FilterPlugin> {
    use FilterPlugin as F;
    vec![
        F::NodeUnschedulable(Default::default()),
        F::TaintToleration(Default::default()),
        F::NodeAffinity(Default::default()),
        F::NodePorts(Default::default()),
        F::NodeResourcesFit(Default::default()),
        F::PodTopologySpread(Default::default()),
        F::InterPodAffinity(Default::default()),
    ]
}

fn default_scores() -> Vec<WeightedScore> {
    use ScorePlugin as S;
    let scores = [
        (S::TaintToleration(Default::default()), TAINT_TOLERATION_WEIGHT),
        (S::NodeAffinity(Default::default()), NODE_AFFINITY_WEIGHT),
        (S::PodTopologySpread(Default::default()), POD_TOPOLOGY_SPREAD_WEIGHT),
        (S::InterPodAffinity(Default::default()), INTER_POD_AFFINITY_WEIGHT),
        (S::NodeResourcesFit(Default::default()), NODE_RESOURCES_FIT_WEIGHT),
        (S::NodeResourcesBalancedAllocation(Default::default()), BALANCED_ALLOCATION_WEIGHT),
        (S::ImageLocality(Default::default()), IMAGE_LOCALITY_WEIGHT),
    ];
    scores.map(|(plugin, weight)| WeightedScore { plugin, weight }).into()
}

impl SchedulerSettings {
    /// Whether the parameters make sense; the error says which does not, and why.
    pub fn check(&self) -> Result<(), String> {
        for (index, WeightedScore { plugin, weight }) in self.scores.iter().enumerate() {
            if !(1..=100).contains(weight) {
                return Err(format!(
                    "scores[{index}].weight: the weight of {} is from 1 to 100, not {weight}",
                    plugin.name()
                ));
            }
            if let ScorePlugin::NodeResourcesFit(fit) = plugin {
                fit.check().map_err(|complaint| format!("scores[{index}].plugin.{complaint}"))?;
            }
        }
        if self.filters.len() > 32 {
            return Err("filters: at most 32".to_owned());
        }
        let percentages = [
            ("percentage_of_nodes_to_score", self.percentage_of_nodes_to_score),
            ("min_candidate_nodes_percentage", self.min_candidate_nodes_percentage),
        ];
        if let Some((name, percentage)) = percentages.into_iter().find(|(_, percentage)| *percentage > 100) {
            return Err(format!("{name}: a percentage is at most 100, not {percentage}"));
        }
        if self.pod_initial_backoff == Span::ZERO {
            return Err("pod_initial_backoff: a wait of zero never grows".to_owned());
        }
        if self.pod_initial_backoff > self.pod_max_backoff {
            let (first, most) = (self.pod_initial_backoff, self.pod_max_backoff);
            return Err(format!("pod_max_backoff: {most} is less than pod_initial_backoff, {first}"));
        }
        match &self.default_spread {
            DefaultSpread::List(list) if list.iter().any(|one| one.max_skew == 0) => {
                Err("default_spread: max_skew is at least 1".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// How many nodes that will do are looked for in a cluster of `nodes`.
    pub fn nodes_to_find(&self, nodes: usize) -> usize {
        if nodes < MIN_FEASIBLE_NODES {
            return nodes;
        }
        let percentage = match self.percentage_of_nodes_to_score as usize {
            0 => NODES_TO_FIND_PERCENTAGE.saturating_sub(nodes / NODES_A_PERCENT).max(MIN_NODES_TO_FIND_PERCENTAGE),
            given => given,
        };
        (nodes * percentage / MAX_NODE_SCORE as usize).max(MIN_FEASIBLE_NODES)
    }
}
