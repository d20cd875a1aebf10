//! Reads the outline of a RON text: brackets, strings, comments, words; one pass, no types.
//!
//! Grammar: <https://github.com/ron-rs/ron/blob/master/docs/grammar.md>. Words are read more
//! generously than RON's (`70%`, `us-east` and `1000/s` are words), so that the typed reader can say
//! what belongs there. Escapes within strings are left to it, too.

use std::collections::BTreeMap;
use std::ops::Range;

use super::codes::Code;
use super::outline::{Body, Entry, Group, Kind, Node, is_identifier};
use super::path::quoted;

/// Deeper brackets are refused, before the typed reader recurses into them.
pub(crate) const NESTING_MAX: usize = 64;

/// A mistake in the text's form, and the bytes it concerns.
#[derive(Debug)]
pub(crate) struct SyntaxError {
    pub(crate) code: Code,
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl SyntaxError {
    fn new(span: Range<usize>, message: impl Into<String>) -> SyntaxError {
        SyntaxError { code: Code::Syntax, span, message: message.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> SyntaxError {
        self.help = Some(help.into());
        self
    }
}

/// Reads a whole text: attributes, then exactly one value.
pub(crate) fn document(text: &str) -> Result<Node, SyntaxError> {
    let mut scanner = Scanner { text, at: 0, open: Vec::new() };
    scanner.blank()?;
    while scanner.rest().starts_with('#') {
        let len = scanner.rest().find(']').ok_or_else(|| scanner.error_here("this attribute is never closed"))?;
        scanner.at += len + 1;
        scanner.blank()?;
    }
    let root = scanner.value()?;
    scanner.blank()?;
    match scanner.peek() {
        None => Ok(root),
        Some(c @ (')' | ']' | '}')) => Err(scanner.error_here(format!("nothing is open that this `{c}` could close"))),
        Some(_) => Err(scanner.error_here("the text goes on after its value")),
    }
}

/// Whether there is nothing but blanks and comments.
pub(crate) fn is_blank(text: &str) -> bool {
    let mut scanner = Scanner { text, at: 0, open: Vec::new() };
    scanner.blank().is_ok() && scanner.peek().is_none()
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// Where the brackets around this place were opened.
    open: Vec<usize>,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn error_here(&self, message: impl Into<String>) -> SyntaxError {
        let len = self.peek().map_or(0, char::len_utf8);
        SyntaxError::new(self.at..self.at + len, message)
    }

    /// Skips blanks and comments.
    fn blank(&mut self) -> Result<(), SyntaxError> {
        loop {
            let rest = self.rest();
            if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.block_comment()?;
            } else {
                match rest.chars().next() {
                    Some(c) if is_blank_char(c) => self.at += c.len_utf8(),
                    _ => return Ok(()),
                }
            }
        }
    }

    fn block_comment(&mut self) -> Result<(), SyntaxError> {
        let start = self.at;
        let mut depth = 0;
        loop {
            let rest = self.rest();
            if rest.starts_with("/*") {
                depth += 1;
                self.at += 2;
            } else if rest.starts_with("*/") {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    return Ok(());
                }
            } else {
                match rest.chars().next() {
                    Some(c) => self.at += c.len_utf8(),
                    None => return Err(SyntaxError::new(start..start + 2, "this comment is never closed")),
                }
            }
        }
    }

    fn value(&mut self) -> Result<Node, SyntaxError> {
        let start = self.at;
        let kind = match self.peek() {
            None => return Err(self.end_of_text()),
            Some('(' | '[' | '{') => self.group(start..start)?,
            Some('"') => self.string(1)?,
            Some('\'') => self.character(1)?,
            Some('r') if self.raw_string_at(1) => self.raw_string(1)?,
            Some('b') if self.rest().starts_with("b\"") => self.string(2)?,
            Some('b') if self.rest().starts_with("b'") => self.character(2)?,
            Some('b') if self.rest().starts_with("br") && self.raw_string_at(2) => self.raw_string(2)?,
            Some(_) => self.word()?,
        };
        Ok(Node { span: start..self.at, kind })
    }

    /// Skips an opening of `open` bytes and the rest up to the closing quote.
    fn string(&mut self, open: usize) -> Result<Kind, SyntaxError> {
        let start = self.at;
        let mut escaped = false;
        for (i, c) in self.text[start + open..].char_indices() {
            match c {
                '\\' if !escaped => escaped = true,
                '"' if !escaped => {
                    self.at = start + open + i + 1;
                    return Ok(Kind::Text);
                }
                _ => escaped = false,
            }
        }
        Err(SyntaxError::new(start..start + open, "this string is never closed").help("it needs a second `\"`"))
    }

    fn raw_string_at(&self, skip: usize) -> bool {
        let hashes = self.rest()[skip..].trim_start_matches('#');
        hashes.starts_with('"')
    }

    fn raw_string(&mut self, skip: usize) -> Result<Kind, SyntaxError> {
        let start = self.at;
        let body = &self.rest()[skip..];
        let hashes = body.len() - body.trim_start_matches('#').len();
        let end = format!("\"{}", "#".repeat(hashes));
        match body[hashes + 1..].find(&end) {
            Some(len) => self.at += skip + hashes + 1 + len + end.len(),
            None => {
                let error = SyntaxError::new(start..start + skip + hashes + 1, "this raw string is never closed");
                return Err(error.help(format!("it ends with `{end}`")));
            }
        }
        Ok(Kind::Text)
    }

    fn character(&mut self, open: usize) -> Result<Kind, SyntaxError> {
        let body = &self.rest()[open..];
        let escaped = usize::from(body.starts_with('\\'));
        let first = body[escaped..].chars().next().map_or(0, char::len_utf8);
        match body[escaped + first..].find('\'') {
            Some(len) if len <= "u{10ffff}".len() => self.at += open + escaped + first + len + 1,
            _ => return Err(self.error_here("this character is never closed").help("text stands in double quotes")),
        }
        Ok(Kind::Word)
    }

    fn word(&mut self) -> Result<Kind, SyntaxError> {
        let start = self.at;
        if self.rest().starts_with("r#") {
            self.at += 2;
        }
        while let Some(c) = self.peek() {
            let comment = self.rest().starts_with("//") || self.rest().starts_with("/*");
            if comment || !is_word_char(c) {
                break;
            }
            self.at += c.len_utf8();
        }
        if self.at == start {
            return Err(self.no_value_here());
        }
        let word = start..self.at;
        let raw = &self.text[word.clone()];
        if is_identifier(raw.strip_prefix("r#").unwrap_or(raw)) {
            self.blank()?;
            if self.peek() == Some('(') {
                return self.group(word);
            }
            self.at = word.end;
        }
        Ok(Kind::Word)
    }

    fn no_value_here(&self) -> SyntaxError {
        match self.peek() {
            None => self.end_of_text(),
            Some(c @ (',' | ':')) => self.error_here(format!("expected a value before this `{c}`")),
            Some(c @ (')' | ']' | '}')) => self.error_here(format!("expected a value before this `{c}`")),
            Some('“' | '”' | '„' | '‘' | '’') => {
                self.error_here("typographic quotes do not count").help("text stands in straight double quotes: \"…\"")
            }
            Some(c) => self.error_here(format!("unexpected character {c:?}")),
        }
    }

    /// The text has ended within brackets, or before any value.
    fn end_of_text(&self) -> SyntaxError {
        let Some(&open) = self.open.last() else { return self.error_here("expected a value here") };
        let bracket = &self.text[open..open + 1];
        SyntaxError::new(open..open + 1, format!("this `{bracket}` is never closed"))
            .help(format!("it needs a `{}`", closing(bracket)))
    }

    fn group(&mut self, name: Range<usize>) -> Result<Kind, SyntaxError> {
        let open = self.at;
        let bracket = &self.text[open..open + 1];
        if self.open.len() == NESTING_MAX {
            let mut error = self.error_here(format!("brackets are nested deeper than {NESTING_MAX} levels"));
            error.code = Code::Nesting;
            return Err(error);
        }
        self.open.push(open);
        self.at += 1;
        let (keys, values) = self.elements(bracket)?;
        self.open.pop();
        let body = match bracket {
            "[" => Body::List(values),
            "{" => Body::Map(self.entries(keys, values)?),
            // `()` counts as a struct: fields may be added to it.
            _ if keys.len() == values.len() => Body::Struct(self.entries(keys, values)?),
            _ => Body::Tuple(values),
        };
        Ok(Kind::Group(Group { name, open, body }))
    }

    /// Everything up to the bracket that closes `bracket`: keys, if there are, and values.
    fn elements(&mut self, bracket: &str) -> Result<(Vec<Node>, Vec<Node>), SyntaxError> {
        let close = closing(bracket);
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        loop {
            self.blank()?;
            if self.rest().starts_with(close) {
                self.at += 1;
                return Ok((keys, values));
            }
            if let Some(error) = self.wrong_close(close) {
                return Err(error);
            }
            let first = self.value()?;
            self.blank()?;
            let keyed = self.peek() == Some(':');
            self.check_key(bracket, &first, keyed, keys.len(), values.len())?;
            if keyed {
                self.at += 1;
                self.blank()?;
                keys.push(first);
                values.push(self.value()?);
                self.blank()?;
            } else {
                values.push(first);
            }
            if self.peek() == Some(',') {
                self.at += 1;
            } else if !self.rest().starts_with(close) {
                return Err(self.missing_comma(close, &values));
            }
        }
    }

    /// A bracket that closes, but not the one that is open.
    fn wrong_close(&self, close: &str) -> Option<SyntaxError> {
        let found = self.peek().filter(|c| matches!(c, ')' | ']' | '}'))?;
        let open = *self.open.last()?;
        let line = 1 + self.text[..open].matches('\n').count();
        let bracket = &self.text[open..open + 1];
        let error = self.error_here(format!("expected `{close}`, found `{found}`"));
        Some(error.help(format!("the `{bracket}` of line {line} is still open")))
    }

    /// Whether a key may, or must, stand in these brackets at this point.
    fn check_key(
        &self,
        bracket: &str,
        first: &Node,
        keyed: bool,
        keys: usize,
        values: usize,
    ) -> Result<(), SyntaxError> {
        let text = &self.text[first.span.clone()];
        match (bracket, keyed) {
            ("[", true) => Err(self.error_here("a list has no keys").help("a map stands in braces: { key: value }")),
            ("{", false) if self.peek() == Some('=') => {
                Err(self.error_here("expected `:`, found `=`").help(format!("write `{text}: …`")))
            }
            ("{", false) => {
                Err(SyntaxError::new(first.span.clone(), "a key without a value").help(format!("write `{text}: …`")))
            }
            ("(", _) if values > 0 && keyed != (keys == values) => {
                Err(SyntaxError::new(first.span.clone(), "named and unnamed values cannot be mixed in parentheses")
                    .help("name all of them: (field: value, …)"))
            }
            _ => Ok(()),
        }
    }

    fn missing_comma(&self, close: &str, values: &[Node]) -> SyntaxError {
        if let Some(error) = self.wrong_close(close) {
            return error;
        }
        let Some(found) = self.peek() else { return self.end_of_text() };
        let Some(before) = values.last() else { return self.error_here("expected a value here") };
        let word = &self.text[before.span.clone()];
        if found == '=' {
            return self.error_here("expected `:`, found `=`").help("a field is written `name: value`");
        }
        if !is_word_char(found) && !matches!(found, '"' | '(' | '[' | '{' | '\'') {
            return self.no_value_here();
        }
        let error = SyntaxError::new(before.span.end..before.span.end, format!("expected a comma or `{close}` here"));
        if matches!(before.kind, Kind::Text) && word.contains('\n') {
            let line = 1 + self.text[..before.span.start].matches('\n').count();
            return error.help(format!("perhaps the string that begins on line {line} is never closed"));
        }
        let line_end = self.text[before.span.start..].find('\n').map_or(self.text.len(), |len| before.span.start + len);
        if matches!(before.kind, Kind::Word) && is_word_char(found) && self.at < line_end {
            let phrase = self.text[before.span.start..line_end].split([',', ')', ']', '}']).next().unwrap_or(word);
            return error.help(format!("text stands in quotes: {}", quoted(phrase.trim_end())));
        }
        error
    }

    /// Joins keys and values; a key given twice is a mistake that RON would let pass.
    fn entries(&self, keys: Vec<Node>, values: Vec<Node>) -> Result<Vec<Entry>, SyntaxError> {
        let mut first: BTreeMap<String, usize> = BTreeMap::new();
        let mut entries = Vec::with_capacity(keys.len());
        for (key, value) in keys.into_iter().zip(values) {
            let raw = &self.text[key.span.clone()];
            let name = match key.kind {
                // Not a valid string: the typed reader will say so.
                Kind::Text => ron::from_str(raw).unwrap_or_else(|_| raw.to_owned()),
                _ => raw.strip_prefix("r#").unwrap_or(raw).to_owned(),
            };
            if let Some(earlier) = first.insert(name.clone(), key.span.start) {
                let line = 1 + self.text[..earlier].matches('\n').count();
                let mut error = SyntaxError::new(key.span, format!("`{name}` is given twice"));
                error.code = Code::Duplicate;
                return Err(error.help(format!("it was given on line {line} before")));
            }
            entries.push(Entry { key: key.span, name, value });
        }
        Ok(entries)
    }
}

fn closing(bracket: &str) -> &'static str {
    match bracket {
        "(" => ")",
        "[" => "]",
        _ => "}",
    }
}

/// What RON skips between values.
fn is_blank_char(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t' | '\n' | '\r' | '\x0B' | '\x0C' | '\u{85}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}'
    )
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '+' | '-' | '.' | '%' | '/' | 'µ' | '°')
}
