//! Every route by everybody who may ask for it: what each is told follows from the rule of the route and the
//! document of the role, and what is out of scope is told as what is not there.
//!
//! The routes come from the table that is served ([`terrier_api::ROUTES`]); one without a sample fails here.

mod caller;
mod sample;
mod world;

use std::collections::BTreeMap;

use terrier_api::{Route, Rule};
use terrier_model::Permission;

use crate::program::Answer;
use caller::{Caller, Who};
use sample::{MADE_UP, Sample};
use world::{Target, World};

/// What an answer is to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Told {
    Done,
    /// A key is wanted.
    WhoAreYou,
    /// The key is none.
    NoKey,
    /// There is nothing like that.
    Missing,
    NotAllowed,
    /// What was sent says something of what is not there or not allowed.
    Refused,
}

impl Told {
    fn is(self, status: u16) -> bool {
        match self {
            Self::Done => matches!(status, 200..=204),
            Self::WhoAreYou => status == 401,
            // Ten a minute are told so; then an address has to wait.
            Self::NoKey => matches!(status, 401 | 429),
            Self::Missing => status == 404,
            Self::NotAllowed => status == 403,
            Self::Refused => matches!(status, 400 | 422),
        }
    }
}

/// What the rule of a route and the document of a role say.
fn expected(route: &Route, caller: &Caller, target: &Target) -> Told {
    match (&caller.who, route.rule) {
        (_, Rule::Same) => Told::Done,
        (Who::Refused, _) => Told::NoKey,
        (Who::Nobody { public: None }, rule) if rule != Rule::Open => Told::WhoAreYou,
        (Who::Nobody { .. }, rule) if rule.wants_key() => Told::WhoAreYou,
        (_, Rule::Open) => Told::Done,
        (_, Rule::Reads | Rule::Known) => of_reading(route, caller, target),
        (_, Rule::OnCollection(_) | Rule::Somewhere(_)) => of_writing(route, caller, target),
    }
}

fn of_reading(route: &Route, caller: &Caller, target: &Target) -> Told {
    let holds = |permission| caller.holds(permission, target.collection);
    let (reads, looks_back) = (holds(Permission::Read), holds(Permission::History));
    let is_within = !caller.has_area || target.is_in_area;
    let is_there = match route.template {
        path if path.contains("/history") => reads && looks_back && is_within,
        path if path.contains("{feature}") => reads && is_within,
        path if path.contains("{collection}") => reads,
        // A change is not looked at edit by edit, so who has an area is told of none.
        path if path.contains("{change}") => reads && looks_back && !caller.has_area,
        path if path.contains("{import}") => {
            let is_auditor = holds(Permission::Audit) && !caller.has_area;
            reads && (target.is_own_import || is_auditor)
        }
        _ => true,
    };
    if is_there { Told::Done } else { Told::Missing }
}

fn of_writing(route: &Route, caller: &Caller, target: &Target) -> Told {
    let holds = |permission: &Permission| caller.holds(*permission, target.collection);
    let reads = holds(&Permission::Read);
    let is_within = !caller.has_area || target.is_in_area;
    match route.rule {
        Rule::OnCollection(_) if !reads => Told::Missing,
        Rule::OnCollection(wanted) if !wanted.iter().any(holds) => Told::NotAllowed,
        Rule::OnCollection(_) if is_within => Told::Done,
        Rule::OnCollection(_) if route.template.contains("{feature}") => Told::Missing,
        Rule::OnCollection(_) => Told::Refused,
        Rule::Somewhere(wanted) if !wanted.iter().any(|one| caller.holds_somewhere(*one)) => {
            Told::NotAllowed
        }
        _ => match route.template {
            "/change-sets/{change}/revert"
                if !(reads && holds(&Permission::History)) || caller.has_area =>
            {
                Told::Missing
            }
            "/change-sets/{change}/revert" if !holds(&Permission::Revert) => Told::NotAllowed,
            "/transactions" if !(reads && holds(&Permission::Update) && is_within) => Told::Refused,
            "/imports" if !reads => Told::Refused,
            // A file is not held to an area row by row.
            "/imports" if !holds(&Permission::Import) || caller.has_area => Told::NotAllowed,
            _ => Told::Done,
        },
    }
}

#[test]
fn every_route_answers_everybody_as_its_rule_and_their_role_say() {
    let world = World::new();
    let (mut cells, mut faults) = (BTreeMap::new(), Vec::new());
    for caller in world.callers() {
        for target in world.targets() {
            for route in terrier_api::ROUTES {
                let sample = Sample::of(route, target, &world.feature(caller, target));
                let cell = Cell { world: &world, caller, target, sample };
                let told = expected(route, caller, target);
                if let Err(fault) = cell.check(told) {
                    faults.push(format!("{}: {fault}", cell.name()));
                }
                *cells.entry(format!("{told:?}")).or_insert(0) += 1;
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    let asked: usize = cells.values().sum();
    let each = world.callers().len() * world.targets().len() * terrier_api::ROUTES.len();
    assert_eq!(asked, each, "{cells:?}");
    // A matrix in which nothing is refused, or everything is, would be none.
    let kinds = ["Done", "Missing", "NoKey", "NotAllowed", "Refused", "WhoAreYou"];
    assert_eq!(cells.keys().collect::<Vec<_>>(), kinds);
}

/// One request of the matrix.
struct Cell<'w> {
    world: &'w World,
    caller: &'w Caller,
    target: &'w Target,
    sample: Sample,
}

/// What is wrong unless something holds.
fn hold(holds: bool, wrong: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(wrong()) }
}

impl Cell<'_> {
    fn name(&self) -> String {
        format!("{} as {} on {}", self.sample.name(), self.caller.name, self.target.name)
    }

    fn check(&self, told: Told) -> Result<(), String> {
        let answer = self.world.send(self.caller, &self.sample);
        let is_it = told.is(answer.status);
        hold(is_it, || format!("expected {told:?}, {} {}", answer.status, answer.text()))?;
        self.check_headers(&answer)?;
        self.check_silence(&answer)?;
        self.check_like_nothing(&answer)?;
        if self.sample.method == "GET" && self.target.name == "own" {
            self.check_page(&answer)?;
        }
        Ok(())
    }

    fn check_headers(&self, answer: &Answer) -> Result<(), String> {
        let header = |name| answer.header(name).unwrap_or_default();
        hold(header("x-content-type-options") == "nosniff", || "no `nosniff`".into())?;
        hold(header("vary").contains("Authorization"), || header("vary").into())?;
        let kept = header("cache-control");
        let is_same = self.sample.path.starts_with("/style.css");
        let is_private = kept.contains("private") || kept.contains("no-store");
        hold(is_private || is_same, || format!("kept: `{kept}`"))?;
        let asks = answer.header("www-authenticate").is_some();
        hold(asks == (answer.status == 401), || "`WWW-Authenticate`".into())?;
        let waits = answer.header("retry-after").is_some();
        hold(waits == (answer.status == 429), || "`Retry-After`".into())
    }

    /// Nothing that is told to somebody has a trace of what they do not see and have not named.
    fn check_silence(&self, answer: &Answer) -> Result<(), String> {
        let (caller, asked, text) = (self.caller, self.target, answer.text());
        for other in self.world.targets() {
            let sees = caller.sees(other.collection);
            if sees && (!caller.has_area || other.is_in_area) {
                continue;
            }
            let named = [
                (other.code, false),
                (&other.item, asked.item == other.item),
                (other.collection, sees || asked.collection == other.collection),
            ];
            for (trace, is_named) in named {
                hold(is_named || !text.contains(trace), || format!("`{trace}` in {text}"))?;
            }
        }
        Ok(())
    }

    /// What is not there for somebody is told as what is not there at all: the same answer, but for the
    /// name.
    fn check_like_nothing(&self, answer: &Answer) -> Result<(), String> {
        if !matches!(answer.status, 400 | 404 | 422) {
            return Ok(());
        }
        let sees = self.caller.sees(self.target.collection);
        let Some(made_up) = self.sample.made_up(self.target, sees) else { return Ok(()) };
        let nothing = self.world.send(self.caller, &made_up);
        let told = |answer: &Answer| {
            let Target { collection, item, change, import, .. } = self.target;
            let names = [*collection, item, change, import].into_iter().chain(MADE_UP);
            let text = names.fold(answer.text(), |text, name| {
                let quoted = [format!("`{name}`"), format!("\"{name}\"")];
                let text = quoted.iter().fold(text, |text, name| text.replace(name, "NAME"));
                text.replace(&format!(" {name}\""), " NAME\"")
            });
            let mut headers = answer.headers().to_vec();
            headers.retain(|(name, _)| !matches!(&**name, "date" | "content-length"));
            (answer.status, text, headers)
        };
        hold(told(&nothing) == told(answer), || {
            format!("not as what is not there:\n  {}\n  {}", answer.text(), nothing.text())
        })
    }

    /// The page to read has the same status, and may do nothing but show itself; `HEAD` has it too.
    fn check_page(&self, answer: &Answer) -> Result<(), String> {
        // In the meantime the address may have used up its wrong keys.
        let is_same = |other: &Answer| other.status == answer.status || other.status == 429;
        let page = self.world.send_with(self.caller, &self.sample, ("Accept", "text/html"));
        let is_page = page.header("content-type").is_some_and(|form| form.starts_with("text/html"));
        hold(is_same(&page) || page.status == 406, || format!("the page is {}", page.status))?;
        self.check_headers(&page)?;
        self.check_silence(&page)?;
        let policy = page.header("content-security-policy").unwrap_or_default();
        let is_bound = policy.starts_with("default-src 'none'");
        hold(is_bound == is_page, || format!("the page has the policy `{policy}`"))?;
        let head = self.world.send(self.caller, &self.sample.as_head());
        let is_bare = is_same(&head) && head.body.is_empty();
        hold(is_bare, || format!("HEAD is {}, {} bytes", head.status, head.body.len()))
    }
}
