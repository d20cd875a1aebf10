//! Programs end at once, as by `kill -9`: the kubelet starts their containers again where they were.
//!
//! Chaos Monkey's and Chaos Mesh's "container kill". What the program had in hand is reset.

use serde::{Deserialize, Serialize};
use sim_core::sim::Cx;
use sim_core::strategy::Build;

use super::{Disrupt, Hits, Strike, Surroundings};
use crate::heal::Cause;
use crate::world::World;

/// Ends the programs of its victims.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Crash {}

impl Build<dyn Disrupt, Surroundings> for Crash {
    fn build(&self, _: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(*self)
    }
}

impl Disrupt for Crash {
    fn hits(&self) -> Hits {
        Hits::Pods
    }

    fn strike(&mut self, world: &mut World, cx: &mut Cx<'_, World>, strike: &mut Strike) {
        for &pod in strike.pods() {
            world.crash(cx, pod, Cause::Killed);
        }
    }

    fn at_once(&self) -> Option<&'static str> {
        Some("there is nothing to heal: pods come back by themselves; remove this")
    }
}
