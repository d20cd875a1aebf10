//! Messages share a link of limited rate: each waits until those before it are through.
//!
//! A message that finds the buffer full is lost, and sent again by the transport. Each direction has a
//! link of its own. All messages are of one size. Left out: that TCP slows down before the link is full.

use serde::{Deserialize, Serialize};
use sim_core::sim::Cx;
use sim_core::strategy::Build;
use sim_core::{Bytes, Span};

use super::links::Disturbance;
use super::{Disrupt, Hits, Strike, Surroundings};
use crate::world::World;

/// The link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bandwidth {
    /// What it carries in a second.
    pub per_second: Bytes,
    /// The size of a message. Default 10kB.
    #[serde(default = "message_default")]
    pub message: Bytes,
    /// How much may wait. Default 1MB.
    #[serde(default = "buffer_default")]
    pub buffer: Bytes,
    /// Whether the way back is limited too. Default false.
    #[serde(default)]
    pub both_ways: bool,
}

fn message_default() -> Bytes {
    Bytes::new(10_000)
}

fn buffer_default() -> Bytes {
    Bytes::new(1_000_000)
}

impl Bandwidth {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.per_second.count() == 0 {
            return Err("per_second: a link that carries nothing is a Partition".to_owned());
        }
        if self.message.count() == 0 {
            return Err("message: what has no size needs no bandwidth".to_owned());
        }
        Ok(())
    }

    /// How long the link is busy with so much.
    pub(super) fn time_for(&self, bytes: Bytes) -> Span {
        Span::from_secs_f64(bytes.count() as f64 / self.per_second.count() as f64)
    }
}

impl Build<dyn Disrupt, Surroundings> for Bandwidth {
    fn build(&self, _: &Surroundings) -> Box<dyn Disrupt> {
        Box::new(*self)
    }
}

impl Disrupt for Bandwidth {
    fn hits(&self) -> Hits {
        Hits::Messages
    }

    fn strike(&mut self, world: &mut World, _: &mut Cx<'_, World>, strike: &mut Strike) {
        world.disturb(strike, self.both_ways, Disturbance::Bandwidth { link: *self, free: Default::default() });
    }
}
