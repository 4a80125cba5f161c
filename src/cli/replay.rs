//! `replay`: a session once more, step by step as it was seen.

use std::sync::Arc;

use clap::Args;
use clap_complete::engine::ArgValueCandidates;

use super::failure::Failure;
use super::{list, run, wizard};
use crate::engine::Beginning;
use crate::exit::Exit;
use crate::printer;
use crate::probe::recorded::{Recorded, World};
use crate::transcript::{chronicle, reading, sessions};
use crate::tui::Start;

#[derive(Debug, Args)]
pub(super) struct ReplayOptions {
    /// A journal or a JSON export from any machine, or the beginning of a session's name; the latest if absent
    #[arg(add = ArgValueCandidates::new(super::shell::sessions))]
    session: Option<String>,
    /// Print the steps, also on a terminal
    #[arg(long)]
    print: bool,
}

pub(super) fn replay(options: &ReplayOptions) -> Result<Exit, Failure> {
    let asked = options.session.as_deref().unwrap_or("last");
    let reading = sessions::find(asked, &run::folder())
        .and_then(|path| reading::read(&path))
        .map_err(|fault| {
            Failure::usage(fault.to_string())
                .hint("`sspi-doctor sessions` lists those of this machine; a file can be named too")
        })?;
    if options.print || !printer::is_terminal() {
        printer::result(&chronicle::render(&reading));
        return Ok(Exit::Healthy);
    }
    // Whatever happened: there is nobody who could be asked.
    let nobody = Arc::new(Recorded::of(&World::empty(&reading.name)));
    wizard::start_at(
        list::library(&[])?,
        Beginning::default(),
        Start::Replay(Box::new(reading)),
        nobody,
        None,
        None,
    )?;
    Ok(Exit::Healthy)
}
