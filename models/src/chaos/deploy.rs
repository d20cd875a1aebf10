//! A bad deploy: somebody releases a version in the middle of it all.
//!
//! What follows is the release's own: its strategy finds out or does not, and goes back or does not.

use serde::{Deserialize, Serialize};
use sim_core::sim::Cx;
use sim_core::strategy::Build;

use super::{Disrupt, Hits, Strike, Surroundings};
use crate::cluster::ReleaseId;
use crate::world::World;

/// A release begins; written `Deploy("shop v2")`, by the service and its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Deploy(pub String);

/// A release that begins.
struct Begin(ReleaseId);

impl Build<dyn Disrupt, Surroundings> for Deploy {
    fn build(&self, names: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(Begin(names.release(&self.0)))
    }
}

impl Disrupt for Begin {
    fn hits(&self) -> Hits {
        Hits::Releases
    }

    fn strike(&mut self, world: &mut World, cx: &mut Cx<'_, World>, _: &mut Strike) {
        world.release(cx, self.0);
    }

    fn at_once(&self) -> Option<&'static str> {
        Some("a release goes its own way, and back if its strategy says so; leave this out")
    }
}
