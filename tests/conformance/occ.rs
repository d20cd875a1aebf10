//! Brooker's optimistic-concurrency program ("Exponential Backoff and Jitter", AWS 2015) with the
//! waits of the real retry policy.
//!
//! N clients each read a version and write with it, each message taking |N(10 ms, 2 ms)|. A write
//! with an outdated version fails; its client backs off and begins again with the read. A run ends
//! when the last client has its answer; a call is a write.

use models::policy::{Jitter, Retry};
use sim_core::sim::{Cx, Sim, World};
use sim_core::stats::Welford;
use sim_core::{Rng, Seed, Span, Time, rng, ziggurat};

use crate::case::Case;
use crate::table::Row;

const RUNS: u32 = 400;

#[derive(Clone, Copy, Debug, Hash)]
enum Message {
    Read { client: u32 },
    Version { client: u32, version: u64 },
    Write { client: u32, version: u64 },
    Written { client: u32, success: bool },
}

struct Store {
    version: u64,
    writes: u64,
    failures: u64,
    retry: Retry,
    /// By client: failures so far, and the last wait.
    clients: Vec<(u32, Span)>,
    rng: Rng,
    done: Time,
}

impl Store {
    fn message_delay(&mut self) -> Span {
        Span::from_secs_f64((0.010 + 0.002 * ziggurat::normal(&mut self.rng)).abs())
    }
}

impl World for Store {
    type Event = Message;
    type Fact = ();

    fn handle(&mut self, cx: &mut Cx<'_, Store>, message: Message) {
        let (wait, answer) = match message {
            Message::Read { client } => (Span::ZERO, Message::Version { client, version: self.version }),
            Message::Version { client, version } => (Span::ZERO, Message::Write { client, version }),
            Message::Write { client, version } => {
                let success = version == self.version;
                self.writes += 1;
                self.failures += u64::from(!success);
                self.version += u64::from(success);
                (Span::ZERO, Message::Written { client, success })
            }
            Message::Written { success: true, .. } => {
                self.done = cx.now;
                return;
            }
            Message::Written { client, success: false } => {
                let (failures, last) = &mut self.clients[client as usize];
                *failures += 1;
                (self.retry.wait(*failures, last, &mut self.rng), Message::Read { client })
            }
        };
        let delay = self.message_delay();
        cx.after(wait + delay, answer);
    }
}

/// Time until all are done in ms, calls, failures.
fn run(clients: u32, retry: &Retry, seed: Seed) -> [f64; 3] {
    let mut store = Store {
        version: 0,
        writes: 0,
        failures: 0,
        retry: retry.clone(),
        clients: vec![(0, Span::ZERO); clients as usize],
        rng: seed.stream("occ"),
        done: Time::ZERO,
    };
    let starts: Vec<Span> = (0..clients).map(|_| store.message_delay()).collect();
    let mut sim = Sim::new(store, ());
    sim.prime(|_, cx| {
        for (client, start) in (0..clients).zip(starts) {
            cx.after(start, Message::Read { client });
        }
    });
    sim.run_while(|_| true);
    let store = sim.world();
    [store.done.as_secs_f64() * 1e3, store.writes as f64, store.failures as f64]
}

/// The policy of base 5 ms and cap 2,000 ms that a row names; its first wait is already doubled.
fn policy(name: &str) -> Result<Retry, String> {
    let exponential = Retry {
        first: Span::from_millis(10),
        factor: 2.0,
        max: Span::from_millis(2_000),
        jitter: Jitter::None,
        ..Retry::default()
    };
    Ok(match name {
        "None" => Retry { first: Span::ZERO, ..exponential },
        "Exponential" => exponential,
        "EqualJitter" => Retry { jitter: Jitter::Equal, ..exponential },
        "FullJitter" => Retry { jitter: Jitter::Full, ..exponential },
        "Decorr" => Retry { first: Span::from_millis(5), jitter: Jitter::Decorrelated, ..exponential },
        _ => return Err(format!("unknown policy {name:?}")),
    })
}

/// The family `backoff-occ-aws`.
pub(crate) fn backoff(file: &str) -> Vec<Case> {
    match Row::all(file) {
        Ok(rows) => rows.iter().map(row).collect(),
        Err(error) => Case::unreadable(error),
    }
}

fn row(row: &Row) -> Case {
    let name = format!("{} clients, {}", row.text("clients").unwrap_or("?"), row.text("policy").unwrap_or("?"));
    Case::new(name, || {
        let (clients, retry, runs) = (row.count("clients")?, policy(row.text("policy")?)?, row.number("runs")?);
        let seed = Seed::new(rng::hash_words(&[u64::from(clients)]));
        let results: Vec<[f64; 3]> = (0..RUNS).map(|index| run(clients, &retry, seed.replication(index))).collect();
        let columns = [("mean_time_ms", Some("sd_time")), ("mean_calls", Some("sd_calls")), ("mean_failures", None)];
        for (index, (column, sd)) in columns.into_iter().enumerate() {
            let ours: Welford = results.iter().map(|result| result[index]).collect();
            let expected = row.number(column)?;
            let theirs = sd.map_or(Ok(0.0), |sd| row.number(sd))? / runs.sqrt();
            let error = ours.standard_error().unwrap_or(0.0).hypot(theirs);
            let tolerance = (0.05 * expected).max(3.5 * error);
            let got = ours.mean();
            if (got - expected).abs() > tolerance {
                return Err(format!("{column}: expected {expected:.2}, got {got:.2}, tolerance {tolerance:.2}"));
            }
        }
        Ok(())
    })
}
