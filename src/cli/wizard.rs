//! The wizard: on the flow list, on a flow, or on a recorded world.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use clap_complete::engine::ArgValueCandidates;

use super::connect::ConnectOptions;
use super::failure::Failure;
use super::{MAIN_FLOW, WalkOptions, home, list, pasted, run};
use crate::cause::Catalogue;
use crate::engine::Beginning;
use crate::exit::Exit;
use crate::flow::diagnostic::Diagnostic;
use crate::flow::library::Library;
use crate::printer;
use crate::probe::recorded::{self, Recorded};
use crate::probe::runner::{Live, Runner};
use crate::tui::reload::Reload;
use crate::tui::{self, Start, TuiFault, TuiStart};

#[derive(Debug, Args)]
pub(super) struct DemoOptions {
    /// The recorded case
    #[arg(add = ArgValueCandidates::new(super::shell::worlds))]
    world: Option<String>,
    /// List the recorded cases
    #[arg(long)]
    list: bool,
}

/// The wizard on the flow list.
pub(super) fn start(connect: &ConnectOptions) -> Result<Exit, Failure> {
    let loaded = list::loaded(&[])?;
    let beginning = Beginning {
        flow: MAIN_FLOW.to_owned(),
        ..Beginning::default()
    };
    live(loaded, beginning, Start::Flows, connect, Vec::new())
}

/// The wizard on one flow: on its questions, or in the walk when all of them
/// are answered.
pub(super) fn walk(options: &WalkOptions, connect: &ConnectOptions) -> Result<Exit, Failure> {
    let loaded = list::loaded(&options.flow_dirs)?;
    let library = &loaded.0;
    let folders = options.flow_dirs.clone();
    let mut beginning = pasted::beginning(library, options)?;
    run::secrets(library, &mut beginning, &options.secret_fds)?;
    let answered = library.flow(&beginning.flow).is_some_and(|flow| {
        flow.inputs.iter().all(|(name, input)| {
            beginning.inputs.contains_key(name) || input.optional || input.default.is_some()
        })
    });
    let start = if answered { Start::Walk } else { Start::Inputs };
    live(loaded, beginning, start, connect, folders)
}

/// The wizard over a recorded case.
pub(super) fn demo(options: &DemoOptions) -> Result<Exit, Failure> {
    if options.list {
        let width = recorded::worlds()
            .map(|world| world.name.len())
            .max()
            .unwrap_or(0);
        for world in recorded::worlds() {
            printer::result(&format!(
                "{:width$}  {}\n{:width$}  {}",
                world.name, world.title, "", world.summary
            ));
        }
        return Ok(Exit::Healthy);
    }
    let name = options.world.as_deref().unwrap_or(FIRST_WORLD);
    let world = recorded::world(name).ok_or_else(|| run::no_such_world(name))?;
    let library = list::library(&[])?;
    let beginning = Beginning {
        flow: world.flow.clone(),
        inputs: world.inputs.clone(),
        sql_login: world.sql_login(),
        // No server is asked, so no probe needs to be allowed.
        allowed: run::everything(),
        ..Beginning::default()
    };
    let runner = Arc::new(Recorded::of(&world).paced(SLOWEST));
    let name = Some(world.name);
    start_at(library, beginning, Start::Inputs, runner, name, None)
}

/// The longest that a recorded answer is waited for.
const SLOWEST: std::time::Duration = std::time::Duration::from_millis(400);

/// The case that shows most.
const FIRST_WORLD: &str = "spn-on-wrong-account";

fn live(
    (library, faults): (Library, Vec<Diagnostic>),
    mut beginning: Beginning,
    start: Start,
    connect: &ConnectOptions,
    folders: Vec<PathBuf>,
) -> Result<Exit, Failure> {
    if !printer::is_terminal() {
        return Err(refused(&TuiFault::NoTerminal));
    }
    beginning.allowed = connect.allowed()?;
    let mut session = connect.session()?;
    session.share(&beginning.vault);
    beginning.sql_login = session.credentials.sql_login.is_some();
    start_at(
        library,
        beginning,
        start,
        Arc::new(Live::new(session)),
        None,
        list::watched(folders, &faults),
    )
}

/// The wizard, started anywhere.
pub(super) fn start_at(
    library: Library,
    mut beginning: Beginning,
    start: Start,
    runner: Arc<dyn Runner>,
    world: Option<String>,
    reload: Option<Reload>,
) -> Result<Exit, Failure> {
    beginning.can_paste = true;
    let start = TuiStart {
        library: Arc::new(library),
        catalogue: Arc::new(Catalogue::embedded().clone()),
        runner,
        world,
        start,
        beginning,
        journals: run::folder(),
        save_to: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
    };
    let end = tui::run(start, home::preferences(), reload, run::build_runtime)
        .map_err(|fault| refused(&fault))?;
    if let Some(journal) = &end.journal {
        printer::progress(&format!("The session is kept in {}", journal.display()));
        if end.verdict.is_none() {
            printer::progress("Go on with it: sspi-doctor resume");
        }
        printer::progress("Write it for somebody else: sspi-doctor export last --format markdown");
    }
    Ok(end.exit())
}

fn refused(fault: &TuiFault) -> Failure {
    Failure::usage(fault.to_string())
}
