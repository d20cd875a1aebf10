//! NeXosim: asynchronous models that schedule their own inputs, time in nanoseconds.
//!
//! One model stands for all objects and one thread runs it: a model an object, joined by ports,
//! would cost it more. Cancellation is by event keys, as its documentation has it. Its deadlines
//! must lie in the future, so a delay is 1 ns at least.

use std::collections::VecDeque;
use std::time::Duration;

use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::QuerySource;
use nexosim::simulation::{EventKey, Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};

use crate::worlds::{ARRIVAL_RATE, CLIENTS, Chance, TIMEOUT, Tally, visits_check};

/// Runs a model that answers `$model::tally`.
macro_rules! run {
    ($model:ident, $state:expr, $horizon_s:expr) => {{
        let mailbox = Mailbox::new();
        let mut bench = SimInit::with_num_threads(1);
        let tally = QuerySource::new().connect($model::tally, &mailbox).register(&mut bench);
        let mut sim = bench.add_model($state, mailbox, "all").init(MonotonicTime::EPOCH).expect("the model starts");
        sim.step_until(Duration::from_secs_f64($horizon_s)).expect("the model runs");
        sim.process_query(&tally, ()).expect("the model answers")
    }};
}

fn delay(seconds: f64) -> Duration {
    Duration::from_nanos(((seconds * 1e9 + 0.5) as u64).max(1))
}

#[derive(Serialize, Deserialize)]
struct Shop {
    #[serde(skip, default = "Chance::new")]
    chance: Chance,
    present: VecDeque<MonotonicTime>,
    response_total: Duration,
    events: u64,
}

#[Model]
impl Shop {
    #[nexosim(init)]
    async fn init(&mut self, cx: &Context<Self>) {
        self.arrive((), cx);
    }

    #[nexosim(schedulable)]
    fn arrive(&mut self, _: (), cx: &Context<Self>) {
        self.events += 1;
        let next = delay(self.chance.exponential() / ARRIVAL_RATE);
        cx.schedule_event(next, schedulable!(Self::arrive), ()).expect("in the future");
        self.present.push_back(cx.time());
        if self.present.len() == 1 {
            self.serve(cx);
        }
    }

    #[nexosim(schedulable)]
    fn depart(&mut self, _: (), cx: &Context<Self>) {
        self.events += 1;
        let arrival = self.present.pop_front().expect("someone was served");
        self.response_total += cx.time().duration_since(arrival);
        if !self.present.is_empty() {
            self.serve(cx);
        }
    }

    fn serve(&mut self, cx: &Context<Self>) {
        let service = delay(self.chance.exponential());
        cx.schedule_event(service, schedulable!(Self::depart), ()).expect("in the future");
    }

    async fn tally(&mut self) -> Tally {
        Tally { units: self.events, check: self.response_total.as_nanos() as u64 }
    }
}

pub(crate) fn mm1(horizon_s: f64) -> Tally {
    let shop = Shop { chance: Chance::new(), present: VecDeque::new(), response_total: Duration::ZERO, events: 0 };
    run!(Shop, shop, horizon_s)
}

#[derive(Serialize, Deserialize)]
struct Objects {
    #[serde(skip, default = "Chance::new")]
    chance: Chance,
    visits: Vec<u32>,
    events: u64,
}

#[Model]
impl Objects {
    #[nexosim(init)]
    async fn init(&mut self, cx: &Context<Self>) {
        (0..self.visits.len() as u32).for_each(|object| self.visit(object, cx));
    }

    #[nexosim(schedulable)]
    fn visit(&mut self, object: u32, cx: &Context<Self>) {
        self.events += 1;
        self.visits[object as usize] += 1;
        let next = self.chance.below(self.visits.len()) as u32;
        let delay = delay(self.chance.exponential());
        cx.schedule_event(delay, schedulable!(Self::visit), next).expect("in the future");
    }

    async fn tally(&mut self) -> Tally {
        Tally { units: self.events, check: visits_check(&self.visits) }
    }
}

pub(crate) fn phold(objects: u32, horizon_s: f64) -> Tally {
    let objects = Objects { chance: Chance::new(), visits: vec![0; objects as usize], events: 0 };
    run!(Objects, objects, horizon_s)
}

#[derive(Serialize, Deserialize)]
struct Clients {
    #[serde(skip, default = "Chance::new")]
    chance: Chance,
    /// Of each client: the response and the timeout of its request.
    pending: Vec<Option<(EventKey, EventKey)>>,
    ended: u64,
    timed_out: u64,
}

#[Model]
impl Clients {
    #[nexosim(init)]
    async fn init(&mut self, cx: &Context<Self>) {
        (0..CLIENTS).for_each(|client| self.request(client, cx));
    }

    #[nexosim(schedulable)]
    fn respond(&mut self, client: u32, cx: &Context<Self>) {
        let (_, timeout) = self.pending[client as usize].take().expect("a request is in flight");
        timeout.cancel();
        self.ended += 1;
        self.request(client, cx);
    }

    #[nexosim(schedulable)]
    fn time_out(&mut self, client: u32, cx: &Context<Self>) {
        let (response, _) = self.pending[client as usize].take().expect("a request is in flight");
        response.cancel();
        self.ended += 1;
        self.timed_out += 1;
        self.request(client, cx);
    }

    fn request(&mut self, client: u32, cx: &Context<Self>) {
        let after = delay(self.chance.exponential());
        let response = cx.schedule_keyed_event(after, schedulable!(Self::respond), client).expect("in the future");
        let timeout =
            cx.schedule_keyed_event(delay(TIMEOUT), schedulable!(Self::time_out), client).expect("in the future");
        self.pending[client as usize] = Some((response, timeout));
    }

    async fn tally(&mut self) -> Tally {
        Tally { units: self.ended, check: self.timed_out }
    }
}

pub(crate) fn cancel(horizon_s: f64) -> Tally {
    let pending = (0..CLIENTS).map(|_| None).collect();
    let clients = Clients { chance: Chance::new(), pending, ended: 0, timed_out: 0 };
    run!(Clients, clients, horizon_s)
}
