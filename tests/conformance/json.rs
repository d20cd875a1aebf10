//! Families whose files are a list of cases, each with its kind, its input and what is expected.

use models::pod::Phase;
use serde::Deserialize;
use serde_json::Value;

use crate::case::Case;

#[derive(Deserialize)]
struct File {
    cases: Vec<Entry>,
}

/// A case as it stands in its file.
#[derive(Deserialize)]
struct Entry {
    id: String,
    kind: String,
    source: Source,
    input: Value,
    expected: Value,
}

#[derive(Deserialize)]
struct Source {
    test: String,
    subcase: Option<String>,
}

/// Runs each case of a file through `run`, which is told kind, input and expectation.
pub(crate) fn cases(file: &str, run: impl Fn(&str, &Value, &Value) -> Result<(), String>) -> Vec<Case> {
    let file: File = match serde_json::from_str(file) {
        Ok(file) => file,
        Err(error) => return Case::unreadable(error),
    };
    let case = |Entry { id, kind, source, input, expected }: Entry| {
        let name = format!("{id} {} {}", source.test, source.subcase.unwrap_or_default());
        Case::new(name.trim_end(), || run(&kind, &input, &expected))
    };
    file.cases.into_iter().map(case).collect()
}

/// Reads an input or a part of it as a type of the runner's own.
pub(crate) fn read<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, String> {
    serde_json::from_value(value.clone()).map_err(|error| format!("not as expected: {error}"))
}

/// Compares what is `expected` (if it is there at all) under `key` with what was found.
pub(crate) fn expect(expected: &Value, key: &str, found: impl Into<Value>) -> Result<(), String> {
    let found = found.into();
    match expected.get(key) {
        Some(wanted) if !same(wanted, &found) => Err(format!("{key}: {found} instead of {wanted}")),
        _ => Ok(()),
    }
}

/// Equal, and 1 is 1.0.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        _ => one == other || one.as_f64().zip(other.as_f64()).is_some_and(|(one, other)| one == other),
    }
}

/// A pod's phase by its name; none at all is unknown.
pub(crate) fn phase(value: &Value) -> Result<Phase, String> {
    match value.as_str() {
        Some("Pending") => Ok(Phase::Pending),
        Some("Running") => Ok(Phase::Running),
        Some("Succeeded") => Ok(Phase::Succeeded),
        Some("Failed") => Ok(Phase::Failed),
        Some("Unknown" | "") | None => Ok(Phase::Unknown),
        Some(other) => Err(format!("no phase of a pod: {other}")),
    }
}
