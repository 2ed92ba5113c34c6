//! The options of `terrier conformance`.

use clap::Args;
use terrier_conformance::{Address, Class};

#[derive(Args, Debug)]
pub(crate) struct ConformanceOptions {
    /// The address of the first page, such as http://127.0.0.1:8080; https is not spoken.
    pub(crate) url: Address,
    /// Ask only for this collection; any number of them [default: all, up to 32]
    #[arg(long = "collection", value_name = "NAME")]
    pub(crate) collections: Vec<String>,
    /// Ask only this class of assertions, such as bbox; any number of them [default: all]
    #[arg(long = "class", value_name = "CLASS")]
    pub(crate) classes: Vec<Class>,
    /// Report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
