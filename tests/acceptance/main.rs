//! Starts the built program and speaks to it as its users do: over HTTP and on the command line.

mod core;
mod crawl;
mod docs;
mod filters;
mod gdal;
mod health;
mod items;
mod limits;
mod negotiation;
mod openapi;
mod paging;
mod program;
mod public_url;
mod scope;
