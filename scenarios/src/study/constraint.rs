//! What must hold between the factors of a point: `replicas <= 3 * workers`.
//!
//! Names are factors, quantities are written with their units, `+ - * /` stand between spaces, and one
//! comparison joins two sides. Strategies can be compared with `==` and `!=`.

use super::factor::{Factor, Level, find};
use super::quantity::magnitude;

/// A constraint, read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Constraint {
    left: Sum,
    comparison: Comparison,
    right: Sum,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Comparison {
    Below,
    AtMost,
    Above,
    AtLeast,
    Equal,
    Unequal,
}

/// The two characters of a comparison come before the one that begins them.
const COMPARISONS: [(&str, Comparison); 6] = [
    ("<=", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("==", Comparison::Equal),
    ("!=", Comparison::Unequal),
    ("<", Comparison::Below),
    (">", Comparison::Above),
];

/// Products that are added or taken away.
#[derive(Clone, Debug, PartialEq)]
struct Sum(Vec<(f64, Vec<(Operation, Term)>)>);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Operation {
    Times,
    Over,
}

#[derive(Clone, Debug, PartialEq)]
enum Term {
    Factor(usize),
    Number(f64),
    Word(String),
}

impl Constraint {
    /// Reads a constraint on `factors`.
    pub(super) fn parse(text: &str, factors: &[Factor]) -> Result<Constraint, String> {
        let sign = COMPARISONS.iter().find_map(|(sign, comparison)| Some((text.find(sign)?, *sign, *comparison)));
        let Some((at, sign, comparison)) = sign else {
            return Err(format!("`{text}` compares nothing: write for example `replicas <= 3 * workers`"));
        };
        let side = |side: &str| Sum::parse(side, factors);
        let constraint = Constraint { left: side(&text[..at])?, comparison, right: side(&text[at + sign.len()..])? };
        if !constraint.names_a_factor() {
            let known: Vec<&str> = factors.iter().map(|factor| factor.name.as_str()).collect();
            return Err(format!("`{text}` names no factor (known: {})", known.join(", ")));
        }
        Ok(constraint)
    }

    fn names_a_factor(&self) -> bool {
        let terms = [&self.left, &self.right].into_iter().flat_map(|sum| &sum.0).flat_map(|(_, product)| product);
        terms.into_iter().any(|(_, term)| matches!(term, Term::Factor(_)))
    }

    /// Whether it holds of a point; why it cannot be told, where a strategy stands for a number.
    pub(super) fn holds(&self, point: &[Level]) -> Result<bool, String> {
        if let (Some(left), Some(right)) = (self.left.word(point), self.right.word(point)) {
            match self.comparison {
                Comparison::Equal => return Ok(left == right),
                Comparison::Unequal => return Ok(left != right),
                _ => {}
            }
        }
        let (left, right) = (self.left.amount(point)?, self.right.amount(point)?);
        // 3 * 0.1 is meant to equal 0.3.
        let close = (left - right).abs() <= 1e-9 * left.abs().max(right.abs());
        Ok(match self.comparison {
            Comparison::Below => left < right && !close,
            Comparison::AtMost => left <= right || close,
            Comparison::Above => left > right && !close,
            Comparison::AtLeast => left >= right || close,
            Comparison::Equal => close,
            Comparison::Unequal => !close,
        })
    }
}

impl Sum {
    fn parse(text: &str, factors: &[Factor]) -> Result<Sum, String> {
        let mut sum = vec![(1.0, Vec::new())];
        let mut operation = Some(Operation::Times);
        for word in text.split_whitespace() {
            let product = &mut sum.last_mut().expect("never empty").1;
            match (word, operation) {
                ("+" | "-", None) => {
                    sum.push((if word == "+" { 1.0 } else { -1.0 }, Vec::new()));
                    operation = Some(Operation::Times);
                }
                ("*", None) => operation = Some(Operation::Times),
                ("/", None) => operation = Some(Operation::Over),
                (word, Some(before)) => {
                    product.push((before, Term::parse(word, factors)?));
                    operation = None;
                }
                (word, None) => return Err(format!("expected an operator before `{word}`")),
            }
        }
        match operation {
            None => Ok(Sum(sum)),
            Some(_) => Err("something is missing beside an operator or a comparison".to_owned()),
        }
    }

    fn amount(&self, point: &[Level]) -> Result<f64, String> {
        let mut sum = 0.0;
        for (sign, product) in &self.0 {
            let mut amount = *sign;
            for (operation, term) in product {
                let value = term.amount(point)?;
                match operation {
                    Operation::Times => amount *= value,
                    Operation::Over => amount /= value,
                }
            }
            sum += amount;
        }
        Ok(sum)
    }

    /// The name that stands here alone: a word, or a factor's setting that is no quantity.
    fn word<'a>(&'a self, point: &'a [Level]) -> Option<&'a str> {
        match &self.0[..] {
            [(_, product)] => match &product[..] {
                [(_, Term::Word(word))] => Some(word),
                [(_, Term::Factor(index))] if point[*index].magnitude().is_none() => Some(&point[*index].label),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Term {
    fn parse(word: &str, factors: &[Factor]) -> Result<Term, String> {
        if let Some(number) = magnitude(word) {
            return Ok(Term::Number(number));
        }
        match find(factors, word) {
            Ok(index) => Ok(Term::Factor(index)),
            // The setting of a strategy, where one of that name is among them.
            Err(message) => {
                let settings = factors.iter().filter_map(Factor::grid).flatten();
                settings
                    .into_iter()
                    .find(|level| level.label == word)
                    .map(|_| Term::Word(word.to_owned()))
                    .ok_or(message)
            }
        }
    }

    fn amount(&self, point: &[Level]) -> Result<f64, String> {
        match self {
            Term::Number(number) => Ok(*number),
            Term::Factor(index) => {
                point[*index].magnitude().ok_or_else(|| format!("`{}` is no quantity", point[*index].label))
            }
            Term::Word(word) => Err(format!("`{word}` is no quantity")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_and_names_are_understood() {
        let factors: Vec<Factor> = ["replicas=1..9:3", "timeout=100ms,1s", "balancer=Random,RoundRobin"]
            .iter()
            .map(|text| Factor::parse(text).unwrap())
            .collect();
        let point: Vec<Level> = factors.iter().map(|factor| factor.at(0.99)).collect();
        let holds = |text: &str| Constraint::parse(text, &factors).and_then(|constraint| constraint.holds(&point));
        assert_eq!(holds("replicas <= 9"), Ok(true));
        assert_eq!(holds("replicas<9"), Ok(false));
        assert_eq!(holds("2 * replicas + 1 == 19"), Ok(true));
        assert_eq!(holds("timeout / 4 > 250ms"), Ok(false));
        assert_eq!(holds("timeout / 4 >= 250ms"), Ok(true));
        assert_eq!(holds("balancer == RoundRobin"), Ok(true));
        assert_eq!(holds("balancer != RoundRobin"), Ok(false));
        for (text, why) in [
            ("replicas", "compares nothing"),
            ("1 < 2", "names no factor"),
            ("replica < 2", "did you mean `replicas`"),
            ("replicas < ", "missing"),
            ("replicas 2 < 3", "operator"),
            ("balancer < 3", "no quantity"),
        ] {
            let message = holds(text).unwrap_err();
            assert!(message.contains(why), "{text}: {message}");
        }
    }
}
