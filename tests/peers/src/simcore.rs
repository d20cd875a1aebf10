//! simcore (formerly dslab-core): components that receive boxed events, time in f64 seconds.
//!
//! One component stands for all objects, which spares it a dispatch an event; timeouts, all of one
//! delay, are emitted as its ordered events, which wait in a FIFO beside its heap; and it is stepped
//! in a bare loop, cheaper than its `step_until_time`, which looks at each event twice.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use serde::Serialize;
use simcore::event::EventId;
use simcore::{Event, EventHandler, Simulation, SimulationContext, cast};

use crate::worlds::{ARRIVAL_RATE, CLIENTS, Chance, TIMEOUT, Tally, visits_check};

/// Runs the component that `build` makes and primes; the last event lies beyond the horizon.
fn run<C: EventHandler + 'static>(horizon_s: f64, build: impl FnOnce(SimulationContext) -> C) -> Rc<RefCell<C>> {
    let mut sim = Simulation::new(1);
    let component = Rc::new(RefCell::new(build(sim.create_context("all"))));
    sim.add_handler("all", component.clone());
    while sim.time() <= horizon_s && sim.step() {}
    component
}

#[derive(Clone, Serialize)]
struct Arrival {}

#[derive(Clone, Serialize)]
struct Departure {}

struct Shop {
    cx: SimulationContext,
    chance: Chance,
    present: VecDeque<f64>,
    response_total_s: f64,
    events: u64,
}

impl Shop {
    fn serve(&mut self) {
        self.cx.emit_self(Departure {}, self.chance.exponential());
    }
}

impl EventHandler for Shop {
    fn on(&mut self, event: Event) {
        self.events += 1;
        cast!(match event.data {
            Arrival {} => {
                self.cx.emit_self(Arrival {}, self.chance.exponential() / ARRIVAL_RATE);
                self.present.push_back(event.time);
                if self.present.len() == 1 {
                    self.serve();
                }
            }
            Departure {} => {
                self.response_total_s += event.time - self.present.pop_front().expect("someone was served");
                if !self.present.is_empty() {
                    self.serve();
                }
            }
        });
    }
}

pub(crate) fn mm1(horizon_s: f64) -> Tally {
    let shop = run(horizon_s, |cx| {
        cx.emit_self(Arrival {}, 0.0);
        Shop { cx, chance: Chance::new(), present: VecDeque::new(), response_total_s: 0.0, events: 0 }
    });
    let shop = shop.borrow();
    Tally { units: shop.events, check: (shop.response_total_s * 1e9) as u64 }
}

#[derive(Clone, Serialize)]
struct Visit {
    object: u32,
}

struct Objects {
    cx: SimulationContext,
    chance: Chance,
    visits: Vec<u32>,
    events: u64,
}

impl EventHandler for Objects {
    fn on(&mut self, event: Event) {
        self.events += 1;
        cast!(match event.data {
            Visit { object } => {
                self.visits[object as usize] += 1;
                let object = self.chance.below(self.visits.len()) as u32;
                self.cx.emit_self(Visit { object }, self.chance.exponential());
            }
        });
    }
}

pub(crate) fn phold(objects: u32, horizon_s: f64) -> Tally {
    let component = run(horizon_s, |cx| {
        (0..objects).for_each(|object| _ = cx.emit_self(Visit { object }, 0.0));
        Objects { cx, chance: Chance::new(), visits: vec![0; objects as usize], events: 0 }
    });
    let component = component.borrow();
    Tally { units: component.events, check: visits_check(&component.visits) }
}

#[derive(Clone, Serialize)]
struct Response {
    client: u32,
}

#[derive(Clone, Serialize)]
struct Timeout {
    client: u32,
}

struct Clients {
    cx: SimulationContext,
    chance: Chance,
    /// Of each client: the response and the timeout of its request.
    pending: Vec<(EventId, EventId)>,
    tally: Tally,
}

impl Clients {
    fn request(&mut self, client: u32) {
        let response = self.cx.emit_self(Response { client }, self.chance.exponential());
        let timeout = self.cx.emit_ordered_self(Timeout { client }, TIMEOUT);
        self.pending[client as usize] = (response, timeout);
    }
}

impl EventHandler for Clients {
    fn on(&mut self, event: Event) {
        self.tally.units += 1;
        cast!(match event.data {
            Response { client } => {
                self.cx.cancel_event(self.pending[client as usize].1);
                self.request(client);
            }
            Timeout { client } => {
                self.tally.check += 1;
                self.cx.cancel_event(self.pending[client as usize].0);
                self.request(client);
            }
        });
    }
}

pub(crate) fn cancel(horizon_s: f64) -> Tally {
    let component = run(horizon_s, |cx| {
        let pending = vec![(0, 0); CLIENTS as usize];
        let mut clients = Clients { cx, chance: Chance::new(), pending, tally: Tally::default() };
        (0..CLIENTS).for_each(|client| clients.request(client));
        clients
    });
    component.borrow().tally
}
