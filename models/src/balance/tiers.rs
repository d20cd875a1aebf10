//! A fleet balanced in tiers: DNS, then a global balancer, then regional ones, then the servers.
//!
//! Each tier says into which parts the next choice is made, and how. Its balancers know only what
//! went through them: three copies of a global balancer each count their own calls, as three
//! machines would.
//!
//! ```text
//! Tiers([
//!     (split: Copies(3), balancer: RoundRobin()),          // DNS names three balancers
//!     (split: Region, balancer: Geographic()),             // each prefers the caller's region
//!     (split: Zone, balancer: LeastConnections()),
//!     (balancer: PowerOfChoices()),                        // the last tier picks the backend
//! ])
//! ```

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;

use super::tree::Tree;
use super::{Balance, Balancer, PowerOfChoices, RoundRobin, Surroundings};

/// Balancers above balancers, as DNS above global above regional ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tiers(
    /// From the first choice to the last; the last one, and no other, splits into `Backends`.
    /// Default: by region in turn, then power of two choices.
    pub Vec<Tier>,
);

/// One choice on the way to a backend.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tier {
    /// Into what this tier cuts what is below it. Default `Backends`.
    pub split: Split,
    /// How it chooses among these parts. Default `RoundRobin()`.
    pub balancer: Balancer,
}

/// What the parts are among which a tier chooses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Split {
    /// So many copies of the next tier, each in front of everything.
    Copies(u32),
    /// A part for each region.
    Region,
    /// A part for each zone.
    Zone,
    /// The backends themselves.
    #[default]
    Backends,
}

impl Default for Tier {
    fn default() -> Tier {
        Tier { split: Split::Backends, balancer: Balancer::RoundRobin(RoundRobin::default()) }
    }
}

impl Default for Tiers {
    fn default() -> Tiers {
        Tiers(vec![
            Tier { split: Split::Region, ..Tier::default() },
            Tier { balancer: Balancer::PowerOfChoices(PowerOfChoices::default()), ..Tier::default() },
        ])
    }
}

impl Tiers {
    pub(crate) fn check(&self) -> Result<(), String> {
        let Some((last, above)) = self.0.split_last() else {
            return Err("there must be at least one tier".to_owned());
        };
        if last.split != Split::Backends || above.iter().any(|tier| tier.split == Split::Backends) {
            return Err("the last tier, and no other, must split into Backends".to_owned());
        }
        for (index, tier) in self.0.iter().enumerate() {
            let which = |error| format!("tier {}: {error}", index + 1);
            if let Split::Copies(copies) = tier.split
                && !(1..=1000).contains(&copies)
            {
                return Err(which(format!("copies must be from 1 to 1000, found {copies}")));
            }
            if tier.balancer.has_tiers() {
                return Err(which("a tier's balancer cannot have tiers itself; add them to this list".to_owned()));
            }
            tier.balancer.check().map_err(which)?;
        }
        Ok(())
    }
}

impl Build<dyn Balance, Surroundings> for Tiers {
    fn build(&self, surroundings: &Surroundings) -> Box<dyn Balance> {
        let splits: Vec<Split> = self.0.iter().map(|tier| tier.split).collect();
        let (tiers, surroundings) = (self.0.clone(), surroundings.clone());
        Box::new(Tree::new(splits, move |tier| {
            // Passive health is the backends'; a failed call does not make its region a failure.
            let health = if tier + 1 == tiers.len() { surroundings.health.clone() } else { None };
            tiers[tier].balancer.build(&Surroundings { health, ..surroundings.clone() })
        }))
    }
}
