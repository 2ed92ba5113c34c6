//! How far long work has come, when somebody is looking.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar over so many bytes of a file.
pub(crate) fn of_bytes(bytes: u64, what: &str) -> ProgressBar {
    bar(bytes, what, "{msg} {wide_bar} {bytes}/{total_bytes} {eta}")
}

/// A bar over so many assets.
pub(crate) fn of_assets(assets: u64, what: &str) -> ProgressBar {
    bar(assets, what, "{msg} {wide_bar} {human_pos}/{human_len} {eta}")
}

fn bar(length: u64, what: &str, template: &str) -> ProgressBar {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let style = ProgressStyle::with_template(template).expect("the template is one of ours");
    ProgressBar::with_draw_target(Some(length), target)
        .with_style(style)
        .with_message(what.to_owned())
}
