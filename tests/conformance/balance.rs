//! Round robin and least connections against recorded runs of nginx and HAProxy.

use std::collections::BTreeMap;

use models::balance::{
    BackendId, Balancer, Choice, FastWeightedRoundRobin, LeastConnections, PassiveHealth, Picked, Pool, Settled,
    SmoothWeightedRoundRobin, Surroundings, Ties,
};
use models::outcome::Outcome;
use models::place::{Place, RegionId};
use serde::Deserialize;
use sim_core::{Draws, Span, Time};

use crate::case::Case;

/// A pool of servers A, B, C.. and the clock it runs by.
struct Bench {
    pool: Pool,
    now: Time,
    draws: Draws,
}

impl Bench {
    fn new(balancer: &Balancer, health: Option<PassiveHealth>, weights: &[u32]) -> Bench {
        let surroundings = Surroundings { health: health.clone(), ..Surroundings::default() };
        let mut pool = Pool::new(balancer.build(&surroundings), health);
        for (index, &weight) in weights.iter().enumerate() {
            pool.add(weight, Place::default(), index as u64);
        }
        Bench { pool, now: Time::ZERO, draws: Draws::new(0) }
    }

    fn pick(&mut self, tried: &[BackendId]) -> Option<Picked> {
        self.pool.pick(self.now, &mut Choice::new(0, RegionId(0), tried, &mut self.draws))
    }

    /// Requests one after another: the servers in order.
    fn turns(&mut self, sequence: &str) -> Result<(), String> {
        let mut got = String::new();
        for _ in sequence.chars() {
            let picked = self.pick(&[]).ok_or("no server was picked")?;
            self.settle(picked, Outcome::Ok);
            got.push(letter(picked.backend));
        }
        same(got.as_str(), sequence)
    }

    /// Requests that come ("+") and go ("-"), 10 ms apart: the server of each.
    fn replay(&mut self, events: &[(String, usize, String)]) -> Result<(), String> {
        let mut open = BTreeMap::new();
        for (number, (sign, request, server)) in events.iter().enumerate() {
            self.now = self.now + Span::from_millis(10);
            if sign == "+" {
                let picked = self.pick(&[]).ok_or("no server was picked")?;
                open.insert(*request, picked);
                same(letter(picked.backend).to_string().as_str(), server.as_str())
                    .map_err(|error| format!("event {number}, request {request}: {error}"))?;
            } else {
                let picked = open.remove(request).ok_or_else(|| format!("request {request} is not open"))?;
                self.settle(picked, Outcome::Ok);
            }
        }
        Ok(())
    }

    fn settle(&mut self, picked: Picked, outcome: Outcome) {
        self.pool.settle(self.now, picked, Settled { outcome, latency: Span::from_millis(1) });
    }
}

fn letter(id: BackendId) -> char {
    char::from(b'A' + u8::try_from(id.0).expect("fewer than 26 servers"))
}

fn same<T: PartialEq + std::fmt::Debug>(got: T, recorded: T) -> Result<(), String> {
    if got == recorded { Ok(()) } else { Err(format!("got {got:?}, recorded {recorded:?}")) }
}

#[derive(Deserialize)]
struct File<C> {
    cases: Vec<C>,
}

/// Reads a family's JSON file and runs each of its cases.
pub(crate) fn each<C: for<'de> Deserialize<'de>>(
    file: &str,
    name: impl Fn(&C) -> String,
    run: impl Fn(&C) -> Result<(), String>,
) -> Vec<Case> {
    match serde_json::from_str::<File<C>>(file) {
        Ok(file) => file.cases.iter().map(|case| Case::new(name(case), || run(case))).collect(),
        Err(error) => Case::unreadable(error),
    }
}

/// Smooth weighted round robin, nothing failing: the order of servers.
pub(crate) fn nginx_swrr(file: &str) -> Vec<Case> {
    #[derive(Deserialize)]
    struct Turns {
        weights: Vec<u32>,
        requests: usize,
        sequence: String,
    }
    each(
        file,
        |case: &Turns| format!("{:?}", case.weights),
        |case| {
            let mut bench = smooth(&case.weights, PassiveHealth::default());
            same(case.sequence.chars().count(), case.requests)?;
            bench.turns(&case.sequence)
        },
    )
}

fn smooth(weights: &[u32], health: PassiveHealth) -> Bench {
    let balancer = Balancer::SmoothWeightedRoundRobin(SmoothWeightedRoundRobin::default());
    Bench::new(&balancer, Some(health), weights)
}

/// The same with a server that refuses connections: which servers each request tried.
pub(crate) fn nginx_swrr_failures(file: &str) -> Vec<Case> {
    #[derive(Deserialize)]
    struct Failures {
        weights: Vec<u32>,
        max_fails: u32,
        fail_timeout_s: u64,
        closed: String,
        tries_per_request: Vec<String>,
    }
    each(
        file,
        |case: &Failures| format!("{:?}, {} closed, max_fails {}", case.weights, case.closed, case.max_fails),
        |case| {
            let fail_timeout = Span::from_secs(case.fail_timeout_s);
            let health = PassiveHealth { max_fails: case.max_fails, fail_timeout, ..PassiveHealth::default() };
            let mut bench = smooth(&case.weights, health);
            // They were sent one after another, all within 2 s.
            let gap = Span::from_secs(2) / (case.tries_per_request.len() as u64 + 1);
            let mut got = Vec::new();
            for _ in &case.tries_per_request {
                bench.now = bench.now + gap;
                let (mut tried, mut letters) = (Vec::new(), String::new());
                while let Some(picked) = bench.pick(&tried) {
                    let letter = letter(picked.backend);
                    letters.push(letter);
                    tried.push(picked.backend);
                    if !case.closed.contains(letter) {
                        bench.settle(picked, Outcome::Ok);
                        break;
                    }
                    bench.settle(picked, Outcome::Refused);
                }
                got.push(letters);
            }
            same(&got, &case.tries_per_request)
        },
    )
}

/// What else was recorded of the same proxies: least connections, with requests held open, and
/// round robin.
pub(crate) fn leastconn(file: &str) -> Vec<Case> {
    #[derive(Deserialize)]
    struct Recorded {
        /// Name, version and algorithm.
        proxy: String,
        weights: Vec<u32>,
        #[serde(flatten)]
        what: What,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum What {
        /// "+" or "-", the request, the server.
        Events(Vec<(String, usize, String)>),
        Sequence(String),
    }
    each(
        file,
        |case: &Recorded| format!("{} {:?}", case.proxy, case.weights),
        |case| {
            let balancer = balancer(&case.proxy).ok_or_else(|| format!("unknown balancer {:?}", case.proxy))?;
            let mut bench = Bench::new(&balancer, None, &case.weights);
            match &case.what {
                What::Events(events) => bench.replay(events),
                What::Sequence(sequence) => bench.turns(sequence),
            }
        },
    )
}

/// The balancer that does as `proxy`, such as "haproxy 2.6.12 leastconn".
fn balancer(proxy: &str) -> Option<Balancer> {
    let least = |ties| Some(Balancer::LeastConnections(LeastConnections { ties }));
    let words: Vec<&str> = proxy.split_whitespace().collect();
    match (*words.first()?, *words.last()?) {
        ("nginx", "least_conn") => least(Ties::Nginx),
        ("haproxy", "leastconn") => least(Ties::HaProxy),
        ("haproxy", "roundrobin") => Some(Balancer::FastWeightedRoundRobin(FastWeightedRoundRobin::default())),
        ("nginx", _) => Some(Balancer::SmoothWeightedRoundRobin(SmoothWeightedRoundRobin::default())),
        _ => None,
    }
}
