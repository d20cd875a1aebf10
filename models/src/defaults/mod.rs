//! The defaults of the real products, by name: what holds where a scenario says nothing.
//!
//! Each name leads to the very constant that the settings take as their default, so that a table, an
//! explanation and the model cannot disagree.

mod argo;
mod cluster_autoscaler;
mod deployment;
mod flagger;
mod hpa;
mod kubernetes;
mod scheduler;

use std::fmt;

use sim_core::Span;

use crate::amount::Amount;

/// A default of a product.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constant {
    /// Its names, the usual one first: the product's part, a dot, the product's word.
    pub names: &'static [&'static str],
    /// Its value.
    pub value: Value,
    /// What it counts, where the value does not say.
    pub unit: &'static str,
}

/// The value of a default.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// A time.
    Span(Span),
    /// A number of its unit.
    Number(f64),
    /// A count or a share of pods.
    Amount(Amount),
    /// A name.
    Text(&'static str),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Span(span) => span.fmt(f),
            Value::Number(number) => number.fmt(f),
            Value::Amount(amount) => amount.fmt(f),
            Value::Text(text) => f.pad(text),
        }
    }
}

const fn span(names: &'static [&'static str], span: Span) -> Constant {
    Constant { names, value: Value::Span(span), unit: "" }
}

const fn number(names: &'static [&'static str], number: f64, unit: &'static str) -> Constant {
    Constant { names, value: Value::Number(number), unit }
}

const fn amount(names: &'static [&'static str], amount: Amount, unit: &'static str) -> Constant {
    Constant { names, value: Value::Amount(amount), unit }
}

const fn text(names: &'static [&'static str], text: &'static str) -> Constant {
    Constant { names, value: Value::Text(text), unit: "" }
}

/// All defaults, product by product.
pub fn constants() -> impl Iterator<Item = &'static Constant> {
    let tables: [&[Constant]; _] = [
        kubernetes::TABLE,
        hpa::TABLE,
        scheduler::TABLE,
        deployment::TABLE,
        cluster_autoscaler::TABLE,
        argo::TABLE,
        flagger::TABLE,
    ];
    tables.into_iter().flatten()
}

/// The default of that name; capitals and punctuation do not matter.
pub fn constant(name: &str) -> Option<&'static Constant> {
    let wanted = folded(name);
    constants().find(|constant| constant.names.iter().any(|&known| folded(known) == wanted))
}

fn folded(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_lead_to_one_default_each() {
        let mut seen = BTreeSet::new();
        for constant in constants() {
            for name in constant.names {
                assert!(seen.insert(folded(name)), "{name} stands for two");
                assert!(name.split_once('.').is_some(), "{name} does not say whose it is");
            }
        }
        assert_eq!(constant("Node.MONITOR_PERIOD").unwrap().value.to_string(), "5s");
        assert_eq!(constant("deployment.maxSurge").unwrap().value.to_string(), "25%");
        assert_eq!(constant("node.patience"), None);
    }
}
