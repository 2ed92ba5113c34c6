//! Why a condition does not fit the fields.

use terrier_spatial::FigureFault;

use super::Function;

/// Why a condition does not fit the fields.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ExpressionError {
    /// It names a field that does not exist.
    #[error("`{0}` is not known here")]
    Unknown(String),
    /// It calls a function that does not exist.
    #[error("there is no function `{0}`, expected one of {known}", known = known_functions())]
    Function(String),
    /// What it puts together does not go together.
    #[error("{subject}: found {found}, expected {expected}")]
    Kind {
        /// The field, or the value when there is no field.
        subject: String,
        /// What it is compared with.
        found: String,
        /// What would have been right.
        expected: String,
    },
    /// A geometry in it is none.
    #[error("the geometry in it is none")]
    Geometry(#[from] FigureFault),
}

fn known_functions() -> String {
    let names: Vec<String> = Function::ALL.iter().map(Function::signature).collect();
    names.join(", ")
}
