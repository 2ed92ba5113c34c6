//! Checks that a table or view gives values that are stored, and none that it computes without a
//! bound: one call may make a gigabyte of nothing. What SQLite would do for it tells.

use sqlx::{AssertSqlSafe, Row as _, query};

use super::file::{Database, failed};
use super::statement::quoted;
use super::wait::wait;
use crate::read_error::ReadError;

/// Functions that make no more of their arguments than those are.
const BOUNDED: [&str; 27] = [
    "abs",
    "avg",
    "coalesce",
    "count",
    "date",
    "datetime",
    "glob",
    "ifnull",
    "iif",
    "instr",
    "julianday",
    "length",
    "like",
    "lower",
    "ltrim",
    "max",
    "min",
    "nullif",
    "round",
    "rtrim",
    "sign",
    "substr",
    "sum",
    "time",
    "total",
    "trim",
    "typeof",
];

/// The most steps of a plan that is looked at.
const MAX_PLAN_STEPS: usize = 10_000;

/// # Errors
/// When the values of a table or view are not plain, or SQLite cannot read it.
pub(super) fn check(database: &mut Database, table: &str) -> Result<(), ReadError> {
    let text = include_str!("sql/explain_rows.sql").replace("{table}", &quoted(table));
    database.steps.begin();
    let plan = wait(query(AssertSqlSafe(text)).fetch_all(&mut database.connection));
    let plan = plan.map_err(|error| failed(&database.name, None, error))?;
    if plan.len() > MAX_PLAN_STEPS {
        let found = format!("a view `{}` of {} steps", table.escape_debug(), plan.len());
        return Err(database.unsound(found, format!("at most {MAX_PLAN_STEPS}")));
    }
    for step in &plan {
        let step_is = step.try_get_unchecked::<&str, _>(1).unwrap_or_default();
        let detail = step.try_get_unchecked::<Option<&str>, _>(5).ok().flatten();
        let called = detail.unwrap_or_default().split('(').next().unwrap_or_default();
        let computes = match step_is {
            "Concat" => "||",
            "VOpen" | "VFilter" => "a virtual table",
            "Function" | "PureFunc" | "AggStep" | "AggStep1" | "AggInverse"
                if !BOUNDED.contains(&called) =>
            {
                called
            }
            _ => continue,
        };
        let table = table.escape_debug();
        return Err(database.unsound(
            format!("values that `{table}` computes with `{}`", computes.escape_debug()),
            "values that are stored, as in a copy by ogr2ogr",
        ));
    }
    Ok(())
}
