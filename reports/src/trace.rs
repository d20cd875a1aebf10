//! Sampled requests in the Chrome trace format, which Perfetto and chrome://tracing open.
//!
//! A request is a process, a call a slice. Slices of one track have to nest: a call lies on its
//! caller's track if it can, and on one of its own if another call of the same caller is under way.
//! Trace and span ids are those of W3C Trace Context, made from the numbers that requests and calls
//! carry, so the same request has the same ids in every run of the same seed.
//!
//! Source: "Trace Event Format" (Chromium), complete events ("ph": "X") and metadata; times are
//! microseconds.

use serde_json::{Value, json};
use sim_core::results::{Trace, TracedCall};
use sim_core::rng::hash_words;

/// All of `traces` as one JSON object; ids also depend on the run's `seed`.
pub fn chrome(traces: &[Trace], seed: u64) -> String {
    let mut text = String::from("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[");
    let events = traces.iter().enumerate().flat_map(|(at, trace)| events(trace, at + 1, seed));
    for (at, event) in events.enumerate() {
        text.push_str(if at == 0 { "\n" } else { ",\n" });
        text.push_str(&event.to_string());
    }
    text.push_str("\n]}\n");
    text
}

/// The trace id of W3C Trace Context: 32 hexadecimal digits, never all zero.
fn trace_id(trace: &Trace, seed: u64) -> String {
    let [high, low] = [1, 2].map(|half| hash_words(&[seed, trace.number, half]));
    format!("{high:016x}{:016x}", low.max(1))
}

/// The span id of W3C Trace Context: 16 hexadecimal digits, never all zero.
fn span_id(call: &TracedCall, seed: u64) -> String {
    format!("{:016x}", hash_words(&[seed, call.number]).max(1))
}

fn events(trace: &Trace, process: usize, seed: u64) -> Vec<Value> {
    let id = trace_id(trace, seed);
    let name = format!("{} {}", trace.workload, &id[..8]);
    let mut events = vec![json!({ "ph": "M", "name": "process_name", "pid": process, "args": { "name": name } })];
    for (call, track) in trace.calls.iter().zip(tracks(&trace.calls)) {
        let span = span_id(call, seed);
        let attempts = call.attempts.iter().map(|attempt| {
            json!({
                "sent_us": micros(attempt.sent_ns),
                "started_us": attempt.started_ns.map(micros),
                "waited_us": micros(attempt.waited_ns),
                "replica": attempt.replica,
            })
        });
        events.push(json!({
            "ph": "X",
            "name": call.target,
            "cat": call.outcome,
            "ts": micros(call.from_ns),
            "dur": micros(call.to_ns - call.from_ns),
            "pid": process,
            "tid": track,
            "args": {
                "outcome": call.outcome,
                "trace_id": id,
                "span_id": span,
                "parent_span_id": call.parent.map(|parent| span_id(&trace.calls[parent], seed)),
                "traceparent": format!("00-{id}-{span}-01"),
                "attempts": attempts.collect::<Vec<_>>(),
            },
        }));
    }
    events
}

fn micros(nanos: u64) -> f64 {
    nanos as f64 / 1e3
}

/// The track of each call, so that those of one track nest.
fn tracks(calls: &[TracedCall]) -> Vec<usize> {
    // By track: what lies on it, the last on top.
    let mut stacks: Vec<Vec<usize>> = Vec::new();
    let mut tracks = vec![0; calls.len()];
    let mut order: Vec<usize> = (0..calls.len()).collect();
    // Stable: a caller comes before what it calls at once.
    order.sort_by_key(|&call| calls[call].from_ns);
    for call in order {
        for stack in &mut stacks {
            while stack
                .last()
                .is_some_and(|&top| calls[top].to_ns <= calls[call].from_ns && Some(top) != calls[call].parent)
            {
                stack.pop();
            }
        }
        let fits = |stack: &Vec<usize>| match stack.last() {
            None => true,
            Some(&top) => Some(top) == calls[call].parent && calls[top].to_ns >= calls[call].to_ns,
        };
        // On its caller's track, or else on a free one.
        let above = stacks.iter().position(|stack| !stack.is_empty() && fits(stack));
        let track = above.or_else(|| stacks.iter().position(fits)).unwrap_or_else(|| {
            stacks.push(Vec::new());
            stacks.len() - 1
        });
        stacks[track].push(call);
        tracks[call] = track;
    }
    tracks
}

#[cfg(test)]
mod tests {
    use sim_core::results::Attempt;

    use super::*;

    fn call(number: u64, parent: Option<usize>, target: &str, from: u64, to: u64) -> TracedCall {
        let attempt =
            Attempt { sent_ns: from * 1_000, started_ns: Some(from * 1_000 + 500), waited_ns: 250, replica: Some(3) };
        TracedCall {
            number,
            parent,
            target: target.to_owned(),
            from_ns: from * 1_000,
            to_ns: to * 1_000,
            outcome: "ok".to_owned(),
            attempts: vec![attempt],
        }
    }

    /// A page that asks for three things at once, one of which asks for something twice in a row.
    fn fan_out() -> Trace {
        let calls = vec![
            call(1, None, "page/show", 0, 100),
            call(2, Some(0), "a/get", 10, 90),
            call(3, Some(1), "d/get", 20, 40),
            call(4, Some(1), "d/get", 40, 60),
            call(5, Some(0), "b/get", 10, 50),
            call(6, Some(0), "c/get", 10, 30),
            call(7, Some(0), "e/get", 92, 100),
        ];
        Trace { number: 7, workload: "crowd".to_owned(), calls }
    }

    #[test]
    fn slices_of_a_track_nest() {
        let trace = fan_out();
        let tracks = tracks(&trace.calls);
        assert_eq!(tracks, [0, 0, 0, 0, 1, 2, 0]);
        for (a, track_a) in trace.calls.iter().zip(&tracks) {
            for (b, track_b) in trace.calls.iter().zip(&tracks) {
                let apart = a.to_ns <= b.from_ns || b.to_ns <= a.from_ns;
                let within =
                    (a.from_ns <= b.from_ns && b.to_ns <= a.to_ns) || (b.from_ns <= a.from_ns && a.to_ns <= b.to_ns);
                assert!(track_a != track_b || apart || within);
            }
        }
    }

    #[test]
    fn events_carry_the_ids_of_trace_context() {
        let text = chrome(&[fan_out()], 42);
        let object: Value = serde_json::from_str(&text).expect("JSON");
        let events = object["traceEvents"].as_array().expect("a list");
        assert_eq!(events.len(), 8);
        let [root, child] = [1, 2].map(|at| &events[at]["args"]);
        let hexadecimal = |value: &Value, digits: usize| {
            value.as_str().is_some_and(|id| id.len() == digits && id.bytes().all(|digit| digit.is_ascii_hexdigit()))
        };
        assert!(hexadecimal(&root["trace_id"], 32) && hexadecimal(&root["span_id"], 16));
        assert_eq!((&child["trace_id"], &child["parent_span_id"]), (&root["trace_id"], &root["span_id"]));
        assert_eq!(root["parent_span_id"], Value::Null);
        insta::assert_snapshot!(text.lines().nth(3).unwrap_or_default(), @r#"{"ph":"X","name":"a/get","cat":"ok","ts":10.0,"dur":80.0,"pid":1,"tid":0,"args":{"outcome":"ok","trace_id":"383d308626efa9f03da80056e267a8e6","span_id":"725395388690ae46","parent_span_id":"f34fe9248c9342e5","traceparent":"00-383d308626efa9f03da80056e267a8e6-725395388690ae46-01","attempts":[{"sent_us":10.0,"started_us":10.5,"waited_us":0.25,"replica":3}]}},"#);
        assert_ne!(text, chrome(&[fan_out()], 43), "another run, other ids");
        assert_eq!(chrome(&[], 1).replace('\n', ""), "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[]}");
    }
}
