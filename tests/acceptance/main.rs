//! Starts the built program and speaks to it as its users do: over HTTP and on the command line.

mod docs;
mod program;
