//! Ctrl-C: the first asks the run to stop and keep what is finished; the second ends the process.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

use crate::exit::Exit;

static STOP: AtomicBool = AtomicBool::new(false);

/// Starts to listen; the flag turns true at the first Ctrl-C. To be called once.
///
/// # Errors
///
/// If the system takes no handler.
pub(crate) fn listen() -> anyhow::Result<&'static AtomicBool> {
    ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(Exit::Interrupted as i32);
        }
    })
    .context("cannot listen for Ctrl-C")?;
    Ok(&STOP)
}
