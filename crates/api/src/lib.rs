//! The HTTP door: routes, negotiation, links, problems, access.
//!
//! It takes a request apart, asks, and answers. It knows no SQL, no index and no file.

mod allowance;
mod app;
mod aside;
mod audit;
mod backlog;
mod body;
mod caller;
mod change_sets;
mod collections;
mod compression;
pub mod conditional;
mod cors;
mod credential;
mod document;
mod door;
mod edit;
mod exception;
mod failed_keys;
mod fields;
mod form;
mod functions;
mod guard;
mod health;
mod history;
mod imports;
mod item;
mod items;
mod landing;
mod language;
pub mod limits;
pub mod link;
mod login;
mod meter;
mod metrics;
pub mod negotiate;
pub mod openapi;
mod page;
mod past;
mod precondition;
mod presentation;
mod problem;
mod public_url;
pub mod query;
mod route;
mod serve;
mod stream;
mod summary;
mod told;
mod values;
mod work;

pub use app::{App, Clock};
pub use backlog::Backlog;
pub use caller::Caller;
pub use change_sets::{CHANGES_LIMIT_DEFAULT, CHANGES_LIMIT_MAX};
pub use conditional::ETag;
pub use door::layers;
pub use history::{HISTORY_LIMIT_DEFAULT, HISTORY_LIMIT_MAX};
pub use limits::Limits;
pub use link::Link;
pub use metrics::{Gauges, Metrics, OPEN_METRICS};
pub use negotiate::Format;
pub use problem::{PROBLEM_JSON, Problem};
pub use public_url::{PublicUrl, PublicUrlError};
pub use route::{READ_METHODS, ROUTES, Route, Rule};
pub use serve::{BindError, bind, serve};

use terrier_model::Names;

/// What the server is told when it starts.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address under which clients know it.
    pub public_url: PublicUrl,
    /// The program's version, as the API document says it.
    pub version: &'static str,
    /// The classes that are shown to who brings no key, in the place of those that the registry says.
    pub public_collections: Option<Names>,
    /// The bounds of what clients may ask and hold.
    pub limits: Limits,
}
