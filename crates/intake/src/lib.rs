//! Takes other people's files into the registry: reads, checks and writes them as one change, and keeps
//! what came of each.
//!
//! [`take_in`] does it, for the command line as for the server. It knows neither HTTP nor the terminal;
//! formats and mappings are known by `exchange`, and what is written by `store`.

mod error;
mod imports;
mod leave;
mod order;
mod outcome;
mod reading;

pub use error::IntakeError;
pub use imports::{
    Answer, Import, ImportId, Imports, ImportsError, MAX_ENDING_CHARS, MAX_IMPORT_BYTES,
    MAX_IMPORTS_AT_ONCE, MAX_KEPT_IMPORT_BYTES, MAX_KEPT_IMPORTS, MAX_REFUSED_ROWS_BYTES, Record,
    Sent, State, Upload,
};
pub use leave::{NoLeave, may_import};
pub use order::{Order, Purpose, RefusedRows, take_in};
pub use outcome::{Outcomes, TOLD_MAX, report_json};
