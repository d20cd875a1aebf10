//! What a scenario file may say of releases: which service, when, and what the new version is like.

use models::rollout::Rollout;
use serde::{Deserialize, Serialize};
use sim_core::{Bytes, Distribution, Ratio, Span};

/// When something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum When {
    /// So long after the beginning.
    At(Span),
}

/// What the version is called that a service begins with, unless it says.
pub(crate) const FIRST_VERSION: &str = "v1";

/// A new version of a service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// Of which service.
    pub service: String,
    /// When it is begun. Default when a fault does it: `Deploy("shop v2")`.
    #[serde(default)]
    pub when: Option<When>,
    /// What is new.
    pub version: Version,
    /// How it goes from the old version to this one. Default as the service says.
    #[serde(default)]
    pub rollout: Option<Rollout>,
    /// An answer later than this harms who asked. Default only failures do.
    #[serde(default)]
    pub slow: Option<Span>,
}

/// A version, as far as it differs from the one that the service describes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// What it is called.
    pub name: String,
    /// How many times as long its work takes. Default 1.0.
    #[serde(default = "default_latency")]
    pub latency: f64,
    /// The share of its answers that are errors, more than the service's. Default 0%.
    #[serde(default)]
    pub error_rate: Ratio,
    /// Memory that it never gives back, until its container starts again. Default nothing.
    #[serde(default)]
    pub leak: Option<Leak>,
    /// From its container's start until the program crashes. Default never.
    #[serde(default)]
    pub crash_after: Option<Distribution>,
    /// From its container's start until it listens. Default as the service says.
    #[serde(default)]
    pub startup: Option<Distribution>,
    /// What is wrong only under load. Default nothing.
    #[serde(default)]
    pub under_load: Option<UnderLoad>,
    /// The share of keys for which all answers are errors. Default 0%.
    #[serde(default)]
    pub bad_keys: Ratio,
}

/// Memory that is never given back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Leak {
    /// By time. Default nothing.
    pub per_hour: Bytes,
    /// By requests that were taken up. Default nothing.
    pub per_request: Bytes,
}

/// A fault that shows only under load.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnderLoad {
    /// It shows while a replica holds more requests than this.
    pub above: u32,
    /// The share of answers that are errors then. Default 0%.
    #[serde(default)]
    pub error_rate: Ratio,
    /// How many times as long its work takes then. Default 1.0.
    #[serde(default = "default_latency")]
    pub latency: f64,
}

fn default_latency() -> f64 {
    1.0
}

impl Release {
    /// What it is called in results: "shop v2".
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.service, self.version.name)
    }
}
