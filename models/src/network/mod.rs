//! The network: how long a message takes from one place to another.
//!
//! Latency grows with distance in four steps: same node, same zone, same region, another region.
//! A pair of places is reduced to a [`Route`] once; a message on it takes the route's latency, plus
//! jitter, plus the pauses before retransmissions if it gets lost. Where nothing is random the
//! latency is a constant, which the world can schedule through a FIFO lane; where it is zero there
//! need not be an event at all.
//!
//! Left out: bandwidth and congestion (messages do not slow each other down), and order between
//! messages of one connection.

mod city;
mod settings;
mod transport;

use sim_core::dist::{Distribution, Recordings, Sampler};
use sim_core::units::Ratio;
use sim_core::ziggurat::exponential;
use sim_core::{Draws, Span};

use crate::place::Place;
pub use city::City;
pub use settings::{Link, NetworkSettings, Region};
pub(crate) use transport::{hold_up, transmission_after};

/// A class of equally distant pairs of places, directed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Route(u32);

const SAME_NODE: u32 = 0;
const SAME_ZONE: u32 = 1;
const SAME_REGION: u32 = 2;
/// Routes between regions follow, by sender and receiver.
const BETWEEN_REGIONS: u32 = 3;

/// Latencies ready to draw from.
#[derive(Clone, Debug)]
pub struct Network {
    /// By [`Route`].
    paths: Vec<Path>,
    regions: u32,
    jitter: f64,
    loss: f64,
}

/// What is known of one route.
#[derive(Clone, Debug)]
struct Path {
    latency: Sampler,
    mean: Span,
    /// The latency, if nothing about it is random.
    fixed: Option<Span>,
}

impl Path {
    fn new(latency: &Distribution, settings: &NetworkSettings, recordings: &Recordings) -> Path {
        // An infinite mean cannot be waited for; it only serves as a round-trip estimate here.
        let mean = latency.mean(recordings).map_or(Span::MAX, Span::from_secs_f64);
        let fixed = match latency {
            Distribution::Constant(span) if settings.loss == Ratio::ZERO => {
                (settings.jitter == Ratio::ZERO || *span == Span::ZERO).then_some(*span)
            }
            _ => None,
        };
        Path { latency: latency.sampler(recordings), mean, fixed }
    }
}

impl Network {
    /// The network of a scenario without regions: nothing takes any time or gets lost.
    pub fn instant() -> Network {
        let zero = Distribution::Constant(Span::ZERO);
        let settings = NetworkSettings {
            same_node: zero.clone(),
            same_zone: zero.clone(),
            same_region: zero,
            ..NetworkSettings::default()
        };
        Network::new(&settings, &[], &Recordings::default())
    }

    /// The network between `regions`, in the scenario's order, by name; without any it is one region.
    ///
    /// Panics if the settings do not pass [`NetworkSettings::check`] or a recording is missing.
    pub fn new(settings: &NetworkSettings, regions: &[(String, Region)], recordings: &Recordings) -> Network {
        let near = [&settings.same_node, &settings.same_zone, &settings.same_region];
        let mut paths: Vec<Path> = near.iter().map(|latency| Path::new(latency, settings, recordings)).collect();
        for one in regions {
            for other in regions {
                paths.push(Path::new(&between(settings, one, other), settings, recordings));
            }
        }
        let (jitter, loss) = (settings.jitter.fraction(), settings.loss.fraction());
        Network { paths, regions: regions.len() as u32, jitter, loss }
    }

    /// The route from one place to another.
    #[inline]
    pub fn route(&self, from: Place, to: Place) -> Route {
        if from.region != to.region {
            Route(BETWEEN_REGIONS + u32::from(from.region.0) * self.regions + u32::from(to.region.0))
        } else if from.zone != to.zone {
            Route(SAME_REGION)
        } else if from.node != to.node {
            Route(SAME_ZONE)
        } else {
            Route(SAME_NODE)
        }
    }

    /// Every route, in the order of [`Route::index`].
    pub fn routes(&self) -> impl Iterator<Item = Route> + use<> {
        (0..self.paths.len() as u32).map(Route)
    }

    /// The latency of every message on this route, if it is the same for all; zero needs no event.
    #[inline]
    pub fn fixed(&self, route: Route) -> Option<Span> {
        self.path(route).fixed
    }

    /// How long this message takes; `None` if it is lost more often than the transport tries, of
    /// which the sender hears after [`Network::patience`].
    pub fn delay(&self, route: Route, draws: &mut Draws) -> Option<Span> {
        let path = self.path(route);
        if path.fixed.is_some() {
            return path.fixed;
        }
        let mut latency = path.latency.draw(draws);
        if self.jitter > 0.0 {
            latency += latency.scale(self.jitter * exponential(draws));
        }
        Some(latency + transport::hold_up(self.loss, path.mean * 2, draws)?)
    }

    /// The mean time there and back.
    pub(crate) fn round_trip(&self, route: Route) -> Span {
        self.path(route).mean * 2
    }

    /// How long after sending a message the transport gives it up.
    pub fn patience(&self, route: Route) -> Span {
        transport::patience(self.path(route).mean * 2)
    }

    /// The mean latency between regions, one way, from (row) and to (column), without jitter and loss;
    /// the diagonal is between zones of a region.
    pub fn distances(&self) -> Vec<Vec<Span>> {
        let count = self.regions.max(1) as usize;
        let between = &self.paths[BETWEEN_REGIONS as usize..];
        let row = |from: usize| (0..count).map(move |to| (from, to));
        let distance = |(from, to): (usize, usize)| {
            let near = &self.paths[SAME_REGION as usize];
            if from == to { near.mean } else { between[from * count + to].mean }
        };
        (0..count).map(|from| row(from).map(distance).collect()).collect()
    }

    fn path(&self, route: Route) -> &Path {
        &self.paths[route.0 as usize]
    }
}

impl Route {
    /// The route's number, below [`Network::routes`], for tables by route.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The latency from one region to another: as a link says, or from their cities.
fn between(settings: &NetworkSettings, one: &(String, Region), other: &(String, Region)) -> Distribution {
    if let Some(latency) = settings.between(&one.0, &other.0) {
        return latency.clone();
    }
    let city = |region: &Region| City::named(region.city.as_deref()?);
    let cities = city(&one.1).zip(city(&other.1));
    match cities.map(|(here, there)| here.one_way(there)) {
        Some(Some(latency)) => Distribution::Constant(latency),
        // Two regions of one city are as far apart as two zones.
        Some(None) => settings.same_region.clone(),
        None if one.0 == other.0 => settings.same_region.clone(),
        None => panic!("no latency is known between {:?} and {:?}", one.0, other.0),
    }
}

#[cfg(test)]
mod tests;
