//! The options of `terrier conformance`.

use std::path::PathBuf;

use clap::Args;
use terrier_conformance::{Address, Class};

#[derive(Args, Debug)]
pub(crate) struct ConformanceOptions {
    /// The address of the first page, such as http://127.0.0.1:8080.
    pub(crate) url: Address,
    /// Ask only for this collection; any number of them [default: all, up to 32]
    #[arg(long = "collection", value_name = "NAME")]
    pub(crate) collections: Vec<String>,
    /// Ask only this class of assertions, such as bbox; any number of them [default: all]
    #[arg(long = "class", value_name = "CLASS")]
    pub(crate) classes: Vec<Class>,
    /// Make a feature in this collection too, change it and delete it again, and ask whether that is as Part
    /// 4 has it. It is like another one of the collection, and in a register that erases nothing its history
    /// stays
    #[arg(long, value_name = "NAME")]
    pub(crate) edit: Option<String>,
    /// A file in PEM of those who may sign for a server over HTTPS [default: whom browsers trust]
    #[arg(long, value_name = "FILE")]
    pub(crate) certificates: Option<PathBuf>,
    /// The key to ask with, sent as `Bearer` to this server alone
    #[arg(long, env = "TERRIER_KEY", hide_env_values = true, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// Report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
