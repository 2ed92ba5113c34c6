//! The protocol, the first page and the declaration of conformance.

use crate::answer::{links, shown};
use crate::assertion::Assertion;
use crate::class::Class::{Conformance, Http, Landing};
use crate::finding::{Done, Findings};
use crate::server::{JSON, Server};

const CORE: &str = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core";

pub(crate) const ASSERTIONS: &[Assertion] = &[
    Assertion {
        id: "http/version",
        class: Http,
        source: "17-069r4 A.1 /conf/core/http",
        sentence: "the first page is answered in HTTP/1.1",
        needs: &[],
        check: version,
    },
    Assertion {
        id: "landing/success",
        class: Landing,
        source: "17-069r4 A.3 /conf/core/root-op",
        sentence: "the first page is answered with 200 and is JSON",
        needs: &[],
        check: success,
    },
    Assertion {
        id: "landing/links",
        class: Landing,
        source: "17-069r4 A.4 /conf/core/root-success",
        sentence: "the first page links the API (`service-desc` or `service-doc`), `conformance` and `data`",
        needs: &[],
        check: leads,
    },
    Assertion {
        id: "landing/slash",
        class: Landing,
        source: "17-069r4 /req/core/root-op",
        sentence: "the first page is there without a slash at its end too",
        needs: &[],
        check: slash,
    },
];

pub(crate) const DECLARATION: &[Assertion] = &[Assertion {
    id: "conformance/success",
    class: Conformance,
    source: "17-069r4 A.7, A.8 /conf/core/conformance-op, -success",
    sentence: "the declaration is answered with 200 and names the core among its classes",
    needs: &[],
    check: declaration,
}];

fn version(server: &mut Server, findings: &mut Findings) -> Done {
    let page = server.landing();
    findings.check(page.is_http_1_1, &page, || "another version".into(), "HTTP/1.1");
    Ok(())
}

fn success(server: &mut Server, findings: &mut Findings) -> Done {
    let page = server.landing();
    findings.status(&page, 200);
    findings.check(page.json().is_object(), &page, || page.seen(), "an object of JSON");
    Ok(())
}

fn leads(server: &mut Server, findings: &mut Findings) -> Done {
    let page = server.landing();
    for rels in [&["service-desc", "service-doc"][..], &["conformance"], &["data"]] {
        let is_there = links(page.json())
            .any(|link| rels.contains(&link.rel.rsplit('/').next().unwrap_or_default()));
        let found = || shown(&page.json()["links"]);
        findings.check(is_there, &page, found, &format!("a link `{}`", rels.join("` or `")));
    }
    Ok(())
}

fn slash(server: &mut Server, findings: &mut Findings) -> Done {
    let address = server.address.below("");
    let page = server.get(&address, JSON);
    findings.status(&page, 200);
    Ok(())
}

fn declaration(server: &mut Server, findings: &mut Findings) -> Done {
    let page = server.conformance();
    findings.status(&page, 200);
    let classes = &page.json()["conformsTo"];
    let names = || classes.as_array().into_iter().flatten();
    let is_list = classes.is_array() && names().all(serde_json::Value::is_string);
    findings.value(is_list, &page, classes, "`conformsTo` is a list of texts");
    findings.value(names().any(|name| name == CORE), &page, classes, CORE);
    Ok(())
}
