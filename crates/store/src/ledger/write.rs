//! Writing what a batch of an import comes to: assets, versions and events, many rows a statement.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::Timestamp;
use sqlx::sqlite::{Sqlite, SqliteArguments};
use sqlx::{Arguments, AssertSqlSafe};
use terrier_model::{Assessment, AssetId, Content, Event, Verb};

use super::change::ChangeSession;
use super::event::NewEvent;
use super::extent::Extent;
use super::{KnownClass, LedgerError};
use crate::snapshot::key_of_shape;

/// A version to be written.
pub(super) struct NewVersion {
    pub(super) id: AssetId,
    pub(super) class: usize,
    pub(super) version: u32,
    pub(super) valid_from: Timestamp,
    pub(super) content: Content,
}

/// What a batch comes to.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) assets: Vec<(AssetId, u32, Option<String>)>,
    pub(super) versions: Vec<NewVersion>,
    /// The versions that give way, by number: an update ends each at its moment, a correction
    /// supersedes it.
    pub(super) replaced: Vec<(i64, Timestamp)>,
    /// The assets of which nothing stands any more, with their last versions.
    pub(super) retired: Vec<(AssetId, u32)>,
    /// Each with the class and the id of its asset.
    pub(super) events: Vec<(u32, AssetId, NewEvent)>,
    /// The events that give way, by class, asset and number.
    pub(super) superseded_events: Vec<(u32, AssetId, u32)>,
}

/// How many rows one statement writes.
// Binding 12 values a row, 100 rows stay far below SQLite's 32 766 and near the fastest measured.
const ROWS_A_STATEMENT: usize = 100;

const INSERT_ASSETS: &str = include_str!("../sql/sqlite/insert_assets.sql");
const INSERT_VERSIONS: &str = include_str!("../sql/sqlite/insert_versions.sql");
const INSERT_EVENTS: &str = include_str!("../sql/sqlite/insert_events.sql");

/// The statement for one row, made to write as many.
pub(super) fn for_rows(statement: &str, rows: usize) -> String {
    let (head, tuple) = statement.split_once("values ").expect("an insert has values");
    let tuples = vec![tuple.trim_end(); rows].join(", ");
    format!("{head}values {tuples}")
}

static INSERT_ASSETS_FULL: LazyLock<String> =
    LazyLock::new(|| for_rows(INSERT_ASSETS, ROWS_A_STATEMENT));
static INSERT_VERSIONS_FULL: LazyLock<String> =
    LazyLock::new(|| for_rows(INSERT_VERSIONS, ROWS_A_STATEMENT));
static INSERT_EVENTS_FULL: LazyLock<String> =
    LazyLock::new(|| for_rows(INSERT_EVENTS, ROWS_A_STATEMENT));

impl ChangeSession {
    /// Writes what a batch comes to.
    pub(super) async fn write(&mut self, plan: Plan) -> Result<(), LedgerError> {
        let fault = LedgerError::while_doing("write the versions of an import");
        for (number, moment) in &plan.replaced {
            let ended = (self.settings.verb == Verb::Update).then(|| moment.as_microsecond());
            self.written.version_end(*number, ended);
            let query = match self.settings.verb {
                Verb::Update => sqlx::query(include_str!("../sql/sqlite/end_version.sql"))
                    .bind(moment.as_microsecond()),
                Verb::Correct => sqlx::query(include_str!("../sql/sqlite/supersede_version.sql")),
            };
            query
                .bind(self.sequence)
                .bind(number)
                .execute(&mut *self.transaction)
                .await
                .map_err(&fault)?;
        }
        for group in plan.assets.chunks(ROWS_A_STATEMENT) {
            let mut values = SqliteArguments::default();
            for (id, class, key) in group {
                let source = self.source_number.filter(|_| key.is_some());
                let named = source.map(|number| (number, &*self.settings.source));
                self.written.asset(*id, *class, named, key.as_deref());
                bind(&mut values, id.as_bytes().to_vec());
                bind(&mut values, *class);
                bind(&mut values, source);
                bind(&mut values, key.clone());
            }
            self.execute(INSERT_ASSETS, &INSERT_ASSETS_FULL, group.len(), values).await?;
        }
        let mut extents = HashMap::<u32, Extent>::new();
        for new in &plan.versions {
            let extent = extents.entry(self.classes[new.class].number).or_default();
            *extent = extent.union(Extent::of(&new.content.shape));
        }
        for (class, extent) in extents {
            extent.record(&mut self.transaction, class).await?;
        }
        for group in plan.versions.chunks(ROWS_A_STATEMENT) {
            let mut values = SqliteArguments::default();
            for version in group {
                self.bind_version(&mut values, version);
            }
            self.execute(INSERT_VERSIONS, &INSERT_VERSIONS_FULL, group.len(), values).await?;
        }
        for (id, version) in &plan.retired {
            self.written.retirement(*id, *version);
            sqlx::query(include_str!("../sql/sqlite/insert_retirement.sql"))
                .bind(&id.as_bytes()[..])
                .bind(self.sequence)
                .bind(*version)
                .execute(&mut *self.transaction)
                .await
                .map_err(&fault)?;
        }
        self.write_events(&plan).await
    }

    async fn write_events(&mut self, plan: &Plan) -> Result<(), LedgerError> {
        let fault = LedgerError::while_doing("write the events of an import");
        for (class, id, number) in &plan.superseded_events {
            self.written.event_end(*class, *id, *number);
            sqlx::query(include_str!("../sql/sqlite/supersede_event.sql"))
                .bind(self.sequence)
                .bind(*class)
                .bind(id.as_bytes().to_vec())
                .bind(*number)
                .execute(&mut *self.transaction)
                .await
                .map_err(&fault)?;
        }
        for group in plan.events.chunks(ROWS_A_STATEMENT) {
            let mut values = SqliteArguments::default();
            for (class, id, NewEvent { number, event }) in group {
                let Event { kind, on, result, next_on, grade, scheme, note } = event;
                let (on, next_on) = (on.to_string(), next_on.map(|day| day.to_string()));
                self.written.event([
                    (*class).into(),
                    (&id.as_bytes()[..]).into(),
                    (*number).into(),
                    kind.code().into(),
                    (&*on).into(),
                    result.map(Assessment::code).into(),
                    next_on.as_deref().into(),
                    grade.as_deref().into(),
                    scheme.as_deref().into(),
                    note.as_deref().into(),
                ]);
                bind(&mut values, *class);
                bind(&mut values, id.as_bytes().to_vec());
                bind(&mut values, *number);
                bind(&mut values, kind.code());
                bind(&mut values, on);
                bind(&mut values, result.map(Assessment::code));
                bind(&mut values, next_on);
                bind(&mut values, grade.as_deref().map(str::to_owned));
                bind(&mut values, scheme.as_deref().map(str::to_owned));
                bind(&mut values, note.as_deref().map(str::to_owned));
                bind(&mut values, self.sequence);
            }
            self.execute(INSERT_EVENTS, &INSERT_EVENTS_FULL, group.len(), values).await?;
        }
        Ok(())
    }

    fn bind_version(&mut self, values: &mut SqliteArguments, new: &NewVersion) {
        let KnownClass { number, form } = &self.classes[new.class];
        let place = key_of_shape(&new.content.shape).cast_signed();
        let valid_from = new.valid_from.as_microsecond();
        let (geometry, content) = (new.content.shape.to_wkb(), form.write(&new.content));
        self.written.version(
            [
                (&new.id.as_bytes()[..]).into(),
                (*number).into(),
                new.version.into(),
                place.into(),
                valid_from.into(),
            ],
            [
                (&*geometry).into(),
                new.content.geom_length_m.into(),
                new.content.geom_area_m2.into(),
                (&*content).into(),
            ],
        );
        bind(values, new.id.as_bytes().to_vec());
        bind(values, *number);
        bind(values, new.version);
        bind(values, place);
        bind(values, valid_from);
        bind(values, None::<i64>);
        bind(values, None::<i64>);
        bind(values, self.sequence);
        bind(values, geometry);
        bind(values, new.content.geom_length_m);
        bind(values, new.content.geom_area_m2);
        bind(values, content);
    }

    async fn execute(
        &mut self,
        one: &'static str,
        full: &'static str,
        rows: usize,
        values: SqliteArguments,
    ) -> Result<(), LedgerError> {
        let fault = LedgerError::while_doing("write the versions of an import");
        let done = if rows == ROWS_A_STATEMENT || rows == 1 {
            let statement = if rows == 1 { one } else { full };
            sqlx::query_with(statement, values).execute(&mut *self.transaction).await
        } else {
            // Only our own statement is repeated; every value is bound.
            let statement = AssertSqlSafe(for_rows(one, rows));
            sqlx::query_with(statement, values)
                .persistent(false)
                .execute(&mut *self.transaction)
                .await
        };
        done.map(|_| ()).map_err(fault)
    }
}

fn bind<'q, T>(values: &mut SqliteArguments, value: T)
where
    T: sqlx::Encode<'q, Sqlite> + sqlx::Type<Sqlite> + 'q,
{
    values.add(value).expect("numbers, texts and bytes can be bound");
}
