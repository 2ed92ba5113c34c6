//! What every page of features keeps, whatever was asked: the assertions that the OGC's suite makes of
//! each answer again.

use jiff::Timestamp;

use crate::answer::{Answer, essence, links, shown};
use crate::finding::Findings;
use crate::geometry::Parts;
use crate::server::{GEOJSON, Server};
use crate::walk::Walk;

/// 2: positions are longitude and latitude.
pub(crate) fn crs84(page: &Answer, findings: &mut Findings) {
    for feature in page.features() {
        let Ok(parts) = Parts::of(&feature["geometry"]) else { continue };
        let is_on_earth = |[lon, lat]: [f64; 2]| lon.abs() <= 180.0 && lat.abs() <= 90.0;
        let beyond = parts.positions().find(|position| !is_on_earth(*position));
        let found = || format!("a position {beyond:?}");
        findings.check(beyond.is_none(), page, found, "longitude within 180°, latitude within 90°");
    }
}

/// 22.1: it says that it is a collection of features.
pub(crate) fn kind(page: &Answer, findings: &mut Findings) {
    let kind = &page.json()["type"];
    findings.value(kind == "FeatureCollection", page, kind, "`type` is `FeatureCollection`");
}

/// 22.2: it has a list of features.
pub(crate) fn features(page: &Answer, findings: &mut Findings) {
    let features = &page.json()["features"];
    let is_so = features
        .as_array()
        .is_some_and(|features| features.iter().all(|feature| feature["type"] == "Feature"));
    findings.value(is_so, page, features, "`features` is a list of features");
}

/// 23: it links itself, and every other form that is declared.
pub(crate) fn page_links(page: &Answer, has_html: bool, findings: &mut Findings) {
    let found = || shown(&page.json()["links"]);
    let has = |rel: &str, form: &str| {
        links(page.json()).any(|link| link.rel == rel && essence(link.media_type) == form)
    };
    findings.check(has("self", GEOJSON), page, found, "a link `self` of application/geo+json");
    if has_html {
        findings.check(
            has("alternate", "text/html"),
            page,
            found,
            "a link `alternate` of text/html",
        );
    }
    for link in links(page.json()) {
        let is_so = !link.rel.is_empty() && !link.media_type.is_empty();
        findings.check(is_so, page, || format!("{link:?}"), "each link has `rel` and `type`");
    }
}

/// 24: the time of the answer, where it says one, is a time.
pub(crate) fn time_stamp(page: &Answer, findings: &mut Findings) {
    let time = &page.json()["timeStamp"];
    if !time.is_null() {
        let is_time = time.as_str().is_some_and(|time| time.parse::<Timestamp>().is_ok());
        findings.value(is_time, page, time, "`timeStamp` such as 2026-01-31T12:00:00Z");
    }
}

/// 25: as many features as it says match are found page after page.
pub(crate) fn matched(
    server: &mut Server,
    page: &std::rc::Rc<Answer>,
    limit: Option<u64>,
    findings: &mut Findings,
) {
    let Some(matched) = page.json().get("numberMatched") else { return };
    let walk = Walk::from(server, std::rc::Rc::clone(page), limit);
    if walk.is_whole {
        let count = walk.features().count() as u64;
        let found = || format!("`numberMatched` {matched}, {count} features in all pages");
        findings.check(matched.as_u64() == Some(count), page, found, "the same number");
    }
}

/// 26: as many features as it says are there.
pub(crate) fn returned(page: &Answer, findings: &mut Findings) {
    let Some(returned) = page.json().get("numberReturned") else { return };
    let count = page.features().len() as u64;
    let found = || format!("`numberReturned` {returned}, {count} features");
    findings.check(returned.as_u64() == Some(count), page, found, "the same number");
}
