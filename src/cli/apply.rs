//! `fix --plan`, `--apply` and `--undo`: the changes of a fix in the directory
//! itself, each shown and each agreed to.

mod again;
mod consent;
mod screen;

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::connect::ConnectOptions;
use super::failure::Failure;
use super::run;
use super::sessions::FixOptions;
use crate::apply::admissible::{self, Admitted};
use crate::apply::carry_out::{self, Carried, Stopped, Told, carry_out};
use crate::apply::record::{Standing, standing};
use crate::apply::{Controllers, Edit, Keeper, Proposal, Refusal, propose, undo};
use crate::exit::Exit;
use crate::fix::{Plan, quote};
use crate::printer;
use crate::probe::context::LiveSession;
use crate::transcript::SessionDocument;

/// What the user wants, with the session that it is about.
struct Task<'a> {
    options: &'a FixOptions,
    connect: &'a ConnectOptions,
    document: &'a SessionDocument,
    journal: &'a Path,
}

pub(super) fn apply(
    options: &FixOptions,
    connect: &ConnectOptions,
    document: &SessionDocument,
    journal: &Path,
) -> Result<Exit, Failure> {
    let task = Task {
        options,
        connect,
        document,
        journal,
    };
    if options.undo {
        task.undo()
    } else {
        task.repair()
    }
}

impl Task<'_> {
    fn repair(&self) -> Result<Exit, Failure> {
        let now = Timestamp::now();
        let admitted = admissible::admit(self.document, &self.options.cause, now)
            .map_err(|refusal| self.refused(&refusal))?;
        let plan = Plan::of(&admitted.findings);
        let writes = plan
            .steps
            .iter()
            .any(|step| step.change.account().is_some());
        if !writes {
            return self.nothing_to_write(&plan, &admitted);
        }
        for refusal in &admitted.refused {
            printer::progress(&format!(
                "Left out: {refusal}.\n  {}",
                refusal.remedy(&self.walk_command())
            ));
        }
        let session = Arc::new(self.connect.session()?);
        let runtime = run::runtime()?;
        runtime.block_on(async {
            let controllers = self.controllers(&session, &plan)?;
            let proposal = propose(&controllers, self.document, &plan)
                .await
                .map_err(|refusal| self.refused(&refusal))?;
            printer::result(&screen::proposal(&proposal, &plan, self.document));
            if proposal.changes.is_empty() {
                printer::progress("The directory is as the repair would make it: nothing to do.");
                return Ok(Exit::Healthy);
            }
            if self.options.plan {
                printer::result(&screen::how_to_agree(&self.command("--apply"), &proposal));
                return Ok(Exit::Healthy);
            }
            let agreed = consent::ask(&proposal, &self.options.yes_to, &self.command("--plan"))?;
            let agreed = with_what_they_need(&proposal, agreed);
            if agreed.is_empty() {
                printer::progress("Nothing was changed.");
                return Ok(Exit::Inconclusive);
            }
            let out: Vec<String> = (1..=proposal.changes.len())
                .filter(|number| !agreed.iter().any(|(one, _)| one == number))
                .map(|number| number.to_string())
                .collect();
            if !out.is_empty() {
                printer::progress(&format!(
                    "Without change {} the repair is not whole.",
                    out.join(" and ")
                ));
            }
            let carried = self.write(&controllers, &agreed).await?;
            if let Some((_, stopped)) = &carried.stopped {
                return Err(self.stopped(stopped, &carried));
            }
            printer::progress(&screen::before_you_try());
            let causes: Vec<String> = admitted
                .findings
                .iter()
                .map(|finding| finding.cause.clone())
                .collect();
            again::walk(self, &session, &causes).await
        })
    }

    fn undo(&self) -> Result<Exit, Failure> {
        let mut keeper = Keeper::beside(self.journal, Timestamp::now());
        let lines = keeper
            .read()
            .map_err(|fault| Failure::unfinished(fault.to_string()))?;
        let standing = standing(&lines);
        if standing.is_empty() {
            printer::progress("Nothing of this session was applied that could be undone.");
            return Ok(Exit::Healthy);
        }
        let session = Arc::new(self.connect.session()?);
        let runtime = run::runtime()?;
        runtime.block_on(async {
            // The controller that took a change has it for certain.
            let hosts = standing
                .iter()
                .map(|one| {
                    (
                        one.edit.object.domain.clone(),
                        one.edit.object.server.clone(),
                    )
                })
                .collect();
            let domains: Vec<&str> = standing
                .iter()
                .map(|one| one.edit.object.domain.as_str())
                .collect();
            let named = self.options.controller.as_deref();
            let controllers = Controllers::new(session, hosts, named, &domains)
                .map_err(|refusal| self.refused(&refusal))?;
            let plan = undo::propose_undo(&controllers, &standing)
                .await
                .map_err(|refusal| self.refused(&refusal))?;
            printer::result(&screen::proposal(
                &plan.proposal,
                &Plan::default(),
                self.document,
            ));
            if plan.proposal.changes.is_empty() {
                printer::progress("All of it is as it was before: nothing to undo.");
                return Ok(Exit::Healthy);
            }
            if self.options.plan {
                let command = self.command("--undo");
                printer::result(&screen::how_to_agree(&command, &plan.proposal));
                return Ok(Exit::Healthy);
            }
            let command = self.command("--undo --plan");
            let agreed = consent::ask(&plan.proposal, &self.options.yes_to, &command)?;
            let agreed = with_what_they_need(&plan.proposal, agreed);
            let chosen: Vec<&Standing> = agreed
                .iter()
                .map(|(number, _)| &plan.standing[number - 1])
                .collect();
            self.take_back(&controllers, &chosen, &mut keeper).await
        })
    }

    async fn take_back(
        &self,
        controllers: &Controllers,
        chosen: &[&Standing],
        keeper: &mut Keeper,
    ) -> Result<Exit, Failure> {
        if chosen.is_empty() {
            printer::progress("Nothing was changed.");
            return Ok(Exit::Inconclusive);
        }
        let mut undone: Vec<Edit> = Vec::new();
        for one in chosen {
            let inverse = one.edit.inverse();
            printer::progress(&inverse.words.join("; "));
            let earlier: Vec<&Edit> = undone.iter().collect();
            match undo::undo(controllers, one, &earlier, keeper).await {
                Ok(_) => printer::progress("   done"),
                Err(stopped) => {
                    return Err(not_undone(&stopped));
                }
            }
            undone.push(inverse);
        }
        printer::progress("All of it is undone. The fault that was repaired is there again.");
        Ok(Exit::Healthy)
    }

    async fn write(
        &self,
        controllers: &Controllers,
        agreed: &[(usize, Edit)],
    ) -> Result<Carried, Failure> {
        let mut keeper = Keeper::beside(self.journal, Timestamp::now());
        let edits: Vec<Edit> = agreed.iter().map(|(_, edit)| edit.clone()).collect();
        let backup = keeper.back_up(&edits).map_err(|fault| {
            Failure::unfinished(format!("{fault}; nothing was changed")).hint(
                "without a backup nothing is written; copy the session's file to a folder of yours",
            )
        })?;
        printer::progress(&format!("The values of before are in {}", backup.display()));
        let stop = CancellationToken::new();
        let on_signal = stop.clone();
        let signals = tokio::spawn(async move {
            run::interrupted().await;
            on_signal.cancel();
        });
        let mut tell = |told: Told<'_>| printer::progress(&screen::told(&told));
        let carried = carry_out(controllers, agreed, &mut keeper, &stop, &mut tell).await;
        signals.abort();
        if !carried.made.is_empty() {
            printer::progress(&format!(
                "All agreed changes are made. What was done is in {}\nTo undo it: {}",
                keeper.record_path().display(),
                self.command("--undo")
            ));
        }
        Ok(carried)
    }

    fn controllers(&self, session: &Arc<LiveSession>, plan: &Plan) -> Result<Controllers, Failure> {
        let domains: Vec<&str> = plan
            .steps
            .iter()
            .filter_map(|step| step.change.account())
            .map(|account| account.domain.as_str())
            .collect();
        Controllers::new(
            Arc::clone(session),
            self.document.header().domain_controllers,
            self.options.controller.as_deref(),
            &domains,
        )
        .map_err(|refusal| self.refused(&refusal))
    }

    /// No finding is repaired by a change of the directory.
    fn nothing_to_write(&self, plan: &Plan, admitted: &Admitted) -> Result<Exit, Failure> {
        if let Some(refusal) = admitted.refused.first() {
            return Err(self.refused(refusal));
        }
        printer::result(&screen::proposal(&Proposal::default(), plan, self.document));
        Err(
            Failure::usage("nothing of this repair is a change of accounts in the directory").hint(
                format!("the script has the rest: {}", self.script_command()),
            ),
        )
    }

    fn refused(&self, refusal: &Refusal) -> Failure {
        let failure = match refusal {
            Refusal::Directory(_) | Refusal::Changed(_) | Refusal::ChangedSince(_) => {
                Failure::unfinished(format!("{refusal}; nothing was changed"))
            }
            _ => Failure::usage(format!("{refusal}; nothing was changed")),
        };
        failure.hint(refusal.remedy(&self.walk_command()))
    }

    fn stopped(&self, stopped: &Stopped, carried: &Carried) -> Failure {
        self.refuse_further(stopped, &screen::left(carried))
    }

    fn refuse_further(&self, stopped: &Stopped, state: &str) -> Failure {
        let hint = if stopped.lacks_rights() {
            format!(
                "hand the script to somebody who may: {}\nor sign in as somebody who may: kinit, or --user NAME@DOMAIN",
                self.script_command()
            )
        } else if matches!(stopped, Stopped::ByUser) {
            format!("to begin anew: {}", self.command("--apply"))
        } else {
            format!(
                "walk once more, then apply what that session finds: {}",
                self.walk_command()
            )
        };
        Failure::unfinished(format!("{stopped}.\n{state}")).hint(hint)
    }

    /// The session as the user names it.
    fn session_name(&self) -> String {
        let name = self.options.session.as_deref();
        let name = name.filter(|name| *name != "last");
        quote::sh(name.unwrap_or(&self.document.session))
    }

    fn command(&self, mode: &str) -> String {
        let mut command = format!("sspi-doctor fix {} {mode}", self.session_name());
        for cause in &self.options.cause {
            command.push_str(" --cause ");
            command.push_str(&quote::sh(cause));
        }
        if let Some(controller) = &self.options.controller {
            command.push_str(" --controller ");
            command.push_str(&quote::sh(controller));
        }
        command
    }

    fn script_command(&self) -> String {
        format!("{} > fix.ps1", self.command("--for windows"))
    }

    fn walk_command(&self) -> String {
        self.document.header().again(quote::sh)
    }
}

/// Leaves out what needs a change that was not agreed to.
fn with_what_they_need(proposal: &Proposal, agreed: Vec<usize>) -> Vec<(usize, Edit)> {
    let edits = proposal.edits();
    let mut kept: Vec<(usize, Edit)> = Vec::new();
    for index in agreed {
        let missing: Vec<String> = carry_out::needs(&edits, index)
            .into_iter()
            .filter(|needed| !kept.iter().any(|(number, _)| *number == needed + 1))
            .map(|needed| (needed + 1).to_string())
            .collect();
        if missing.is_empty() {
            kept.push((index + 1, edits[index].clone()));
        } else {
            printer::progress(&format!(
                "Change {} is left out, because it needs {}, which you did not agree to.",
                index + 1,
                missing.join(" and ")
            ));
        }
    }
    kept
}

fn not_undone(stopped: &Stopped) -> Failure {
    let hint = if stopped.lacks_rights() {
        "sign in as somebody who may: kinit, or --user NAME@DOMAIN".to_owned()
    } else {
        "the values of before are in the LDIF file beside the session; what still stands is shown by \
         --undo --plan"
            .to_owned()
    };
    Failure::unfinished(format!(
        "{stopped}.\nThis change and those after it stand; what was undone before it stays undone."
    ))
    .hint(hint)
}
