//! Standard output for results, standard error for everything else.
//!
//! A reader that has gone away (`gameday list | head -1`) is no failure: the rest is not written.

use std::env;
use std::io::{self, ErrorKind, IsTerminal, Write};

use anyhow::Context;
use scenarios::file::Diagnostics;

use crate::args::{Global, When};

/// Where a verb writes.
#[derive(Debug)]
pub(crate) struct Console {
    quiet: bool,
    verbose: bool,
    color: bool,
}

impl Console {
    /// The console that the options ask for.
    pub(crate) fn new(global: &Global) -> Console {
        let unset = |name: &str| env::var_os(name).is_none_or(|value| value.is_empty());
        let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        let color = match global.color {
            When::Always => true,
            When::Never => false,
            When::Auto => io::stderr().is_terminal() && unset("NO_COLOR") && !dumb,
        };
        Console { quiet: global.quiet, verbose: global.verbose, color }
    }

    /// Whether nothing but results and errors is wanted.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
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

    /// Shows what is wrong with a scenario.
    pub(crate) fn diagnostics(&self, diagnostics: &Diagnostics) {
        complain(&diagnostics.render(self.color));
    }

    /// Shows why the program failed.
    pub(crate) fn error(&self, error: &anyhow::Error) {
        let (red, plain) = if self.color { ("\u{1b}[1;91m", "\u{1b}[0m") } else { ("", "") };
        complain(&format!("{red}error{plain}: {error:#}"));
    }
}

/// A line to standard error; if even that is closed, there is nobody to tell.
fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
