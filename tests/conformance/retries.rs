//! What retries do to the load, in one layer and in several.

use serde::Deserialize;

use crate::check::{Check, Expected};
use crate::experiment::{Experiment, Figure};
use crate::plan::{Part, Plan};
use crate::table::Row;

fn failing(services: String, attempts: u32) -> Experiment {
    Experiment {
        services,
        to: "layer0/ask".to_owned(),
        policies: retry(attempts),
        rate: 1_000.0,
        fan_out: 1,
        fill: None,
        settle: 0.0,
        length: 20.0,
        replications: 24,
        controls: Vec::new(),
        twin: None,
    }
}

fn retry(attempts: u32) -> String {
    format!("Retry(attempts: {attempts}, first: \"0s\")")
}

/// One layer that fails with a probability: mean attempts, and how often one of them succeeds.
pub(crate) fn amplification(row: &Row) -> Result<Vec<Part>, String> {
    let (failure, attempts) = (row.number("p_fail_per_attempt")?, row.count("max_attempts")?);
    let services =
        format!("\"layer0\": (workers: None, error_rate: \"{}%\", endpoints: {{ \"ask\": [] }})", failure * 100.0);
    let success = row.number("P_success")?;
    let checks = vec![
        Check::new("mean_attempts", Figure::Attempts, row.number("mean_attempts")?, 0.02),
        Check { expected: Expected::Rare(1.0 - success, 1.0), ..Check::new("P_success", Figure::Failed, 0.0, 0.02) },
    ];
    Ok(vec![(failing(services, attempts), checks)])
}

#[derive(Deserialize)]
struct Layers {
    layers: Vec<Layer>,
}

#[derive(Deserialize)]
struct Layer {
    attempts_per_layer: u32,
    layers: u32,
    worst_case_calls_to_bottom: f64,
}

/// Layers of which each retries the next, above a bottom that always fails.
pub(crate) fn layers(file: &str) -> Vec<Plan> {
    let layers: Layers = match serde_json::from_str(file) {
        Ok(layers) => layers,
        Err(error) => return vec![Plan::failed(error)],
    };
    layers.layers.iter().map(layer).collect()
}

fn layer(case: &Layer) -> Plan {
    let name = format!("{} attempts in {} layers", case.attempts_per_layer, case.layers);
    let Some(bottom) = case.layers.checked_sub(1) else { return Plan::failed("no layer at all") };
    let mut services = String::new();
    for layer in 0..bottom {
        let (next, policies) = (layer + 1, retry(case.attempts_per_layer));
        services += &format!(
            "\"layer{layer}\": (workers: None, endpoints: {{ \"ask\": [Call(to: \"layer{next}/ask\", policies: [{policies}])] }}), "
        );
    }
    services += &format!("\"layer{bottom}\": (workers: None, error_rate: \"100%\", endpoints: {{ \"ask\": [] }})");
    let mut experiment = failing(services, case.attempts_per_layer);
    // Every run is the same but for its arrivals.
    (experiment.rate, experiment.length, experiment.replications) = (10.0, 2.0, 4);
    // All attempts of all layers: a + a² + …, of which the last term is the bottom's.
    let expected = case.worst_case_calls_to_bottom;
    let check = Check::new("calls to the bottom", Figure::BottomAttempts, expected, 1e-9);
    Plan::new(name, vec![(experiment, vec![check])])
}
