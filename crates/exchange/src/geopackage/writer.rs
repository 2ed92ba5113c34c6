//! Writes a layer into a GeoPackage, in statements of some hundred rows and one transaction.

use std::fmt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sqlx::sqlite::{SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Arguments, ConnectOptions, Connection, SqliteConnection, query, query_with, raw_sql};
use terrier_model::ValueRef;
use terrier_spatial::{Bounds, Shape};

use super::GeoPackageError;
use super::blob::blob;
use super::description::{describe, moment, srs_id};
use super::statement::Names;
use super::wait::wait;
use crate::layer::{Layer, LayerFeature, LayerWriter, WriteError, list_text};

/// "GPKG": what the file says of its kind.
const APPLICATION_ID: &str = "1196444487";

/// Version 1.3.0 of the standard, the newest that GDAL 3.6 knows.
const USER_VERSION: &str = "10300";

/// Writes a GeoPackage of one layer: a table with the columns `fid`, `geometry`, `id` and those of
/// the fields, a spatial index, and the titles, code lists and ranges of the fields.
pub struct GeoPackageWriter {
    file: PathBuf,
    connection: SqliteConnection,
    names: Names,
    srs_id: i32,
    /// What the next statements will insert: features, and their boxes.
    features: SqliteArguments,
    boxes: SqliteArguments,
    waiting: usize,
    /// How many of them have a box.
    boxes_waiting: usize,
    count: i64,
    bounds: Option<Bounds>,
}

impl fmt::Debug for GeoPackageWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GeoPackageWriter").field("file", &self.file).finish_non_exhaustive()
    }
}

impl GeoPackageWriter {
    /// Begins a file at a path at which there is none. It is no SQLite file before it is finished,
    /// and is not forced onto the disk.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn create(
        file: &Path,
        layer: &Layer,
        last_change: Timestamp,
    ) -> Result<Self, GeoPackageError> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            // Nobody sees the file before it is whole, so nothing is ever rolled back.
            .journal_mode(SqliteJournalMode::Off)
            .synchronous(SqliteSynchronous::Off)
            .pragma("cache_size", "-16384")
            .pragma("application_id", APPLICATION_ID)
            .pragma("user_version", USER_VERSION);
        let names = Names::of(layer);
        let connection = wait(async {
            let mut connection = options.connect().await?;
            raw_sql("begin").execute(&mut connection).await?;
            raw_sql(include_str!("sql/create_tables.sql")).execute(&mut connection).await?;
            raw_sql(names.create_layer(layer)).execute(&mut connection).await?;
            describe(&mut connection, layer, &names, last_change).await?;
            Ok(connection)
        });
        Ok(Self {
            connection: connection
                .map_err(GeoPackageError::while_doing("make the tables of", file))?,
            file: file.into(),
            names,
            srs_id: srs_id(layer),
            features: SqliteArguments::default(),
            boxes: SqliteArguments::default(),
            waiting: 0,
            boxes_waiting: 0,
            count: 0,
            bounds: None,
        })
    }

    /// Keeps a feature for the next statements.
    fn keep(&mut self, feature: &LayerFeature<'_>) -> Result<(), sqlx::error::BoxDynError> {
        self.count += 1;
        self.waiting += 1;
        let bounds = feature.shape.map(Shape::bounds);
        if let Some(bounds) = bounds {
            self.bounds = Some(self.bounds.map_or(bounds, |other| other.union(bounds)));
            let Bounds { west, south, east, north } = bounds;
            self.boxes_waiting += 1;
            self.boxes.add(self.count)?;
            for edge in [west, east, south, north] {
                self.boxes.add(edge)?;
            }
        }
        self.features.add(self.count)?;
        let srs_id = self.srs_id;
        let shape = feature.shape.zip(bounds);
        self.features.add(shape.map(|(shape, bounds)| blob(shape, &bounds, srs_id)))?;
        self.features.add(feature.id)?;
        for value in feature.values {
            match value {
                None => self.features.add(None::<i64>),
                Some(ValueRef::Text(text)) => self.features.add(*text),
                Some(ValueRef::List(list)) => self.features.add(list_text(*list)),
                Some(ValueRef::Integer(number)) => self.features.add(*number),
                // Adding zero takes the sign off a zero.
                Some(ValueRef::Number(number)) => self.features.add(*number + 0.0),
                Some(ValueRef::Boolean(truth)) => self.features.add(*truth),
                Some(ValueRef::Date(date)) => self.features.add(date.to_string()),
                Some(ValueRef::Instant(time)) => self.features.add(moment(*time)),
            }?;
        }
        Ok(())
    }

    /// Inserts what waits.
    fn insert(&mut self) -> Result<(), GeoPackageError> {
        let rows = std::mem::take(&mut self.waiting);
        let with_box = std::mem::take(&mut self.boxes_waiting);
        if rows == 0 {
            return Ok(());
        }
        let (features, boxes) =
            (std::mem::take(&mut self.features), std::mem::take(&mut self.boxes));
        let (names, connection) = (&self.names, &mut self.connection);
        let inserted = wait(async {
            query_with(names.insert_features(rows), features).execute(&mut *connection).await?;
            if with_box > 0 {
                let statement = query_with(names.insert_boxes(with_box), boxes);
                statement.execute(&mut *connection).await?;
            }
            Ok(())
        });
        inserted.map_err(GeoPackageError::while_doing("insert features into", &self.file))
    }
}

impl LayerWriter for GeoPackageWriter {
    fn put(&mut self, feature: &LayerFeature<'_>) -> Result<(), WriteError> {
        let kept = self.keep(feature).map_err(sqlx::Error::Encode);
        kept.map_err(GeoPackageError::while_doing("insert features into", &self.file))?;
        if self.waiting == self.names.rows_a_statement() {
            self.insert()?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), WriteError> {
        self.insert()?;
        let Self { file, mut connection, names, bounds, .. } = *self;
        let ended = wait(async {
            // Before this there would be nobody to call the functions in them.
            raw_sql(names.create_triggers()).execute(&mut connection).await?;
            if let Some(Bounds { west, south, east, north }) = bounds {
                let statement = query(include_str!("sql/update_extent.sql"));
                let statement = statement.bind(west).bind(south).bind(east).bind(north);
                statement.execute(&mut connection).await?;
            }
            raw_sql("commit").execute(&mut connection).await?;
            connection.close().await
        });
        Ok(ended.map_err(GeoPackageError::while_doing("end", &file))?)
    }
}
