//! Sizes of canary and stable.

use models::amount::Amount;
use models::rollout::canary::WEIGHT_MAX;
use models::rollout::canary::counts::{Basic, Counts, Routed, Scale, approximate, weight_to_replicas};
use models::rollout::{SetView, sync};
use serde::Deserialize;
use serde_json::Value;

use super::Set;
use crate::case::Case;
use crate::json::{self, expect, read};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    replicas: u32,
    #[serde(default)]
    set_weight: u32,
    #[serde(default = "all")]
    max_weight: u32,
    #[serde(default)]
    weight: u32,
    max_surge: Option<Amount>,
    max_unavailable: Option<Amount>,
    #[serde(default)]
    promote_full: bool,
    #[serde(default)]
    aborted: bool,
    stable: Option<Set>,
    canary: Option<Set>,
    older: Option<Set>,
    set_canary_scale: Option<CanaryScale>,
    abort_scale_down_delay_seconds: Option<u32>,
    min_pods_per_replica_set: Option<u32>,
    #[serde(default)]
    set_weight_steps: Vec<u32>,
    #[serde(default)]
    current_step: usize,
    actual_weights: Option<Weights>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CanaryScale {
    replicas: Option<u32>,
    weight: Option<u32>,
    #[serde(default)]
    match_traffic_weight: bool,
}

#[derive(Deserialize)]
struct Weights {
    canary: u32,
}

fn all() -> u32 {
    WEIGHT_MAX
}

impl Input {
    fn weight(&self) -> u32 {
        match (self.promote_full, self.aborted) {
            (true, _) => self.max_weight,
            (false, true) => 0,
            (false, false) => self.set_weight,
        }
    }

    fn basic(&self) -> Counts {
        let none = Amount::Count(0);
        let (surge, unavailable) = (self.max_surge.unwrap_or(none), self.max_unavailable.unwrap_or(none));
        let (surge, _) = sync::fenceposts(surge, unavailable, self.replicas);
        let unavailable =
            sync::unavailable_max(self.max_surge.unwrap_or(none), self.max_unavailable.unwrap_or(none), self.replicas);
        let (weight, weight_max) = (self.weight(), self.max_weight);
        let set = |set: Option<Set>| SetView::from(set.unwrap_or_default());
        let basic = Basic { replicas: self.replicas, weight, weight_max, surge, unavailable };
        basic.step(&set(self.stable), &set(self.canary), self.older.map_or(0, |set| set.spec))
    }

    fn routed(&self, weight: u32, dynamic: Option<&[u32]>) -> Counts {
        // An abort forgets the canary's own size, unless it is to stay for ever.
        let forgotten = self.promote_full || (self.aborted && self.abort_scale_down_delay_seconds != Some(0));
        let scale = self.set_canary_scale.as_ref().filter(|scale| !scale.match_traffic_weight && !forgotten);
        let scale = scale.and_then(|scale| scale.replicas.map(Scale::Replicas).or(scale.weight.map(Scale::Weight)));
        let routed = Routed {
            replicas: self.replicas,
            weight,
            weight_max: self.max_weight,
            scale,
            pods_min: self.min_pods_per_replica_set.unwrap_or(0),
            dynamic,
            aborted: self.aborted,
        };
        routed.counts(self.actual_weights.as_ref().map(|weights| weights.canary))
    }
}

pub(crate) fn argo_canary(file: &str) -> Vec<Case> {
    json::cases(file, |kind, value: &Value, expected| {
        let input: Input = read(value)?;
        let counts = match kind {
            "canary.basic" => input.basic(),
            "canary.traffic" => input.routed(input.weight(), None),
            "canary.approximate" => {
                let surge = input.max_surge.map_or(0, |surge| surge.of_rounded_up(input.replicas));
                approximate(input.replicas, input.weight, input.max_weight, surge > 0)
            }
            "canary.weight_to_replicas" => {
                let replicas = weight_to_replicas(input.replicas, input.weight, input.max_weight);
                return expect(expected, "replicas", replicas);
            }
            "canary.dynamic" => {
                let steps = &input.set_weight_steps;
                let step = steps.get(input.current_step).copied().unwrap_or(input.max_weight);
                input.routed(if input.aborted { 0 } else { step }, Some(steps))
            }
            _ => return Err(format!("nobody knows the kind {kind}")),
        };
        expect(expected, "canary", counts.canary)?;
        expect(expected, "stable", counts.stable)
    })
}
