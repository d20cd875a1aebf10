//! `gameday completions`: a script that teaches a shell the command line.

use clap::CommandFactory;

use crate::args::{Cli, CompletionsArgs};
use crate::console::Console;
use crate::exit::Exit;

pub(crate) fn completions(args: &CompletionsArgs, console: &Console) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "gameday", &mut script);
    console.result(&String::from_utf8(script)?)?;
    Ok(Exit::Pass)
}
