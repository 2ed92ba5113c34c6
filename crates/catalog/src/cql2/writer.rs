//! A condition as CQL2 text.

use std::fmt::Write;

use terrier_model::{Clause, Comparison, Operand, Value};

use super::lexer::{is_name_part, is_name_start};
use super::parser::KEYWORDS;

/// The condition as CQL2 text, which reads back as the same condition. `name` gives the name of a
/// field, in which there is no `"`.
pub fn write_text<'n, F>(clause: &'n Clause<F>, name: impl Fn(&'n F) -> &'n str) -> String {
    let mut writer = Writer { text: String::new(), name: &name };
    writer.clause(clause);
    writer.text
}

struct Writer<'w, 'n, F> {
    text: String,
    name: &'w dyn Fn(&'n F) -> &'n str,
}

impl<'n, F> Writer<'_, 'n, F> {
    fn clause(&mut self, clause: &'n Clause<F>) {
        match clause {
            Clause::Constant(holds) => self.value(&Value::Boolean(*holds)),
            Clause::Holds(field) => self.field(field),
            Clause::Not(part) => self.negation(part),
            Clause::And(parts) => self.joined(parts, " AND "),
            Clause::Or(parts) => self.joined(parts, " OR "),
            Clause::Compare { left, comparison, right } => {
                self.operand(left);
                self.text.push_str(symbol(*comparison));
                self.operand(right);
            }
            Clause::Between { .. }
            | Clause::In { .. }
            | Clause::Like { .. }
            | Clause::IsNull(_) => self.test(clause, ""),
        }
    }

    /// A test that has its NOT within.
    fn test(&mut self, clause: &'n Clause<F>, not: &str) {
        match clause {
            Clause::Between { value, least, greatest } => {
                self.operand(value);
                self.text.extend([" ", not, "BETWEEN "]);
                self.operand(least);
                self.text.push_str(" AND ");
                self.operand(greatest);
            }
            Clause::In { value, list } => {
                self.operand(value);
                self.text.extend([" ", not, "IN ("]);
                for (at, value) in list.iter().enumerate() {
                    self.text.push_str(if at == 0 { "" } else { ", " });
                    self.value(value);
                }
                self.text.push(')');
            }
            Clause::Like { value, pattern } => {
                self.operand(value);
                self.text.extend([" ", not, "LIKE "]);
                self.quoted(pattern.as_str());
            }
            Clause::IsNull(value) => {
                self.operand(value);
                self.text.extend([" IS ", not, "NULL"]);
            }
            _ => self.clause(clause),
        }
    }

    fn negation(&mut self, part: &'n Clause<F>) {
        match part {
            Clause::Between { .. }
            | Clause::In { .. }
            | Clause::Like { .. }
            | Clause::IsNull(_) => self.test(part, "NOT "),
            _ => {
                self.text.push_str("NOT ");
                self.within(part, matches!(part, Clause::And(_) | Clause::Or(_)));
            }
        }
    }

    fn joined(&mut self, parts: &'n [Clause<F>], joint: &str) {
        for (at, part) in parts.iter().enumerate() {
            self.text.push_str(if at == 0 { "" } else { joint });
            // AND binds closer, and would not need them within OR; who reads it may.
            self.within(part, matches!(part, Clause::And(_) | Clause::Or(_)));
        }
    }

    fn within(&mut self, clause: &'n Clause<F>, parentheses: bool) {
        self.text.push_str(if parentheses { "(" } else { "" });
        self.clause(clause);
        self.text.push_str(if parentheses { ")" } else { "" });
    }

    fn operand(&mut self, operand: &'n Operand<F>) {
        match operand {
            Operand::Field(field) => self.field(field),
            Operand::Value(value) => self.value(value),
        }
    }

    fn field(&mut self, field: &'n F) {
        let name = (self.name)(field);
        let is_plain = name.starts_with(is_name_start)
            && name.chars().all(is_name_part)
            && !KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(name));
        let quote = if is_plain { "" } else { "\"" };
        self.text.extend([quote, name, quote]);
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Text(text) => self.quoted(text),
            // The spelling of Rust's debugging keeps the point or the exponent, so that it reads
            // back as the same kind of number.
            Value::Number(number) => {
                write!(self.text, "{number:?}").expect("a string takes everything");
            }
            Value::Boolean(true) => self.text.push_str("TRUE"),
            Value::Boolean(false) => self.text.push_str("FALSE"),
            Value::Integer(number) => self.text.push_str(&number.to_string()),
            Value::Date(date) => self.text.extend(["DATE('", &date.to_string(), "')"]),
            Value::Instant(time) => self.text.extend(["TIMESTAMP('", &time.to_string(), "')"]),
        }
    }

    fn quoted(&mut self, text: &str) {
        self.text.push('\'');
        let mut escapes = 0;
        for c in text.chars() {
            if c == '\'' {
                self.text.extend(std::iter::repeat_n('\\', escapes));
                self.text.push('\'');
            }
            escapes = if c == '\\' { escapes + 1 } else { 0 };
            self.text.push(c);
        }
        self.text.extend(std::iter::repeat_n('\\', escapes));
        self.text.push('\'');
    }
}

fn symbol(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => " = ",
        Comparison::NotEqual => " <> ",
        Comparison::Less => " < ",
        Comparison::LessOrEqual => " <= ",
        Comparison::Greater => " > ",
        Comparison::GreaterOrEqual => " >= ",
    }
}
