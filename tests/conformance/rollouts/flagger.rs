//! Flagger's weights and phases.

use models::rollout::Phase;
use models::rollout::progressive::ladder::{Ladder, Rungs, THRESHOLD};
use serde::Deserialize;
use serde_json::Value;

use crate::case::Case;
use crate::json::{self, expect, read};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Analysis {
    step_weight: u32,
    step_weights: Vec<u32>,
    max_weight: Option<u32>,
    step_weight_promotion: u32,
    threshold: u32,
    iterations: u32,
    #[serde(rename = "match")]
    matches: Value,
    mirror: bool,
}

impl Default for Analysis {
    fn default() -> Analysis {
        Analysis {
            step_weight: 0,
            step_weights: Vec::new(),
            max_weight: None,
            step_weight_promotion: 0,
            threshold: THRESHOLD,
            iterations: 0,
            matches: Value::Null,
            mirror: false,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    analysis: Analysis,
    #[serde(default)]
    failed_checks: u32,
    #[serde(default)]
    metric_fails: bool,
    #[serde(default)]
    ticks: usize,
}

impl Input {
    fn rungs(&self) -> Rungs {
        let analysis = &self.analysis;
        Rungs {
            step_weight: analysis.step_weight,
            step_weights: analysis.step_weights.clone(),
            max_weight: analysis.max_weight,
            step_weight_promotion: analysis.step_weight_promotion,
            // Nothing is the default.
            threshold: if analysis.threshold == 0 { THRESHOLD } else { analysis.threshold },
            iterations: analysis.iterations,
            matches: !analysis.matches.is_null(),
            mirror: analysis.mirror,
        }
    }

    /// The ladder after each of so many ticks; the first is the one that notices the new version.
    fn climb(&self, ticks: usize) -> Vec<Ladder> {
        let rungs = self.rungs();
        let mut ladder = Ladder::default();
        let tick = |number| {
            if number == 1 {
                ladder.failed_checks = self.failed_checks;
            }
            ladder.tick(&rungs, || !self.metric_fails);
            ladder.clone()
        };
        (0..ticks).map(tick).collect()
    }
}

/// The phase as Flagger calls it.
fn name(ladder: &Ladder) -> &'static str {
    match ladder.phase {
        None => "Initialized",
        Some(Phase::Promoting) => "Promoting",
        Some(Phase::Finalising) => "Finalising",
        Some(Phase::Promoted) => "Succeeded",
        Some(Phase::RolledBack) => "Failed",
        Some(_) => "Progressing",
    }
}

fn each<T>(ladders: &[Ladder], of: impl Fn(&Ladder) -> T) -> Vec<T> {
    ladders.iter().map(of).collect()
}

fn length(expected: &Value, key: &str) -> usize {
    expected[key].as_array().map_or(0, Vec::len)
}

pub(crate) fn flagger(file: &str) -> Vec<Case> {
    json::cases(file, |kind, value, expected| {
        let input: Input = read(value)?;
        match kind {
            "flagger.weights" => {
                let weights = length(expected, "primaryWeights");
                let ladders = input.climb(weights + length(expected, "thenPhases"));
                let (rising, then) = ladders.split_at(weights);
                expect(expected, "primaryWeights", each(rising, |ladder| ladder.primary))?;
                expect(expected, "thenPhases", each(then, name))?;
                let finalising = then.iter().find(|ladder| ladder.phase == Some(Phase::Finalising));
                expect(expected, "primaryWeightWhenFinalising", finalising.map(|ladder| ladder.primary))
            }
            "flagger.phases" => {
                let ladders = input.climb(length(expected, "phases").max(length(expected, "canaryWeights")));
                expect(expected, "phases", each(&ladders, name))?;
                expect(expected, "canaryWeights", each(&ladders, |ladder| ladder.canary))
            }
            "flagger.rollback" | "flagger.mirror" | "flagger.ab" => {
                let ladders = input.climb(input.ticks + 1);
                let [_, ticks @ ..] = &ladders[..] else { return Err("no ticks".to_owned()) };
                expect(expected, "primaryWeights", each(ticks, |ladder| ladder.primary))?;
                expect(expected, "canaryWeights", each(ticks, |ladder| ladder.canary))?;
                let last = ladders.last().expect("just looked at");
                // One file gives the tick by tick, the others how it ends.
                match expected["mirrored"] {
                    Value::Array(_) => expect(expected, "mirrored", each(ticks, |ladder| ladder.mirrored))?,
                    _ => expect(expected, "mirrored", last.mirrored)?,
                }
                expect(expected, "phase", name(last))?;
                expect(expected, "primaryWeight", last.primary)?;
                expect(expected, "canaryWeight", last.canary)?;
                expect(expected, "canaryReplicas", u32::from(last.has_canary()))
            }
            _ => Err(format!("nobody knows the kind {kind}")),
        }
    })
}
