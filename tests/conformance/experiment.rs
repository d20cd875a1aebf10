//! A system under a load that lasts: its scenario, its replications, and what each shows.
//!
//! A queue under heavy load remembers for 1 / (1 - sqrt(rho))^2 service times where it began, so an
//! empty start would take most of a run to forget. Here it first gets as much work as it can do, for
//! a quarter of that time: a queue without drift spreads like a random walk, and after that time has
//! the mean square of the steady state, which is what the lasting bias of its start depends on. (The
//! Poisson equation of reflected Brownian motion has the solution x^2 / 2.)

use std::collections::VecDeque;
use std::ops::Range;
use std::path::Path;

use models::outcome::Outcome;
use models::service::ServiceId;
use models::world::{Fact, Gauge, World};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use scenarios::Loaded;
use scenarios::assemble::assemble;
use scenarios::file::Source;
use sim_core::sim::{Observer, Sim};
use sim_core::stats::Histogram;
use sim_core::{Seed, Span, Time, rng};

/// A system and its traffic. Equal ones are run once, whoever asks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Experiment {
    /// The services of the scenario file.
    pub(crate) services: String,
    /// The endpoint that customers call.
    pub(crate) to: String,
    /// The policies around their calls.
    pub(crate) policies: String,
    /// Customers a second.
    pub(crate) rate: f64,
    /// Calls that one customer leads to.
    pub(crate) fan_out: u32,
    /// A rate at the beginning, and for how many seconds.
    pub(crate) fill: Option<(f64, f64)>,
    /// Seconds from then on that are not measured.
    pub(crate) settle: f64,
    /// Seconds that are measured.
    pub(crate) length: f64,
    /// How many replications there are at least.
    pub(crate) replications: u32,
    /// Figures whose expectations are known, to take their chance out of all others.
    pub(crate) controls: Vec<(Figure, f64)>,
    /// Another system that faces the very same customers.
    pub(crate) twin: Option<Twin>,
}

/// A system whose response time is known to be exponential: M/M/1.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Twin {
    /// Its services.
    pub(crate) services: String,
    /// The mean response time, s.
    pub(crate) response: f64,
}

impl Twin {
    /// The share above a time that `share` of the twin's response times exceed, which is a control.
    pub(crate) fn above(&self, share: f64) -> (Figure, f64) {
        (Figure::TwinAbove(-libm::log(share) * self.response), share)
    }
}

/// What a run shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Figure {
    /// Mean response time, s.
    Response,
    /// The share of response times above so many seconds.
    ResponseAbove(f64),
    /// Mean time in line, s.
    Wait,
    /// The share of attempts that wait at all.
    Waited,
    /// The share of times in line above so many seconds.
    WaitAbove(f64),
    /// The mean square of the difference of the time in line from so many seconds, s².
    WaitSpread(f64),
    /// Mean number in line.
    Waiting,
    /// Mean number in line or in service.
    Present,
    /// Mean number of cores or workers at work.
    Working,
    /// Mean number of these servers that are not at work, each of which serves one at a time.
    Idle(u32),
    /// The share of customers who find no room.
    Blocked,
    /// The share of customers who end without success.
    Failed,
    /// Successes a second.
    Throughput,
    /// Attempts a customer.
    Attempts,
    /// Attempts a customer at the service that is named last.
    BottomAttempts,
    /// Mean square of the time in service, s²: for one server that takes its customers in turn.
    WorkSquare,
    /// Mean response time of the twin, s.
    Twin,
    /// The share of the twin's response times above so many seconds.
    TwinAbove(f64),
}

/// What one replication showed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Run {
    seconds: f64,
    pub(crate) arrived: u64,
    sent: u64,
    sent_to_last: u64,
    ended: [u64; Outcome::ALL.len()],
    responses: Tally,
    twin_responses: Tally,
    waits: Tally,
    work_square: f64,
    busy: f64,
    working: f64,
    waiting: f64,
}

/// Durations, in several respects.
#[derive(Clone, Debug, Default)]
struct Tally {
    count: u64,
    positive: u64,
    sum: u128,
    /// In s².
    square: f64,
    distribution: Option<Histogram>,
}

impl Tally {
    fn new(with_distribution: bool) -> Tally {
        Tally { distribution: with_distribution.then(Histogram::default), ..Tally::default() }
    }

    fn record(&mut self, span: Span) {
        self.count += 1;
        self.positive += u64::from(span > Span::ZERO);
        self.sum += u128::from(span.as_nanos());
        self.square += span.as_secs_f64() * span.as_secs_f64();
        if let Some(distribution) = &mut self.distribution {
            distribution.record(span.as_nanos());
        }
    }

    fn mean(&self) -> f64 {
        self.sum as f64 / 1e9 / self.count as f64
    }

    fn above(&self, seconds: f64) -> f64 {
        let distribution = self.distribution.as_ref().expect("a quantile was not announced");
        distribution.fraction_above(Span::from_secs_f64(seconds).as_nanos())
    }
}

impl Run {
    /// Nothing yet, with room for what `figures` need.
    fn for_figures(figures: &[Figure]) -> Run {
        let any = |wanted: fn(&Figure) -> bool| figures.iter().any(wanted);
        let of_responses = |figure: &Figure| matches!(figure, Figure::ResponseAbove(_) | Figure::TwinAbove(_));
        Run {
            responses: Tally::new(any(of_responses)),
            waits: Tally::new(any(|figure| matches!(figure, Figure::WaitAbove(_)))),
            ..Run::default()
        }
    }
}

impl Figure {
    /// The figure of one run.
    pub(crate) fn of(self, run: &Run) -> f64 {
        let share = |count: u64| count as f64 / run.arrived as f64;
        let waits = &run.waits;
        match self {
            Figure::Response => run.responses.mean(),
            Figure::ResponseAbove(seconds) => run.responses.above(seconds),
            Figure::Wait => waits.mean(),
            Figure::Waited => waits.positive as f64 / waits.count as f64,
            Figure::WaitAbove(seconds) => waits.above(seconds),
            Figure::WaitSpread(from) => waits.square / waits.count as f64 - 2.0 * from * waits.mean() + from * from,
            Figure::Waiting => run.waiting,
            Figure::Present => run.busy + run.waiting,
            Figure::Working => run.working,
            Figure::Idle(servers) => f64::from(servers) - run.working,
            Figure::Blocked => share(run.ended[Outcome::QueueFull as usize]),
            Figure::Failed => share(run.ended.iter().sum::<u64>() - run.ended[Outcome::Ok as usize]),
            Figure::Throughput => run.ended[Outcome::Ok as usize] as f64 / run.seconds,
            Figure::Attempts => share(run.sent),
            Figure::BottomAttempts => share(run.sent_to_last),
            Figure::WorkSquare => run.work_square / run.responses.count as f64,
            Figure::Twin => run.twin_responses.mean(),
            Figure::TwinAbove(seconds) => run.twin_responses.above(seconds),
        }
    }
}

/// Counts what happens after the warm-up.
struct Watch {
    last_service: ServiceId,
    begin: Time,
    run: Run,
    /// The times in line of who is in service, in turn, if the work shall be known.
    in_service: Option<VecDeque<Span>>,
}

impl Observer<World> for Watch {
    fn fact(&mut self, now: Time, fact: &Fact) {
        let mut waited_before = None;
        if let Some(in_service) = &mut self.in_service {
            match *fact {
                Fact::Started { waited, .. } => in_service.push_back(waited),
                Fact::Answered { .. } => waited_before = in_service.pop_front(),
                _ => {}
            }
        }
        if now < self.begin {
            return;
        }
        let run = &mut self.run;
        match *fact {
            Fact::Arrived { .. } => run.arrived += 1,
            Fact::Sent { service, .. } => {
                run.sent += 1;
                run.sent_to_last += u64::from(service == self.last_service);
            }
            Fact::Started { waited, .. } => run.waits.record(waited),
            Fact::Answered { outcome, latency, .. } => {
                run.ended[outcome as usize] += 1;
                if outcome == Outcome::Ok {
                    run.responses.record(latency);
                }
                if let Some(waited) = waited_before {
                    let work = (latency - waited).as_secs_f64();
                    run.work_square += work * work;
                }
            }
            _ => {}
        }
    }
}

/// Integrals of the gauges, summed over services, in value times seconds.
#[derive(Clone, Copy, Debug)]
struct Integrals {
    busy: f64,
    working: f64,
    waiting: f64,
}

impl Integrals {
    fn read(world: &World, now: Time) -> Integrals {
        let mut all = Integrals { busy: 0.0, working: 0.0, waiting: 0.0 };
        for fact in world.gauges(now) {
            let Fact::Sampled { gauge, integral, .. } = fact else { continue };
            let seconds = integral as f64 / 1e9;
            match gauge {
                Gauge::Busy => all.busy += seconds,
                Gauge::Working => all.working += seconds,
                Gauge::Waiting => all.waiting += seconds,
                Gauge::Running => {}
            }
        }
        all
    }
}

impl Experiment {
    /// The scenario file with these services.
    fn text(&self, services: &str) -> String {
        let rate = match self.fill {
            Some((rate, seconds)) => format!("Steps([(\"0s\", \"{rate}/s\"), (\"{seconds}s\", \"{}/s\")])", self.rate),
            None => format!("\"{}/s\"", self.rate),
        };
        let Experiment { to, policies, .. } = self;
        format!(
            "Scenario(name: \"conformance\", duration: \"3650d\", sample_every: \"3650d\", services: {{ {services} }}, \
             workloads: {{ \"customers\": (to: \"{to}\", rate: {rate}, policies: [{policies}]) }})"
        )
    }

    /// Replications, each from its own number, for checks that look at `figures`.
    pub(crate) fn runs(&self, numbers: Range<u32>, figures: &[Figure]) -> Result<Vec<Run>, String> {
        let text = self.text(&self.services);
        let system = load(&text)?;
        let twin = self.twin.as_ref().map(|twin| load(&self.text(&twin.services))).transpose()?;
        // Each system has customers of its own, lest chance fail or pass many at once.
        let seed = Seed::new(rng::hash_words(&text.bytes().map(u64::from).collect::<Vec<_>>()));
        let run = |number: u32| {
            let seed = seed.replication(number);
            let mut run = self.run(&system, seed, figures);
            if let Some(twin) = &twin {
                run.twin_responses = self.run(twin, seed, figures).responses;
            }
            run
        };
        Ok(numbers.into_par_iter().map(run).collect())
    }

    fn run(&self, system: &Loaded, seed: Seed, figures: &[Figure]) -> Run {
        let begin = Time::ZERO + Span::from_secs_f64(self.fill.map_or(0.0, |(_, seconds)| seconds) + self.settle);
        let watch = Watch {
            last_service: ServiceId(system.scenario.services.len() as u16 - 1),
            begin,
            run: Run::for_figures(figures),
            in_service: self.controls.iter().any(|(figure, _)| *figure == Figure::WorkSquare).then(VecDeque::new),
        };
        let mut sim = Sim::new(assemble(&system.scenario, &system.inputs, seed), watch);
        sim.prime(World::start);
        let mut integrals_at = |time: Time| {
            sim.run_until(time);
            Integrals::read(sim.world(), sim.now())
        };
        let ends = [integrals_at(begin), integrals_at(begin + Span::from_secs_f64(self.length))];
        let mean = |integral: fn(&Integrals) -> f64| (integral(&ends[1]) - integral(&ends[0])) / self.length;
        let (busy, working, waiting) = (mean(|all| all.busy), mean(|all| all.working), mean(|all| all.waiting));
        Run { seconds: self.length, busy, working, waiting, ..sim.into_parts().1.run }
    }
}

fn load(text: &str) -> Result<Loaded, String> {
    let loaded = scenarios::parse(&Source::new("conformance", text), Path::new("."));
    loaded.map_err(|errors| format!("{}\n{text}", errors.render(false)))
}
