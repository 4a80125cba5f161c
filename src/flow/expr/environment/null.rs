//! Filters that keep null as null. Jinja makes the word "none" of it, or the
//! number 0, and what was not observed would become part of a name.

use minijinja::value::{Rest, Value, ValueOrKwargs};
use minijinja::{Environment, Error, ErrorKind, State, filters};

pub(super) fn stays_null(environment: &mut Environment<'static>) {
    // Of null they make null.
    for (name, filter) in [
        ("lower", Value::from_function(filters::lower)),
        ("upper", Value::from_function(filters::upper)),
        ("title", Value::from_function(filters::title)),
        ("capitalize", Value::from_function(filters::capitalize)),
        ("trim", Value::from_function(filters::trim)),
        ("replace", Value::from_function(filters::replace)),
        ("string", Value::from_function(filters::string)),
        ("split", Value::from_function(filters::split)),
        ("join", Value::from_function(filters::join)),
        ("first", Value::from_function(filters::first)),
        ("last", Value::from_function(filters::last)),
    ] {
        environment.add_filter(
            name,
            move |state: &mut State, value: &Value, rest: Rest<ValueOrKwargs>| {
                if is_null(value) {
                    return Ok(Value::from(()));
                }
                call(&filter, state, value, rest)
            },
        );
    }
    // Null counts as less than any number, so of null they make a fault.
    for (name, filter) in [
        ("int", Value::from_function(filters::int)),
        ("float", Value::from_function(filters::float)),
        ("abs", Value::from_function(filters::abs)),
        ("round", Value::from_function(filters::round)),
        ("sum", Value::from_function(filters::sum)),
        ("length", Value::from_function(filters::length)),
        ("count", Value::from_function(filters::length)),
    ] {
        environment.add_filter(
            name,
            move |state: &mut State, value: &Value, rest: Rest<ValueOrKwargs>| {
                if is_null(value) {
                    return Err(Error::new(
                        ErrorKind::InvalidOperation,
                        format!("the `{name}` of a value that is not known"),
                    ));
                }
                call(&filter, state, value, rest)
            },
        );
    }
}

fn is_null(value: &Value) -> bool {
    value.is_none() || value.is_undefined()
}

fn call(
    filter: &Value,
    state: &mut State,
    value: &Value,
    rest: Rest<ValueOrKwargs>,
) -> Result<Value, Error> {
    let mut arguments = vec![value.clone()];
    arguments.extend(rest.0.into_iter().map(ValueOrKwargs::into_value));
    filter.call(state, &arguments)
}
