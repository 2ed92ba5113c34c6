//! How large the shapes of a class are at the most, so that those that reach into a window are found by
//! their middles.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use futures_util::TryStreamExt;
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;
use terrier_model::AssetId;
use terrier_spatial::{Bounds, HilbertKey, Shape, stretches_over};

use super::read::{asset_id, shape};
use super::{Ledger, LedgerError};
use crate::snapshot::key_of_shape;

/// More than the numbers of a middle and of two edges are rounded by, in degrees.
const SLACK_DEGREES: f64 = 1e-9;

/// From one key on the curve to another, both of which belong to it.
pub(super) type Stretch = (HilbertKey, HilbertKey);

/// How wide and high a box around a shape of a class is at the most, in degrees; of none for points.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Extent {
    width: f64,
    height: f64,
}

impl Extent {
    pub(super) fn of(shape: &Shape) -> Self {
        let Bounds { west, south, east, north } = shape.bounds();
        Self { width: east - west, height: north - south }
    }

    /// The least that has room for both.
    #[must_use]
    pub(super) fn union(self, other: Self) -> Self {
        let (width, height) = (self.width.max(other.width), self.height.max(other.height));
        Self { width, height }
    }

    /// The box in which the middles of all shapes lie that meet a box.
    fn around(self, bounds: &Bounds) -> Bounds {
        let (x, y) = (self.width / 2.0 + SLACK_DEGREES, self.height / 2.0 + SLACK_DEGREES);
        Bounds {
            west: (bounds.west - x).max(-180.0),
            south: (bounds.south - y).max(-90.0),
            east: (bounds.east + x).min(180.0),
            north: (bounds.north + y).min(90.0),
        }
    }

    /// The stretches of the curve on which the middles of all shapes lie that meet one of some boxes, in
    /// their order.
    pub(super) fn stretches(self, boxes: impl Iterator<Item = Bounds>) -> Vec<Stretch> {
        let found = boxes.flat_map(|bounds| stretches_over(&self.around(&bounds)));
        let mut found: Vec<_> = found.map(RangeInclusive::into_inner).collect();
        found.sort_unstable();
        let mut stretches: Vec<Stretch> = Vec::new();
        for (start, end) in found {
            match stretches.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => stretches.push((start, end)),
            }
        }
        stretches
    }

    /// Makes room for it with the others of a class.
    pub(super) async fn record(
        self,
        connection: &mut SqliteConnection,
        class: u32,
    ) -> Result<(), LedgerError> {
        if self == Self::default() {
            return Ok(());
        }
        sqlx::query(include_str!("../sql/sqlite/widen_extent.sql"))
            .bind(class)
            .bind(self.width)
            .bind(self.height)
            .execute(connection)
            .await
            .map_err(LedgerError::while_doing("write how large shapes are"))?;
        Ok(())
    }
}

/// Those of all classes of which there are versions, by their numbers.
pub(super) async fn all(
    connection: &mut SqliteConnection,
) -> Result<HashMap<u32, Extent>, LedgerError> {
    let rows: Vec<(u32, f64, f64)> =
        sqlx::query_as(include_str!("../sql/sqlite/select_extents.sql"))
            .fetch_all(connection)
            .await
            .map_err(LedgerError::while_doing("read how large shapes are"))?;
    Ok(rows.into_iter().map(|(class, width, height)| (class, Extent { width, height })).collect())
}

/// Hands out the shape of each version that was ever recorded, with the number of its class, its asset and
/// its place, and answers how large those of each class are.
async fn measured(
    connection: &mut SqliteConnection,
    mut visit: impl FnMut(AssetId, HilbertKey, &Shape),
) -> Result<HashMap<u32, Extent>, LedgerError> {
    let fault = LedgerError::while_doing("measure how large shapes are");
    let mut rows = sqlx::query(include_str!("../sql/sqlite/select_shapes.sql")).fetch(connection);
    let mut extents = HashMap::<u32, Extent>::new();
    while let Some(row) = rows.try_next().await.map_err(&fault)? {
        let class: u32 = row.try_get(0).map_err(&fault)?;
        let place: i64 = row.try_get(2).map_err(&fault)?;
        let shape = shape(&row, 3)?;
        visit(asset_id(&row, 1)?, place.cast_unsigned(), &shape);
        let extent = extents.entry(class).or_default();
        *extent = extent.union(Extent::of(&shape));
    }
    Ok(extents)
}

/// What is wrong with the places of versions and with what is kept of how large they are, at most so much.
pub(super) async fn verify(
    connection: &mut SqliteConnection,
    most: usize,
) -> Result<Vec<String>, LedgerError> {
    let mut problems = Vec::new();
    let visit = |asset: AssetId, place, shape: &Shape| {
        if key_of_shape(shape) != place && problems.len() < most {
            problems.push(format!("asset {asset} is not where its place says"));
        }
    };
    let measured = measured(connection, visit).await?;
    let kept = all(connection).await?;
    for (class, extent) in measured {
        let kept = kept.get(&class).copied().unwrap_or_default();
        if kept != kept.union(extent) {
            let Extent { width, height } = extent;
            problems.push(format!(
                "an asset of class {class} is {width} by {height} degrees large, and the ledger keeps that \
                 none of its class is larger than {} by {}",
                kept.width, kept.height
            ));
        }
    }
    Ok(problems)
}

impl Ledger {
    /// Measures the shapes of a registry that was made before it was kept how large they are. Costs a look
    /// at each, once.
    pub(super) async fn measure_extents(&self) -> Result<(), LedgerError> {
        let doing = "measure how large shapes are";
        let fault = LedgerError::while_doing(doing);
        let question = include_str!("../sql/sqlite/select_extent_to_be_measured.sql");
        let wanted = sqlx::query_scalar::<_, bool>(question).fetch_one(&self.writer).await;
        if !wanted.map_err(&fault)? {
            return Ok(());
        }
        let mut transaction = self.begin_writing(doing).await?;
        let measured = measured(&mut transaction, |_, _, _| {}).await?;
        let reset = sqlx::query(include_str!("../sql/sqlite/reset_extents.sql"));
        reset.execute(&mut *transaction).await.map_err(&fault)?;
        for (class, extent) in measured {
            extent.record(&mut transaction, class).await?;
        }
        transaction.commit().await.map_err(fault)
    }
}
