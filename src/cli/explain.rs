//! `explain`: what an error message, a report or a piece of advice means.

use std::fmt::Write as _;

use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::failure::Failure;
use super::{ListFormat, list, pasted};
use crate::exit::Exit;
use crate::pasted::advice::{self, Advice};
use crate::pasted::error_text::{self, ErrorText};
use crate::pasted::{Recognised, recognise};
use crate::printer;

#[derive(Debug, Args)]
pub(super) struct ExplainOptions {
    /// The text itself, a file, or `-` to paste it
    text: Option<String>,
    /// Read it as an error message only
    #[arg(long, value_name = "TEXT|FILE|-", conflicts_with_all = ["text", "advice"], allow_hyphen_values = true)]
    error: Option<String>,
    /// Read it as advice only
    #[arg(
        long,
        value_name = "TEXT|FILE|-",
        conflicts_with = "text",
        allow_hyphen_values = true
    )]
    advice: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    format: ListFormat,
}

pub(super) fn explain(options: &ExplainOptions) -> Result<Exit, Failure> {
    let read = match (&options.error, &options.advice) {
        (Some(error), _) => Recognised {
            error: error_text::read(&pasted::text_or_file(error)?),
            ..Recognised::default()
        },
        (None, Some(advice)) => Recognised {
            advice: advice::read(&pasted::text_or_file(advice)?),
            ..Recognised::default()
        },
        (None, None) => {
            let given = options.text.as_deref().unwrap_or("-");
            recognise(
                &pasted::text_or_file(given)?,
                "the text",
                &[],
                Timestamp::now(),
            )
        }
    };
    match options.format {
        ListFormat::Text => printer::result(&words(&read, options)),
        ListFormat::Json => printer::result(&list::pretty(&json(&read))),
    }
    // Advice that nobody warns of is no failure.
    Ok(if read.is_nothing() && options.advice.is_none() {
        Exit::Inconclusive
    } else {
        Exit::Healthy
    })
}

fn words(read: &Recognised, options: &ExplainOptions) -> String {
    let mut out = String::new();
    if let Some(error) = &read.error {
        of_error(&mut out, error);
    }
    if !read.told.is_empty() {
        let _ = writeln!(out, "This is told by {}:", read.told.sources.join(", "));
        for line in read.told.lines() {
            let _ = writeln!(out, "  {line}");
        }
        let _ = writeln!(out, "\nTo walk with it:\n  sspi-doctor walk --pasted FILE");
    }
    for one in &read.advice {
        if !out.is_empty() {
            out.push('\n');
        }
        of_advice(&mut out, one);
    }
    if out.is_empty() {
        out.push_str(if options.advice.is_some() {
            "No advice is known in this text that would do harm. That does not make it good advice.\n"
        } else {
            "Nothing in this text is known here. Begin with the main flow:\n  sspi-doctor walk\n"
        });
    }
    out
}

fn of_error(out: &mut String, error: &ErrorText) {
    let mut line = |name: &str, value: &Option<String>| {
        if let Some(value) = value {
            let _ = writeln!(out, "{name:<12}{value}");
        }
    };
    line("Written by", &error.driver);
    line("Server", &error.server);
    line("User", &error.user);
    line("SPN", &error.spn);
    line("Client", &error.client);
    let _ = writeln!(out, "{:<12}{}", "Stopped at", error.stage.words());
    for code in &error.codes {
        let _ = writeln!(out, "{:<12}{}: {}", "Code", code.code, code.meaning);
    }
    let _ = writeln!(out, "\n{}", error.explanation);
    let mut command = format!("sspi-doctor walk {}", error.flow());
    let server = error.server.as_deref().unwrap_or("SERVER");
    let has_server = error.flow() != "sign-in";
    if has_server {
        let _ = write!(command, " --set 'server={}'", server.replace('\'', ""));
    }
    for (name, value) in error.inputs() {
        if name != "server" {
            let _ = write!(command, " --set {name}={value}");
        }
    }
    let _ = writeln!(out, "\nBegin with:\n  {command}");
}

fn of_advice(out: &mut String, advice: &Advice) {
    let _ = writeln!(
        out,
        "Beware: {}\n  Why not:  {}\n  Instead:  {}\n  Source:   {}",
        advice.says, advice.why, advice.instead, advice.source
    );
}

fn json(read: &Recognised) -> Value {
    json!({
        "error": read.error.as_ref().map(|error| {
            let mut value = serde_json::to_value(error).unwrap_or_default();
            value["stage_words"] = Value::from(error.stage.words());
            value["flow"] = Value::from(error.flow());
            value["inputs"] = error
                .inputs()
                .into_iter()
                .map(|(name, text)| (name.to_owned(), Value::from(text)))
                .collect::<serde_json::Map<_, _>>()
                .into();
            value
        }),
        "told": (!read.told.is_empty()).then_some(&read.told),
        "advice": read.advice.iter().map(|one| json!({
            "id": one.id, "says": one.says, "why": one.why, "instead": one.instead,
            "source": one.source,
        })).collect::<Vec<_>>(),
    })
}
