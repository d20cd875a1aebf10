//! Broken files and what is said about them, against a schema much like a scenario's.

mod form;
mod fuzz;
mod names;
mod overrides;
mod places;
mod reading;
mod shorthands;
mod values;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sim_core::Span;
use sim_core::units::{Rate, Ratio};

use super::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    name: String,
    duration: Span,
    #[serde(default)]
    services: BTreeMap<String, Service>,
    #[serde(default)]
    workloads: BTreeMap<String, Workload>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    replicas: u32,
    #[serde(default)]
    speed: Option<f64>,
    #[serde(default)]
    balancer: Option<Balancer>,
    #[serde(default)]
    autoscaler: Option<Autoscaler>,
    endpoints: BTreeMap<String, Vec<Step>>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Balancer {
    RoundRobin(RoundRobin),
    LeastConnections(LeastConnections),
    PowerOfChoices(PowerOfChoices),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoundRobin {}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct LeastConnections {
    weighted: bool,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PowerOfChoices {
    choices: u8,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Autoscaler {
    Hpa { min: u32, max: u32, cpu: Ratio },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Step {
    Work(Duration),
    Call {
        to: String,
        #[serde(default)]
        policies: Vec<Policy>,
    },
    Parallel(Vec<Vec<Step>>),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Duration {
    Constant(Span),
    LogNormal { mean: Span, cv: f64 },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Policy {
    Timeout(Span),
    Retry(Retry),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Retry {
    attempts: u32,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Workload {
    #[serde(default)]
    from: Option<String>,
    to: String,
    rate: Profile,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Profile {
    Constant(Rate),
    Steps(Vec<(Span, Rate)>),
}

const GOOD: &str = r#"// A shop and its stock.
Scenario(
    name: "Black Friday",
    duration: "30min",
    services: {
        "shop": (
            replicas: 100,
            balancer: PowerOfChoices(choices: 2),
            autoscaler: Hpa(min: 10, max: 1000, cpu: "70%"),
            endpoints: { "buy": [Work(LogNormal(mean: "20ms", cv: 0.8)), Call(to: "stock/reserve", policies: [Timeout("250ms"), Retry(attempts: 3)])] },
        ),
        "stock": (replicas: 40, balancer: LeastConnections, endpoints: { "reserve": [Work("5ms"), Parallel([[Work("1ms")], []])] }),
    },
    workloads: {
        "crowd": (from: "europe", to: "shop/buy", rate: Steps([("0s", "1000/s"), ("5min", "14000/s")])),
        "bots": (to: "shop/buy", rate: "10/s"),
    },
)
"#;

/// The message about GOOD with one change.
fn changed(from: &str, to: &str) -> String {
    assert_eq!(GOOD.matches(from).count(), 1, "{from} must be unique");
    broken(&GOOD.replace(from, to))
}

fn broken(text: &str) -> String {
    match parse::<Scenario>(&Source::new("shop.ron", text)) {
        Ok(scenario) => panic!("should not parse: {scenario:?}"),
        Err(diagnostic) => diagnostic.render(false),
    }
}

fn set(arguments: &[&str]) -> Result<Scenario, Diagnostic> {
    let source = arguments.iter().try_fold(Source::new("shop.ron", GOOD), |source, argument| source.set(argument))?;
    parse(&source)
}

fn set_fails(argument: &str) -> String {
    set(&[argument]).expect_err(argument).render(false)
}
