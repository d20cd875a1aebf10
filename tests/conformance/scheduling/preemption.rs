//! The node that preemption picks.

use std::collections::BTreeMap;

use models::place::NodeId;
use models::schedule::{Candidate, PodKey, Victim, pick_node};
use serde::Deserialize;
use serde_json::{Map, Value};
use sim_core::{Span, Time};

use crate::json;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Preemption {
    #[serde(default)]
    priorities: BTreeMap<String, i32>,
    /// By node, in the order of the file.
    victims: Map<String, Value>,
    #[serde(default)]
    pdb_violations: BTreeMap<String, u32>,
    /// By node, one for each victim.
    #[serde(default, alias = "starts", alias = "start")]
    start_times: BTreeMap<String, Vec<f64>>,
}

/// A victim: the name of its priority, its priority, or more of it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Named(String),
    Number(i32),
    Full {
        priority: Box<Entry>,
        #[serde(default, alias = "startTime", alias = "start_time", alias = "startedAt")]
        start: Option<f64>,
    },
}

pub(super) fn pick(input: &Value, expected: &Value) -> Result<(), String> {
    let case: Preemption = json::read(input)?;
    let names: Vec<&String> = case.victims.keys().collect();
    let candidates: Result<Vec<Candidate>, String> =
        names.iter().enumerate().map(|(index, name)| case.candidate(index, name)).collect();
    let picked = pick_node(&candidates?).map(|index| names[index].as_str());
    let wanted: Option<Vec<String>> = expected.get("nodeIn").map(json::read).transpose()?;
    match (wanted, picked) {
        (Some(wanted), Some(picked)) if !wanted.iter().any(|name| name == picked) => {
            Err(format!("{picked} instead of one of {wanted:?}"))
        }
        (Some(wanted), None) if !wanted.is_empty() => Err(format!("none instead of one of {wanted:?}")),
        _ => Ok(()),
    }
}

impl Preemption {
    fn candidate(&self, index: usize, name: &str) -> Result<Candidate, String> {
        let entries: Vec<Entry> = json::read(&self.victims[name])?;
        let starts = self.start_times.get(name);
        let victim = |(at, entry): (usize, &Entry)| {
            let (priority, own) = self.read(entry)?;
            let start = own.or(starts.and_then(|starts| starts.get(at).copied())).unwrap_or(0.0);
            Ok(Victim { pod: PodKey(at as u64), priority, start: Time::ZERO + Span::from_secs_f64(start) })
        };
        Ok(Candidate {
            node: NodeId(u32::try_from(index).expect("few nodes")),
            victims: entries.iter().enumerate().map(victim).collect::<Result<_, String>>()?,
            violations: self.pdb_violations.get(name).copied().unwrap_or(0),
        })
    }

    fn read(&self, entry: &Entry) -> Result<(i32, Option<f64>), String> {
        match entry {
            Entry::Named(name) => {
                let known = self.priorities.get(name).copied().ok_or_else(|| format!("no priority {name}"));
                Ok((known?, None))
            }
            Entry::Number(priority) => Ok((*priority, None)),
            Entry::Full { priority, start } => Ok((self.read(priority)?.0, *start)),
        }
    }
}
