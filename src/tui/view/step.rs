//! One step: what is asked, why, what was seen, what it means, what comes next,
//! and the same by hand.

use super::super::document::Document;
use super::super::model::{Model, Walking};
use super::super::theme::Role;
use super::super::walk_state::WalkState;
use super::{evidence, layout, running};
use crate::engine::{Phase, RuledOut, StepKind, Taken, Visit};
use crate::probe::{ByHand, Evidence, NOT_OBSERVED, ProbeRequest, registry};

/// The fewest lines that the evidence is given, however little room there is.
const EVIDENCE_LINES: usize = 5;
/// The lines that the commands by hand are given before the evidence.
const BY_HAND_LINES: usize = 3;
/// The lines of a question to a server; what it saw matters more.
const ASKED_LINES: usize = 2;

/// The step as a page; what was seen is shortened to leave room for what it
/// means.
pub fn document(model: &Model, width: usize, height: usize) -> Document {
    let mut document = Document::new(model.look, width);
    let Some(walking) = model.walking() else {
        return document;
    };
    let Some(visit) = walking.state.visit() else {
        return document;
    };
    heading(&mut document, model.columns, walking, visit);
    if let Phase::Probing { .. } = walking.state.phase {
        running::draw(model, &mut document, walking, visit);
        return document;
    }
    let mut after = document.beside();
    conclusion(&mut after, walking, visit);
    let needed = after.len();
    remarks(&mut after, visit);
    if let Some(outcome) = &visit.outcome {
        by_hand(&mut after, &outcome.by_hand);
    }
    // The commands are the first to go out of sight.
    let needed = needed + (after.len() - needed).min(BY_HAND_LINES);
    let room = height
        .saturating_sub(document.len() + needed + 2)
        .max(EVIDENCE_LINES);
    let seen = seen(&document, visit, room);
    document.append(seen);
    document.gap();
    document.append(after);
    document
}

/// Title, progress and why it matters; the same for questions.
pub fn heading(document: &mut Document, columns: u16, walking: &Walking, visit: &Visit) {
    let (at, all) = walking.state.progress();
    let progress = match visit.kind {
        StepKind::Flow | StepKind::Finish => String::new(),
        // A narrow screen has it in its header.
        _ if !layout::has_two_panes(columns) => String::new(),
        _ => format!("part {at} of {all}"),
    };
    document.ends((&visit.title, Role::Title), (&progress, Role::Quiet));
    document.gap();
    if !visit.why.trim().is_empty() {
        document.labelled("Why", visit.why.trim(), Role::Plain);
        document.gap();
    }
}

/// What a copy takes from a step: the commands, else what was seen.
pub fn copied(model: &Model) -> (&'static str, String, &'static str) {
    let outcome = model
        .walking()
        .and_then(|walking| walking.state.visit())
        .and_then(|visit| visit.outcome.as_ref());
    let Some(outcome) = outcome else {
        return ("The step", String::new(), "-step.txt");
    };
    let ByHand { linux, windows } = &outcome.by_hand;
    if linux.is_empty() && windows.is_empty() {
        return ("The evidence", evidence::text(model), "-evidence.txt");
    }
    let mut text = String::new();
    for (system, commands) in [("Linux", linux), ("Windows", windows)] {
        if !commands.is_empty() {
            text.extend(["# ", system, "\n", &commands.join("\n"), "\n"]);
        }
    }
    ("The commands", text, "-commands.txt")
}

/// What a probe asks: its title and its arguments.
pub fn asking(document: &mut Document, request: &ProbeRequest) {
    let title = registry::declaration(&request.probe)
        .map_or(request.probe.as_str(), |declared| declared.title);
    document.labelled("Asking", title, Role::Plain);
    for (name, value) in &request.arguments {
        let typed = value.get("typed").or_else(|| value.get("name"));
        let words = match typed {
            Some(typed) => evidence::words(typed),
            None if value.is_object() => continue,
            None => evidence::words(value),
        };
        document.beside_label(&format!("{}: {words}", name.replace('_', " ")), Role::Plain);
    }
}

/// What was seen, in at most `room` lines; what has no room is in the evidence.
fn seen(like: &Document, visit: &Visit, room: usize) -> Document {
    let mut document = like.beside();
    if let Some((question, answer)) = &visit.answer {
        document.labelled("Asked", question, Role::Plain);
        document.labelled("Answer", answer, Role::Strong);
    }
    let Some(outcome) = &visit.outcome else {
        return document;
    };
    let reason = outcome.fact("reason").as_str();
    if outcome.status == NOT_OBSERVED {
        document.labelled(
            "Not seen",
            reason.unwrap_or("the reason is not known"),
            Role::Plain,
        );
    } else if outcome.evidence.is_empty() {
        document.labelled("Saw", reason.unwrap_or(&visit.summary()), Role::Strong);
    }
    for (number, evidence) in outcome.evidence.iter().enumerate() {
        let mut one = like.beside();
        exchange(&mut one, evidence, true);
        let left = outcome.evidence.len() - number;
        // One line stays for saying that there is more.
        let reserve = usize::from(left > 1);
        if document.len() + one.len() + reserve <= room {
            document.append(one);
            continue;
        }
        let free = room.saturating_sub(document.len() + 1);
        // A question without a line of what it saw says nothing.
        if number == 0 || free > ASKED_LINES {
            one.cut(free);
            document.append(one);
            document.beside_label("(more: press e)", Role::Quiet);
        } else {
            let noun = if left == 1 { "answer" } else { "answers" };
            document.beside_label(&format!("({left} more {noun}: press e)"), Role::Quiet);
        }
        break;
    }
    document
}

/// One exchange: whom we asked what, and what came back. The short form cuts a
/// long question.
pub fn exchange(document: &mut Document, evidence: &Evidence, short: bool) {
    let time = evidence
        .elapsed_ms
        .map(|time| format!("{time} ms"))
        .unwrap_or_default();
    let mut asked = document.beside();
    asked.labelled("Asked", &evidence.asked, Role::Plain);
    if short {
        asked.shorten(ASKED_LINES);
    }
    asked.note(&time, Role::Quiet);
    document.append(asked);
    if let Some(credential) = evidence.credential.as_ref().filter(|_| !short) {
        document.labelled("As", credential, Role::Plain);
    }
    document.labelled("Saw", &evidence.saw, Role::Strong);
}

fn conclusion(document: &mut Document, walking: &Walking, visit: &Visit) {
    let state = &walking.state;
    if let Some(taken) = &visit.taken {
        for (number, sentence) in meaning(state, visit, taken).into_iter().enumerate() {
            let label = if number == 0 { "Means" } else { "" };
            document.labelled(label, sentence, Role::Plain);
        }
        for cause in &taken.found {
            let finding = state
                .findings
                .iter()
                .find(|finding| finding.cause == *cause);
            let (title, severity) = finding.map_or((cause.as_str(), ""), |f| {
                (f.title.as_str(), f.severity.words())
            });
            document.labelled("Cause", title, Role::Fault);
            let words = if severity.is_empty() {
                cause.clone()
            } else {
                format!("{cause}: {severity}")
            };
            document.beside_label(&words, Role::Quiet);
        }
        for (why, causes) in unknown_here(state, visit) {
            document.labelled("Unknown", &causes.join(", "), Role::Unknown);
            document.beside_label(why, Role::Plain);
        }
    }
    let waits = visit
        .request
        .as_ref()
        .is_some_and(|request| request.probe.starts_with("pasted-"))
        && matches!(
            visit.status.as_deref(),
            Some("not-told" | "partly" | "not-observed")
        );
    if waits {
        let words = "Press v and paste what they send you; this step then looks again.";
        document.labelled("Paste", words, Role::Strong);
    }
    if let Some(next) = &state.next {
        document.labelled("Next", next, Role::Plain);
    }
}

/// What a step means: the last words of the flow, which decide, else what it
/// rules out.
fn meaning<'a>(state: &'a WalkState, visit: &Visit, taken: &'a Taken) -> Vec<&'a str> {
    let told = told(taken);
    if let Some(last) = told.last() {
        return vec![last];
    }
    if !taken.found.is_empty() {
        return Vec::new();
    }
    state
        .ruled_out
        .iter()
        .filter(|out| out.step == visit.path)
        .map(RuledOut::words)
        .take(2)
        .collect()
}

/// What the flow remarks besides.
fn remarks(document: &mut Document, visit: &Visit) {
    let told = visit.taken.as_ref().map(told).unwrap_or_default();
    let Some((_, remarks)) = told.split_last().filter(|(_, rest)| !rest.is_empty()) else {
        return;
    };
    document.gap();
    for (number, sentence) in remarks.iter().enumerate() {
        let label = if number == 0 { "Besides" } else { "" };
        document.labelled(label, sentence, Role::Plain);
    }
}

fn told(taken: &Taken) -> Vec<&str> {
    taken
        .means
        .iter()
        .map(|sentence| sentence.trim())
        .filter(|sentence| !sentence.is_empty())
        .collect()
}

/// What stays unknown at a step: each reason once, with its causes.
fn unknown_here<'a>(state: &'a WalkState, visit: &Visit) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for unknown in state
        .unknown
        .iter()
        .filter(|unknown| unknown.step == visit.path)
    {
        match reasons.iter_mut().find(|(why, _)| *why == unknown.why) {
            Some((_, causes)) => causes.push(&unknown.cause),
            None => reasons.push((&unknown.why, vec![&unknown.cause])),
        }
    }
    reasons
}

fn by_hand(document: &mut Document, by_hand: &ByHand) {
    let commands: Vec<String> = by_hand
        .linux
        .iter()
        .map(|command| format!("$ {command}"))
        .chain(by_hand.windows.iter().map(|command| format!("> {command}")))
        .collect();
    if commands.is_empty() {
        return;
    }
    document.gap();
    for (number, command) in commands.iter().enumerate() {
        let label = if number == 0 { "By hand" } else { "" };
        document.verbatim(Some(label), command, Role::Command);
    }
}
