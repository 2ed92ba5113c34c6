//! Keeps who asks to the limits of their key: requests a minute, features a day, and the area of one
//! answer.

use std::sync::Arc;

use jiff::Timestamp;
use terrier_catalog::{FeatureQuery, Presentation};
use terrier_model::Limits;
use terrier_spatial::Bounds;
use terrier_store::{ErrorChain, HeldKey, KeyFeatures, Snapshot};

use crate::app::App;
use crate::meter::{Giving, Metered};
use crate::{Caller, Problem};

/// How many square metres a square kilometre has.
const M2_OF_KM2: f64 = 1e6;

/// The limits of a caller, and whose requests are counted with theirs; `None` for who has none.
fn limits(caller: &Caller) -> Option<(Limits, Metered)> {
    let limits = caller.role().map(|role| role.limits).filter(|limits| *limits != Limits::NONE)?;
    let who = match caller.key() {
        Some(key) => Metered::Key(key.number()),
        None => Metered::Person(Arc::from(caller.name())),
    };
    Some((limits, who))
}

impl App {
    /// Counts a request, and refuses it when too many came within a minute.
    pub(crate) fn admit(&self, caller: &Caller) -> Result<(), Problem> {
        let Some((limits, who)) = limits(caller) else { return Ok(()) };
        let Some(per_minute) = limits.requests_per_minute else { return Ok(()) };
        match self.meter().request(&who, per_minute, self.now()) {
            None => Ok(()),
            Some(seconds) => {
                let detail = format!("you may send {per_minute} requests a minute");
                Err(Problem::too_many(detail, seconds))
            }
        }
    }

    /// Counts features that are about to be given, and refuses when as many were given today as may be.
    pub(crate) fn give(&self, caller: &Caller, features: u64) -> Result<(), Problem> {
        let Some((limits, who)) = limits(caller).filter(|_| features > 0) else { return Ok(()) };
        let Some(per_day) = limits.features_per_day else { return Ok(()) };
        // The civil day that it is, whatever day the server was told to take for today.
        let now = self.now();
        let day = self.registry().snapshot().time_zone().to_datetime(now).date();
        let before = caller.key().and_then(HeldKey::given);
        match self.meter().features(&who, (features, per_day), (now, day), before) {
            Giving::Given { keep } => {
                if let (Some(features), Metered::Key(number)) = (keep, who) {
                    self.keep_features(KeyFeatures { number, at: now, day, features });
                }
                Ok(())
            }
            Giving::Over => {
                let detail = format!("you may be given {per_day} features a day");
                Err(Problem::too_many(detail, self.seconds_to_midnight(now)))
            }
        }
    }

    /// Refuses a list that gives geometries of a restricted collection over more ground than the limit of
    /// the caller: that of the window, as far as there is something of the collection for them.
    pub(crate) fn check_export(
        &self,
        caller: &Caller,
        snapshot: &Snapshot,
        query: &FeatureQuery,
        shown: &Presentation,
    ) -> Result<(), Problem> {
        let limit = limits(caller).and_then(|(limits, _)| limits.export_area_km2);
        let Some(limit_km2) = limit.filter(|_| shown.has_geometry()) else { return Ok(()) };
        if !self.is_restricted(caller, query.collection()) {
            return Ok(());
        }
        let extent = snapshot.extent(query.collection(), query.scope()).bounds;
        let ground_m2: f64 = match (extent, query.window()) {
            (None, _) => 0.0,
            (Some(extent), None) => extent.area_m2(),
            (Some(extent), Some(window)) => {
                let parts = window.boxes().filter_map(|part| part.common_with(&extent));
                parts.map(|part: Bounds| part.area_m2()).sum()
            }
        };
        let area_km2 = ground_m2 / M2_OF_KM2;
        if area_km2 <= limit_km2 {
            return Ok(());
        }
        Err(Problem::forbidden(format!(
            "you may be given {limit_km2} km² in one answer, and this one is over {area_km2:.1} km²: ask with a \
             smaller `bbox`, or with `skipGeometry=true`"
        )))
    }

    /// Keeps how many features were given, while the answer goes its way.
    fn keep_features(&self, given: KeyFeatures) {
        let registry = Arc::clone(self.shared_registry());
        tokio::spawn(async move {
            if let Err(error) = registry.ledger().put_key_features(given).await {
                tracing::warn!(error = %ErrorChain(&error), "cannot keep how much was given to a key");
            }
        });
    }

    /// Keeps how many features were given since that was last kept. Call it when no more is answered.
    pub async fn flush_given(&self) {
        for given in self.meter().unkept() {
            if let Err(error) = self.registry().ledger().put_key_features(given).await {
                tracing::warn!(error = %ErrorChain(&error), "cannot keep how much was given to a key");
            }
        }
    }

    /// In how many whole seconds the civil day is over where the registry is.
    fn seconds_to_midnight(&self, now: Timestamp) -> u32 {
        let snapshot = self.registry().snapshot();
        let zone = snapshot.time_zone();
        let tomorrow = zone.to_datetime(now).date().tomorrow().ok();
        let midnight = tomorrow
            .and_then(|day| zone.to_ambiguous_timestamp(day.at(0, 0, 0, 0)).compatible().ok());
        let left = midnight.map(|midnight| midnight.duration_since(now).as_secs());
        // At the end of the calendar it is a day.
        let left = left.unwrap_or(24 * 60 * 60);
        u32::try_from(left.saturating_add(1)).unwrap_or(u32::MAX)
    }
}
