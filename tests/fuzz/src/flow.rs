//! Flow files that users write, and the expressions in them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Value, json};
use sspi_doctor::cause::Catalogue;
use sspi_doctor::flow::diagnostic::{self, SourceFile, Style};
use sspi_doctor::flow::expr::{self, OUTPUT_LIMIT, Scope};
use sspi_doctor::flow::{FlowInterface, Knowledge, KnownCauses, library, load, schema};
use sspi_doctor::probe::{ProbeDeclaration, registry};

use super::screen;

/// What a flow may speak of.
struct Known {
    probes: Vec<&'static ProbeDeclaration>,
    causes: KnownCauses,
    flows: BTreeMap<String, FlowInterface>,
    schema: Value,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let probes: Vec<&'static ProbeDeclaration> = registry::declarations().collect();
    let schema = schema::of(&probes);
    let flows = library::SHIPPED
        .iter()
        .filter_map(|(name, text)| load::read(SourceFile::new(name, text), &schema).ok())
        .map(|draft| (draft.raw.id.clone(), FlowInterface::of(&draft.raw)))
        .collect();
    Known {
        probes,
        causes: Catalogue::embedded().known(),
        flows,
        schema,
    }
});

/// A flow file is a flow, or its author is told why not.
pub fn file(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let knowledge = Knowledge {
        probes: &KNOWN.probes,
        causes: &KNOWN.causes,
        flows: &KNOWN.flows,
    };
    let read = load::read(SourceFile::new("flow.yaml", &text), &KNOWN.schema);
    match read.and_then(|draft| load::finish(draft, &knowledge)) {
        Ok(flow) => {
            assert!(!flow.id.is_empty() && !flow.steps.is_empty());
            assert!(flow.steps.len() <= 500);
        }
        Err(faults) => {
            assert!(!faults.is_empty(), "refused without a reason");
            assert!(faults.len() <= 100, "more than anybody repairs at once");
            for fault in &faults {
                assert!(fault.span().end <= text.len());
                screen::assert_clean(&fault.to_string());
            }
            screen::assert_clean(&diagnostic::human(&faults, Style::Plain));
            screen::assert_clean_value(&diagnostic::json(&faults));
        }
    }
}

static SCOPE: LazyLock<Scope> = LazyLock::new(|| {
    let scope = json!({
        "server": {"typed": "sql1.corp.example,1433", "host": "sql1.corp.example", "port": 1433},
        "names": ["sql1.corp.example", "sql1"],
        "reason": null,
        "status": "resolved",
        "count": 3,
        "answers": [{"server": "192.0.2.53", "addresses": ["192.0.2.31"]}],
    });
    scope.as_object().cloned().unwrap_or_default()
});

/// A condition and a template of a flow end, and do not grow without bounds.
pub fn expression(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Err(fault) = expr::holds(&text, &SCOPE) {
        assert!(!fault.to_string().is_empty());
    }
    if let Ok(rendered) = expr::render(&text, &SCOPE) {
        assert!(rendered.len() <= OUTPUT_LIMIT.max(text.len()));
    }
    let _ = expr::resolve_known(&Value::from(text.into_owned()), &SCOPE);
}
