//! Which of several pools grows: the one with the least waste, with the most pods helped, the
//! cheapest, the fewest nodes, or any.
//!
//! Source: `expander/{waste,mostpods,leastnodes,random}`. A strategy may name several as equal; one
//! of them is drawn. The price strategy leaves out the original's liking for certain sizes.

use serde::{Deserialize, Serialize};
use sim_core::strategies;
use sim_core::strategy::Build;

use super::view::PoolId;
use crate::pod::Resources;

/// What growing one pool would do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offer {
    /// The pool.
    pub pool: PoolId,
    /// The nodes it would grow by.
    pub nodes: u32,
    /// The pods that would find a place.
    pub pods: u32,
    /// What these ask for in all.
    pub requested: Resources,
    /// What one node offers.
    pub offered: Resources,
    /// What one node costs.
    pub price: f64,
}

/// Compares offers.
pub trait Expand {
    /// The best offers by their indexes, all equally good; none if there are none.
    fn best(&self, offers: &[Offer]) -> Vec<usize>;
}

strategies! {
    /// Which of several pools grows.
    pub enum Expander: dyn Expand, context () {
        /// Where the smallest shares of processor and memory would lie idle.
        LeastWaste(LeastWaste),
        /// Where the most pods would find a place.
        MostPods(MostPods),
        /// Where the fewest nodes would come.
        LeastNodes(LeastNodes),
        /// Where a pod's place costs least.
        Price(Price),
        /// Any.
        Random(Random),
    }
}

macro_rules! expander {
    ($name:ident, $about:literal, $cost:expr) => {
        #[doc = $about]
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {}

        impl Build<dyn Expand, ()> for $name {
            fn build(&self, (): &()) -> Box<dyn Expand> {
                Box::new(self.clone())
            }
        }

        impl Expand for $name {
            fn best(&self, offers: &[Offer]) -> Vec<usize> {
                cheapest(offers, $cost)
            }
        }
    };
}

expander!(LeastWaste, "Grows where the smallest shares of processor and memory would lie idle.", waste);
expander!(MostPods, "Grows where the most pods would find a place.", |offer| -f64::from(offer.pods));
expander!(LeastNodes, "Grows by the fewest nodes.", |offer| f64::from(offer.nodes));
expander!(Price, "Grows where a pod's place costs least.", |offer| offer.price * f64::from(offer.nodes)
    / f64::from(offer.pods.max(1)));
expander!(Random, "Grows anywhere.", |_| 0.0);

/// The idle share of processor and that of memory, together.
fn waste(offer: &Offer) -> f64 {
    let idle = |offered: u64, requested: u64| {
        let available = offered as f64 * f64::from(offer.nodes);
        (available - requested as f64) / available
    };
    idle(offer.offered.cpu.as_milli(), offer.requested.cpu.as_milli())
        + idle(offer.offered.memory.count(), offer.requested.memory.count())
}

fn cheapest(offers: &[Offer], cost: impl Fn(&Offer) -> f64) -> Vec<usize> {
    let costs: Vec<f64> = offers.iter().map(cost).collect();
    let least = costs.iter().copied().min_by(f64::total_cmp);
    (0..costs.len()).filter(|&index| Some(costs[index]) == least).collect()
}
