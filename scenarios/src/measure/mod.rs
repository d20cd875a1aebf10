//! From facts to figures: counts, latencies and gauges, by workload, region and service.
//!
//! Each request is counted once where its customer is (a cell per workload and region) and once at
//! the service it called; everything else is sums of those. Time is cut twice: into steps, which
//! become the series, and into sections, whose scatter says how sure a figure of a single
//! replication is (sectioning; Asmussen and Glynn, Stochastic Simulation, III.5). Latencies are of
//! answered requests; failures are counted by reason.

pub(crate) mod chaos;
pub(crate) mod cluster;
pub(crate) mod release;
pub(crate) mod windows;

use models::heal::Healing;
use models::outcome::Outcome;
use models::service::ServiceId;
use models::world::{Fact, Gauge, World};
use sim_core::sim::{self, Observer};
use sim_core::stats::Histogram;
use sim_core::{Span, Time};

use self::chaos::ChaosMeter;
use self::cluster::{ClusterMeter, HealingEnd};
use self::release::ReleasesMeter;
use self::windows::{Part, Stretches, Windows};

/// Sections of a replication.
const SECTIONS: u64 = 20;

/// Number of [`Outcome`]s.
const OUTCOMES: usize = Outcome::ALL.len();

/// Watches one replication.
pub struct Measure {
    warm_up: Time,
    section_length: Span,
    /// When the current step began; `None` while warming up.
    measured_from: Option<Time>,
    stepped: Time,
    /// Customers' requests in the current step, by workload, then region.
    cells: Vec<Tally>,
    pub(crate) run: Meter,
    pub(crate) workloads: Vec<Meter>,
    pub(crate) regions: Vec<Meter>,
    pub(crate) services: Vec<ServiceMeter>,
    pub(crate) cluster: ClusterMeter,
    pub(crate) windows: Windows,
    pub(crate) releases: ReleasesMeter,
    pub(crate) chaos: ChaosMeter,
}

/// Counts and latencies of one stream of requests, cut into steps and sections.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter {
    pub(crate) steps: Vec<StepFigures>,
    pub(crate) sections: Vec<Tally>,
    /// By part of the run that a check looks at.
    pub(crate) windows: Vec<Stretches>,
}

/// What was counted in a stretch of time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) begun: u64,
    pub(crate) ended: [u64; OUTCOMES],
    pub(crate) latency: Histogram,
}

/// A step's figures, for the series.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StepFigures {
    pub(crate) end: Time,
    pub(crate) length: Span,
    pub(crate) begun: u64,
    pub(crate) ok: u64,
    pub(crate) failed: u64,
    /// p50, p95 and p99 in nanoseconds, if any request was answered.
    pub(crate) quantiles: Option<[u64; 3]>,
}

/// A step that ends.
struct Step {
    end: Time,
    length: Span,
    section: usize,
    parts: Vec<Part>,
}

/// A service's stream of calls and its gauges.
#[derive(Clone, Debug, Default)]
pub(crate) struct ServiceMeter {
    now: Tally,
    pub(crate) calls: Meter,
    pub(crate) attempts: u64,
    pub(crate) waits: Histogram,
    /// One series a gauge, in the order of [`GAUGES`].
    pub(crate) gauges: [Readings; GAUGES.len()],
}

/// The gauges that are kept.
pub(crate) const GAUGES: [Gauge; 4] = [Gauge::Busy, Gauge::Working, Gauge::Waiting, Gauge::Running];

/// Readings of a gauge.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readings {
    first: Option<(Time, u64)>,
    last: Option<(Time, u64)>,
    /// The mean over each step.
    pub(crate) steps: Vec<(Time, f64)>,
}

impl Tally {
    pub(crate) fn ok(&self) -> u64 {
        self.ended[Outcome::Ok as usize]
    }

    pub(crate) fn ended(&self) -> u64 {
        self.ended.iter().sum()
    }

    pub(crate) fn failed(&self) -> u64 {
        self.ended() - self.ok()
    }

    pub(crate) fn merge(&mut self, other: &Tally) {
        self.begun += other.begun;
        for (mine, theirs) in self.ended.iter_mut().zip(other.ended) {
            *mine += theirs;
        }
        self.latency.merge(&other.latency);
    }

    /// All of `parts` together.
    pub(crate) fn total(parts: &[Tally]) -> Tally {
        let mut total = Tally::default();
        parts.iter().for_each(|part| total.merge(part));
        total
    }

    fn end(&mut self, outcome: Outcome, latency: Span) {
        self.ended[outcome as usize] += 1;
        if outcome.is_ok() {
            self.latency.record(latency.as_nanos());
        }
    }

    /// Empties it, keeping its memory.
    fn clear(&mut self) {
        self.begun = 0;
        self.ended = [0; OUTCOMES];
        self.latency.clear();
    }
}

impl Meter {
    fn close_step(&mut self, step: &Step, tally: &Tally) {
        let &Step { end, length, section, ref parts } = step;
        self.steps.push(StepFigures {
            end,
            length,
            begun: tally.begun,
            ok: tally.ok(),
            failed: tally.failed(),
            quantiles: (tally.ok() > 0).then(|| [0.5, 0.95, 0.99].map(|q| tally.latency.quantile(q))),
        });
        if self.sections.len() <= section {
            self.sections.resize_with(section + 1, Tally::default);
        }
        self.sections[section].merge(tally);
        self.windows.resize_with(parts.len(), Stretches::default);
        for (stretches, part) in self.windows.iter_mut().zip(parts) {
            stretches.end_step(*part, tally);
        }
    }

    /// All sections together.
    pub(crate) fn total(&self) -> Tally {
        Tally::total(&self.sections)
    }
}

impl Readings {
    fn read(&mut self, now: Time, integral: u64, measured: bool) {
        if measured && let Some((before, integral_before)) = self.last.filter(|(before, _)| *before < now) {
            let mean = (integral - integral_before) as f64 / now.since(before).as_nanos() as f64;
            self.steps.push((now, mean));
        }
        self.last = Some((now, integral));
        if !measured || self.first.is_none() {
            self.first = self.last;
        }
    }

    /// The means of those steps alone that end at one of `ends`, which are in order.
    pub(crate) fn of_steps(&self, ends: &[Time]) -> Readings {
        let steps = self.steps.iter().filter(|(end, _)| ends.binary_search(end).is_ok());
        Readings { first: None, last: None, steps: steps.copied().collect() }
    }

    /// The mean over all that was measured.
    pub(crate) fn mean(&self) -> f64 {
        match (self.first, self.last) {
            (Some((from, before)), Some((to, after))) if to > from => {
                (after - before) as f64 / to.since(from).as_nanos() as f64
            }
            _ => 0.0,
        }
    }
}

impl Measure {
    /// Prepares to watch a world of so many workloads, regions and services.
    ///
    /// Steps end when the world samples its gauges; what happens before the first of these at or
    /// after `warm_up` is left out.
    pub fn new(
        workloads: usize,
        regions: usize,
        services: usize,
        step: Span,
        warm_up: Span,
        duration: Span,
    ) -> Measure {
        Measure {
            warm_up: Time::ZERO + warm_up,
            section_length: (duration.saturating_sub(warm_up) / SECTIONS).max(step),
            measured_from: None,
            stepped: Time::ZERO,
            cells: vec![Tally::default(); workloads * regions],
            run: Meter::default(),
            workloads: vec![Meter::default(); workloads],
            regions: vec![Meter::default(); regions],
            services: vec![ServiceMeter::default(); services],
            cluster: ClusterMeter::default(),
            windows: Windows::default(),
            releases: ReleasesMeter::default(),
            chaos: ChaosMeter::default(),
        }
    }

    /// The same, with an eye on these parts of the run.
    pub(crate) fn watching(self, windows: Windows) -> Measure {
        Measure { windows, ..self }
    }

    /// Watches faults and the checks of the steady state too.
    pub(crate) fn with_chaos(self, chaos: ChaosMeter) -> Measure {
        Measure { chaos, ..self }
    }

    /// Takes the last readings at the end of the run.
    pub fn finish(&mut self, world: &World, now: Time) {
        for ailment in world.ailments() {
            let healing = Healing { ailment, success: false, took: now.since(ailment.since) };
            self.cluster.heal(now, healing, HealingEnd::Unfinished);
        }
        if now > self.stepped {
            self.end_step(now);
            for fact in world.gauges(now) {
                self.fact(now, &fact);
            }
        }
    }

    /// How much time was measured, until `now`.
    pub(crate) fn measured(&self, now: Time) -> Span {
        self.measured_from.map_or(Span::ZERO, |from| now.since(from))
    }

    fn end_step(&mut self, now: Time) {
        let parts = self.windows.end_step(self.stepped, now, self.measured_from.is_some());
        match self.measured_from {
            Some(from) => {
                let section = (self.stepped.since(from).as_nanos() / self.section_length.as_nanos()) as usize;
                self.close_step(&Step { end: now, length: now.since(self.stepped), section, parts });
            }
            None => self.services.iter_mut().for_each(|service| {
                service.attempts = 0;
                service.waits.clear();
            }),
        }
        let services = self.services.iter_mut().map(|service| &mut service.now);
        self.cells.iter_mut().chain(services).for_each(Tally::clear);
        self.stepped = now;
        if self.measured_from.is_none() && now >= self.warm_up {
            self.measured_from = Some(now);
        }
    }

    fn close_step(&mut self, step: &Step) {
        let regions = self.regions.len();
        let sum = |keep: &dyn Fn(usize) -> bool| {
            let mut sum = Tally::default();
            let kept = self.cells.iter().enumerate().filter(|(index, _)| keep(*index));
            kept.for_each(|(_, cell)| sum.merge(cell));
            sum
        };
        for (index, meter) in self.workloads.iter_mut().enumerate() {
            meter.close_step(step, &sum(&|cell| cell / regions == index));
        }
        for (index, meter) in self.regions.iter_mut().enumerate() {
            meter.close_step(step, &sum(&|cell| cell % regions == index));
        }
        self.run.close_step(step, &sum(&|_| true));
        for service in &mut self.services {
            service.calls.close_step(step, &service.now);
        }
    }

    fn read(&mut self, now: Time, service: ServiceId, gauge: Gauge, integral: u64) {
        // The gauges of the first service come first: a new step begins.
        if (service, gauge) == (ServiceId(0), GAUGES[0]) && (now > self.stepped || now == Time::ZERO) {
            self.end_step(now);
        }
        let measured = self.measured_from.is_some_and(|from| now > from);
        if let Some(index) = GAUGES.iter().position(|kept| *kept == gauge) {
            self.services[usize::from(service.0)].gauges[index].read(now, integral, measured);
        }
    }

    #[inline]
    fn customer(&mut self, workload: u16, region: u16) -> &mut Tally {
        &mut self.cells[usize::from(workload) * self.regions.len() + usize::from(region)]
    }
}

impl Observer<World> for Measure {
    #[inline]
    fn fact(&mut self, now: Time, fact: &<World as sim::World>::Fact) {
        match *fact {
            Fact::Arrived { workload, region } => self.customer(workload.0, region.0).begun += 1,
            Fact::Answered { workload, region, outcome, latency } => {
                self.customer(workload.0, region.0).end(outcome, latency);
                self.chaos.answered(now, usize::from(workload.0), outcome.is_ok(), latency);
            }
            Fact::Called { service } => self.services[usize::from(service.0)].now.begun += 1,
            Fact::Sent { service, .. } => self.services[usize::from(service.0)].attempts += 1,
            Fact::Started { service, waited, .. } => {
                self.services[usize::from(service.0)].waits.record(waited.as_nanos());
            }
            Fact::Returned { service, outcome, latency, .. } => {
                let calls = &mut self.services[usize::from(service.0)].now;
                calls.end(outcome, latency);
            }
            Fact::Sampled { service, gauge, integral, .. } => self.read(now, service, gauge, integral),
            Fact::Struck { .. } | Fact::Mended { .. } => {
                self.windows.fact(fact);
                self.chaos.fact(now, fact);
            }
            Fact::Released { .. } | Fact::Harmed { .. } | Fact::Versioned { .. } => self.releases.fact(now, fact),
            _ => {
                self.cluster.fact(now, fact, self.measured_from.is_some_and(|from| now > from));
                self.chaos.fact(now, fact);
            }
        }
    }
}
