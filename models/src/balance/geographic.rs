//! The caller's own region first, and the next nearest when nothing is open there.
//!
//! Distance is the network latency between regions. Nearest is best for latency and worst for
//! load: a region gets all of its own peak, and when it fails its neighbour gets both. Weights for
//! regions spread calls without regard to where they come from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Draw, Span, Time};

use super::tree::Tree;
use super::{BackendId, Backends, Balance, Balancer, Choice, RoundRobin, Split, Surroundings};
use crate::place::RegionId;

/// The nearest region with open backends, or regions by weight; inside, another balancer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Geographic {
    /// Which region gets the call. Default `Nearest`.
    pub regions: Regions,
    /// Who chooses inside the region. Default `RoundRobin()`.
    pub inner: Box<Balancer>,
}

/// How geographic balancing chooses the region.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Regions {
    /// The one nearest to the caller that has an open backend.
    #[default]
    Nearest,
    /// By chance, with a weight for each region named; the others weigh nothing. When no region of
    /// some weight is open, the nearest one.
    Weights(BTreeMap<String, u32>),
}

impl Default for Geographic {
    fn default() -> Geographic {
        let inner = Box::new(Balancer::RoundRobin(RoundRobin::default()));
        Geographic { regions: Regions::Nearest, inner }
    }
}

impl Geographic {
    pub(crate) fn check(&self) -> Result<(), String> {
        match &self.regions {
            Regions::Weights(weights) if weights.values().all(|&weight| weight == 0) => {
                Err("all regions weigh 0: no call could go anywhere".to_owned())
            }
            _ => self.inner.check(),
        }
    }

    /// The names of the regions that have a weight here or in the inner balancer.
    pub(crate) fn regions(&self) -> Vec<&str> {
        let mut named = self.inner.regions();
        if let Regions::Weights(weights) = &self.regions {
            named.extend(weights.keys().map(String::as_str));
        }
        named
    }
}

impl Build<dyn Balance, Surroundings> for Geographic {
    fn build(&self, surroundings: &Surroundings) -> Box<dyn Balance> {
        let (settings, surroundings) = (self.clone(), surroundings.clone());
        Box::new(Tree::new(vec![Split::Region, Split::Backends], move |tier| {
            if tier > 0 {
                return settings.inner.build(&surroundings);
            }
            let weights = match &settings.regions {
                Regions::Nearest => Vec::new(),
                Regions::Weights(weights) => {
                    surroundings.regions.iter().map(|name| weights.get(name).copied().unwrap_or(0)).collect()
                }
            };
            Box::new(ByRegion { weights, distances: surroundings.distances.clone(), nearest: Vec::new() })
        }))
    }
}

/// Chooses among regions, each of which is one backend here.
struct ByRegion {
    /// By region; empty where distance decides.
    weights: Vec<u32>,
    distances: Vec<Vec<Span>>,
    /// By the caller's region, as far as they were asked for: the others from near to far.
    nearest: Vec<Vec<BackendId>>,
}

impl ByRegion {
    /// The candidate that is nearest to `from`.
    fn nearest(&mut self, from: RegionId, tried: &[BackendId], backends: &Backends) -> Option<BackendId> {
        let index = usize::from(from.0);
        if self.nearest.len() <= index {
            self.nearest.resize(index + 1, Vec::new());
        }
        let order = &mut self.nearest[index];
        if order.len() < backends.len() {
            // A distance that nobody stated is the longest, save to the region itself.
            let row = self.distances.get(index);
            let distance = |id: &BackendId| {
                let to = backends.regions[id.index()];
                let stated = row.and_then(|row| row.get(usize::from(to.0)).copied());
                (to != from, stated.unwrap_or(Span::MAX), to)
            };
            order.clear();
            order.extend((0..backends.len() as u32).map(BackendId));
            order.sort_by_key(distance);
        }
        order.iter().copied().find(|&id| backends.is_candidate(id, tried))
    }

    /// A region by chance, if any that is open has a weight.
    fn draw(&self, choice: &mut Choice<'_>, backends: &Backends) -> Option<BackendId> {
        if self.weights.is_empty() {
            return None;
        }
        let mut candidates = backends.candidates(choice.tried);
        let total: u64 = candidates.clone().map(|id| self.weight(id, backends)).sum();
        if total == 0 {
            return None;
        }
        let mut mark = choice.draws.below(total as usize) as u64;
        candidates.find(|&id| {
            let weight = self.weight(id, backends);
            let hit = mark < weight;
            mark = mark.saturating_sub(weight);
            hit
        })
    }

    fn weight(&self, id: BackendId, backends: &Backends) -> u64 {
        let region = backends.regions[id.index()];
        self.weights.get(usize::from(region.0)).map_or(0, |&weight| u64::from(weight))
    }
}

impl Balance for ByRegion {
    fn pick(&mut self, _: Time, choice: &mut Choice<'_>, backends: &Backends) -> Option<BackendId> {
        if let Some(chosen) = self.draw(choice, backends) {
            return Some(chosen);
        }
        self.nearest(choice.region, choice.tried, backends)
    }
}
