//! Words that are searched for in codes, names and places.

use std::sync::OnceLock;

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::program::{Server, district, encoded, folder, import, link, list, text};

/// Lights with what is searched: code, road, community, owner, remarks.
const LIGHTS: [[&str; 5]; 7] = [
    ["LD-1", "友谊路", "友谊里", "路灯处", ""],
    ["LD-10", "友谊北路", "", "路灯处", "next to LD-1"],
    ["ＬＤ－２", "黑牛城道", "", "", "LD-1"],
    ["ld-3", "Main Street", "Ärgergasse", "", "100% \\ _new_"],
    ["X1", "友谊路", "", "", "fallen"],
    ["X2", "", "", "Street lights", "友谊路 corner"],
    ["X3", "", "", "", ""],
];

fn lights() -> &'static Server {
    static SERVER: OnceLock<(TempDir, Server)> = OnceLock::new();
    let (_, server) = SERVER.get_or_init(|| {
        let folder = folder();
        let light = |(at, texts): (u8, [&str; 5])| {
            let [code, road, community, owner, remarks] =
                texts.map(|text| if text.is_empty() { Json::Null } else { text.into() });
            let lon = 117.2 + 0.001 * f64::from(at);
            let geometry = json!({ "type": "Point", "coordinates": [lon, 39.1] });
            let properties = json!({
                "code": code, "road": road, "community": community, "owner": owner, "remarks": remarks,
            });
            json!({ "type": "Feature", "id": at, "geometry": geometry, "properties": properties })
        };
        let features: Vec<Json> = (0..).zip(LIGHTS).map(light).collect();
        import(folder.path(), "light_poles", &features, &[]).expect_done();
        let server = Server::start(folder.path(), &[]);
        (folder, server)
    });
    server
}

/// Checks the codes of the lights that a search finds, the best first, and where none is better than another in any
/// order; in one page and in pages of one.
fn check(search: &str, more: &str, expected: &[&[&str]]) {
    let question = format!("/collections/light_poles/items?q={}{more}", encoded(search));
    for limit in [1, 100] {
        let pages = lights().pages(&format!("{question}&limit={limit}"));
        let features = pages.iter().flat_map(|page| list(&page["features"]));
        let mut codes: Vec<&str> = features.map(|f| text(&f["properties"]["code"])).collect();
        let mut rest = &mut codes[..];
        for group in expected {
            assert!(rest.len() >= group.len(), "{search}: {rest:?} is not {expected:?}");
            let (alike, others) = rest.split_at_mut(group.len());
            alike.sort_unstable();
            assert_eq!(alike, *group, "{search}");
            rest = others;
        }
        assert!(rest.is_empty(), "{search}: {rest:?} more than {expected:?}");
        let count = expected.iter().map(|group| group.len()).sum::<usize>();
        for page in &pages {
            assert_eq!(page["numberMatched"], count, "{search}");
        }
    }
}

#[test]
fn the_code_itself_comes_first_then_names_beginnings_and_parts() {
    check("LD-1", "", &[&["LD-1"], &["ＬＤ－２"], &["LD-10"]]);
    check("友谊路", "", &[&["LD-1", "X1"], &["X2"]]);
    check("友谊", "", &[&["LD-1", "LD-10", "X1", "X2"]]);
    check("谊北", "", &[&["LD-10"]]);
    check("street", "", &[&["X2"], &["ld-3"]]);
    check("nothing", "", &[]);
}

#[test]
fn letters_are_found_whether_small_or_wide() {
    check("ld-2", "", &[&["ＬＤ－２"]]);
    check("ｌｄ－３", "", &[&["ld-3"]]);
    check("ÄRGER", "", &[&["ld-3"]]);
    check("MAIN", "", &[&["ld-3"]]);
}

#[test]
fn words_all_have_to_be_found_and_of_lists_one() {
    check("友谊 LD", "", &[&["LD-1", "LD-10"]]);
    check("友谊　路灯处", "", &[&["LD-1", "LD-10"]]);
    check("友谊 nothing", "", &[]);
    check("X1,X3", "", &[&["X1", "X3"]]);
    check("友谊 nothing，黑牛城道、X3", "", &[&["X3"], &["ＬＤ－２"]]);
}

#[test]
fn what_codes_mean_is_found_in_both_languages() {
    let folder = folder();
    let pipe = |(at, material): (u8, &str)| {
        let lon = 117.2 + 0.001 * f64::from(at);
        let line = json!({ "type": "LineString", "coordinates": [[lon, 39.1], [lon, 39.2]] });
        let properties = json!({ "code": at.to_string(), "material": material, "road": "铸铁路" });
        json!({ "type": "Feature", "id": at, "geometry": line, "properties": properties })
    };
    let materials = ["grey_cast_iron", "ductile_iron", "steel", "pe80"];
    let features: Vec<Json> = (1..).zip(materials).map(pipe).collect();
    import(folder.path(), "gas_pipes", &features, &[]).expect_done();
    let server = Server::start(folder.path(), &[]);
    let check = |collection: &str, search: &str, expected: &[&str]| {
        let items = format!("/collections/{collection}/items?q={}", encoded(search));
        let answer = server.json(&items);
        let features = list(&answer["features"]).iter();
        let mut codes: Vec<&str> = features.map(|f| text(&f["properties"]["code"])).collect();
        // The best is told apart below.
        codes.sort_unstable();
        assert_eq!(codes, expected, "{search}");
    };
    check("gas_pipes", "灰口铸铁", &["1"]);
    check("gas_pipes", "Cast Iron", &["1"]);
    check("gas_pipes", "iron", &["1", "2"]);
    check("gas_pipes", "ductile_iron", &["2"]);
    check("gas_pipes", "steel", &["3"]);
    check("gas_pipes", "铸铁", &["1", "2", "3", "4"]);
    check("assets", "steel", &[]);
    // A title as a whole comes before the beginning of a road.
    let best = format!("/collections/gas_pipes/items?limit=1&q={}", encoded("铸铁，球墨铸铁"));
    assert_eq!(server.json(&best)["features"][0]["properties"]["code"], "2");
}

#[test]
fn signs_of_patterns_are_themselves() {
    check("100%", "", &[&["ld-3"]]);
    check("_new_", "", &[&["ld-3"]]);
    check("\\", "", &[&["ld-3"]]);
    check("%", "&filter=code%20LIKE%20'X%25'", &[]);
}

#[test]
fn a_search_goes_with_every_other_condition_and_with_an_order() {
    check("友谊", "&bbox=117.2,39,117.2015,39.2", &[&["LD-1", "LD-10"]]);
    check("友谊", "&filter=owner%20IS%20NULL", &[&["X1"]]);
    check("友谊", "&sortby=-code", &[&["X2"], &["X1"], &["LD-10"], &["LD-1"]]);
    check("友谊", "&road=%E5%8F%8B%E8%B0%8A%E8%B7%AF&sortby=code", &[&["LD-1"], &["X1"]]);
    let summary = lights().json("/collections/light_poles/summary?q=X");
    assert_eq!(summary["total"]["measures"]["count"], 4, "three codes, and one that is next to");
    let values = lights().json("/collections/light_poles/queryables/road/values?q=X");
    assert_eq!(values["numberMatched"], 4);
}

#[test]
fn what_is_no_search_is_refused() {
    let refused = |search: &str, expected: &str| {
        let answer = lights().get(&format!("/collections/light_poles/items?q={}", encoded(search)));
        assert_eq!((answer.status, &*answer.problem()), (400, expected), "{search}");
    };
    refused("", "parameter `q`: found ``, expected words");
    refused(" , ", "parameter `q`: found ` , `, expected words");
    refused(&"x".repeat(201), "parameter `q`: more than 200 characters");
    let words: Vec<String> = (0..17).map(|n| format!("w{n}")).collect();
    refused(&words.join(","), "parameter `q`: more than 16 words");
    check(&words[..16].join(","), "", &[]);
    check(&"x".repeat(200), "", &[]);
    let offset = lights().get("/collections/light_poles/items?q=x&offset=100001");
    assert!(offset.problem().starts_with("parameter `offset`: found 100001"));
}

/// Checks what a search finds in the district against a look at all texts of its features.
fn check_district(collection: &str, search: &str, fields: &[&str], more: &str) {
    let plain = format!("/collections/{collection}/items?limit=1000{more}");
    let lists: Vec<Vec<String>> = search
        .split(',')
        .map(|words| words.split_whitespace().map(str::to_lowercase).collect())
        .collect();
    let rank = |feature: &Json| {
        let of_word = |word: &String| {
            let ranks = fields.iter().filter_map(|field| {
                let found = feature["properties"][*field].as_str()?.to_lowercase();
                match found.find(word.as_str())? {
                    0 if found == *word => Some(u8::from(*field != "code")),
                    0 => Some(2),
                    _ => Some(3),
                }
            });
            ranks.min()
        };
        let of_list = |words: &Vec<String>| {
            words.iter().map(of_word).reduce(|a, b| Some(a?.max(b?))).flatten()
        };
        lists.iter().filter_map(of_list).min()
    };
    let mut expected: Vec<(u8, Json)> = district()
        .features(&plain)
        .into_iter()
        .filter_map(|feature| Some((rank(&feature)?, feature["id"].clone())))
        .collect();
    expected.sort_by_key(|(rank, _)| *rank);
    let expected: Vec<Json> = expected.into_iter().map(|(_, id)| id).collect();
    assert!(expected.len() > 10, "{search} finds {} in {collection}", expected.len());
    let found = district().features(&format!("{plain}&q={}", encoded(search)));
    let found: Vec<Json> = found.iter().map(|feature| feature["id"].clone()).collect();
    assert!(found == expected, "{search} in {collection}: {} of {}", found.len(), expected.len());
    let pages = district()
        .features(&format!("/collections/{collection}/items?limit=7{more}&q={}", encoded(search)));
    let pages: Vec<Json> = pages.iter().map(|feature| feature["id"].clone()).collect();
    assert!(pages == expected, "{search} in pages of {collection}");
}

#[test]
fn a_search_finds_what_a_look_at_all_texts_finds() {
    let core = ["code", "owner", "community", "street", "road"];
    check_district("assets", "友谊", &core, "");
    check_district("assets", "RQ 友谊路,ld", &core, "");
    check_district("assets", "道", &core, "&bbox=117.20,39.05,117.23,39.08");
    check_district("due", "rq", &core, "");
    check_district("due_points", "友谊", &core, "&state=overdue");
}

#[test]
fn a_page_goes_on_behind_the_last_of_its_rank() {
    let first = lights().json("/collections/light_poles/items?q=%E5%8F%8B%E8%B0%8A&limit=2");
    let next = link(&first, "next").expect("there are more");
    let token = next.rsplit_once("token=").expect("a token").1;
    let other = format!("/collections/light_poles/items?q=%E8%B7%AF&limit=2&token={token}");
    assert_eq!(lights().get(&other).status, 400, "the token is that of another search");
    for end in 0..token.len() {
        let cut =
            format!("/collections/light_poles/items?q=%E5%8F%8B%E8%B0%8A&token={}", &token[..end]);
        assert_eq!(lights().get(&cut).status, 400, "{end}");
    }
}
