//! What a scenario file can choose from: every family of strategies, for `gameday list`.

use models::balance::Balancer;
use models::policy::CallPolicy;
use models::scale::Autoscaler;
use models::traffic::Arrivals;
use sim_core::strategy::Listing;

/// The families, each with the field it is chosen in and its strategies.
pub const FAMILIES: &[(&str, &[Listing])] = &[
    ("balancer", Balancer::LIST),
    ("policies", CallPolicy::LIST),
    ("autoscaler", Autoscaler::LIST),
    ("arrivals", Arrivals::LIST),
];
