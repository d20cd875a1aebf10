//! The backend with the fewest calls in flight for its weight.
//!
//! A slow backend keeps its calls longer, so it gets fewer: the feedback that round robin lacks.
//! "Fewest" leaves open what happens on ties, and there the proxies differ:
//!
//! - nginx (ngx_http_upstream_least_conn_module.c) compares calls / weight exactly, and lets smooth
//!   weighted round robin decide among the tied, with credit for them alone. Each of the tied must
//!   get its credit, so a pick costs a scan.
//! - HAProxy (lb_fwlc.c) keeps a queue by a rounded key, 0 when idle and else
//!   (calls + 1) * 4096 / (16 * weight), and takes the first of those queued longest under the
//!   lowest key. A backend is queued anew whenever its key changes, also by a call that ends.
//! - Queueing theory's "join the shortest queue" draws one of the tied at random.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use sim_core::strategy::Build;
use sim_core::{Draw, Time};

use super::levels::Levels;
use super::min_tree::MinTree;
use super::smooth::Credits;
use super::{BackendId, Backends, Balance, Choice, Picked, Settled, Surroundings};

/// The backend with the fewest calls in flight for its weight.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LeastConnections {
    /// Who gets the call when several have the fewest. Default `Nginx`.
    pub ties: Ties,
}

/// How least connections breaks ties.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ties {
    /// Smooth weighted round robin among the tied, as nginx.
    #[default]
    Nginx,
    /// The one whose load changed longest ago, as HAProxy.
    HaProxy,
    /// Any of them: "join the shortest queue".
    Random,
}

impl Build<dyn Balance, Surroundings> for LeastConnections {
    fn build(&self, surroundings: &Surroundings) -> Box<dyn Balance> {
        match self.ties {
            Ties::Nginx => Box::new(LeastThenSmooth { credits: Credits::new(surroundings.health.clone()) }),
            Ties::HaProxy => Box::new(LeastThenOldest { queue: MinTree::default(), queued: 0 }),
            Ties::Random => Box::new(LeastThenRandom { levels: Levels::default() }),
        }
    }
}

/// Calls in flight and weight; to be compared by their ratio.
fn load(backends: &Backends, id: BackendId) -> (u64, u64) {
    (u64::from(backends.connections[id.index()]), u64::from(backends.weights[id.index()]))
}

/// The least load among the candidates, and how many have it.
fn least(backends: &Backends, tried: &[BackendId]) -> Option<((u64, u64), usize)> {
    let mut found: Option<((u64, u64), usize)> = None;
    for id in backends.candidates(tried) {
        let load = load(backends, id);
        found = match found {
            None => Some((load, 1)),
            Some((least, count)) => match (load.0 * least.1).cmp(&(least.0 * load.1)) {
                Ordering::Less => Some((load, 1)),
                Ordering::Equal => Some((least, count + 1)),
                Ordering::Greater => continue,
            },
        };
    }
    found
}

/// The candidates with this load, in ascending order.
fn tied<'a>(backends: &'a Backends, tried: &'a [BackendId], least: (u64, u64)) -> impl Iterator<Item = BackendId> + 'a {
    backends.candidates(tried).filter(move |&id| {
        let (calls, weight) = load(backends, id);
        calls * least.1 == least.0 * weight
    })
}

struct LeastThenSmooth {
    credits: Credits,
}

impl Balance for LeastThenSmooth {
    fn pick(&mut self, _: Time, choice: &mut Choice<'_>, backends: &Backends) -> Option<BackendId> {
        let (least, count) = least(backends, choice.tried)?;
        let mut tied = tied(backends, choice.tried, least);
        // A clear winner leaves the credits as they are.
        if count == 1 { tied.next() } else { self.credits.pick(backends, tied) }
    }

    fn settled(&mut self, _: Time, picked: Picked, settled: &Settled, backends: &Backends) {
        self.credits.settled(picked.backend, settled, backends);
    }

    fn changed(&mut self, _: Time, backends: &Backends) {
        self.credits.changed(backends);
    }
}

struct LeastThenOldest {
    /// The open backends by rounded load, then by when they were queued.
    queue: MinTree<(u64, u64)>,
    queued: u64,
}

impl LeastThenOldest {
    fn requeue(&mut self, id: BackendId, backends: &Backends) {
        let key = backends.is_open(id).then(|| {
            let (calls, weight) = load(backends, id);
            if calls == 0 { 0 } else { (calls + 1) * 4096 / (16 * weight) }
        });
        if key != self.queue.get(id.index()).map(|(key, _)| key) {
            self.queued += 1;
            self.queue.set(id.index(), key.map(|key| (key, self.queued)));
        }
    }
}

impl Balance for LeastThenOldest {
    fn pick(&mut self, _: Time, choice: &mut Choice<'_>, _: &Backends) -> Option<BackendId> {
        let tried = choice.tried.iter().map(|id| id.index());
        self.queue.first_except(tried).map(|index| BackendId(index as u32))
    }

    fn sent(&mut self, _: Time, picked: Picked, backends: &Backends) {
        self.requeue(picked.backend, backends);
    }

    fn settled(&mut self, _: Time, picked: Picked, _: &Settled, backends: &Backends) {
        self.requeue(picked.backend, backends);
    }

    fn changed(&mut self, _: Time, backends: &Backends) {
        self.queue.resize(backends.len());
        for index in 0..backends.len() as u32 {
            self.requeue(BackendId(index), backends);
        }
    }
}

struct LeastThenRandom {
    levels: Levels,
}

impl Balance for LeastThenRandom {
    fn pick(&mut self, _: Time, choice: &mut Choice<'_>, backends: &Backends) -> Option<BackendId> {
        if backends.weights_are_equal() {
            return self.levels.draw_lowest(choice);
        }
        let (least, count) = least(backends, choice.tried)?;
        tied(backends, choice.tried, least).nth(choice.draws.below(count))
    }

    fn sent(&mut self, _: Time, picked: Picked, backends: &Backends) {
        self.levels.update(picked.backend, backends);
    }

    fn settled(&mut self, _: Time, picked: Picked, _: &Settled, backends: &Backends) {
        self.levels.update(picked.backend, backends);
    }

    fn changed(&mut self, _: Time, backends: &Backends) {
        self.levels.changed(backends);
    }
}
