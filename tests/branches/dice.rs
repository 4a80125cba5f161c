//! Chance whose order is always the same, and the values that it makes: facts of
//! the declared kinds, inputs and answers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use sspi_doctor::engine::answer;
use sspi_doctor::flow::library::SHIPPED;
use sspi_doctor::flow::{Input, InputKind};
use sspi_doctor::probe::FactKind;

/// Dice that always fall in the same order, and the words and numbers that the
/// flows' own conditions name.
pub struct Dice {
    state: u64,
    words: Vec<String>,
    numbers: Vec<i64>,
    /// What conditions compare a name with.
    compared: BTreeMap<String, Vec<String>>,
}

impl Dice {
    pub fn new() -> Self {
        let mut words: BTreeSet<String> = BTreeSet::new();
        let mut numbers: BTreeSet<i64> = [-1000, -1, 0, 1, 2, 1000].into();
        for (_, text) in SHIPPED {
            for line in text
                .lines()
                .filter(|line| line.contains("when:") || line.contains("value:"))
            {
                for word in line.split('\'').skip(1).step_by(2) {
                    words.insert(word.to_owned());
                }
                for number in line.split(|c: char| !c.is_ascii_digit()) {
                    if let Ok(number) = number.parse::<i64>() {
                        numbers.extend([number, number + 1]);
                    }
                }
            }
        }
        words.insert(r"CORP\svc_sql".to_owned());
        Self {
            state: 0x9E37_79B9_7F4A_7C15,
            words: words.into_iter().collect(),
            numbers: numbers.into_iter().collect(),
            compared: compared(),
        }
    }

    /// Often, a value that some condition compares this name with.
    pub fn compared(&mut self, name: &str, kind: FactKind) -> Option<Value> {
        let count = self.compared.get(name)?.len();
        if self.one_in(3) {
            return None;
        }
        let index = self.below(count);
        let literal = self.compared.get(name)?.get(index)?;
        match kind {
            FactKind::Integer | FactKind::Seconds => literal.parse::<i64>().ok().map(Value::from),
            FactKind::Text => Some(Value::from(literal.as_str())),
            _ => None,
        }
    }

    /// A number from 0 to `limit`, without it (xorshift64*).
    pub fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let high = self.state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(high).unwrap_or(0) % limit.max(1)
    }

    pub fn flip(&mut self) -> bool {
        self.below(2) == 0
    }

    pub fn one_in(&mut self, sides: usize) -> bool {
        self.below(sides) == 0
    }

    pub fn number(&mut self) -> i64 {
        let index = self.below(self.numbers.len());
        self.numbers[index]
    }

    pub fn word(&mut self) -> String {
        let index = self.below(self.words.len());
        self.words[index].clone()
    }
}

pub fn value(name: &str, kind: FactKind, dice: &mut Dice) -> Value {
    if dice.one_in(5) {
        return Value::Null;
    }
    if let Some(compared) = dice.compared(name, kind) {
        return compared;
    }
    match kind {
        FactKind::Boolean => json!(dice.flip()),
        FactKind::Integer | FactKind::Seconds => json!(dice.number()),
        FactKind::Port => json!(1400 + dice.below(200)),
        FactKind::Time => {
            json!(["2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z"][dice.below(2)])
        }
        FactKind::HostName => {
            json!(
                [
                    "sql1.corp.example",
                    "sql2.corp.example",
                    "corp.example",
                    "partner.example"
                ][dice.below(4)]
            )
        }
        FactKind::Address => json!(["10.0.0.1", "10.0.0.2"][dice.below(2)]),
        FactKind::List(item) => {
            let items: Vec<Value> = (0..dice.below(3))
                .map(|_| value(name, *item, dice))
                .collect();
            json!(items)
        }
        FactKind::Record(fields) => {
            let fields: Map<String, Value> = fields
                .iter()
                .map(|field| (field.name.to_owned(), value(field.name, field.kind, dice)))
                .collect();
            Value::Object(fields)
        }
        _ => json!(dice.word()),
    }
}

/// A value for an input or a question, or null where none is needed.
pub fn input(name: &str, input: &Input, dice: &mut Dice) -> Value {
    if (input.optional || input.default.is_some()) && dice.flip() {
        return input.default.clone().unwrap_or(Value::Null);
    }
    if input.kind == InputKind::Text {
        return match value(name, FactKind::Text, dice) {
            Value::Null => json!(dice.word()),
            text => text,
        };
    }
    let choices: Vec<String> = input
        .choices
        .iter()
        .map(|choice| choice.value.clone())
        .collect();
    answered(input.kind, &choices, dice)
}

pub fn answered(kind: InputKind, choices: &[String], dice: &mut Dice) -> Value {
    const SERVERS: &[&str] = &[
        "sql1.corp.example,1433",
        "sql1.corp.example",
        r"sql1\INST1",
        r"sql1\INST1,14331",
        "sql2.corp.example",
        "10.0.0.1,1433",
        "localhost",
        "localhost,15433",
    ];
    match kind {
        InputKind::SqlTarget => {
            let typed = SERVERS[dice.below(SERVERS.len())];
            answer::parse(kind, &[], false, typed).expect("a SQL target")
        }
        InputKind::Host => json!(["sql1.corp.example", "corp.example"][dice.below(2)]),
        InputKind::Port => json!(1433),
        InputKind::YesNo => json!(dice.flip()),
        InputKind::Choice => json!(choices[dice.below(choices.len())]),
        InputKind::Text | InputKind::Secret => json!(dice.word()),
    }
}

/// The literals that the flows' conditions compare each name with: `name ==
/// 'x'`, `name in ['x', 'y']`, `name > 5`.
pub fn compared() -> BTreeMap<String, Vec<String>> {
    let mut compared: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (_, text) in SHIPPED {
        let words: Vec<&str> = text.split_whitespace().collect();
        for (index, window) in words.windows(2).enumerate() {
            let [left, operator] = window else { continue };
            if !["==", "!=", "in", "<", ">", "<=", ">="].contains(operator) {
                continue;
            }
            let name = left.rsplit(['.', '(']).next().unwrap_or_default();
            for word in words.iter().skip(index + 2) {
                let literal = word.trim_matches(|c: char| "[](),\"'}".contains(c));
                let quoted = word.contains('\'');
                if !quoted && literal.parse::<i64>().is_err() {
                    break;
                }
                compared
                    .entry(name.to_owned())
                    .or_default()
                    .push(literal.to_owned());
                if !word.ends_with(',') {
                    break;
                }
            }
        }
    }
    compared
}
