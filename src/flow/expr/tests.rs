use serde_json::json;

use super::*;

fn scope() -> Scope {
    let value = json!({
        "server": {"typed": "tcp:sql1.corp.example,1433", "host": "sql1.corp.example", "port": 1433},
        "answers": ["10.0.4.7", "10.0.4.8"],
        "account": null,
        "owner": {"name": "CORP\\svc_sql", "sid": "S-1-5-21-1"},
        "forward": {"status": "resolved", "addresses": ["10.0.4.7"], "fqdn": "SQL1.corp.example."},
        "names": ["Sql1.Corp.Example.", "other"],
        "status": "resolved",
    });
    value.as_object().cloned().unwrap()
}

#[test]
fn conditions_hold_by_the_rules_of_truth() {
    for (expression, expected) in [
        ("answers | length > 1", true),
        ("status == 'resolved' and not account", true),
        ("account is none", true),
        ("account is not none and account.name == 'x'", false),
        ("forward.status in ['no-such-name', 'no-address']", false),
        ("same_host(forward.fqdn, server.host)", true),
        ("names | has_host(server.host)", true),
        ("names | has_host('sql2')", false),
        ("same_host(account, none)", false),
        ("reverse is defined and reverse.status == 'resolved'", false),
        ("reverse.status | default('') == ''", true),
        ("answers | select('equalto', '10.0.4.7') | list", true),
        ("[] or ''", false),
        ("server.host[:4] == 'sql1' and status[2:] > 'a'", true),
        (
            "answers[1:] == ['10.0.4.8'] and owner['name'][0] == 'C'",
            true,
        ),
        (
            "[server][0].port == 1433 and (forward).addresses | length == 1",
            true,
        ),
    ] {
        assert_eq!(holds(expression, &scope()), Ok(expected), "{expression}");
    }
}

#[test]
fn an_unknown_name_is_a_fault_that_points_at_it() {
    let fault = holds("status == 'x' or forwrd.status == 'y'", &scope()).unwrap_err();
    assert_eq!(fault.kind, FaultKind::UnknownName);
    assert_eq!(fault.range, Some(17..30));
    assert_eq!(fault.message, "`forwrd.status` is not known here");
    assert!(render("{{ server.prot }}", &scope()).is_err());
}

#[test]
fn text_reads_as_a_person_expects() {
    for (template, expected) in [
        ("plain { text }", "plain { text }"),
        (
            "{{ server }} has {{ answers }}",
            "tcp:sql1.corp.example,1433 has 10.0.4.7, 10.0.4.8",
        ),
        (
            "held by {{ owner }}, not {{ account }}",
            "held by CORP\\svc_sql, not unknown",
        ),
        ("{{ account.name }}", "unknown"),
        (
            "{{ server.host | short_name }}/{{ server.host | domain_part }}",
            "sql1/corp.example",
        ),
        ("{{ answers[0] | short_name }}", "10.0.4.7"),
        (
            "{% for answer in answers %}<{{ answer }}>{% endfor %}",
            "<10.0.4.7><10.0.4.8>",
        ),
        ("{% if account %}a{% else %}b{% endif %}", "b"),
        ("<b>{{ '<i>' }}", "<b><i>"),
    ] {
        assert_eq!(
            render(template, &scope()).as_deref(),
            Ok(expected),
            "{template}"
        );
    }
}

#[test]
fn a_lone_expression_keeps_its_type() {
    let given = json!({
        "port": "{{ server.port }}",
        "list": ["{{ answers }}", "{{ account }}", "{{ server.host }}:{{ server.port }}"],
        "flag": true,
        "dict": " {{ {'a': {'b': 1}} }} ",
        "braces": "{{ '}}' }}",
    });
    assert_eq!(
        resolve(&given, &scope()),
        Ok(json!({
            "port": 1433,
            "list": [["10.0.4.7", "10.0.4.8"], null, "sql1.corp.example:1433"],
            "flag": true,
            "dict": {"a": {"b": 1}},
            "braces": "}}",
        }))
    );
}

#[test]
fn what_is_not_known_never_becomes_a_name_or_a_number() {
    for expression in [
        "account | upper",
        "account.name | trim | lower",
        "account | first",
    ] {
        assert_eq!(
            evaluate(expression, &scope()),
            Ok(Value::Null),
            "{expression}"
        );
    }
    for expression in [
        "account | int < 5",
        "account | length == 0",
        "account | sum < 1",
    ] {
        let fault = holds(expression, &scope()).unwrap_err();
        assert!(fault.message.contains("not known"), "{fault}");
    }
    let spn =
        json!({"spn": "MSSQLSvc/{{ account.host }}:{{ server.port }}", "user": "{{ account }}"});
    let fault = resolve_known(&spn, &scope()).unwrap_err();
    assert_eq!(fault.message, "a part of the text is not known");
    assert_eq!(
        resolve_known(
            &json!(["{{ account }}", "{{ server.host }}:{{ server.port }}"]),
            &scope()
        ),
        Ok(json!([null, "sql1.corp.example:1433"]))
    );
    assert_eq!(
        evaluate("answers | join('/') | replace('.', '-') | upper", &scope()),
        Ok(json!("10-0-4-7/10-0-4-8"))
    );
    assert_eq!(
        evaluate("['b', 'a'] | sort(reverse=true) | join", &scope()),
        Ok(json!("ba"))
    );
    assert_eq!(
        evaluate(
            "[{'a': 1.04}, {'a': 0.22}] | sum(attribute='a') | round(1)",
            &scope()
        ),
        Ok(json!(1.3))
    );
}

#[test]
fn names_are_dotted_and_leave_out_what_the_text_itself_names() {
    assert_eq!(
        names("same_host(forward.fqdn, server.host) and answers[0].x == range(3)").unwrap(),
        ["answers", "forward.fqdn", "server.host"]
            .map(str::to_owned)
            .into()
    );
    assert_eq!(
        template_names("{% for a in answers %}{{ a.b }}{{ loop.index }}{{ status }}{% endfor %}")
            .unwrap(),
        ["answers", "status"].map(str::to_owned).into()
    );
}

#[test]
fn nothing_runs_away() {
    for template in [
        "{% for a in range(20000) %}{% for b in range(20000) %}x{% endfor %}{% endfor %}",
        "{{ 'x' * 200000 }}",
        "{% set x = 1 %}",
        "{% macro a() %}{{ a() }}{% endmacro %}",
        "{% include 'x' %}",
        "{% raw %}{% endraw %}",
        "{{ 'x",
        "{{ x",
        "{{ debug() }}",
        "{{ namespace() }}",
    ] {
        assert!(render(template, &scope()).is_err(), "{template}");
    }
    assert!(evaluate("range(100000) | list * 1000", &scope()).is_err());
    assert!(evaluate(&"(".repeat(10_000), &scope()).is_err());
}

#[test]
fn words_that_do_not_exist_are_faults() {
    assert_eq!(
        evaluate("answers | lenght", &scope()).unwrap_err().kind,
        FaultKind::UnknownWord
    );
    assert!(has_filter("has_host") && has_test("defined") && has_function("same_host"));
    assert!(!has_filter("lenght") && !has_test("define") && !has_function("len"));
}

proptest::proptest! {
    #[test]
    fn no_source_panics(source in "[ -~{}%'\"\\\\é]{0,60}") {
        let _ = evaluate(&source, &scope());
        let _ = render(&source, &scope());
        let _ = names(&source);
    }
}
