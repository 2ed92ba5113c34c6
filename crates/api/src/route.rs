//! The routes: one table of all of them, each with the rule that says who may ask for it. Nothing is served
//! that does not stand here, and nothing stands here without a rule.

use std::borrow::Cow;
use std::sync::LazyLock;

use axum::Router;
use axum::http::Method;
use axum::routing::MethodRouter;
use percent_encoding::percent_decode_str;
use terrier_catalog::{Collection, DueOf};
use terrier_model::Permission;

use crate::app::App;
use crate::guard::Guard;
use crate::{
    audit, change_sets, collections, document, edit, fields, functions, health, history, imports,
    item, items, landing, page, summary, values,
};

/// Who may ask for a route. What of its answer they are told is another question, which their scope answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rule {
    /// Anybody, and all are told the same: no key is looked at.
    Same,
    /// Anybody: what the server is, not what it holds. Who brings a key is told what there is for them.
    Open,
    /// Anybody where some collection is public; otherwise who brings a key. What they do not see does not
    /// exist for them.
    Reads,
    /// Who brings a key, for what is their own.
    Known,
    /// Who brings a key whose role allows one of these in the collection of the path: for whom it does not
    /// exist 404, who sees it and is not allowed 403.
    OnCollection(&'static [Permission]),
    /// Who brings a key whose role allows one of these in some collection; otherwise 403.
    Somewhere(&'static [Permission]),
}

impl Rule {
    /// Whether nobody is answered who brings no key.
    pub fn wants_key(self) -> bool {
        !matches!(self, Self::Same | Self::Open | Self::Reads)
    }
}

/// One thing that may be asked for.
#[derive(Debug)]
pub struct Route {
    /// Its path, in which names in braces stand for any text without a slash.
    pub template: &'static str,
    /// How it is asked for. `GET` is `HEAD` too, and every path knows `OPTIONS`, which tells no more than
    /// this table does.
    pub method: Method,
    /// Who may ask.
    pub rule: Rule,
    handler: fn(Guard) -> MethodRouter<App>,
}

/// The path of the features of a collection.
pub(crate) const ITEMS: &str = "/collections/{collection}/items";

/// The path of one feature.
pub(crate) const ITEM: &str = "/collections/{collection}/items/{feature}";

/// The path of transactions.
pub(crate) const TRANSACTIONS: &str = "/transactions";

/// The path of imports.
pub(crate) const IMPORTS: &str = "/imports";

/// The methods that every path knows which can be read.
pub const READ_METHODS: &str = "GET, HEAD, OPTIONS";

/// What an edit of some asset may be.
const EDITS: &[Permission] =
    &[Permission::Create, Permission::Update, Permission::Correct, Permission::Retire];

/// Every route.
pub static ROUTES: &[Route] = &[
    get("/", Rule::Open, |guard| guard.before(landing::landing)),
    get("/conformance", Rule::Open, |guard| guard.before(document::conformance)),
    get("/api", Rule::Open, |guard| guard.before(document::api)),
    get("/functions", Rule::Reads, |guard| guard.before(functions::functions)),
    get("/collections", Rule::Reads, |guard| guard.before(collections::collections)),
    get("/collections/{collection}", Rule::Reads, |guard| guard.before(collections::collection)),
    get("/collections/{collection}/schema", Rule::Reads, |guard| guard.before(fields::schema)),
    get("/collections/{collection}/feature-schema", Rule::Reads, |guard| {
        guard.before(fields::feature_schema)
    }),
    get("/collections/{collection}/queryables", Rule::Reads, |guard| {
        guard.before(fields::queryables)
    }),
    get("/collections/{collection}/queryables/{queryable}/values", Rule::Reads, |guard| {
        guard.before(values::values)
    }),
    get("/collections/{collection}/sortables", Rule::Reads, |guard| {
        guard.before(fields::sortables)
    }),
    get("/collections/{collection}/summary", Rule::Reads, |guard| guard.before(summary::summary)),
    get(ITEMS, Rule::Reads, |guard| guard.before(items::items)),
    post(ITEMS, Rule::OnCollection(&[Permission::Create]), |guard| guard.before(edit::create)),
    get(ITEM, Rule::Reads, |guard| guard.before(item::item)),
    Route {
        template: ITEM,
        method: Method::PUT,
        rule: Rule::OnCollection(&[Permission::Update, Permission::Correct]),
        handler: |guard| guard.before(edit::replace),
    },
    Route {
        template: ITEM,
        method: Method::PATCH,
        rule: Rule::OnCollection(&[Permission::Update, Permission::Correct]),
        handler: |guard| guard.before(edit::update),
    },
    Route {
        template: ITEM,
        method: Method::DELETE,
        rule: Rule::OnCollection(&[Permission::Retire]),
        handler: |guard| guard.before(edit::retire),
    },
    get("/collections/{collection}/items/{feature}/history", Rule::Reads, |guard| {
        guard.before(history::history)
    }),
    get("/change-sets", Rule::Reads, |guard| guard.before(change_sets::change_sets)),
    get("/change-sets/{change}", Rule::Reads, |guard| guard.before(change_sets::change_set)),
    get("/audit", Rule::Somewhere(&[Permission::Audit]), |guard| guard.before(audit::audit)),
    post(TRANSACTIONS, Rule::Somewhere(EDITS), |guard| guard.before(edit::transact)),
    post("/change-sets/{change}/revert", Rule::Somewhere(&[Permission::Revert]), |guard| {
        guard.before(edit::revert)
    }),
    get(IMPORTS, Rule::Known, |guard| guard.before(imports::imports)),
    post(IMPORTS, Rule::Somewhere(&[Permission::Import]), |guard| guard.before(imports::send)),
    get("/imports/{import}", Rule::Known, |guard| guard.before(imports::import)),
    get("/imports/{import}/faults", Rule::Known, |guard| guard.before(imports::faults)),
    get("/style.css", Rule::Same, |guard| guard.before(page::style)),
    get("/health/live", Rule::Same, |guard| guard.before(health::live)),
    get("/health/ready", Rule::Same, |guard| guard.before(health::ready)),
    // It tells how much there is, whoever may see it.
    get("/metrics", Rule::Somewhere(&[Permission::Audit, Permission::Administer]), |guard| {
        guard.before(health::metrics)
    }),
];

const fn get(template: &'static str, rule: Rule, handler: fn(Guard) -> MethodRouter<App>) -> Route {
    Route { template, method: Method::GET, rule, handler }
}

const fn post(
    template: &'static str,
    rule: Rule,
    handler: fn(Guard) -> MethodRouter<App>,
) -> Route {
    Route { template, method: Method::POST, rule, handler }
}

/// All routes, each behind its rule.
pub(crate) fn router() -> Router<App> {
    ROUTES.iter().fold(Router::new(), |router, route| {
        router.route(route.template, (route.handler)(Guard::of(route)))
    })
}

/// The route of a path of the API document, in which names stand where the template has any text.
pub(crate) fn of_documented(path: &str, method: &str) -> Option<&'static Route> {
    ROUTES.iter().find(|route| {
        let is_asked = route.method.as_str().eq_ignore_ascii_case(method);
        let same_length = route.template.split('/').count() == path.split('/').count();
        let mut parts = route.template.split('/').zip(path.split('/'));
        is_asked && same_length && parts.all(|(any, one)| any == one || any.starts_with('{'))
    })
}

/// The name of the collection in a path.
pub(crate) fn collection_of(path: &str) -> Cow<'_, str> {
    percent_decode_str(path.split('/').nth(2).unwrap_or_default()).decode_utf8_lossy()
}

/// Whether the collection of a path is made of others, so that nobody edits it itself.
pub(crate) fn is_made(path: &str) -> bool {
    let name = collection_of(path);
    DueOf::find(&name).is_some() || name == Collection::Assets.name()
}

/// The methods that a resource knows, by the template of its route and its path.
pub(crate) fn allowed(template: Option<&str>, path: &str) -> &'static str {
    static ALL: LazyLock<Vec<Allowed>> = LazyLock::new(Allowed::all);
    let found = template.and_then(|name| ALL.iter().find(|allowed| allowed.template == name));
    match found {
        Some(allowed) if is_made(path) => &allowed.where_made,
        Some(allowed) => &allowed.elsewhere,
        None => READ_METHODS,
    }
}

/// The methods of one template, as `Allow` tells them.
struct Allowed {
    template: &'static str,
    elsewhere: String,
    /// Of a collection that nobody edits.
    where_made: String,
}

impl Allowed {
    fn all() -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for Route { template, .. } in ROUTES {
            if all.iter().all(|allowed| allowed.template != *template) {
                let elsewhere = methods(template, |_| true);
                let where_made = methods(template, |rule| !matches!(rule, Rule::OnCollection(_)));
                all.push(Self { template, elsewhere, where_made });
            }
        }
        all
    }
}

/// The methods of a template under rules that are wanted.
fn methods(template: &str, is_wanted: impl Fn(Rule) -> bool) -> String {
    let own = ROUTES.iter().filter(|route| route.template == template && is_wanted(route.rule));
    let (mut reads, mut writes) = (Vec::new(), Vec::new());
    for route in own {
        if route.method == Method::GET {
            reads.extend(["GET", "HEAD"]);
        } else {
            writes.push(route.method.as_str());
        }
    }
    reads.into_iter().chain(["OPTIONS"]).chain(writes).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_resource_tells_the_methods_that_it_knows() {
        let check = |template: &str, path: &str, expected: &str| {
            assert_eq!(allowed(Some(template), path), expected, "{path}");
        };
        check("/", "/", READ_METHODS);
        check(ITEMS, "/collections/gas_pipes/items", "GET, HEAD, OPTIONS, POST");
        check(ITEMS, "/collections/assets/items", READ_METHODS);
        check(ITEM, "/collections/gas_pipes/items/1", "GET, HEAD, OPTIONS, PUT, PATCH, DELETE");
        check(ITEM, "/collections/due/items/1", READ_METHODS);
        check(ITEM, "/collections/%64ue/items/1", READ_METHODS);
        check(IMPORTS, "/imports", "GET, HEAD, OPTIONS, POST");
        check(TRANSACTIONS, "/transactions", "OPTIONS, POST");
        assert_eq!(allowed(None, "/nothing"), READ_METHODS);
    }

    #[test]
    fn no_route_stands_in_the_table_twice() {
        for (place, route) in ROUTES.iter().enumerate() {
            let same =
                |other: &&Route| (other.template, &other.method) == (route.template, &route.method);
            assert_eq!(ROUTES.iter().filter(same).count(), 1, "{place}: {}", route.template);
        }
    }

    #[test]
    fn what_changes_something_wants_a_key_and_a_permission() {
        for route in ROUTES.iter().filter(|route| route.method != Method::GET) {
            let is_guarded =
                matches!(route.rule, Rule::OnCollection([_, ..]) | Rule::Somewhere([_, ..]));
            assert!(is_guarded, "{} {}", route.method, route.template);
        }
    }
}
