//! What the kernel is measured on: M/M/1, PHOLD, and requests whose timeouts are nearly all
//! cancelled. `cargo bench` times these worlds alone, tests/peers against the same work on other
//! engines, which share [`Chance`] so that all draw the same numbers at the same price.

use std::collections::VecDeque;

use sim_core::{Cx, Draw, Lane, Rng, Seed, Sim, Span, Ticket, Time, World};

/// All chance of a run: one ChaCha8 stream.
pub(crate) struct Chance(Rng);

impl Chance {
    pub(crate) fn new() -> Chance {
        Chance(Seed::new(1).stream("engines"))
    }

    /// Exponential with mean 1.
    pub(crate) fn exponential(&mut self) -> f64 {
        -libm::log(self.0.unit_open())
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0.below(bound)
    }
}

/// What a run did, to price its work and to check that engines did the same.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// Events executed (M/M/1, PHOLD) or requests ended (cancellation).
    pub(crate) units: u64,
    /// Sum of response times in ns (M/M/1), of the numbers of the objects visited (PHOLD), or of
    /// timeouts (cancellation).
    pub(crate) check: u64,
}

/// Customers a second, at one server that serves one a second.
pub(crate) const ARRIVAL_RATE: f64 = 0.9;

#[derive(Clone, Copy, Hash)]
enum Visit {
    Arrival,
    Departure,
}

struct Shop {
    chance: Chance,
    /// When those present arrived, in order.
    present: VecDeque<Time>,
    response_total: Span,
}

impl World for Shop {
    type Event = Visit;
    type Fact = ();

    fn handle(&mut self, cx: &mut Cx<'_, Self>, event: Visit) {
        let begins_service = match event {
            Visit::Arrival => {
                cx.after(Span::from_secs_f64(self.chance.exponential() / ARRIVAL_RATE), Visit::Arrival);
                self.present.push_back(cx.now);
                self.present.len() == 1
            }
            Visit::Departure => {
                let arrival = self.present.pop_front().expect("someone was served");
                self.response_total += cx.now.since(arrival);
                !self.present.is_empty()
            }
        };
        if begins_service {
            cx.after(Span::from_secs_f64(self.chance.exponential()), Visit::Departure);
        }
    }
}

/// M/M/1 for `horizon` of virtual time.
pub(crate) fn mm1(horizon: Span) -> Tally {
    let shop = Shop { chance: Chance::new(), present: VecDeque::new(), response_total: Span::ZERO };
    let mut sim = Sim::new(shop, ());
    sim.prime(|_, cx| cx.after(Span::ZERO, Visit::Arrival));
    sim.run_until(Time::ZERO + horizon);
    Tally { units: sim.events(), check: sim.world().response_total.as_nanos() }
}

struct Objects {
    chance: Chance,
    visits: Vec<u32>,
}

impl World for Objects {
    /// The object that it visits.
    type Event = u32;
    type Fact = ();

    fn handle(&mut self, cx: &mut Cx<'_, Self>, object: u32) {
        self.visits[object as usize] += 1;
        let next = self.chance.below(self.visits.len()) as u32;
        cx.after(Span::from_secs_f64(self.chance.exponential()), next);
    }
}

/// PHOLD (Fujimoto 1990): `objects` events in flight, each moving on to a random object after an
/// exponential delay of 1 s.
pub(crate) fn phold(objects: u32, horizon: Span) -> Tally {
    let mut sim = Sim::new(Objects { chance: Chance::new(), visits: vec![0; objects as usize] }, ());
    sim.prime(|_, cx| (0..objects).for_each(|object| _ = cx.after(Span::ZERO, object)));
    sim.run_until(Time::ZERO + horizon);
    Tally { units: sim.events(), check: visits_check(&sim.world().visits) }
}

/// The sum of the numbers of the objects visited.
pub(crate) fn visits_check(visits: &[u32]) -> u64 {
    visits.iter().zip(0..).map(|(&visits, object): (_, u64)| u64::from(visits) * object).sum()
}

/// Clients that each keep one request in flight.
pub(crate) const CLIENTS: u32 = 1_024;

/// In seconds, for a mean response of 1 s: one request in a hundred comes later.
pub(crate) const TIMEOUT: f64 = 4.605;

#[derive(Clone, Copy, Hash)]
enum Ending {
    Response(u32),
    Timeout(u32),
}

struct Clients {
    chance: Chance,
    /// Known once the run is primed.
    timeout: Option<Lane>,
    /// Of each client's request: what ends it if nothing else does before.
    pending: Vec<Option<(Ticket, Ticket)>>,
    ended: u64,
    timed_out: u64,
}

impl Clients {
    fn request(&mut self, cx: &mut Cx<'_, Clients>, client: u32) {
        let response = cx.after(Span::from_secs_f64(self.chance.exponential()), Ending::Response(client));
        let lane = self.timeout.expect("primed");
        let timeout = cx.after_lane(lane, Ending::Timeout(client));
        self.pending[client as usize] = Some((response, timeout));
    }
}

impl World for Clients {
    type Event = Ending;
    type Fact = ();

    fn handle(&mut self, cx: &mut Cx<'_, Self>, event: Ending) {
        let (Ending::Response(client) | Ending::Timeout(client)) = event;
        let (response, timeout) = self.pending[client as usize].take().expect("a request is in flight");
        self.ended += 1;
        if let Ending::Timeout(_) = event {
            self.timed_out += 1;
            cx.cancel(response);
        } else {
            cx.cancel(timeout);
        }
        self.request(cx, client);
    }
}

/// [`CLIENTS`] send requests one after another; a request ends with its response, after an
/// exponential second, or its timeout, and cancels the other: 99 % of the timeouts.
pub(crate) fn cancel(horizon: Span) -> Tally {
    let pending = vec![None; CLIENTS as usize];
    let clients = Clients { chance: Chance::new(), timeout: None, pending, ended: 0, timed_out: 0 };
    let mut sim = Sim::new(clients, ());
    sim.prime(|clients, cx| {
        clients.timeout = Some(cx.lane(Span::from_secs_f64(TIMEOUT)));
        (0..CLIENTS).for_each(|client| clients.request(cx, client));
    });
    sim.run_until(Time::ZERO + horizon);
    Tally { units: sim.world().ended, check: sim.world().timed_out }
}
