//! How much one condition may hold, counted while it is read.

use super::Cql2Error;
use super::lexer::fault;

/// The longest text, in bytes.
pub const MAX_FILTER_BYTES: usize = 8 * 1024;

/// The longest JSON document, in bytes.
// It says in some four bytes what text says in one.
pub const MAX_FILTER_JSON_BYTES: usize = 32 * 1024;

/// How deep parentheses, NOT and functions may stand within each other in text, and in the text that
/// says what JSON does.
pub const MAX_FILTER_DEPTH: usize = 32;

/// The most tests, joints (AND, OR, NOT), computations and functions of one condition.
pub const MAX_FILTER_NODES: usize = 256;

/// The most values of one list.
pub const MAX_FILTER_LIST: usize = 1000;

/// The most positions of all geometries of one condition.
pub const MAX_FILTER_VERTICES: usize = 1000;

/// What has been read of a condition.
#[derive(Debug, Default)]
pub(super) struct Budget {
    depth: usize,
    nodes: usize,
    vertices: usize,
}

impl Budget {
    /// Goes one level deeper; [`Budget::leave`] comes back.
    pub(super) fn enter(
        &mut self,
        at: usize,
        found: impl FnOnce() -> String,
    ) -> Result<(), Cql2Error> {
        if self.depth == MAX_FILTER_DEPTH {
            return Err(fault(at, found(), format!("at most {MAX_FILTER_DEPTH} levels")));
        }
        self.depth += 1;
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Counts a test, joint, computation or function.
    pub(super) fn node(&mut self, at: usize) -> Result<(), Cql2Error> {
        self.nodes += 1;
        if self.nodes > MAX_FILTER_NODES {
            let expected = format!("at most {MAX_FILTER_NODES} conditions in all");
            return Err(fault(at, "one more condition".into(), expected));
        }
        Ok(())
    }

    /// Counts a position of a geometry.
    pub(super) fn vertex(&mut self, at: usize) -> Result<(), Cql2Error> {
        self.vertices += 1;
        if self.vertices > MAX_FILTER_VERTICES {
            let expected = format!("at most {MAX_FILTER_VERTICES} in all geometries");
            return Err(fault(at, "one more position".into(), expected));
        }
        Ok(())
    }
}

/// Refuses one more value of a list that has so many.
pub(super) fn check_list(
    values: usize,
    at: usize,
    found: impl FnOnce() -> String,
) -> Result<(), Cql2Error> {
    if values < MAX_FILTER_LIST {
        return Ok(());
    }
    Err(fault(at, found(), format!("at most {MAX_FILTER_LIST} values in a list")))
}
