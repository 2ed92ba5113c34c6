//! The check of a rule against its class.

use super::{Period, Rule, RuleDraft, Timing};
use crate::{Class, Expression, ExpressionError, Kind, Sight};

/// The longest name of a rule, in bytes.
const MAX_ID_BYTES: usize = 60;

/// Why a draft is no rule of its class.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RuleError {
    /// Its name is none.
    #[error("`{0}` is no name, expected 1 to {MAX_ID_BYTES} of A-Z, a-z, 0-9, `.`, `_` and `-`")]
    Id(String),
    /// It is about another class.
    #[error("it is about `{0}`")]
    Class(Box<str>),
    /// Its condition does not fit the class.
    #[error("the condition does not fit the class")]
    When(#[from] ExpressionError),
    /// Its condition asks for a code that the field never has, so that it would hold for nothing.
    #[error("the condition compares `{field}` with `{code}`, which is no code of it")]
    Code {
        /// The field.
        field: Box<str>,
        /// The code.
        code: Box<str>,
    },
    /// Its condition asks what it is to say itself.
    #[error("the condition asks for `due_state`, which is what rules say")]
    DueState,
    /// It takes a day from a field that the class does not have or that holds no date.
    #[error("`{0}` is no date field of the class")]
    NoDate(Box<str>),
    /// A part of it is not as it must be.
    #[error("`{part}`: expected {expected}")]
    Part {
        /// Which.
        part: &'static str,
        /// What would have been right.
        expected: &'static str,
    },
}

pub(super) fn checked(draft: RuleDraft, class: &Class) -> Result<Rule, RuleError> {
    let is_id = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if draft.id.is_empty() || draft.id.len() > MAX_ID_BYTES || !draft.id.bytes().all(is_id) {
        return Err(RuleError::Id(draft.id.chars().take(80).collect()));
    }
    if *draft.class != *class.name() {
        return Err(RuleError::Class(draft.class));
    }
    check_parts(&draft)?;
    let when = match &draft.when {
        None => None,
        Some(clause) => {
            let when = Expression::try_new(clause, class.fields(), Sight::EVERYTHING)?;
            if when.reads_due_state() {
                return Err(RuleError::DueState);
            }
            if let Some((position, code)) = when.foreign_codes(class.fields()).first() {
                let field = class.fields()[*position].name.clone();
                return Err(RuleError::Code { field, code: (*code).into() });
            }
            Some(when)
        }
    };
    let timing = timing(&draft.timing, class)?;
    Ok(Rule { draft, when, timing })
}

fn check_parts(draft: &RuleDraft) -> Result<(), RuleError> {
    let must = |good: bool, part, expected| {
        if good { Ok(()) } else { Err(RuleError::Part { part, expected }) }
    };
    must(!draft.cites.trim().is_empty(), "cites", "what the rule rests on")?;
    must(!draft.jurisdiction.trim().is_empty(), "jurisdiction", "where the rule applies")?;
    must((1..=5).contains(&draft.priority), "priority", "1, the most urgent, to 5")?;
    let ends = draft.effective_to.is_none_or(|last| draft.effective_from <= last);
    must(ends, "effective_to", "no day before `effective_from`")?;
    let replaces_other = draft.replaces.as_ref().is_none_or(|other| *other != draft.id);
    must(replaces_other, "replaces", "another rule")?;
    let has_length = |period: &Period| !period.is_zero();
    let interval = match &draft.timing {
        Timing::Age { then, .. } => then.as_ref().is_none_or(has_length),
        Timing::Floating { interval, .. } | Timing::Fixed { interval } => has_length(interval),
        Timing::Yearly { .. } | Timing::On { .. } | Timing::Now => true,
    };
    must(interval, "interval", "a day or more")?;
    if let Timing::Age { age, until: Some(until), .. } = &draft.timing {
        // Both counted from one day; the order of periods may depend on the months they meet.
        let day = draft.effective_from;
        must(age.after(day) < until.after(day), "until", "an age beyond `age`")?;
    }
    if let Some(season) = draft.season {
        let computed = matches!(draft.timing, Timing::Age { .. } | Timing::Floating { .. });
        let expected = "none with days that are given: only those that are counted are moved";
        must(computed, "season", expected)?;
        must(season.is_good(), "season", "days with and days without work in every year")?;
    }
    Ok(())
}

fn timing(timing: &Timing, class: &Class) -> Result<Timing<usize>, RuleError> {
    let position = |name: &str| {
        let is_date = |at: &usize| {
            let field = &class.fields()[*at];
            matches!(field.kind, Kind::Date) && Sight::EVERYTHING.sees(field)
        };
        class.position(name).filter(is_date).ok_or_else(|| RuleError::NoDate(name.into()))
    };
    let since = |since: &Option<Box<str>>| since.as_deref().map(position).transpose();
    Ok(match timing {
        Timing::Age { age, then, until, since: name } => {
            Timing::Age { age: *age, then: *then, until: *until, since: since(name)? }
        }
        Timing::Floating { interval, since: name } => {
            Timing::Floating { interval: *interval, since: since(name)? }
        }
        Timing::Fixed { interval } => Timing::Fixed { interval: *interval },
        Timing::Yearly { by } => Timing::Yearly { by: *by },
        Timing::On { field } => Timing::On { field: position(field)? },
        Timing::Now => Timing::Now,
    })
}
