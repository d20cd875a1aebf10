//! A certificate, or a secret, has expired: new calls are refused until it is rotated.
//!
//! The handshake fails after a round trip. Requests that are being served are not touched, nor are
//! probes, which kubelets make without verifying anything. Pods that come meanwhile have the same secret.

use serde::{Deserialize, Serialize};
use sim_core::sim::Cx;
use sim_core::strategy::Build;

use super::links::Disturbance;
use super::{Disrupt, Hits, Strike, Surroundings};
use crate::world::World;

/// Lets new calls be refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExpiredCertificate {}

impl Build<dyn Disrupt, Surroundings> for ExpiredCertificate {
    fn build(&self, _: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(*self)
    }
}

impl Disrupt for ExpiredCertificate {
    fn hits(&self) -> Hits {
        Hits::Messages
    }

    fn strike(&mut self, world: &mut World, _: &mut Cx<'_, World>, strike: &mut Strike) {
        world.disturb(strike, false, Disturbance::Refused);
    }
}
