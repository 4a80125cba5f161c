//! The command line of the lab.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, Subcommand};
use lab::{Fault, Lab, LabError, Life, Result};

/// A line on standard output; nobody may be reading it any more.
macro_rules! say {
    ($($part:tt)*) => {{
        let _ = writeln!(std::io::stdout(), $($part)*);
    }};
}

/// Real forests, hosts and faults on one machine, for sspi-doctor's tests and
/// for trying it out. Needs root.
#[derive(Debug, Parser)]
#[command(name = "lab", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Bring the lab up and leave it up
    Up {
        #[command(flatten)]
        which: Which,
    },
    /// Take the lab down; nothing stays behind
    Down {
        #[command(flatten)]
        which: Which,
    },
    /// Run a shell or a program on a host
    Enter {
        /// dns1, dc1, dc2, sql1, sql2, sqlp or client
        host: String,
        #[command(flatten)]
        which: Which,
        /// As this user (alice, bob) and not as root
        #[arg(long, short)]
        user: Option<String>,
        /// The program and its arguments; a shell when there is none
        #[arg(last = true)]
        program: Vec<OsString>,
    },
    /// Open a real ssh session on the jump host
    Ssh {
        #[command(flatten)]
        which: Which,
        /// alice or bob
        #[arg(long, short, default_value = "alice")]
        user: String,
        /// A program to run there and not a shell
        #[arg(last = true)]
        program: Vec<OsString>,
    },
    /// Inject a fault, undo it, or list what there is
    Fault {
        #[command(subcommand)]
        action: FaultCommand,
    },
    /// Undo every fault
    Restore {
        #[command(flatten)]
        which: Which,
    },
    /// Check with dig, kvno and ldapsearch that nothing is wrong in the lab
    Verify {
        #[command(flatten)]
        which: Which,
    },
    /// Show what is up
    Status {
        #[command(flatten)]
        which: Which,
    },
    /// Add many accounts with SPNs to CORP; `down` or a restart removes them
    Crowd {
        #[command(flatten)]
        which: Which,
        /// How many
        #[arg(long, default_value_t = 2000)]
        count: u32,
    },
    /// Make a host's link slower, or as fast as the others (0)
    Slow {
        /// The host, such as client
        host: String,
        #[command(flatten)]
        which: Which,
        /// Milliseconds each way
        #[arg(long, default_value_t = 50)]
        ms: u32,
    },
    /// Print the Debian packages that the lab needs
    Packages,
}

#[derive(Debug, Subcommand)]
enum FaultCommand {
    /// Inject a fault
    Inject {
        /// The fault's name, as `lab fault list` says it
        fault: Fault,
        #[command(flatten)]
        which: Which,
    },
    /// Undo a fault
    Undo {
        /// The fault's name
        fault: Fault,
        #[command(flatten)]
        which: Which,
    },
    /// List the faults; a star marks those that are in the lab
    List {
        #[command(flatten)]
        which: Which,
    },
}

#[derive(Debug, clap::Args)]
struct Which {
    /// The lab's name; several can be up at once
    #[arg(long, default_value = "lab")]
    name: String,
}

/// Runs the command; what went wrong is said on standard error.
pub fn run() -> ExitCode {
    match dispatch(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "lab: {error}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> Result<ExitCode> {
    match command {
        Command::Up { which } => up(&which.name)?,
        Command::Down { which } => {
            Lab::down(&which.name)?;
            say!("The lab {} is down.", which.name);
        }
        Command::Enter {
            host,
            which,
            user,
            program,
        } => {
            return Err(enter(&which.name, &host, user.as_deref(), &program));
        }
        Command::Status { which } => status(&which.name)?,
        Command::Ssh {
            which,
            user,
            program,
        } => {
            let lab = Lab::attach(&which.name)?;
            let mut command = lab.ssh(&user)?;
            let source = command.args(program).exec();
            return Err(LabError::Start {
                program: "ssh".to_owned(),
                source,
            });
        }
        Command::Fault { action } => fault(action)?,
        Command::Restore { which } => {
            Lab::attach(&which.name)?.restore()?;
            say!("The lab {} has no fault.", which.name);
        }
        Command::Verify { which } => {
            Lab::attach(&which.name)?.verify_healthy()?;
            say!("The lab {} is healthy.", which.name);
        }
        Command::Crowd { which, count } => {
            Lab::attach(&which.name)?.add_crowd(count)?;
            say!("{count} accounts are in CORP.");
        }
        Command::Slow { host, which, ms: 0 } => Lab::attach(&which.name)?.fast_link(&host)?,
        Command::Slow { host, which, ms } => {
            let passed = Lab::attach(&which.name)?.slow_link(&host, ms)?;
            say!("What passes is noted in {}.", passed.display());
        }
        Command::Packages => say!("{}", lab::tools::PACKAGES.join(" ")),
    }
    Ok(ExitCode::SUCCESS)
}

fn up(name: &str) -> Result<()> {
    let start = Instant::now();
    let lab = Lab::up(name, Life::UntilDown)?;
    say!(
        "The lab {name} is up ({:.1} s).",
        start.elapsed().as_secs_f64()
    );
    let option = if name == "lab" {
        String::new()
    } else {
        format!(" --name {name}")
    };
    say!();
    say!("  lab enter client{option} --user alice     a shell on the jump host");
    say!("  lab enter client{option} -- COMMAND…      a program there, as root");
    say!("  lab ssh{option}                           a real ssh session there as alice");
    say!("  lab fault inject NAME{option}             break something; `lab fault list`");
    say!("  lab status{option}                        what runs");
    say!("  lab down{option}                          take it down");
    say!();
    say!("The lab's files are in {}.", lab.dir().display());
    Ok(())
}

fn fault(command: FaultCommand) -> Result<()> {
    match command {
        FaultCommand::Inject { fault, which } => {
            Lab::attach(&which.name)?.inject(fault)?;
            say!("In the lab {} now: {}.", which.name, fault.description());
        }
        FaultCommand::Undo { fault, which } => {
            Lab::attach(&which.name)?.undo(fault)?;
            say!("Undone in the lab {}: {fault}.", which.name);
        }
        FaultCommand::List { which } => {
            // The list is of use without a lab, too.
            let there = Lab::attach(&which.name)
                .map(|lab| lab.faults())
                .unwrap_or_default();
            for fault in Fault::all() {
                let mark = if there.contains(&fault) { '*' } else { ' ' };
                say!("{mark} {:<34} {}", fault.to_string(), fault.description());
            }
        }
    }
    Ok(())
}

fn status(name: &str) -> Result<()> {
    let lab = match Lab::attach(name) {
        Err(LabError::NotUp(_)) => {
            say!("No lab named {name} is up.");
            let others = Lab::names();
            if !others.is_empty() {
                say!("These are: {}.", others.join(", "));
            }
            return Ok(());
        }
        other => other?,
    };
    for (service, running) in lab.status() {
        say!("{} {service}", if running { "up  " } else { "down" });
    }
    for fault in lab.faults() {
        say!("fault {fault}: {}", fault.description());
    }
    Ok(())
}

/// Becomes the program, so that signals and the terminal are its own. Comes
/// back only with an error.
fn enter(name: &str, host: &str, user: Option<&str>, program: &[OsString]) -> LabError {
    let shell = [OsString::from("-l")];
    let prepare = || {
        let lab = Lab::attach(name)?;
        let host = lab.host(host)?;
        let (first, rest): (&OsStr, &[OsString]) = match program.split_first() {
            Some((first, rest)) => (first, rest),
            None => (OsStr::new("bash"), &shell),
        };
        let mut command = match user {
            Some(user) => host.command_as(user, first)?,
            None => host.command(first),
        };
        command.args(rest);
        Ok(command)
    };
    match prepare() {
        Ok(mut command) => {
            let source = command.exec();
            LabError::Start {
                program: "nsenter".to_owned(),
                source,
            }
        }
        Err(error) => error,
    }
}
