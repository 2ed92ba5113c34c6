//! Features in other forms than GeoJSON: each read by GDAL and compared with the GeoJSON.

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::ogr::{after, ogr2ogr, ogrinfo};
use crate::program::{Answer, PLENTIFUL, district, folder, link, list, text};
use crate::reproject::positions;

/// The forms with their media types and the endings by which GDAL knows them.
pub(crate) const FORMS: [(&str, &str, &str); 3] = [
    ("geojsonseq", "application/geo+json-seq", "geojsons"),
    ("csv", "text/csv; charset=utf-8", "csv"),
    ("flatgeobuf", "application/flatgeobuf", "fgb"),
];

/// The media type of features with more than GeoJSON has.
const JSON_FG: &str = "application/vnd.ogc.fg+json";

/// Asks for something in a form.
pub(crate) fn get(path: &str, form: &str) -> Answer {
    let mark = if path.contains('?') { '&' } else { '?' };
    let answer = district().get(&format!("{path}{mark}f={form}"));
    assert_eq!(answer.status, 200, "{path} {form}: {}", answer.text());
    answer
}

/// The answer in a form, as a file.
pub(crate) fn file(
    folder: &Path,
    path: &str,
    (form, media_type, ending): (&str, &str, &str),
) -> PathBuf {
    let answer = get(path, form);
    assert_eq!(answer.header("content-type"), Some(media_type), "{path}");
    let file = folder.join(format!("answer.{ending}"));
    std::fs::write(&file, &answer.body).expect("the file is written");
    file
}

/// What GDAL reads in a file, as features of GeoJSON.
pub(crate) fn read(file: &Path) -> Vec<Json> {
    let path = file.to_str().expect("a plain path");
    let arguments = ["-f", "GeoJSON", "/vsistdout/", path, "-lco", "COORDINATE_PRECISION=12"];
    let copy: Json = serde_json::from_str(&ogr2ogr(&arguments)).expect("JSON");
    list(&copy["features"]).to_vec()
}

/// Whether a value is what the GeoJSON has. In CSV every value is a text, and nothing an empty one;
/// GDAL writes dates with slashes.
fn is_same(copy: &Json, value: &Json) -> bool {
    let plain = |json: &Json| match json {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Number(number) => number.as_f64().map_or(String::new(), |number| number.to_string()),
        other => other.to_string(),
    };
    let (copy, value) = (plain(copy), plain(value));
    let day = |text: &str| text.replace('/', "-").get(..10).map(str::to_owned);
    copy == value
        || copy.parse::<f64>().is_ok_and(|number| value.parse() == Ok(number))
        || (copy == "1" && value == "true")
        || (copy == "0" && value == "false")
        || (value.len() >= 10 && day(&copy) == day(&value))
        || copy.strip_prefix('\'') == Some(&value)
}

/// Checks that a geometry is the same, but for what GDAL loses of the last digit of its numbers.
fn check_shape(found: &Json, expected: &Json, place: &str) {
    assert_eq!(found["type"], expected["type"], "{place}");
    if expected.is_null() {
        return;
    }
    let (found, expected) = (positions(found), positions(expected));
    assert_eq!(found.len(), expected.len(), "{place}");
    for ([x, y], [a, b]) in found.into_iter().zip(expected) {
        assert!((x - a).abs() < 1e-8 && (y - b).abs() < 1e-8, "{place}: {x} {y}, {a} {b}");
    }
}

/// Compares what GDAL reads in each form with the GeoJSON of the same question.
fn check(path: &str) {
    let expected = district().json(path);
    let expected = list(&expected["features"]);
    assert!(!expected.is_empty(), "{path}");
    let folder = folder();
    for form in FORMS {
        let file = file(folder.path(), path, form);
        let found = read(&file);
        assert_eq!(found.len(), expected.len(), "{path} {form:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!(
                &found["properties"]["id"].as_str().or(found["id"].as_str()),
                &expected["id"].as_str()
            );
            check_shape(&found["geometry"], &expected["geometry"], &format!("{path} {form:?}"));
            for (name, value) in expected["properties"].as_object().expect("an object") {
                if name == "reasons" {
                    continue;
                }
                let copy = &found["properties"][name];
                assert!(is_same(copy, value), "{path} {form:?} {name}: {value} became {copy}");
            }
        }
    }
}

#[test]
fn gdal_reads_every_collection_in_every_form_as_it_is_in_geojson() {
    for collection in PLENTIFUL.into_iter().chain(["communities", "due", "due_points"]) {
        check(&format!("/collections/{collection}/items?limit=300"));
    }
}

#[test]
fn conditions_and_what_is_shown_hold_in_every_form() {
    check("/collections/gas_pipes/items?limit=100&properties=material,code");
    check("/collections/gas_pipes/items?filter=material%20%3D%20'steel'&limit=50&offset=20");
    check("/collections/due/items?properties=state,why&limit=50");
    // Easting first here and in GeoJSON.
    check("/collections/gas_pipes/items?limit=50&crs=EPSG:3857");
    check("/collections/gas_pipes/items?limit=50&properties=code&skipGeometry=true");
}

#[test]
fn a_system_is_told_in_flatgeobuf_and_the_easting_stands_first_in_all_but_geojson() {
    let folder = folder();
    let path = "/collections/light_poles/items?limit=20&crs=EPSG:4548";
    let expected = district().json(path);
    for form in [FORMS[1], FORMS[2]] {
        let file = file(folder.path(), path, form);
        for (found, expected) in read(&file).iter().zip(list(&expected["features"])) {
            let expected = list(&expected["geometry"]["coordinates"]);
            let turned = json!({ "type": "Point", "coordinates": [expected[1], expected[0]] });
            check_shape(&found["geometry"], &turned, &format!("{form:?}"));
        }
    }
    let told = ogrinfo(&folder.path().join("answer.fgb"), &["-so", "-al"]);
    assert!(told.contains("ID[\"EPSG\",4548]"), "{told}");
    assert_eq!(after(&told, "Feature Count: "), "20");
    assert!(told.contains("Geometry: Point"), "{told}");
    let sequence = get(path, "geojsonseq").text();
    let first = sequence.lines().next().expect("a line").trim_start_matches('\u{1e}').to_owned();
    let first: Json = serde_json::from_str(&first).expect("JSON");
    assert_eq!(first, expected["features"][0]);
}

#[test]
fn headers_tell_the_pages_and_the_numbers_in_every_form() {
    let path = "/collections/gas_pipes/items?limit=70&material=steel";
    let matched = district().json(path)["numberMatched"].as_u64().expect("a count");
    for form in ["json", "jsonfg", "geojsonseq", "csv", "flatgeobuf"] {
        let mut next = Some(format!("{path}&f={form}"));
        let mut returned = 0;
        while let Some(page) = next {
            let answer = district().get(&page);
            assert_eq!(answer.status, 200, "{page}");
            assert_eq!(answer.header("ogc-numbermatched"), Some(&*matched.to_string()), "{page}");
            let here = answer.header("ogc-numberreturned").expect("a number");
            returned += here.parse::<u64>().expect("a number");
            assert!(answer.header("content-crs").is_some(), "{page}");
            let links = answer.header("link").expect("links");
            for rel in ["self", "alternate", "collection"] {
                assert!(links.contains(&format!("rel=\"{rel}\"")), "{links}");
            }
            next = links.split(", <").find(|one| one.contains("rel=\"next\"")).map(|one| {
                let href = one.trim_start_matches('<').split('>').next().expect("an address");
                let media_type = FORMS.iter().find(|(name, ..)| *name == form);
                let plain = if form == "jsonfg" { JSON_FG } else { "application/geo+json" };
                let media_type = media_type.map_or(plain, |(_, told, _)| told);
                let bare = media_type.split(';').next().expect("a type");
                assert!(one.contains(&format!("type=\"{bare}\"")), "{one}");
                href.to_owned()
            });
        }
        assert_eq!(returned, matched, "{form}");
    }
}

#[test]
fn a_feature_alone_comes_in_every_form() {
    let folder = folder();
    for collection in ["gas_pipes", "assets", "due"] {
        let items = format!("/collections/{collection}/items");
        let first = district().json(&format!("{items}?limit=1"));
        let feature = &first["features"][0];
        let path = format!("{items}/{}", text(&feature["id"]));
        for form in FORMS {
            let found = read(&file(folder.path(), &path, form));
            assert_eq!(found.len(), 1);
            check_shape(&found[0]["geometry"], &feature["geometry"], &format!("{path} {form:?}"));
        }
        let tags = ["json", "geojsonseq", "csv", "flatgeobuf"]
            .map(|form| get(&path, form).header("etag").expect("a tag").to_owned());
        let different: std::collections::BTreeSet<&String> = tags.iter().collect();
        assert_eq!(different.len(), tags.len(), "{tags:?}");
    }
}

#[test]
fn a_form_is_chosen_by_name_or_by_what_is_accepted() {
    let path = "/collections/gas_pipes/items?limit=2";
    for (accept, expected) in [
        ("text/csv", "text/csv; charset=utf-8"),
        ("application/geo+json-seq", "application/geo+json-seq"),
        ("application/flatgeobuf, */*;q=0.5", "application/flatgeobuf"),
        ("application/vnd.flatgeobuf", "application/flatgeobuf"),
        ("text/csv;q=0.5, application/geo+json", "application/geo+json"),
        ("text/*", "text/html; charset=utf-8"),
        ("application/fg+json", "application/vnd.ogc.fg+json"),
    ] {
        let answer = district().ask("GET", path, &[("Accept", accept)]);
        assert_eq!(answer.header("content-type"), Some(expected), "{accept}");
    }
    assert_eq!(get(path, "fgb").header("content-type"), Some("application/flatgeobuf"));
    let page = district().json(path);
    let alternates: Vec<(&str, &str)> = list(&page["links"])
        .iter()
        .filter(|link| link["rel"] == "alternate")
        .map(|link| (text(&link["href"]), text(&link["type"])))
        .collect();
    let names = ["html", "jsonfg", "geojsonseq", "csv", "flatgeobuf"];
    let types = [
        "text/html",
        "application/vnd.ogc.fg+json",
        "application/geo+json-seq",
        "text/csv",
        "application/flatgeobuf",
    ];
    assert_eq!(alternates.len(), names.len());
    for ((href, media_type), (name, expected)) in
        alternates.into_iter().zip(names.iter().zip(types))
    {
        assert!(href.ends_with(&format!("&f={name}")), "{href}");
        assert_eq!(media_type, expected);
    }
    assert!(link(&page, "self").is_some_and(|own| own.ends_with("?limit=2")));
}

#[test]
fn an_answer_without_features_is_whole_in_every_form() {
    let folder = folder();
    let path = "/collections/gas_pipes/items?bbox=0,0,1,1";
    assert_eq!(get(path, "geojsonseq").text(), "");
    let rows = get(path, "csv").text();
    assert!(rows.starts_with("id,class,code,") && rows.lines().count() == 1, "{rows}");
    let file = file(folder.path(), path, FORMS[2]);
    assert_eq!(after(&ogrinfo(&file, &["-so", "-al"]), "Feature Count: "), "0");
}

#[test]
fn json_fg_has_the_place_in_the_system_asked_for_and_the_geometry_in_longitude_and_latitude() {
    let zone = "http://www.opengis.net/def/crs/EPSG/0/4548";
    for collection in ["gas_pipes", "assets", "due"] {
        let items = format!("/collections/{collection}/items");
        let question = format!("{items}?limit=30&properties=code");
        let (plain, placed) =
            (district().json(&question), district().json(&format!("{question}&crs={zone}")));
        let (bare, told) = (
            get(&question, "jsonfg").json(),
            get(&format!("{question}&crs={zone}"), "jsonfg").json(),
        );
        let core = "http://www.opengis.net/spec/json-fg-1/1.0/conf/core";
        for (document, system) in [(&bare, &Json::Null), (&told, &Json::from(zone))] {
            assert_eq!(document["conformsTo"], json!([core]));
            assert_eq!(document["featureType"], collection);
            assert_eq!(document["coordRefSys"], *system);
        }
        let all = [&plain, &placed, &bare, &told].map(|page| list(&page["features"]));
        assert!(all.iter().all(|features| features.len() == 30));
        for number in 0..30 {
            let [plain, placed, bare, told] = all.map(|features| &features[number]);
            assert_eq!(bare["place"], Json::Null);
            assert_eq!(told["place"], placed["geometry"]);
            for one in [bare, told] {
                assert_eq!(one["geometry"], plain["geometry"]);
                assert_eq!((&one["id"], &one["properties"]), (&plain["id"], &plain["properties"]));
                assert_eq!(one["featureType"], collection);
                assert_eq!(one["time"]["interval"][1], "..");
                assert_eq!(one["time"]["interval"][0], "2024-01-01T00:00:00Z");
            }
        }
        let path = format!("{items}/{}?properties=code&crs={zone}", text(&all[0][0]["id"]));
        let alone = get(&path, "jsonfg").json();
        assert_eq!((&alone["conformsTo"], &alone["coordRefSys"]), (&json!([core]), &json!(zone)));
        for member in ["place", "geometry", "time", "featureType", "properties"] {
            assert_eq!(alone[member], all[3][0][member], "{member}");
        }
        let hidden = get(&format!("{question}&crs={zone}&skipGeometry=true"), "jsonfg").json();
        let hidden = &hidden["features"][0];
        assert_eq!((&hidden["place"], &hidden["geometry"]), (&Json::Null, &Json::Null));
    }
}
