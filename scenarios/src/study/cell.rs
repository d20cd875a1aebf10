//! A cell: one replication at one point, as a small text that tells whether it is whole.
//!
//! Cells are named after what was run, not after their place in a study: the hash of the scenario with
//! all its defaults and of the files that it names, and the number of the replication. So whoever
//! wants the same run again, after a kill, on another machine, in a larger study, finds it done.

use std::fmt::{self, Write as _};
use std::io;

use serde::{Deserialize, Serialize};
use sim_core::rng::mix;

use crate::Loaded;
use crate::run::Single;

/// A figure of one replication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// "run", "service" …
    pub kind: String,
    /// Whose.
    pub subject: String,
    /// "latency.p99".
    pub name: String,
    /// "ms".
    pub unit: String,
    /// The value; NaN where it makes no sense.
    pub value: f64,
}

/// What one replication at one point gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Its figures, but for those of single servers and those that make no sense.
    pub figures: Vec<Figure>,
    /// The fingerprint of its events.
    pub digest: u64,
    /// Events executed.
    pub events: u64,
    /// Customers' requests.
    pub requests: u64,
}

/// Where a cell is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CellName {
    /// What was run.
    pub point: Fingerprint,
    /// Which replication of it.
    pub replication: u32,
}

/// The hash of a scenario and its inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Fingerprint(pub u64);

impl fmt::Display for CellName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{:05}", self.point.0, self.replication)
    }
}

impl Fingerprint {
    /// The fingerprint of a scenario; how many replications it asks for does not count.
    pub(super) fn of(loaded: &Loaded) -> Fingerprint {
        let mut scenario = loaded.scenario.clone();
        scenario.replications = 1;
        let mut hash = Hash(0);
        // Hashing cannot fail.
        let _ = write!(hash, "{}{:?}", crate::file::write("Scenario", &scenario), loaded.inputs);
        Fingerprint(hash.0)
    }
}

/// A hash of the text written to it.
struct Hash(u64);

impl fmt::Write for Hash {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = text.bytes().fold(self.0, |hash, byte| mix(hash ^ u64::from(byte)));
        Ok(())
    }
}

impl From<Single> for Cell {
    fn from(single: Single) -> Cell {
        let told = single.figures.into_iter().filter(|figure| figure.kind != "server" && !figure.value.is_nan());
        let figures = told.map(Figure::from).collect();
        Cell { figures, digest: single.digest, events: single.events, requests: single.requests }
    }
}

impl From<sim_core::results::Metric> for Figure {
    fn from(metric: sim_core::results::Metric) -> Figure {
        let sim_core::results::Metric { kind, subject, name, unit, value, .. } = metric;
        Figure { kind, subject, name, unit, value }
    }
}

/// Begins the last line of a whole cell.
const END: &str = "end";

impl Cell {
    /// The value of a figure; NaN if it makes no sense in this run.
    pub fn value(&self, kind: &str, subject: &str, name: &str) -> f64 {
        let of = |figure: &&Figure| figure.name == name && figure.kind == kind && figure.subject == subject;
        self.figures.iter().find(of).map_or(f64::NAN, |figure| figure.value)
    }

    /// The cell as text; numbers are the shortest that read back as the same.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for Figure { kind, subject, name, unit, value } in &self.figures {
            let [kind, subject, name, unit] = [kind, subject, name, unit].map(|part| escape(part));
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{kind}\t{subject}\t{name}\t{unit}\t{value}");
        }
        let mut hash = Hash(0);
        let _ = hash.write_str(&text);
        let _ = writeln!(text, "{END}\t{:016x}\t{}\t{}\t{:016x}", self.digest, self.events, self.requests, hash.0);
        text
    }

    /// Reads what [`text`](Cell::text) wrote; `None` unless it is whole.
    pub fn parse(text: &str) -> Option<Cell> {
        let body_end = text.strip_suffix('\n')?.rfind('\n').map_or(0, |newline| newline + 1);
        let (body, end) = text.split_at(body_end);
        let [mark, digest, events, requests, hash] = fields(end.trim_end_matches('\n'))?;
        let mut expected = Hash(0);
        let _ = expected.write_str(body);
        if mark != END || u64::from_str_radix(hash, 16).ok()? != expected.0 {
            return None;
        }
        let figure = |line: &str| {
            let [kind, subject, name, unit, value] = fields(line)?;
            let [kind, subject, name, unit] = [kind, subject, name, unit].map(unescape);
            Some(Figure { kind, subject, name, unit, value: value.parse().ok()? })
        };
        Some(Cell {
            figures: body.lines().map(figure).collect::<Option<_>>()?,
            digest: u64::from_str_radix(digest, 16).ok()?,
            events: events.parse().ok()?,
            requests: requests.parse().ok()?,
        })
    }
}

fn fields(line: &str) -> Option<[&str; 5]> {
    let fields: Vec<&str> = line.split('\t').collect();
    fields.try_into().ok()
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r")
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        plain.push(match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                _ => '\\',
            },
            (c, false) => c,
        });
    }
    plain
}

/// Where finished cells are kept, perhaps by several processes at once.
pub trait Store: Sync {
    /// The cell of that name, if it is there and whole.
    fn load(&self, name: CellName) -> Option<Cell>;

    /// Takes the cell for oneself until the claim is dropped; `None` if another process has it.
    ///
    /// # Errors
    ///
    /// If the place of claims cannot be written.
    fn claim(&self, name: CellName) -> io::Result<Option<Claim>>;

    /// Keeps a finished cell, whole or not at all.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    fn save(&self, name: CellName, cell: &Cell) -> io::Result<()>;
}

/// The right to run a cell, until it is dropped.
pub type Claim = Box<dyn Send>;

/// Nothing is kept.
impl Store for () {
    fn load(&self, _name: CellName) -> Option<Cell> {
        None
    }

    fn claim(&self, _name: CellName) -> io::Result<Option<Claim>> {
        Ok(Some(Box::new(())))
    }

    fn save(&self, _name: CellName, _cell: &Cell) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell() -> Cell {
        let figure = |subject: &str, value| Figure {
            kind: "service".into(),
            subject: subject.into(),
            name: "latency.p99".into(),
            unit: "ms".into(),
            value,
        };
        Cell { figures: vec![figure("a\tb\\n\n", 0.1 + 0.2), figure("", 1e300)], digest: 7, events: 8, requests: 9 }
    }

    #[test]
    fn a_cell_reads_back_and_a_torn_one_does_not() {
        let text = cell().text();
        assert_eq!(Cell::parse(&text), Some(cell()));
        for end in 0..text.len() {
            assert_eq!(Cell::parse(&text[..end]), None, "cut at {end}");
        }
        assert_eq!(Cell::parse(&text.replace("latency", "latencx")), None);
    }
}
