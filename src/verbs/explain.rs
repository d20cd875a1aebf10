//! `gameday explain`: the scenario as the simulator sees it, defaults and overrides filled in.

use crate::args::ExplainArgs;
use crate::console::Console;
use crate::exit::Exit;

pub(crate) fn explain(args: &ExplainArgs, console: &Console) -> anyhow::Result<Exit> {
    match scenarios::explain(&args.file, &args.overrides.set) {
        Ok(text) => {
            console.result(&text)?;
            Ok(Exit::Pass)
        }
        Err(diagnostics) => {
            console.diagnostics(&diagnostics);
            Ok(Exit::Invalid)
        }
    }
}
