//! A list read page by page.

use std::rc::Rc;

use serde_json::Value as Json;

use crate::address::{parameter, with_parameter};
use crate::answer::{Answer, Link, links};
use crate::limits::{MAX_WALKED_FEATURES, MAX_WALKED_PAGES};
use crate::server::{GEOJSON, Server};

/// The pages of a list.
pub(crate) struct Walk {
    pub(crate) pages: Vec<Rc<Answer>>,
    /// Whether the last page led nowhere; otherwise the list is too long to be walked.
    pub(crate) is_whole: bool,
}

impl Walk {
    /// The pages from this one on; later ones with another `limit` when it is given.
    pub(crate) fn from(server: &mut Server, first: Rc<Answer>, limit: Option<u64>) -> Self {
        let matched = first.json()["numberMatched"].as_u64();
        let mut walk = Self { pages: vec![first], is_whole: false };
        if matched.is_some_and(|matched| matched > MAX_WALKED_FEATURES) {
            return walk;
        }
        while let Some(mut next) = next(server, &walk.pages[walk.pages.len() - 1]) {
            if walk.pages.len() == MAX_WALKED_PAGES {
                return walk;
            }
            if let Some(limit) = limit
                && parameter(&next, "limit").is_some()
            {
                next = with_parameter(&next, "limit", &limit.to_string());
            }
            let page = server.get(&next, GEOJSON);
            walk.pages.push(page);
        }
        walk.is_whole = true;
        walk
    }

    pub(crate) fn features(&self) -> impl Iterator<Item = &Json> {
        self.pages.iter().flat_map(|page| page.features())
    }
}

/// Where the link to the next page leads.
pub(crate) fn next(server: &Server, page: &Answer) -> Option<String> {
    let is_next = |link: &Link| link.rel == "next" && !link.media_type.contains("html");
    let found = links(page.json()).find(is_next);
    found.map(|link| server.address.resolved(&page.address, link.href))
}
