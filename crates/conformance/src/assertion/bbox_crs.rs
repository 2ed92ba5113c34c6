//! Boxes in coordinate systems.

use serde_json::Value as Json;
use terrier_spatial::Crs;

use crate::assertion::crs::{CRS84, NOBODYS, PART_2, systems};
use crate::assertion::{Assertion, each, first_feature, ids, refuses};
use crate::class::Class::BboxCrs;
use crate::finding::{Done, Findings};
use crate::geometry::Parts;
use crate::server::Server;

/// Half the side of the box around a feature, in degrees: some hundred metres.
const HALF_SIDE_DEGREES: f64 = 0.001;

pub(crate) const ASSERTIONS: &[Assertion] = &[
    Assertion {
        id: "bbox-crs/same",
        class: BboxCrs,
        source: "18-058r1 A.8 /conf/crs/bbox-crs-parameter",
        sentence: "a box in a system finds the feature around which it is drawn, and nothing far from it",
        needs: PART_2,
        check: same,
    },
    Assertion {
        id: "bbox-crs/elsewhere",
        class: BboxCrs,
        source: "18-058r1 A.8 /conf/crs/bbox-crs-parameter",
        sentence: "a box beyond the reach of its system is answered with 200",
        needs: PART_2,
        check: elsewhere,
    },
    Assertion {
        id: "bbox-crs/unknown",
        class: BboxCrs,
        source: "18-058r1 A.9 /conf/crs/bbox-crs-parameter-invalid",
        sentence: "a box in a system that there is not is refused with 400",
        needs: PART_2,
        check: |server, findings| {
            refuses(server, findings, &[&[("bbox", "0,0,1,1"), ("bbox-crs", NOBODYS)]])
        },
    },
    Assertion {
        id: "bbox-crs/default",
        class: BboxCrs,
        source: "18-058r1 A.10 /conf/crs/bbox-crs-parameter-default",
        sentence: "a box in CRS84 is the same box without a system",
        needs: PART_2,
        check: default,
    },
];

/// A box around the first position of a feature.
fn around(feature: &Json) -> Option<[f64; 4]> {
    let [lon, lat] = Parts::of(&feature["geometry"]).ok()?.positions().next()?;
    let by = HALF_SIDE_DEGREES;
    let is_inland = lon.abs() < 180.0 - by && lat.abs() < 89.0;
    is_inland.then_some([lon - by, lat - by, lon + by, lat + by])
}

fn written(edges: [f64; 4]) -> String {
    edges.map(|edge| edge.to_string()).join(",")
}

/// The box around the corners of a box of CRS84, in a system and the order of its axes.
fn turned([west, south, east, north]: [f64; 4], crs: &Crs) -> Option<[f64; 4]> {
    let corners = [[west, south], [west, north], [east, south], [east, north]];
    let corners = corners.map(|corner| crs.from_wgs84(corner).ok());
    let [a, b, c, d] = corners.map(|corner| corner.map(|corner| crs.axis_order().arrange(corner)));
    let corners = [a?, b?, c?, d?];
    let least =
        |axis: usize| corners.iter().map(|corner| corner[axis]).fold(f64::INFINITY, f64::min);
    let most =
        |axis: usize| corners.iter().map(|corner| corner[axis]).fold(f64::NEG_INFINITY, f64::max);
    Some([least(0), least(1), most(0), most(1)])
}

fn same(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let Some((_, feature)) = first_feature(server, collection) else { return };
        let Some(edges) = around(&feature) else { return };
        for name in systems(server, collection) {
            let Some(crs) = Crs::find(&name).ok().filter(|crs| !crs.approximate()) else {
                continue;
            };
            let Some(bbox) = turned(edges, &crs) else { continue };
            let asked = [("limit", "1000"), ("bbox", &written(bbox)), ("bbox-crs", &name)];
            let page = server.items(collection, &asked);
            let id = feature["id"].to_string();
            let found = || format!("{}, {} features", page.seen(), page.features().len());
            let expected = format!("feature {id} among them");
            findings.check(ids(&page).contains(&id), &page, found, &expected);
            // The box in the system is turned against that in degrees, so it reaches a bit further.
            let [west, south, east, north] = edges;
            let by = HALF_SIDE_DEGREES;
            let wide = [west - by, south - by, east + by, north + by];
            for feature in page.features() {
                let Ok(parts) = Parts::of(&feature["geometry"]) else { continue };
                let found = || format!("feature {} far from the box", feature["id"]);
                findings.check(parts.meets(wide), &page, found, &format!("near {edges:?}"));
            }
        }
    })
}

fn elsewhere(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        for name in systems(server, collection) {
            // Numbers that are no degrees, and that no plane of a city has.
            let asked = [("limit", "1"), ("bbox", "1e8,1e8,2e8,2e8"), ("bbox-crs", &*name)];
            let page = server.items(collection, &asked);
            findings.status(&page, 200);
        }
    })
}

fn default(server: &mut Server, findings: &mut Findings) -> Done {
    each(server, findings, |server, collection, findings| {
        let edges = written(collection.extent().unwrap_or([-180.0, -90.0, 180.0, 90.0]));
        let plain = server.items(collection, &[("limit", "10"), ("bbox", &edges)]);
        let asked = [("limit", "10"), ("bbox", &edges), ("bbox-crs", CRS84)];
        let said = server.items(collection, &asked);
        findings.status(&said, 200);
        let found = || format!("the features {:?}", ids(&said));
        let expected = format!("the features {:?}", ids(&plain));
        findings.check(ids(&said) == ids(&plain), &said, found, &expected);
    })
}
