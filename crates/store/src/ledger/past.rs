//! The past, straight from the ledger: what was true in the street at a moment, as it was known at a
//! change.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::Row;
use sqlx::sqlite::{Sqlite, SqliteRow};
use terrier_catalog::{Collection, FeatureQuery, PastPlace};
use terrier_model::{Asset, AssetId, Class, Past, Permission, Scope};
use terrier_spatial::{Bounds, Window};

use super::class;
use super::extent::{self, Extent, Stretch};
use super::history::change_set;
use super::read::{asset_id, content, events, moment, to_moment};
use super::{KnownClass, Ledger, LedgerError};
use crate::snapshot::{Shown, region_of};

/// How many versions are looked at by one statement, at the least and at the most: a page is read in
/// one where most of them hold, and no statement sorts more than so many.
const LOOK: [usize; 2] = [100, 1_000];

/// The ledger as it was known at a change. Nothing changes while it is read.
pub struct PastReading {
    transaction: sqlx::Transaction<'static, Sqlite>,
    /// The classes that were described then, as they were described, by number.
    classes: Vec<KnownClass>,
}

/// Which part of the past is wanted.
#[derive(Clone, Copy, Debug)]
pub struct PastSlice {
    /// The most assets, at least 1.
    pub limit: usize,
    /// The most versions that are looked at, whether they hold or not, at least 1.
    pub rows: usize,
    /// Behind which place it begins; `None` for the beginning.
    pub after: Option<PastPlace>,
}

/// Assets as they were, in the order of class, place and id.
#[derive(Debug)]
pub struct PastPage {
    assets: Vec<Asset>,
    next: Option<PastPlace>,
}

impl PastPage {
    /// The assets.
    pub fn assets(&self) -> &[Asset] {
        &self.assets
    }

    /// Behind which place the next page begins; `None` when there is none. It may be found empty
    /// where as many versions were looked at as may be.
    pub fn next(&self) -> Option<PastPlace> {
        self.next
    }

    /// Hands out the features of the page, one after another.
    pub fn for_each(&self, mut visit: impl FnMut(&Shown<'_>)) {
        self.assets.iter().for_each(|asset| visit(&Shown::of(asset)));
    }
}

impl Ledger {
    /// The last change that was recorded by a moment; 0 when there is none. Costs a look at every
    /// change since.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn change_at(&self, time: Timestamp) -> Result<u64, LedgerError> {
        let sequence: Option<i64> =
            sqlx::query_scalar(include_str!("../sql/sqlite/select_change_at.sql"))
                .bind(time.as_microsecond())
                .fetch_optional(&self.readers)
                .await
                .map_err(LedgerError::while_doing("read which change was the last"))?;
        Ok(sequence.unwrap_or(0).cast_unsigned())
    }

    /// The last version of an asset of which none stands any more, without its events, and with its
    /// class as it is described today; `None` when one stands, and when there is no such asset.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn retired(&self, id: AssetId) -> Result<Option<Asset>, LedgerError> {
        let fault = LedgerError::while_doing("read what an asset was");
        let mut reader = self.readers.begin().await.map_err(&fault)?;
        let row = sqlx::query(include_str!("../sql/sqlite/select_retired_asset.sql"))
            .bind(&id.as_bytes()[..])
            .fetch_optional(&mut *reader)
            .await
            .map_err(&fault)?;
        let Some(row) = row else { return Ok(None) };
        let number: u32 = row.try_get(11).map_err(&fault)?;
        let known = self.known_classes(&mut reader).await?;
        let known = known.iter().find(|known| known.number == number);
        known.map_or(Ok(None), |known| asset_of(&row, known, Date::MAX))
    }

    /// Starts to read the assets of a collection as they were known at a change, of those classes of
    /// which the caller may see the past, as they were described then. What is restricted today is restricted in the past, too, and
    /// what is of a class that is retired today is told no more.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn read_past(
        &self,
        collection: &Collection,
        scope: &Scope,
        known_at: u64,
    ) -> Result<PastReading, LedgerError> {
        let fault = LedgerError::while_doing("start to read the past");
        let mut transaction = self.readers.begin().await.map_err(&fault)?;
        let known_at = i64::try_from(known_at).unwrap_or(i64::MAX);
        let mut classes = Vec::new();
        let is_told = |class: &Class| {
            // A class is found by its name, whatever has become of its fields since it was asked for.
            !class.is_retired()
                && collection.covers(class)
                && scope.allows(Permission::History, class.name())
        };
        let known = self.known_classes(&mut transaction).await?;
        for today in known.iter().filter(|known| is_told(known.form.class())) {
            let then = class::known_at(&mut transaction, today, known_at).await?;
            classes.extend(then.filter(|then| !then.form.class().is_retired()));
        }
        classes.sort_by_key(|known| known.number);
        Ok(PastReading { transaction, classes })
    }
}

impl PastReading {
    /// A collection with its fields as they were described; as it is where there was none yet.
    pub fn collection(&self, today: &Collection) -> Collection {
        let of_class = |known: &KnownClass| Collection::Class(Arc::clone(known.form.class()));
        match today {
            Collection::Class(_) => self.classes.first().map_or_else(|| today.clone(), of_class),
            Collection::Assets | Collection::Due(..) => today.clone(),
        }
    }

    /// When a change was recorded; `None` where there is no such change.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn recorded_at(&mut self, change: u64) -> Result<Option<Timestamp>, LedgerError> {
        if change == 0 {
            return Ok(None);
        }
        let sequence = i64::try_from(change).unwrap_or(i64::MAX);
        let change = change_set(&mut self.transaction, &mut HashMap::new(), sequence).await?;
        Ok(Some(change.recorded_at))
    }

    /// The part of the assets that a question is after: those that come next and are wanted, as far as
    /// so many versions lead that are looked at.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn page(
        &mut self,
        query: &FeatureQuery,
        past: Past,
        slice: PastSlice,
    ) -> Result<PastPage, LedgerError> {
        let extents = extent::all(&mut self.transaction).await?;
        let region = region_of(query);
        let mut page = Page { assets: Vec::new(), last: slice.after, rows_left: slice.rows };
        let first = slice.after.map_or(0, |after| after.class);
        for known in self.classes.iter().filter(|known| known.number >= first) {
            let Some(extent) = extents.get(&known.number) else { continue };
            let stretches = stretches(known, *extent, region.as_ref(), query.scope());
            let mut rest = &stretches[..];
            let mut together = 1;
            while !rest.is_empty() {
                let (next, later) = rest.split_at(together.min(rest.len()));
                let end = page.fill(&mut self.transaction, known, next, query, (past, slice.limit));
                if let Some(end) = end.await? {
                    return Ok(page_of(page.assets, Some(end)));
                }
                // Where there is little on one, many are looked at in one go.
                (rest, together) = (later, together * 8);
            }
        }
        Ok(page_of(page.assets, None))
    }

    /// An asset as it was, as far as it exists for the caller; `None` when there was none of these
    /// classes.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn asset(
        &mut self,
        id: AssetId,
        scope: &Scope,
        past: Past,
    ) -> Result<Option<Asset>, LedgerError> {
        for known in &self.classes {
            let rows = sqlx::query(include_str!("../sql/sqlite/select_past_of_asset.sql"))
                .bind(known.number)
                .bind(None::<i64>)
                .bind(&id.as_bytes()[..])
                .bind(None::<i64>)
                .bind(known_at(past))
                .bind(past.as_of.as_microsecond())
                .fetch_all(&mut *self.transaction)
                .await
                .map_err(LedgerError::while_doing("read what an asset was"))?;
            if let Some(row) = rows.first() {
                let asset = asset_of(row, known, past.day)?;
                return Ok(asset.and_then(|asset| given(asset, scope)));
            }
        }
        Ok(None)
    }
}

/// The asset as it is given to the caller; `None` where it does not exist for them.
fn given(asset: Asset, scope: &Scope) -> Option<Asset> {
    match scope.given_asset(&asset)? {
        Cow::Owned(cut) => Some(cut),
        Cow::Borrowed(_) => Some(asset),
    }
}

fn page_of(assets: Vec<(PastPlace, Asset)>, next: Option<PastPlace>) -> PastPage {
    PastPage { assets: assets.into_iter().map(|(_, asset)| asset).collect(), next }
}

/// A page that is being read.
struct Page {
    assets: Vec<(PastPlace, Asset)>,
    /// The last version that was looked at.
    last: Option<PastPlace>,
    /// How many more may be looked at.
    rows_left: usize,
}

impl Page {
    /// Takes what is wanted of some stretches; where the next page begins when this one ends on them.
    async fn fill(
        &mut self,
        transaction: &mut sqlx::Transaction<'static, Sqlite>,
        known: &KnownClass,
        stretches: &[Stretch],
        query: &FeatureQuery,
        (past, limit): (Past, usize),
    ) -> Result<Option<PastPlace>, LedgerError> {
        loop {
            let is_behind = |stretch: &&Stretch| {
                self.last.is_some_and(|last| last.class == known.number && last.key > stretch.1)
            };
            let mut left: Vec<Stretch> = stretches.iter().skip_while(is_behind).copied().collect();
            let Some(first) = left.first_mut() else { return Ok(None) };
            let start = PastPlace {
                class: known.number,
                key: first.0,
                id: AssetId::from_bytes([0; 16]),
                version_number: 0,
            };
            let after = self.last.map_or(start, |last| last.max(start));
            first.0 = after.key;
            // One more than may be looked at tells whether that is all.
            let look = (limit + 1).clamp(LOOK[0], LOOK[1]).min(self.rows_left + 1);
            let rows = looked_at(transaction, after, &left, past, look).await?;
            for row in &rows {
                if self.rows_left == 0 {
                    return Ok(self.last);
                }
                self.rows_left -= 1;
                let place = place_of(row, known.number)?;
                self.last = Some(place);
                let asset = asset_of(row, known, past.day)?;
                // Conditions are judged by what the caller may see of it.
                let given = asset.and_then(|asset| given(asset, query.scope()));
                let wanted = given.filter(|asset| query.matches(asset, |_| None));
                let Some(asset) = wanted else { continue };
                if self.assets.len() == limit {
                    return Ok(self.assets.last().map(|(place, _)| *place));
                }
                self.assets.push((place, asset));
            }
            if rows.len() < look {
                return Ok(None);
            }
        }
    }
}

/// The stretches of the curve on which those of a class lie that a question may be after, in their order.
fn stretches(
    known: &KnownClass,
    extent: Extent,
    region: Option<&Window>,
    scope: &Scope,
) -> Vec<Stretch> {
    let boxes = |region: &Window| region.boxes().copied().collect::<Vec<Bounds>>();
    let area = scope.area(known.form.class().name());
    let area = area.map(|(figure, _)| figure.windows().copied().collect());
    let places = [region.map(boxes), area].into_iter().flatten();
    let size = |boxes: &Vec<Bounds>| boxes.iter().map(Bounds::area_m2).sum::<f64>();
    // What is asked for may meet both and not what they have in common.
    match places.min_by(|a, b| size(a).total_cmp(&size(b))) {
        None => vec![(0, i64::MAX.cast_unsigned())],
        Some(boxes) => extent.stretches(boxes.into_iter()),
    }
}

const SELECT: &str = include_str!("../sql/sqlite/select_past.sql");

/// The versions of one stretch are read in their order, as far as they are wanted.
static OF_STRETCH: LazyLock<String> = LazyLock::new(|| {
    SELECT.replace("looked_at", include_str!("../sql/sqlite/select_past_of_stretch.sql"))
});
static OF_STRETCHES: LazyLock<String> = LazyLock::new(|| {
    SELECT.replace("looked_at", include_str!("../sql/sqlite/select_past_of_stretches.sql"))
});

/// The next versions of a class on some stretches, in their order; of those that hold there is more than
/// their place.
async fn looked_at(
    transaction: &mut sqlx::Transaction<'static, Sqlite>,
    after: PastPlace,
    stretches: &[Stretch],
    past: Past,
    rows: usize,
) -> Result<Vec<SqliteRow>, LedgerError> {
    let PastPlace { class, key, id, version_number } = after;
    let (statement, stretches): (&'static str, _) = match stretches {
        [(_, end)] => (&OF_STRETCH, end.to_string()),
        _ => (&OF_STRETCHES, serde_json::to_string(stretches).expect("numbers can be written")),
    };
    sqlx::query(statement)
        .bind(class)
        .bind(key.cast_signed())
        .bind(&id.as_bytes()[..])
        .bind(version_number.cast_signed())
        .bind(known_at(past))
        .bind(past.as_of.as_microsecond())
        .bind(i64::try_from(rows).unwrap_or(i64::MAX))
        .bind(stretches)
        .fetch_all(&mut **transaction)
        .await
        .map_err(LedgerError::while_doing("read what assets were"))
}

/// Numbers of changes are signed in the ledger.
fn known_at(past: Past) -> i64 {
    i64::try_from(past.known_at).unwrap_or(i64::MAX)
}

fn place_of(row: &SqliteRow, class: u32) -> Result<PastPlace, LedgerError> {
    let fault = LedgerError::while_doing("read where an asset was");
    let number = |column: usize| row.try_get::<i64, _>(column).map(i64::cast_unsigned);
    Ok(PastPlace {
        class,
        key: number(0).map_err(&fault)?,
        id: asset_id(row, 1)?,
        version_number: number(2).map_err(&fault)?,
    })
}

/// The asset of a row, with the events until a day; `None` when the version does not hold.
fn asset_of(
    row: &SqliteRow,
    known: &KnownClass,
    last_day: Date,
) -> Result<Option<Asset>, LedgerError> {
    let fault = LedgerError::while_doing("read what an asset was");
    let version: Option<u32> = row.try_get(3).map_err(&fault)?;
    let Some(version) = version else { return Ok(None) };
    let valid_to: Option<i64> = row.try_get(5).map_err(&fault)?;
    let mut happened = events(row, 10)?;
    happened.retain(|event| event.on <= last_day);
    Ok(Some(Asset {
        id: asset_id(row, 1)?,
        class: Arc::clone(known.form.class()),
        version,
        valid_from: moment(row, 4)?,
        valid_to: valid_to.map(to_moment).transpose()?,
        content: content(row, 6, &known.form)?,
        events: happened,
    }))
}

#[cfg(test)]
#[path = "past_tests.rs"]
mod tests;
