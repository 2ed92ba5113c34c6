//! What answers tell of assets: of restricted collections it is written into the audit.

use terrier_catalog::{AskedPast, Collection, Presentation};
use terrier_model::{Names, Read};

use crate::app::App;
use crate::language::LANG;
use crate::problem::shortened;
use crate::query::Parameters;
use crate::{Caller, Problem};

/// The parameters that say how something is told, and not of what, beside those of the presentation.
const OF_FORM: [&str; 6] = ["f", LANG, "limit", "offset", "token", "sortby"];

/// Which window is asked for, and in which coordinate system that is.
const OF_WINDOW: [&str; 2] = ["bbox", "bbox-crs"];

/// The day as of which work falls due.
const ON: &str = "on";

/// What an answer tells.
pub(crate) struct Told<'a> {
    /// The template of the route.
    pub(crate) route: &'a str,
    pub(crate) collection: &'a Collection,
    /// The feature that was asked for by its id, if one was.
    pub(crate) feature: Option<&'a str>,
    /// How many features are given, one by one: figures of many give none.
    pub(crate) features: u64,
}

impl<'a> Told<'a> {
    /// A list of features of a collection.
    pub(crate) fn list(route: &'a str, collection: &'a Collection, features: usize) -> Self {
        Self { route, collection, feature: None, features: features as u64 }
    }

    /// One feature.
    pub(crate) fn one(route: &'a str, collection: &'a Collection, feature: &'a str) -> Self {
        Self { route, collection, feature: Some(feature), features: 1 }
    }

    /// Figures of features, none of which is given.
    pub(crate) fn figures(route: &'a str, collection: &'a Collection) -> Self {
        Self { route, collection, feature: None, features: 0 }
    }
}

impl App {
    /// Takes down what an answer is about to tell; where that cannot be, it must not be given.
    pub(crate) fn tell(
        &self,
        caller: &Caller,
        query: Option<&str>,
        told: &Told<'_>,
    ) -> Result<(), Problem> {
        let Told { route, collection, feature, features } = *told;
        self.give(caller, features)?;
        self.metrics().add_features(usize::try_from(features).unwrap_or(usize::MAX));
        if !self.is_restricted(caller, collection) {
            return Ok(());
        }
        let parameters = Parameters::parse(query)?;
        let given = |wanted: &dyn Fn(&str) -> bool| {
            let kept = parameters.iter().filter(|(name, _)| wanted(name));
            let texts: Vec<String> = kept.map(|(name, value)| format!("{name}={value}")).collect();
            (!texts.is_empty()).then(|| texts.join("&"))
        };
        let is_of_time = |name: &str| AskedPast::PARAMETERS.contains(&name) || name == ON;
        let is_of_window = |name: &str| OF_WINDOW.contains(&name);
        let is_of_form =
            |name: &str| OF_FORM.contains(&name) || Presentation::PARAMETERS.contains(&name);
        let feature = feature.map(|id| format!("id={}", shortened(id)));
        let conditions =
            given(&|name| !(is_of_time(name) || is_of_window(name) || is_of_form(name)));
        let conditions: Vec<String> = feature.into_iter().chain(conditions).collect();
        let conditions = Some(conditions.join("&")).filter(|text| !text.is_empty());
        let kept = |text: Option<String>| text.map(|text| shortened(&text).into());
        let access = self.registry().access();
        let mut reader = caller.as_reader();
        // Who has logged in elsewhere has no key that says it.
        let person = reader.actor.as_deref().and_then(|name| access.person(name));
        reader.organisation =
            reader.organisation.or_else(|| person.map(|person| person.organisation().into()));
        let read = Read {
            at: self.now(),
            reader,
            route: route.into(),
            collection: collection.name().into(),
            window: kept(given(&is_of_window)),
            conditions: kept(conditions),
            as_of: kept(given(&is_of_time)),
            features,
        };
        self.shared_registry()
            .log_read(read)
            .map_err(|error| Problem::unavailable(error.to_string()))
    }

    /// Whether what is told of a collection is written down.
    pub(crate) fn is_restricted(&self, caller: &Caller, collection: &Collection) -> bool {
        let access = self.registry().access();
        let public = self.settings().public_collections.as_ref().unwrap_or(access.public());
        if access.restricted().is_none() && *public == Names::All {
            return false;
        }
        let is_it = |class: &str| match access.restricted() {
            Some(restricted) => restricted.has(class),
            None => !public.has(class),
        };
        match collection {
            Collection::Class(class) => is_it(class.name()),
            Collection::Assets | Collection::Due(..) => {
                let (snapshot, scope) = (self.registry().snapshot(), caller.scope());
                let mut classes = snapshot.classes().map(|class| class.name());
                classes.any(|class| scope.sees_collection(class) && is_it(class))
            }
        }
    }
}
