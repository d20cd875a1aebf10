//! Regions and the network between them, as a scenario file writes them.
//!
//! Defaults of the latency to another node, one way: 20 us on the same node (a loopback round trip
//! through the kernel takes some 40 us); 100 us in the same zone (round trips of 90 us, IBM Cloud's
//! published average within a zone of 2024, to 500 us, the classic "within a datacenter" of Jeff
//! Dean's numbers); 500 us between zones of a region (round trips of 0.3 to 1.5 ms between AWS
//! zones as FlashGrid measured them in 2023, up to 2.2 ms at IBM). Between cities: [`City`].

use serde::{Deserialize, Serialize};
use sim_core::Span;
use sim_core::dist::Distribution;
use sim_core::units::Ratio;

use super::City;

/// A region: zones near each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Region {
    /// Where it is, for the latency to other regions; one of [`City::ALL`], by name.
    pub city: Option<String>,
    /// How many zones it has.
    pub zones: u16,
}

impl Default for Region {
    fn default() -> Region {
        Region { city: None, zones: 3 }
    }
}

/// Latencies, one way, and what goes wrong on the way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkSettings {
    /// Between two pods of a node.
    pub same_node: Distribution,
    /// Between two nodes of a zone.
    pub same_zone: Distribution,
    /// Between two zones of a region.
    pub same_region: Distribution,
    /// Between two regions, where it is not to follow from their cities.
    pub wan: Vec<Link>,
    /// The mean of an exponential delay on top of each latency, as a share of it: queues in routers.
    pub jitter: Ratio,
    /// The share of messages that get lost and have to be sent again, as TCP does: after 200 ms and a
    /// round trip, then after pauses that double.
    pub loss: Ratio,
}

/// The latency between two regions, the same in both directions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The regions, by name.
    pub between: (String, String),
    /// One way.
    pub latency: Distribution,
}

impl Default for NetworkSettings {
    fn default() -> NetworkSettings {
        NetworkSettings {
            same_node: Distribution::Constant(Span::from_micros(20)),
            same_zone: Distribution::Constant(Span::from_micros(100)),
            same_region: Distribution::Constant(Span::from_micros(500)),
            wan: Vec::new(),
            jitter: Ratio::ZERO,
            loss: Ratio::ZERO,
        }
    }
}

impl NetworkSettings {
    /// Says what is wrong with the settings or the regions, if anything: the place, then the
    /// complaint. Regions come in the scenario's order, with their names.
    pub fn check(&self, regions: &[(String, Region)]) -> Result<(), String> {
        regions.iter().try_for_each(check_region)?;
        let distances =
            [("same_node", &self.same_node), ("same_zone", &self.same_zone), ("same_region", &self.same_region)];
        for (name, latency) in distances {
            latency.check().map_err(|wrong| format!("network.{name}: {wrong}"))?;
        }
        if self.loss > Ratio::ONE {
            return Err(format!("network.loss: {} is more than everything", self.loss));
        }
        for (index, link) in self.wan.iter().enumerate() {
            link.check(regions).map_err(|wrong| format!("network.wan[{index}].{wrong}"))?;
        }
        self.check_connected(regions)
    }

    /// Every two regions need a latency: from both cities, or from a link.
    fn check_connected(&self, regions: &[(String, Region)]) -> Result<(), String> {
        for (index, (name, region)) in regions.iter().enumerate() {
            for (other, other_region) in &regions[..index] {
                if self.between(name, other).is_none() && (region.city.is_none() || other_region.city.is_none()) {
                    return Err(format!(
                        "regions: how far is {other:?} from {name:?}? Give each a city, or add \
                         (between: ({other:?}, {name:?}), latency: …) to network.wan"
                    ));
                }
            }
        }
        Ok(())
    }

    /// The latency that a link gives two regions; the last such link counts.
    pub(super) fn between(&self, one: &str, other: &str) -> Option<&Distribution> {
        let joins = |link: &&Link| {
            let (first, second) = (link.between.0.as_str(), link.between.1.as_str());
            (first, second) == (one, other) || (first, second) == (other, one)
        };
        self.wan.iter().rev().find(joins).map(|link| &link.latency)
    }
}

impl Link {
    fn check(&self, regions: &[(String, Region)]) -> Result<(), String> {
        let (one, other) = &self.between;
        for name in [one, other] {
            if !regions.iter().any(|(known, _)| known == name) {
                return Err(format!("between: unknown region {name:?}"));
            }
        }
        if one == other {
            return Err(format!("between: {one:?} twice; see network.same_region"));
        }
        self.latency.check().map_err(|wrong| format!("latency: {wrong}"))
    }
}

fn check_region((name, region): &(String, Region)) -> Result<(), String> {
    if region.zones == 0 {
        return Err(format!("regions.{name}.zones: a region needs at least one zone"));
    }
    match region.city.as_deref() {
        Some(city) if City::named(city).is_none() => {
            let known: Vec<&str> = City::ALL.into_iter().map(City::name).collect();
            Err(format!("regions.{name}.city: unknown city {city:?}; known are {}", known.join(", ")))
        }
        _ => Ok(()),
    }
}
