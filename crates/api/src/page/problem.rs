//! The page of a problem: what a reader is told who cannot have what they asked for.

use axum::http::StatusCode;
use maud::{DOCTYPE, html};
use terrier_catalog::Language;

use super::{Word, head};
use crate::Problem;

/// The page of a problem that was met at a path, of a server that lies under another. It is the same
/// whatever the server knows, so that it can be told when nothing else can.
pub(crate) fn problem_page(
    root: &str,
    path: &str,
    language: Language,
    problem: &Problem,
) -> String {
    let status = problem.status();
    let title = match status {
        StatusCode::BAD_REQUEST => Word::BadRequest,
        StatusCode::NOT_FOUND => Word::NotFound,
        status if status.is_server_error() => Word::Failed,
        _ => Word::Refused,
    };
    let page = html! {
        (DOCTYPE)
        html lang=(language.code()) {
            (head(title.of(language), root))
            body {
                header.top {
                    a.house href={ (root) "/" } { "Terrier" }
                    a href={ (root) "/collections" } { (Word::Collections.of(language)) }
                }
                main {
                    h1 { (title.of(language)) }
                    section {
                        p lang="en" { (problem.detail()) }
                        @if problem.parameter().is_some() {
                            p { a href={ (root) (path) } { (Word::WithoutQuery.of(language)) } }
                        }
                        p { a href={ (root) "/" } { (Word::Home.of(language)) } }
                        p.note { (status.as_u16()) " " (status.canonical_reason().unwrap_or_default()) }
                    }
                }
            }
        }
    };
    page.into_string()
}
