//! A registry with what a caller may see and what not, and one with nothing but what they may see.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use jiff::Timestamp;
use jiff::civil::Date;
use terrier_api::{App, Clock, Limits, Settings};
use terrier_catalog::time_zone;
use terrier_model::{
    Area, AssetId, Content, Draft, Edge, Event, EventKind, Grant, Names, Permission, RawValue,
    Role, Scope, Text, Verb,
};
use terrier_spatial::{GeometryKind, Shape, Sketch};
use terrier_store::{Arrival, Beginning, Change, FirstAccess, Ledger, Name, Registry, Since};

const PIPES: &str = r#"
name = "pipes"
geometry = "line"
title = { en = "Pipes", zh = "管道" }
description = { en = "Pipes", zh = "管道" }
[[field]]
name = "depth_m"
kind = "number"
sensitivity = "restricted"
title = { en = "Depth", zh = "埋深" }
"#;

/// Fields of pipes that the caller does not see.
const UNSEEN: &str = r#"
[[field]]
name = "secret"
kind = "text"
title = { en = "Secret", zh = "秘密" }
[[field]]
name = "pressure"
kind = "number"
sensitivity = "restricted"
title = { en = "Pressure", zh = "压力" }
"#;

const LAST: &str = r#"
[[field]]
name = "material"
kind = "code"
title = { en = "Material", zh = "材质" }
codes = [{ code = "steel", en = "Steel", zh = "钢" }, { code = "pe", en = "PE", zh = "聚乙烯" }]
[[field]]
name = "inspected_on"
kind = "date"
event = "inspected.on"
title = { en = "Inspected on", zh = "检查日期" }
"#;

const POSTS: &str = r#"
name = "posts"
geometry = "point"
title = { en = "Posts", zh = "桩" }
description = { en = "Posts", zh = "桩" }
"#;

/// A class that the caller does not see.
const VAULTS: &str = r#"
name = "vaults"
geometry = "multi_polygon"
title = { en = "Vaults", zh = "金库" }
description = { en = "Vaults", zh = "金库" }
"#;

const RULES: &str = r#"
pack = "TEST"
version = "1"
jurisdiction = "CN"
title = { en = "Test", zh = "测试" }
[[rule]]
id = "T-1"
title = { en = "Renew", zh = "更新" }
cites = "test"
evidence = "I"
class = "pipes"
kind = "renew"
age = "P30Y"
effective_from = "2020-01-01"
"#;

/// It goes by what the caller does not see, takes the place of another rule, and wants the same work
/// earlier.
const RULE_OF_SECRETS: &str = r#"
[[rule]]
id = "T-5"
title = { en = "Renew", zh = "更新" }
cites = "test"
evidence = "I"
class = "pipes"
when = "secret = 'geheim'"
kind = "renew"
age = "P5Y"
effective_from = "2020-01-01"
replaces = "T-6"
"#;

/// Whose place is taken, so that nobody is told of it.
const RULE_REPLACED: &str = r#"
[[rule]]
id = "T-6"
title = { en = "Clean", zh = "清洗" }
cites = "test"
evidence = "I"
class = "pipes"
kind = "clean"
by = "06-30"
effective_from = "2026-01-01"
"#;

const RULE_OF_PIPES: &str = r#"
[[rule]]
id = "T-4"
title = { en = "Look", zh = "查看" }
cites = "test"
evidence = "I"
class = "pipes"
kind = "inspect"
by = "06-30"
effective_from = "2026-01-01"
"#;

const RULE_OF_POSTS: &str = r#"
[[rule]]
id = "T-2"
title = { en = "Look", zh = "查看" }
cites = "test"
evidence = "I"
class = "posts"
kind = "inspect"
by = "06-30"
effective_from = "2026-01-01"
"#;

const RULE_OF_VAULTS: &str = r#"
[[rule]]
id = "T-3"
title = { en = "Guard", zh = "看守" }
cites = "test"
evidence = "I"
class = "vaults"
kind = "inspect"
by = "06-30"
effective_from = "2026-01-01"
"#;

/// What a registry holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Part {
    /// Everything.
    Whole,
    /// What the scope shows.
    Seen,
}

/// A caller who sees pipes, but not their codes, owners and secrets, and posts, but no vaults.
pub(crate) fn scope() -> Scope {
    scope_without(&["secret", "owner", "code", "community"])
}

/// The same, of pipes and posts in an area across which pipes lie.
pub(crate) fn scope_within(edge: Edge) -> Scope {
    scope_of(&["secret", "owner", "code", "community"], Some(&Area { shape: area(), edge }))
}

fn area() -> Shape {
    let [west, south, north] = [117.0, 39.0, 40.0];
    let east = 117.0 + 16.0 / 64.0;
    let ring = [[west, south], [east, south], [east, north], [west, north], [west, south]];
    let sketch = Sketch::Polygon(vec![ring.to_vec()]);
    sketch.check(GeometryKind::MultiPolygon).expect("a surface")
}

/// A caller who may change pipes in an area, but of their fields only the material, and register posts.
pub(crate) fn editing(edge: Edge, writes_geometry: bool) -> Scope {
    let shape = area();
    let grant = |class: &str, permissions: &[Permission]| Grant {
        collections: Names::These(BTreeSet::from([class.into()])),
        permissions: permissions.iter().copied().chain([Permission::Read]).collect(),
        restricted: Names::none(),
        hidden: Names::These(BTreeSet::from(["secret".into()])),
        writable: Names::These(BTreeSet::from(["material".into()])),
        writes_geometry,
        area: Some(Area { shape: shape.clone(), edge }),
    };
    let grants = vec![grant("pipes", &[Permission::Update]), grant("posts", &[Permission::Create])];
    Scope::of(&Role {
        name: "crew".into(),
        title: Text::new("Crew", "班组"),
        grants,
        limits: terrier_model::Limits::NONE,
    })
}

/// The same with some fields of pipes hidden, and everywhere.
pub(crate) fn scope_without(hidden: &[&str]) -> Scope {
    scope_of(hidden, None)
}

fn scope_of(hidden: &[&str], area: Option<&Area>) -> Scope {
    let these = |names: &[&str]| Names::These(names.iter().map(|name| (*name).into()).collect());
    let grant = |class: &str, restricted: &[&str], hidden: &[&str]| Grant {
        collections: these(&[class]),
        permissions: BTreeSet::from([Permission::Read, Permission::History]),
        restricted: these(restricted),
        hidden: these(hidden),
        writable: Names::none(),
        writes_geometry: false,
        area: area.cloned(),
    };
    let grants = vec![grant("pipes", &["depth_m"], hidden), grant("posts", &["households"], &[])];
    Scope::of(&Role {
        name: "crew".into(),
        title: Text::new("Crew", "班组"),
        grants,
        limits: terrier_model::Limits::NONE,
    })
}

fn now() -> Timestamp {
    Timestamp::from_second(1_780_000_000).expect("a time")
}

struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        now()
    }

    fn new_id(&self) -> AssetId {
        AssetId::new(now(), [0xee; 10])
    }
}

/// A server of a registry.
pub(crate) struct Place {
    pub(crate) router: Router,
    /// The ids of all assets of the whole registry.
    pub(crate) ids: Vec<AssetId>,
    _folder: tempfile::TempDir,
}

impl Place {
    pub(crate) async fn new(part: Part, scope: &Scope) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let registry = Arc::new(registry(folder.path(), part, scope).await);
        let public_url = "http://127.0.0.1".parse().expect("an address");
        let limits = Limits::default();
        let settings = Settings { public_url, version: "0", public_collections: None, limits };
        let ids = (0..FEATURES).map(id).collect();
        Self { router: App::new(registry, settings, Stopped).router(), ids, _folder: folder }
    }
}

/// How many assets of each class there are.
const OF_EACH: u8 = 4;

const FEATURES: u8 = 3 * OF_EACH;

fn id(number: u8) -> AssetId {
    AssetId::new(now(), [number; 10])
}

/// A field and its value.
type Given = (&'static str, RawValue);

/// The asset of a number, as far as a registry holds it: its class, its geometry, its values.
fn asset(number: u8, part: Part) -> Option<(&'static str, Sketch, Vec<Given>)> {
    let place = number / 3;
    // Numbers of which a cut is exact.
    let (x, y) = (117.0 + f64::from(13 + place) / 64.0, 39.0 + f64::from(7 + place) / 64.0);
    let text = |text: &str| RawValue::Text(text.into());
    let seen = |value: RawValue| (part == Part::Whole).then_some(value);
    let installed = ("installed_on", text(["1990-01-01", "2010-05-05"][usize::from(place % 2)]));
    Some(match number % 3 {
        0 => {
            let unseen = [
                ("code", text(&format!("P-{place}"))),
                ("owner", text("Gaswerk")),
                ("community", text("Hof")),
                ("households", RawValue::Integer(7)),
                ("secret", text("geheim")),
                ("pressure", RawValue::Number(4.0)),
            ];
            let unseen = unseen.into_iter().filter_map(|(name, value)| Some((name, seen(value)?)));
            let depth = ("depth_m", RawValue::Number(1.5));
            let values = [installed, depth, ("material", text("steel"))];
            let line = vec![[x, y], [x + 1.0 / 128.0, y], [x + 2.0 / 64.0, y]];
            ("pipes", Sketch::Line(line), values.into_iter().chain(unseen).collect())
        }
        1 => {
            let code = text(&format!("S-{place}"));
            let values = vec![("code", code), ("owner", text("Stadt")), installed];
            ("posts", Sketch::Point([x + 0.005, y]), values)
        }
        _ => {
            seen(RawValue::Integer(0))?;
            let ring = vec![[x, y], [x + 0.3, y], [x + 0.3, y + 0.3], [x, y]];
            let values = vec![("code", text("V")), ("owner", text("Gaswerk"))];
            ("vaults", Sketch::MultiPolygon(vec![vec![ring]]), values)
        }
    })
}

async fn registry(folder: &std::path::Path, part: Part, scope: &Scope) -> Registry {
    let is_whole = part == Part::Whole;
    let unseen = |text: &'static str| if is_whole { text } else { "" };
    let pipes = [PIPES, unseen(UNSEEN), LAST].concat();
    let seen_rules = [RULE_OF_PIPES, RULE_OF_POSTS].concat();
    let unseen_rules = [RULE_OF_SECRETS, RULE_REPLACED, RULE_OF_VAULTS].concat();
    let unseen_rules = if is_whole { &*unseen_rules } else { "" };
    let rules = [RULES, &seen_rules, unseen_rules].concat();
    let mut classes = vec![("pipes", &*pipes), ("posts", POSTS)];
    classes.extend(is_whole.then_some(("vaults", VAULTS)));
    let beginning = Beginning {
        classes: &classes,
        rules: &[("TEST", &rules)],
        time_zone: &time_zone("Asia/Shanghai").expect("a time zone"),
        access: FirstAccess::default(),
        recorded_at: now(),
        actor: "tester",
    };
    let ledger = Ledger::create(folder, &beginning).await.expect("a registry");
    let classes = ledger.classes().await.expect("classes");
    let import = Change {
        source: "test".into(),
        verb: Verb::Update,
        since: Since::At(now()),
        recorded_at: now(),
        today: Date::constant(2026, 6, 30),
        actor: "tester".into(),
        reason: String::new(),
        origin: "test".into(),
    };
    let mut session = ledger.begin_change(import).await.expect("an import");
    for number in 0..FEATURES {
        let Some((class, sketch, values)) = asset(number, part) else { continue };
        let class = Arc::clone(classes.get(class).expect("a class"));
        let values = values.into_iter().map(|(name, value)| (name.into(), value)).collect();
        let draft = Draft { id: None, external_key: None, sketch, values };
        let checked = draft.check(&class).expect("a good draft");
        let (mut content, given) = (checked.content, checked.given);
        if !is_whole {
            let Some(shape) = scope.given(class.name(), &content.shape) else { continue };
            content = Content::new(content.core, content.own, shape.into_owned());
        }
        let mut events = Vec::new();
        if number.is_multiple_of(2) {
            events.push(Event::new(EventKind::Inspected, Date::constant(2025, 5, 5)));
        }
        let name = Name::Key(number.to_string());
        let arrival = Arrival { class, name, content, given, events };
        session.put(vec![arrival], || id(number)).await.expect("written");
    }
    session.commit().await.expect("committed");
    ledger.close().await;
    Registry::open(folder).await.expect("a registry")
}
