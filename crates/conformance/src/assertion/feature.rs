//! One feature.

use crate::answer::{essence, links, shown};
use crate::assertion::{Assertion, each, first_feature};
use crate::class::Class::Feature;
use crate::finding::{Done, Findings};
use crate::server::{GEOJSON, Server};

pub(crate) const ASSERTIONS: &[Assertion] = &[
    Assertion {
        id: "feature/success",
        class: Feature,
        source: "17-069r4 A.27 /conf/core/f-op",
        sentence: "a feature stands below the list under its id, with 200",
        needs: &[],
        check: success,
    },
    Assertion {
        id: "feature/media-type",
        class: Feature,
        source: "17-069r4 /conf/geojson/definition",
        sentence: "a feature that is asked for as GeoJSON says so in `Content-Type`",
        needs: &[&["ogcapi-features-1/geojson"]],
        check: media_type,
    },
    Assertion {
        id: "feature/links",
        class: Feature,
        source: "17-069r4 A.28, A.29 /conf/core/f-success, f-links",
        sentence: "a feature links itself and its collection, and its HTML where that is declared; every \
                   link has `rel` and `type`",
        needs: &[],
        check: feature_links,
    },
    Assertion {
        id: "feature/same",
        class: Feature,
        source: "17-069r4 /req/core/f-success",
        sentence: "id, geometry and properties are the same alone as in the list",
        needs: &[],
        check: same,
    },
];

fn success(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let Some((_, feature)) = first_feature(server, collection) else { return };
        let Some(address) = collection.item(&feature["id"]) else { return };
        let alone = server.get(&address, GEOJSON);
        findings.status(&alone, 200);
    })
}

fn media_type(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let Some((_, feature)) = first_feature(server, collection) else { return };
        let Some(address) = collection.item(&feature["id"]) else { return };
        let alone = server.get(&address, GEOJSON);
        findings.check(alone.media_type() == GEOJSON, &alone, || alone.seen(), GEOJSON);
    })
}

fn feature_links(server: &mut Server, findings: &mut Findings) -> Done {
    let has_html = server.declares("ogcapi-features-1/html");
    each(server, findings, |server, collection, findings| {
        let Some((_, feature)) = first_feature(server, collection) else { return };
        let Some(address) = collection.item(&feature["id"]) else { return };
        let alone = server.get(&address, GEOJSON);
        let found = || shown(&alone.json()["links"]);
        let has = |rel: &str, form: &str| {
            let fits = |media_type: &str| form.is_empty() || essence(media_type) == form;
            links(alone.json()).any(|link| link.rel == rel && fits(link.media_type))
        };
        findings.check(
            has("self", GEOJSON),
            &alone,
            found,
            "a link `self` of application/geo+json",
        );
        findings.check(has("collection", ""), &alone, found, "a link `collection`");
        if has_html {
            let expected = "a link `alternate` of text/html";
            findings.check(has("alternate", "text/html"), &alone, found, expected);
        }
        for link in links(alone.json()) {
            let is_so = !link.rel.is_empty() && !link.media_type.is_empty();
            findings.check(is_so, &alone, || format!("{link:?}"), "each link has `rel` and `type`");
        }
    })
}

fn same(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let Some((_, feature)) = first_feature(server, collection) else { return };
        let Some(address) = collection.item(&feature["id"]) else { return };
        let alone = server.get(&address, GEOJSON);
        for name in ["id", "geometry", "properties"] {
            let (listed, own) = (&feature[name], &alone.json()[name]);
            let expected = format!("`{name}` as in the list: {}", shown(listed));
            findings.value(listed == own, &alone, own, &expected);
        }
    })
}
