//! A plain table of a page.

use maud::{Markup, html};

/// A table: heads with whether numbers stand below them, and rows.
pub(crate) fn grid(heads: &[(&str, bool)], rows: &[Vec<Markup>]) -> Markup {
    html! {
        table {
            thead {
                tr {
                    @for (head, is_number) in heads {
                        th scope="col" class=[is_number.then_some("number")] { (head) }
                    }
                }
            }
            tbody {
                @for row in rows {
                    tr {
                        @for (cell, (_, is_number)) in row.iter().zip(heads) {
                            td class=[is_number.then_some("number")] { (cell) }
                        }
                    }
                }
            }
        }
    }
}
