//! What is known of assets about which a change says something.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use terrier_model::{AssetId, Content};

use super::LedgerError;
use super::change::ChangeSession;
use super::content::ContentForm;
use super::import::Name;
use super::read::{asset_id, content, moment, to_moment};

/// What is known of an asset.
pub(super) enum Known {
    /// The version that stands.
    Standing(Standing),
    /// None stands.
    Gone(Gone),
}

/// The version of an asset that stands.
pub(super) struct Standing {
    pub(super) id: AssetId,
    pub(super) class_number: u32,
    pub(super) version_number: i64,
    pub(super) version: u32,
    pub(super) valid_from: Timestamp,
    pub(super) recorded_from: i64,
    row: SqliteRow,
}

/// The last version of an asset of which none stands.
pub(super) struct Gone {
    pub(super) id: AssetId,
    pub(super) class_number: u32,
    pub(super) version_number: i64,
    pub(super) version: u32,
    /// Since when it is no more in the street, and the change that said so; `None` when what was known
    /// of it was withdrawn.
    pub(super) retired: Option<(Timestamp, i64)>,
    /// The change that recorded the version, and the one that took it away.
    changes: [i64; 2],
}

/// The first column of the content in a row of known assets.
const CONTENT_COLUMN: usize = 9;

impl Known {
    pub(super) fn id(&self) -> AssetId {
        match self {
            Self::Standing(Standing { id, .. }) | Self::Gone(Gone { id, .. }) => *id,
        }
    }

    pub(super) fn class_number(&self) -> u32 {
        match self {
            Self::Standing(Standing { class_number, .. })
            | Self::Gone(Gone { class_number, .. }) => *class_number,
        }
    }
}

impl Standing {
    fn read(
        row: SqliteRow,
        id: AssetId,
        class_number: u32,
        version_number: i64,
    ) -> Result<Self, LedgerError> {
        let fault = LedgerError::while_doing("read what is known of an asset");
        Ok(Self {
            id,
            class_number,
            version_number,
            version: row.try_get(4).map_err(&fault)?,
            valid_from: moment(&row, 5)?,
            recorded_from: row.try_get(8).map_err(&fault)?,
            row,
        })
    }

    /// What the version says.
    pub(super) fn content(&self, form: &ContentForm) -> Result<Content, LedgerError> {
        content(&self.row, CONTENT_COLUMN, form)
    }
}

impl Gone {
    /// Whether the change itself recorded the version, or took it away.
    pub(super) fn is_of(&self, sequence: i64) -> bool {
        self.changes.contains(&sequence)
    }
}

impl ChangeSession {
    /// What is known of assets by their names.
    pub(super) async fn look_up(
        &mut self,
        names: impl Iterator<Item = &Name>,
    ) -> Result<HashMap<Name, Known>, LedgerError> {
        let fault = LedgerError::while_doing("look up what is known of assets");
        let (mut ids, mut keys) = (Vec::new(), Vec::new());
        for name in names {
            match name {
                Name::Id(id) => ids.push(id.to_string().replace('-', "")),
                Name::Key(key) => keys.push(key.clone()),
            }
        }
        let json = |texts: &[String]| serde_json::to_string(texts).expect("texts are JSON");
        let mut known = HashMap::new();
        if !ids.is_empty() {
            let rows = sqlx::query(include_str!("../sql/sqlite/select_known_by_id.sql"))
                .bind(json(&ids))
                .fetch_all(&mut *self.transaction)
                .await
                .map_err(&fault)?;
            for row in rows {
                let one = self.known(row).await?;
                known.insert(Name::Id(one.id()), one);
            }
        }
        if !keys.is_empty() {
            let source_number = self.source_number().await?;
            let rows = sqlx::query(include_str!("../sql/sqlite/select_known_by_key.sql"))
                .bind(json(&keys))
                .bind(source_number)
                .fetch_all(&mut *self.transaction)
                .await
                .map_err(&fault)?;
            for row in rows {
                let key: String = row.try_get(0).map_err(&fault)?;
                known.insert(Name::Key(key), self.known(row).await?);
            }
        }
        Ok(known)
    }

    async fn known(&mut self, row: SqliteRow) -> Result<Known, LedgerError> {
        let fault = LedgerError::while_doing("read what is known of an asset");
        let (id, class_number) = (asset_id(&row, 1)?, row.try_get(2).map_err(&fault)?);
        let standing: Option<i64> = row.try_get(3).map_err(&fault)?;
        if let Some(number) = standing {
            return Ok(Known::Standing(Standing::read(row, id, class_number, number)?));
        }
        let last = sqlx::query(include_str!("../sql/sqlite/select_last_version.sql"))
            .bind(&id.as_bytes()[..])
            .fetch_one(&mut *self.transaction)
            .await
            .map_err(&fault)?;
        let number = |column: usize| last.try_get::<Option<i64>, _>(column).map_err(&fault);
        let superseded = number(5)?;
        let retired = match (number(2)?, number(3)?, superseded) {
            (Some(end), Some(by), None) => Some((to_moment(end)?, by)),
            _ => None,
        };
        let ended = superseded.or(number(3)?).unwrap_or_default();
        Ok(Known::Gone(Gone {
            id,
            class_number,
            version_number: last.try_get(0).map_err(&fault)?,
            version: last.try_get(1).map_err(&fault)?,
            retired,
            changes: [last.try_get(4).map_err(&fault)?, ended],
        }))
    }
}
