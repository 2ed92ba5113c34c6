//! The page of a problem: what a reader is told who cannot have what they asked for.

use axum::http::{StatusCode, Uri};
use maud::{DOCTYPE, html};
use terrier_catalog::Language;

use super::{Word, head};
use crate::Problem;

/// The page of a problem that was met at an address, of a server that lies under another. It is the same
/// whatever the server knows, so that it can be told when nothing else can.
pub(crate) fn problem_page(root: &str, uri: &Uri, language: Language, problem: &Problem) -> String {
    let status = problem.status();
    let title = match status {
        StatusCode::BAD_REQUEST => Word::BadRequest,
        StatusCode::NOT_FOUND => Word::NotFound,
        StatusCode::UNAUTHORIZED => Word::KeyWanted,
        status if status.is_server_error() => Word::Failed,
        _ => Word::Refused,
    };
    let path = uri.path();
    let again = uri.path_and_query().map_or(path, |text| text.as_str());
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
                        // Who does not know the language of the page is to know this all the same.
                        @if status == StatusCode::UNAUTHORIZED {
                            @for told in Language::ALL {
                                p lang=(told.code()) { (Word::HowToBringKey.of(told)) }
                            }
                            p { a href={ (root) (again) } { (Word::AskAgain.of(language)) } }
                        }
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
