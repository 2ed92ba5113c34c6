//! Rules that say when work falls due on the assets of a class, as data.
//!
//! What falls due by them is told by [`crate::Judge`].

mod check;
mod period;

pub use check::RuleError;
pub use period::{MAX_PERIOD_YEARS, MonthDay, Period, PeriodError, Season};

use jiff::civil::Date;

use crate::{Class, Clause, CoreField, EventKind, Expression, Text, core_position};

/// What is to be done.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[expect(missing_docs, reason = "`words` says what each means")]
pub enum WorkKind {
    Inspect,
    Assess,
    Clean,
    Repair,
    Renew,
    Verify,
}

impl WorkKind {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 6] =
        [Self::Inspect, Self::Assess, Self::Clean, Self::Repair, Self::Renew, Self::Verify];

    /// The code, then what it means in English and Chinese.
    pub fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Inspect => ("inspect", "Inspect", "检查"),
            Self::Assess => ("assess", "Assess", "评估"),
            Self::Clean => ("clean", "Clean", "清疏"),
            Self::Repair => ("repair", "Repair", "维修"),
            Self::Renew => ("renew", "Renew", "更新改造"),
            Self::Verify => ("verify", "Verify on site", "现场核实"),
        }
    }

    /// The code.
    pub fn code(self) -> &'static str {
        self.words().0
    }

    /// The kind of that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Whether the work is done once something of the kind has happened. What was renewed needs no
    /// repair, and who verifies inspects.
    pub fn is_done_by(self, event: EventKind) -> bool {
        match self {
            Self::Inspect | Self::Verify => event == EventKind::Inspected,
            Self::Assess => event == EventKind::Assessed,
            Self::Clean => event == EventKind::Cleaned,
            Self::Repair => matches!(event, EventKind::Repaired | EventKind::Renewed),
            Self::Renew => event == EventKind::Renewed,
        }
    }
}

/// How well it is known that the source says what the rule says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Evidence {
    /// The source was read.
    Read,
    /// A public page says so.
    Page,
    /// From memory, to be confirmed.
    Memory,
    /// A proposal of whoever wrote the rule.
    Proposal,
}

impl Evidence {
    /// All of them, the best first.
    pub const ALL: [Self; 4] = [Self::Read, Self::Page, Self::Memory, Self::Proposal];

    /// The code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Read => "V",
            Self::Page => "P",
            Self::Memory => "M",
            Self::Proposal => "I",
        }
    }

    /// The evidence of that code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|evidence| evidence.code() == code)
    }
}

/// On which day work falls due. Fields are named by `F`, as in [`Clause`].
#[derive(Clone, Debug, PartialEq)]
pub enum Timing<F = Box<str>> {
    /// At an age; after that, if at all, in intervals from the last time that it was done.
    ///
    /// Work that was done earlier than the rule's lead before the age does not count.
    Age {
        /// The age.
        age: Period,
        /// From one time to the next.
        then: Option<Period>,
        /// The age at which nothing of it is wanted any more.
        until: Option<Period>,
        /// The date from which the age counts; `None` is that of installation.
        since: Option<F>,
    },
    /// An interval after the last time that it was done, or after the installation.
    Floating {
        /// From one time to the next.
        interval: Period,
        /// The date from which the first interval counts; `None` is that of installation.
        since: Option<F>,
    },
    /// On fixed days: at every interval from the day since which the rule is in force.
    ///
    /// Work counts for the next of these days when it is done within the rule's lead before it or
    /// on it, and for the one before otherwise. The first is the first after the installation.
    Fixed {
        /// From one day to the next.
        interval: Period,
    },
    /// Every year by the same day, which work counts for as for [`Timing::Fixed`].
    Yearly {
        /// The day.
        by: MonthDay,
    },
    /// On the day that a field holds. Work done earlier than the rule's lead before it does not
    /// count, unless it was done since the event that set the day. Where the field shows since when
    /// hazards are open, the work is done once none is.
    On {
        /// The field.
        field: F,
    },
    /// From the day since which the rule is in force, until the work is done.
    Now,
}

/// A rule as somebody wrote it, with names, not yet checked against its class.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleDraft {
    /// The name by which it is known, such as `CN-GAS-ASSESS-20`.
    pub id: Box<str>,
    /// What people call it.
    pub title: Text,
    /// Where it applies, such as `CN` or `CN-120103`.
    pub jurisdiction: Box<str>,
    /// What it rests on: the law, standard or decision.
    pub cites: Box<str>,
    /// How well that is known.
    pub evidence: Evidence,
    /// The name of the class that it is about.
    pub class: Box<str>,
    /// The assets that it is about; `None` is all of the class.
    pub when: Option<Clause>,
    /// What is to be done.
    pub kind: WorkKind,
    /// On which day.
    pub timing: Timing,
    /// How long before that day work is in sight, and counts.
    pub lead: Period,
    /// How long after that day work is due before it is overdue; zero is that day only.
    pub grace: Period,
    /// When in the year work is done; the day is moved by it.
    pub season: Option<Season>,
    /// How urgent the work is, from 1, the most, to 5.
    pub priority: u8,
    /// The first day on which the rule is in force.
    pub effective_from: Date,
    /// The last; `None` while nobody said.
    pub effective_to: Option<Date>,
    /// The rule whose place it takes while it is in force.
    pub replaces: Option<Box<str>>,
}

impl RuleDraft {
    /// Whether it is in force on a day.
    pub fn is_in_force(&self, day: Date) -> bool {
        self.effective_from <= day && self.effective_to.is_none_or(|last| day <= last)
    }
}

/// A rule that fits its class; only such a one is judged by.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    draft: RuleDraft,
    when: Option<Expression>,
    timing: Timing<usize>,
}

impl Rule {
    /// A rule checked against its class.
    ///
    /// # Errors
    /// The first thing in it that is not as it must be, or that the class does not have.
    pub fn try_new(draft: RuleDraft, class: &Class) -> Result<Self, RuleError> {
        check::checked(draft, class)
    }

    /// The rule as it was written.
    pub fn draft(&self) -> &RuleDraft {
        &self.draft
    }

    /// The assets that it is about, by the places of the fields in [`Class::fields`].
    pub fn when(&self) -> Option<&Expression> {
        self.when.as_ref()
    }

    /// On which day work falls due, by the places of the fields.
    pub fn timing(&self) -> &Timing<usize> {
        &self.timing
    }

    /// The places of all fields that what the rule says is decided by, some more than once.
    pub fn fields(&self) -> Vec<usize> {
        let mut fields = self.when.as_ref().map_or_else(Vec::new, Expression::fields);
        fields.push(core_position(CoreField::LifecycleStatus));
        match self.timing {
            Timing::Age { since: Some(field), .. }
            | Timing::Floating { since: Some(field), .. }
            | Timing::On { field } => fields.push(field),
            Timing::Now => {}
            _ => fields.push(core_position(CoreField::InstalledOn)),
        }
        fields
    }
}
