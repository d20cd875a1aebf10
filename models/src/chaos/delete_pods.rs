//! Pods are deleted as by `kubectl delete pod`: with all grace, and others take their place.

use serde::{Deserialize, Serialize};
use sim_core::sim::Cx;
use sim_core::strategy::Build;

use super::{Disrupt, Hits, Strike, Surroundings};
use crate::heal::Cause;
use crate::world::World;

/// Deletes its victims.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeletePods {}

impl Build<dyn Disrupt, Surroundings> for DeletePods {
    fn build(&self, _: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(*self)
    }
}

impl Disrupt for DeletePods {
    fn hits(&self) -> Hits {
        Hits::Pods
    }

    fn strike(&mut self, world: &mut World, cx: &mut Cx<'_, World>, strike: &mut Strike) {
        for &pod in strike.pods() {
            world.doom(cx, pod, Some(Cause::Killed));
        }
    }

    fn at_once(&self) -> Option<&'static str> {
        Some("there is nothing to heal: pods come back by themselves; remove this")
    }
}
