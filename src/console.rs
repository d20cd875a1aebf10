//! Standard output for results, standard error for everything else.
//!
//! A reader that has gone away (`gameday list | head -1`) is no failure: the rest is not written.

use std::env;
use std::io::{self, ErrorKind, IsTerminal, Write};

use ::console::Term;
use anyhow::Context;
use scenarios::file::Diagnostics;

use crate::args::{Global, When};

/// Where a verb writes.
#[derive(Debug)]
pub(crate) struct Console {
    quiet: bool,
    verbose: bool,
    /// Whether colours are wanted; `None` leaves it to whether there is a terminal.
    color: Option<bool>,
}

/// Columns where neither COLUMNS nor a terminal tells.
const WIDTH_DEFAULT: usize = 100;

impl Console {
    /// The console that the options ask for.
    pub(crate) fn new(global: &Global) -> Console {
        let unset = |name: &str| env::var_os(name).is_none_or(|value| value.is_empty());
        let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        let color = match global.color {
            When::Always => Some(true),
            When::Never => Some(false),
            When::Auto => (!unset("NO_COLOR") || dumb).then_some(false),
        };
        Console { quiet: global.quiet, verbose: global.verbose, color }
    }

    /// Whether nothing but results and errors is wanted.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// A text made for the colours of standard output, and its width unless COLUMNS says another.
    pub(crate) fn fit(&self, text: impl FnOnce(usize, bool) -> String) -> String {
        let said = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
        let terminal = || Term::stdout().size_checked().map(|(_, columns)| usize::from(columns));
        let width = said.or_else(terminal).unwrap_or(WIDTH_DEFAULT);
        text(width, self.color.unwrap_or_else(|| io::stdout().is_terminal()))
    }

    /// Writes a result to standard output.
    pub(crate) fn result(&self, text: &str) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            written => written.context("cannot write to standard output"),
        }
    }

    /// Tells something in passing, unless quiet.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            complain(text);
        }
    }

    /// Tells a detail, if verbose.
    pub(crate) fn detail(&self, text: &str) {
        if self.verbose {
            complain(text);
        }
    }

    fn colors_errors(&self) -> bool {
        self.color.unwrap_or_else(|| io::stderr().is_terminal())
    }

    /// Shows what is wrong with a scenario.
    pub(crate) fn diagnostics(&self, diagnostics: &Diagnostics) {
        complain(&diagnostics.render(self.colors_errors()));
    }

    /// Shows why the program failed.
    pub(crate) fn error(&self, error: &anyhow::Error) {
        let (red, plain) = if self.colors_errors() { ("\u{1b}[1;91m", "\u{1b}[0m") } else { ("", "") };
        complain(&format!("{red}error{plain}: {error:#}"));
    }
}

/// A line to standard error; if even that is closed, there is nobody to tell.
fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
