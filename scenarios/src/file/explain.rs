//! What the typed reader's failure means in the user's terms: what was expected, what was found,
//! where, and what to write instead.
//!
//! The reader's own messages say neither what they found ("Expected integer") nor always where (a
//! missing field is reported at the closing parenthesis). The path and the outline know both.

use std::ops::Range;

use ron::Error;

use super::codes::Code;
use super::diagnostic::Diagnostic;
use super::outline::{Body, Hit, Kind, Outline, is_identifier, is_number};
use super::parse::{Failure, Variants};
use super::path::{Path, Segment, quoted};
use super::repair::{CONSTANT, Repair, Repairs, is_no_name};
use super::scan::SyntaxError;
use super::source::Source;
use super::suggest::{closest, did_you_mean};

/// A mistake in a text, not yet shown in its source.
#[derive(Debug)]
pub(crate) struct Mistake {
    code: Code,
    span: Range<usize>,
    path: String,
    message: String,
    help: Option<String>,
}

impl Mistake {
    /// The diagnostic that shows this mistake.
    pub(crate) fn in_source(self, source: &Source) -> Diagnostic {
        let mut diagnostic = Diagnostic::at(self.code, source.place(self.span), self.message).path(&self.path);
        diagnostic.help = self.help;
        diagnostic
    }

    fn help(mut self, help: impl Into<String>) -> Mistake {
        self.help = Some(help.into());
        self
    }
}

impl From<SyntaxError> for Mistake {
    fn from(error: SyntaxError) -> Mistake {
        let SyntaxError { code, span, message, help } = error;
        Mistake { code, span, path: String::new(), message, help }
    }
}

/// Explains why the reader gave up; `known` are the variants that it would have taken there.
pub(crate) fn explain(
    source: &Source,
    outline: &Outline<'_>,
    repairs: &Repairs,
    failure: &Failure,
    known: Option<&Variants>,
) -> Mistake {
    let (hit, _) = outline.follow(&failure.path);
    let scene = Scene { text: source.text(), outline, failure, path: Path(failure.path.clone()), hit };
    if let Some(mistake) = scene.names() {
        return mistake;
    }
    if let Some(Variants { known, of }) = known {
        return scene.not_a_variant(known, of.as_deref());
    }
    if repairs.of(scene.hit.node) == Some(Repair::Defaults) {
        let name = &scene.text[scene.hit.node.span.clone()];
        return scene.mistake(Code::WrongType, format!("`{name}` needs a value")).help(format!("write {name}(…)"));
    }
    scene.values()
}

/// A failure and what stands at its path.
struct Scene<'a> {
    text: &'a str,
    outline: &'a Outline<'a>,
    failure: &'a Failure,
    path: Path,
    hit: Hit<'a>,
}

impl Scene<'_> {
    fn mistake(&self, code: Code, message: impl Into<String>) -> Mistake {
        let span = self.outline.head(&self.hit);
        Mistake { code, span, path: self.path.to_string(), message: message.into(), help: None }
    }

    fn raw(&self) -> &str {
        &self.text[self.hit.node.span.clone()]
    }

    /// Failures about names: of fields and of variants.
    fn names(&self) -> Option<Mistake> {
        Some(match &self.failure.error {
            // Our own shorthand: what was repaired to `Constant(…)` has no such variant or field.
            Error::NoSuchEnumVariant { expected, found, outer }
                if found == CONSTANT && !self.raw().contains(CONSTANT) =>
            {
                self.not_a_variant(expected, outer.as_deref())
            }
            Error::NoSuchStructField { expected, found, outer }
                if found == CONSTANT && !self.raw().contains(CONSTANT) =>
            {
                Mistake { path: self.parent().to_string(), ..self.not_fields(expected, outer.as_deref()) }
            }
            Error::NoSuchEnumVariant { expected, found, outer } => {
                let of = of_type(outer.as_deref());
                let mut mistake = self.mistake(Code::UnknownVariant, format!("unknown variant `{found}`{of}"));
                if let Kind::Group(group) = &self.variant().node.kind {
                    mistake.span = group.name.clone();
                }
                mistake.help(did_you_mean(found, expected.iter().copied()))
            }
            Error::NoSuchStructField { expected, found, outer } => {
                let (struct_hit, _) = self.outline.follow(&self.parent().0);
                let entries = struct_hit.node.entries().unwrap_or_default();
                let key = entries.iter().find(|entry| entry.name == *found).map(|entry| entry.key.clone());
                let message = format!("unexpected field `{found}`{}", of_type(outer.as_deref()));
                let mut mistake = self.mistake(Code::UnknownField, message);
                mistake.span = key.unwrap_or(mistake.span);
                mistake.help(did_you_mean(found, expected.iter().copied()))
            }
            Error::MissingStructField { field, outer } => self
                .mistake(Code::MissingField, format!("missing field `{field}`{}", of_type(outer.as_deref())))
                .help(format!("add `{field}: …`")),
            Error::DuplicateStructField { field, outer } => {
                let message = format!("field `{field}`{} is given twice", of_type(outer.as_deref()));
                self.mistake(Code::Duplicate, message)
            }
            Error::ExpectedDifferentStructName { expected, found } => self
                .mistake(Code::WrongType, format!("expected `{expected}(…)`, found `{found}`"))
                .help(format!("write {expected}(…), or leave the name out")),
            _ => return None,
        })
    }

    /// The path of the struct that the field at the path is in.
    fn parent(&self) -> Path {
        Path(self.path.0[..self.path.0.len().saturating_sub(1)].to_vec())
    }

    /// The value whose variant is unknown: the path may have led into its content already.
    fn variant(&self) -> Hit<'_> {
        match self.path.0.split_last() {
            Some((Segment::Variant(_), before)) => self.outline.follow(before).0,
            _ => self.hit.clone(),
        }
    }

    fn not_a_variant(&self, known: &[&str], of: Option<&str>) -> Mistake {
        let found = self.outline.describe(self.hit.node);
        let expected = of.map_or("one of its variants".to_owned(), |name| format!("a variant of `{name}`"));
        let mistake = self.mistake(Code::WrongType, format!("expected {expected}, found {found}"));
        let content = self.raw().trim_matches('"');
        mistake.help(match closest(content, known.iter().copied()) {
            Some(near) => format!("write {near} without quotes (known: {})", known.join(", ")),
            None => format!("known: {}", known.join(", ")),
        })
    }

    fn not_fields(&self, known: &[&str], of: Option<&str>) -> Mistake {
        let found = self.outline.describe(self.hit.node);
        self.mistake(Code::WrongType, format!("expected named fields{}, found {found}", of_type(of)))
            .help(format!("write `field: value` (known: {})", known.join(", ")))
    }

    /// Failures about values.
    fn values(&self) -> Mistake {
        match &self.failure.error {
            Error::Message(message) => match message.split_once(", expected ") {
                // A quantity that could not be read says both; see `sim_core::units::UnitError`.
                Some((found, expected)) if message.starts_with("found ") => {
                    let mistake = self.mistake(Code::Unit, format!("expected {expected}, {found}"));
                    let number = self.raw().trim_matches('"');
                    if is_number(number) { mistake.help(unit_help(number, expected)) } else { mistake }
                }
                _ => self.mistake(Code::InvalidValue, message.clone()),
            },
            Error::InvalidValueForType { expected, .. } => self.unexpected(expected),
            Error::ExpectedDifferentLength { expected, found } => {
                self.mistake(Code::WrongType, format!("expected {expected}, found {found} values"))
            }
            Error::IntegerOutOfBounds => self
                .mistake(Code::InvalidValue, format!("{} is out of range here", self.outline.describe(self.hit.node))),
            error if is_no_name(error) => self.not_a_name(),
            error => match expectation(error) {
                Some(expected) => self.at_reader().unexpected(&expected),
                None => self.at_reader().leftover(),
            },
        }
    }

    /// The same failure at the value where the reader was, if that is not the one at the path.
    fn at_reader(&self) -> Scene<'_> {
        let (path, hit) = self.outline.at(self.failure.at);
        let inside = self.hit.node.span.contains(&self.failure.at);
        let deeper = inside && self.failure.at > self.hit.node.span.start && !matches!(self.hit.node.kind, Kind::Text);
        if deeper || self.path.0.is_empty() {
            Scene { text: self.text, outline: self.outline, failure: self.failure, path, hit }
        } else {
            Scene { path: self.path.clone(), hit: self.hit.clone(), ..*self }
        }
    }

    /// A value of another kind than `expected`.
    fn unexpected(&self, expected: &str) -> Mistake {
        if let Some(key) = self.hit.key.clone().filter(|key| key.contains(&self.failure.at)) {
            let raw = &self.text[key.clone()];
            let mistake = self.mistake(Code::WrongType, format!("expected {expected}, found the key {raw}"));
            let mistake = Mistake { span: key, ..mistake };
            return if expected == TEXT { mistake.help(format!("write {}", quoted(raw))) } else { mistake };
        }
        let raw = self.raw();
        let found = self.outline.describe(self.hit.node);
        // The expectations of quantities, and only these, end with an example in quotes.
        let quantity = expected.contains("such as \"");
        let code = if quantity { Code::Unit } else { Code::WrongType };
        let mut mistake = self.mistake(code, format!("expected {expected}, found {found}"));
        mistake.help = match &self.hit.node.kind {
            Kind::Word if is_number(raw) && quantity => Some(unit_help(raw, expected)),
            Kind::Word if quantity || expected == TEXT => Some(format!("write {}", quoted(raw))),
            Kind::Text if is_number(raw.trim_matches('"')) => Some(format!("write {}", raw.trim_matches('"'))),
            Kind::Text if expected == NUMBER => share_help(raw.trim_matches('"')),
            Kind::Group(group) => brackets_help(expected, &group.body),
            _ => None,
        };
        mistake
    }

    /// Something stands where a field or variant name should.
    fn not_a_name(&self) -> Mistake {
        let (path, hit) = self.outline.at(self.failure.at);
        if let Some(key) = hit.key.clone().filter(|key| key.contains(&self.failure.at)) {
            let raw = self.text[key.clone()].trim_matches('"');
            let mut mistake = self.mistake(Code::Syntax, "a field's name stands without quotes");
            (mistake.span, mistake.path) = (key, path.to_string());
            return if is_identifier(raw) { mistake.help(format!("write `{raw}: …`")) } else { mistake };
        }
        let within = Scene { text: self.text, outline: self.outline, failure: self.failure, path, hit };
        let found = self.outline.describe(within.hit.node);
        within
            .mistake(Code::WrongType, format!("expected a name here, found {found}"))
            .help("fields in parentheses are written `name: value`")
    }

    /// The reader took a part of what stands here, or nothing more could follow.
    fn leftover(&self) -> Mistake {
        let found = self.outline.describe(self.hit.node);
        match &self.failure.error {
            Error::ExpectedComma | Error::ExpectedStructLikeEnd | Error::ExpectedMapEnd | Error::ExpectedArrayEnd
                if matches!(self.hit.node.kind, Kind::Word) && self.failure.at > self.hit.node.span.start =>
            {
                self.unexpected(if is_number(self.raw()) { "a whole number" } else { "a number" })
            }
            Error::ExpectedStructLikeEnd | Error::ExpectedArrayEnd => {
                self.mistake(Code::WrongType, format!("one value too many: {found}"))
            }
            error => self.mistake(Code::Syntax, format!("{} (here: {found})", lower_first(&error.to_string()))),
        }
    }
}

/// How an expected string is called; known to the quoting help.
const TEXT: &str = "text in quotes";

/// How an expected number is called; known to the help about shares.
const NUMBER: &str = "a number";

/// What to write for "1%" where a plain number is expected.
fn share_help(text: &str) -> Option<String> {
    let percent: f64 = text.strip_suffix('%')?.trim_end().parse().ok()?;
    Some(format!("write {}", (percent * 1e10).round() / 1e12))
}

/// What the reader wanted, where its error tells.
fn expectation(error: &Error) -> Option<String> {
    Some(match error {
        Error::ExpectedInteger | Error::InvalidIntegerDigit { .. } => "a whole number".to_owned(),
        Error::ExpectedFloat | Error::FloatUnderscore | Error::UnderscoreAtBeginning => NUMBER.to_owned(),
        Error::ExpectedBoolean => "true or false".to_owned(),
        Error::ExpectedString => TEXT.to_owned(),
        Error::ExpectedChar => "a character such as 'x'".to_owned(),
        Error::ExpectedArray => "a list […]".to_owned(),
        Error::ExpectedMap => "a map {…}".to_owned(),
        Error::ExpectedUnit => "()".to_owned(),
        Error::ExpectedOption => "a value or None".to_owned(),
        Error::ExpectedStructLike => "parentheses (…)".to_owned(),
        Error::ExpectedNamedStructLike("") => "parentheses (…)".to_owned(),
        Error::ExpectedNamedStructLike(name) => format!("`{name}`, fields in parentheses (…)"),
        _ => return None,
    })
}

/// What to write instead of brackets of the wrong kind.
fn brackets_help(expected: &str, body: &Body) -> Option<String> {
    let help = match (expected, body) {
        (_, Body::Map(_)) if expected.ends_with("(…)") => "fields stand in parentheses: (field: value, …)",
        ("a map {…}", Body::Struct(_)) => "a map stands in braces, its keys in quotes: { \"key\": value, … }",
        ("a map {…}", _) => "a map stands in braces: { \"key\": value, … }",
        ("a list […]", _) => "a list stands in brackets: [value, …]",
        _ => return None,
    };
    Some(help.to_owned())
}

/// What to write for a bare `number` where a quantity is expected: the unit is that of the example.
fn unit_help(number: &str, expected: &str) -> String {
    let example = expected.split('"').nth(1).unwrap_or_default();
    let unit = example.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    match number.parse::<f64>() {
        Ok(number) if number < 0.0 => "less than nothing makes no sense here".to_owned(),
        // A share was meant: 0.7 is 70 %.
        Ok(share) if unit == "%" && share <= 1.0 => format!("write \"{}%\"", (share * 1e12).round() / 1e10),
        _ if unit.is_empty() => format!("write \"{number}\""),
        // Which of the two is meant depends on the setting.
        _ if unit == "ms" => format!("add the unit, for example \"{number}s\" or \"{number}ms\""),
        _ => format!("add the unit, for example \"{number}{unit}\""),
    }
}

fn of_type(name: Option<&str>) -> String {
    name.map_or(String::new(), |name| format!(" in `{name}`"))
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_lowercase().chain(chars).collect())
}
