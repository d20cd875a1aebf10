//! M/M/1: one server serves one customer a second; theory's mean response is 1 / (1 - arrival rate).
use sim_core::{Cx, Rng, Seed, Sim, Span, Time, World, ziggurat};

const ARRIVAL_RATE: f64 = 0.9;

#[derive(Clone, Copy, PartialEq, Hash)]
enum Event {
    Arrival,
    Departure,
}

struct Shop(Rng, std::collections::VecDeque<Time>, Vec<Span>); // chance, arrivals of those present, responses

impl World for Shop {
    type Event = Event;
    type Fact = ();
    fn handle(&mut self, cx: &mut Cx<'_, Self>, event: Event) {
        let Shop(rng, present, responses) = self;
        let mut exponential = |rate| Span::from_secs_f64(ziggurat::exponential(rng) / rate);
        if event == Event::Arrival {
            present.push_back(cx.now);
            cx.after(exponential(ARRIVAL_RATE), Event::Arrival);
        } else if let Some(arrival) = present.pop_front() {
            responses.push(cx.now.since(arrival));
        }
        if present.len() == 1 || event == Event::Departure && !present.is_empty() {
            cx.after(exponential(1.0), Event::Departure);
        }
    }
}

#[expect(clippy::print_stdout, reason = "an example shows its result")]
fn main() {
    let mut sim = Sim::new(Shop(Seed::new(1).stream("shop"), Default::default(), Vec::new()), ());
    sim.prime(|_, cx| cx.after(Span::ZERO, Event::Arrival));
    sim.run_while(|sim| sim.world().2.len() < 2_000_000);
    let mean = sim.world().2.iter().map(|span| span.as_secs_f64()).sum::<f64>() / 2e6;
    println!("mean response {mean:.2} s, in theory {:.2} s", 1.0 / (1.0 - ARRIVAL_RATE));
}
