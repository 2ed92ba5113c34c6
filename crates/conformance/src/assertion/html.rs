//! Pages to read.

use std::rc::Rc;

use crate::answer::Answer;
use crate::assertion::{Assertion, each, first_feature};
use crate::class::Class::Html;
use crate::finding::{Done, Findings};
use crate::server::{HTML, Server};

/// Without which none of these is asked.
const NEEDS: &[&[&str]] = &[&["ogcapi-features-1/html"]];

pub(crate) const ASSERTIONS: &[Assertion] = &[
    Assertion {
        id: "html/definition",
        class: Html,
        source: "17-069r4 /req/html/definition",
        sentence: "everything that is asked for as HTML is answered as HTML with 200",
        needs: NEEDS,
        check: definition,
    },
    Assertion {
        id: "html/document",
        class: Html,
        source: "17-069r4 /req/html/content",
        sentence: "a page is an HTML 5 document, whose links are elements `a`",
        needs: NEEDS,
        check: document,
    },
    Assertion {
        id: "html/features",
        class: Html,
        source: "17-069r4 /req/html/content",
        sentence: "the page of a list names the feature that is first in it, and so does the feature's own",
        needs: NEEDS,
        check: features,
    },
];

/// The pages of what every server has.
fn pages(server: &mut Server) -> Vec<Rc<Answer>> {
    let documents = [server.landing(), server.conformance(), server.list()];
    let mut addresses: Vec<String> =
        documents.iter().map(|document| document.address.clone()).collect();
    for collection in server.judged().iter() {
        addresses.extend([collection.own.clone(), collection.items.clone()]);
        let feature = first_feature(server, collection);
        addresses.extend(feature.and_then(|(_, feature)| collection.item(&feature["id"])));
    }
    addresses.iter().map(|address| server.get(address, HTML)).collect()
}

fn definition(server: &mut Server, findings: &mut Findings) -> Done {
    for page in pages(server) {
        findings.status(&page, 200);
        findings.check(page.media_type() == HTML, &page, || page.seen(), HTML);
    }
    Ok(())
}

fn document(server: &mut Server, findings: &mut Findings) -> Done {
    for page in pages(server) {
        let text = String::from_utf8_lossy(&page.body).to_ascii_lowercase();
        let is_document = text.trim_start().starts_with("<!doctype html");
        let begin = || text.chars().take(40).collect();
        findings.check(is_document, &page, begin, "`<!DOCTYPE html>` at the beginning");
        let has_links = text.contains("<a ") && text.contains("href=");
        findings.check(has_links, &page, || "no element `a`".into(), "links");
    }
    Ok(())
}

fn features(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let Some((_, feature)) = first_feature(server, collection) else { return };
        let Some(address) = collection.item(&feature["id"]) else { return };
        let id = feature["id"].as_str().map_or_else(|| feature["id"].to_string(), str::to_owned);
        for address in [&collection.items, &address] {
            let page = server.get(address, HTML);
            let is_named = String::from_utf8_lossy(&page.body).contains(&id);
            findings.check(is_named, &page, || "a page without it".into(), &format!("`{id}`"));
        }
    })
}
