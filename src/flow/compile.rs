//! From a flow as it stands in its file to what the engine walks. Nothing is
//! judged here: what cannot be compiled was refused by the checker.

use std::time::Duration;

use serde_json::Value;

use super::model::{
    Action, Branch, Choice, Conclusion, Expression, Flow, Found, Input, InputKind, Output, Remark,
    Step, Template, Unknown,
};
use super::raw::{
    RawAsk, RawBranch, RawFlow, RawFound, RawInput, RawKind, RawRemark, RawStep, RawUnknown,
    Several,
};

/// The immutable form of a flow.
pub fn flow(raw: RawFlow) -> Flow {
    Flow {
        id: raw.id,
        title: raw.title,
        summary: raw.summary,
        inputs: raw
            .inputs
            .into_iter()
            .map(|(name, raw)| (name, input(raw)))
            .collect(),
        start: raw.start,
        steps: raw
            .steps
            .into_iter()
            .map(|(id, raw)| {
                let step = step(&id, raw);
                (id, step)
            })
            .collect(),
        outputs: raw
            .outputs
            .into_iter()
            .map(|(name, raw)| {
                let output = Output {
                    help: raw.help,
                    value: expression(raw.value),
                };
                (name, output)
            })
            .collect(),
    }
}

/// The kind of an answer.
pub fn kind(raw: RawKind) -> InputKind {
    match raw {
        RawKind::Text => InputKind::Text,
        RawKind::Host => InputKind::Host,
        RawKind::SqlTarget => InputKind::SqlTarget,
        RawKind::Port => InputKind::Port,
        RawKind::Choice => InputKind::Choice,
        RawKind::YesNo => InputKind::YesNo,
        RawKind::Secret => InputKind::Secret,
    }
}

/// A time with its unit: `500ms`, `5s`, `2m`.
pub fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|character: char| !character.is_ascii_digit())?;
    let number: u64 = text[..digits].parse().ok()?;
    let duration = match &text[digits..] {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number.checked_mul(60)?),
        _ => return None,
    };
    (duration > Duration::ZERO).then_some(duration)
}

fn input(raw: RawInput) -> Input {
    Input {
        ask: template(raw.ask),
        kind: kind(raw.kind),
        help: raw.help,
        example: raw.example,
        default: raw.default,
        optional: raw.optional,
        choices: choices(raw.options),
    }
}

fn question(raw: RawAsk) -> Input {
    Input {
        ask: template(raw.question),
        kind: kind(raw.kind),
        help: raw.help,
        example: raw.example,
        default: raw.default,
        optional: raw.optional,
        choices: choices(raw.options),
    }
}

fn choices(options: indexmap::IndexMap<String, String>) -> Vec<Choice> {
    options
        .into_iter()
        .map(|(value, label)| Choice {
            value,
            label,
            help: None,
        })
        .collect()
}

fn step(id: &str, raw: RawStep) -> Step {
    let RawStep { keys, mut probes } = raw;
    let action = if let Some((probe, arguments)) = probes.pop() {
        Action::Probe {
            probe,
            arguments,
            deadline: keys.deadline.as_deref().and_then(duration),
        }
    } else if let Some(ask) = keys.ask {
        Action::Ask(Box::new(question(ask)))
    } else if let Some(text) = keys.tell {
        Action::Tell(template(text))
    } else if let Some(flow) = keys.flow {
        Action::Flow {
            flow,
            with: keys.with,
        }
    } else {
        Action::Finish(template(keys.finish.unwrap_or_default()))
    };
    let mut branches: Vec<Branch> = keys.branch.into_iter().map(branch).collect();
    if let Some(goto) = keys.goto {
        branches.push(Branch {
            on: Vec::new(),
            when: None,
            conclusion: Conclusion::default(),
            goto,
        });
    }
    Step {
        id: id.to_owned(),
        title: template(keys.title),
        why: template(keys.why.unwrap_or_default()),
        action,
        also: keys.also.into_iter().map(remark).collect(),
        branches,
    }
}

fn remark(raw: RawRemark) -> Remark {
    Remark {
        on: raw.on.0,
        when: raw.when.map(expression),
        conclusion: conclusion(raw.tell, raw.found, raw.rules_out, raw.unknown),
    }
}

fn branch(raw: RawBranch) -> Branch {
    Branch {
        on: raw.on.0,
        when: raw.when.map(expression),
        conclusion: conclusion(raw.tell, raw.found, raw.rules_out, raw.unknown),
        goto: raw.goto,
    }
}

fn conclusion(
    tell: Option<String>,
    found: Several<RawFound>,
    rules_out: Several<String>,
    unknown: Several<RawUnknown>,
) -> Conclusion {
    Conclusion {
        tell: tell.map(template),
        found: found
            .0
            .into_iter()
            .map(|raw| Found {
                cause: raw.cause,
                with: raw.with,
            })
            .collect(),
        rules_out: rules_out.0,
        unknown: unknown
            .0
            .into_iter()
            .map(|raw| Unknown {
                cause: raw.cause,
                // The step's own reason, where the file gives none.
                why: template(raw.why.unwrap_or_else(|| "{{ reason }}".to_owned())),
                with: raw.with,
            })
            .collect(),
    }
}

/// A default answer in the type that the engine takes.
pub fn answer_fits(kind: InputKind, value: &Value) -> bool {
    match kind {
        InputKind::YesNo => value.is_boolean(),
        InputKind::Port => value
            .as_u64()
            .is_some_and(|port| (1..=65535).contains(&port)),
        InputKind::Secret => false,
        _ => value.is_string(),
    }
}

fn expression(source: String) -> Expression {
    Expression { source }
}

fn template(source: String) -> Template {
    Template { source }
}
