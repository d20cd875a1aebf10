//! What a scenario file can choose from: every family of strategies, for `gameday list`.

use models::balance::Balancer;
use models::chaos::{Disruption, Schedule};
use models::cluster_autoscaler::Expander;
use models::policy::CallPolicy;
use models::rollout::Rollout;
use models::scale::Autoscaler;
use models::schedule::{FilterPlugin, ScorePlugin};
use models::traffic::Arrivals;
use sim_core::strategy::Listing;

/// The families, each with the field it is chosen in and its strategies.
pub const FAMILIES: &[(&str, &[Listing])] = &[
    ("balancer", Balancer::LIST),
    ("policies", CallPolicy::LIST),
    ("autoscaler", Autoscaler::LIST),
    ("rollout", Rollout::LIST),
    ("expander", Expander::LIST),
    ("filters", FilterPlugin::LIST),
    ("scores", ScorePlugin::LIST),
    ("arrivals", Arrivals::LIST),
    ("faults", Disruption::LIST),
    ("when", Schedule::LIST),
];
