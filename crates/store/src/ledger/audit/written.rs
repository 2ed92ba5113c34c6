//! The digests of what a change writes, made while it writes.

use sha2::{Digest, Sha256};
use terrier_model::AssetId;

use super::digest::{Covered, Digests, RowsHash};
use super::row::{Cell, push, row_of};

/// What a change of assets has written so far.
#[derive(Default)]
pub(in crate::ledger) struct Written {
    /// The row of the change, but for its last column.
    change: Vec<u8>,
    /// The number of the next version.
    next_version: i64,
    versions: Stream,
    assets: Stream,
    version_ends: Sorted,
    retirements: Sorted,
    events: Sorted,
    event_ends: Sorted,
}

/// Rows that are written in the order in which they are read.
#[derive(Default)]
struct Stream {
    hash: Sha256,
    is_any: bool,
    row: Vec<u8>,
}

impl Stream {
    fn put<const N: usize>(&mut self, cells: [Cell<'_>; N]) {
        self.row.clear();
        cells.into_iter().for_each(|cell| push(&mut self.row, cell));
        self.hash.update(&self.row);
        self.is_any = true;
    }

    fn finish(self) -> Option<RowsHash> {
        self.is_any.then(|| self.hash.finalize().into())
    }
}

/// Rows that are written in another order than that in which they are read.
#[derive(Default)]
struct Sorted(Vec<Box<[u8]>>);

impl Sorted {
    fn put<const N: usize>(&mut self, cells: [Cell<'_>; N]) {
        self.0.push(row_of(cells).into());
    }

    fn finish(mut self) -> Option<RowsHash> {
        self.0.sort_unstable();
        let mut hash = Sha256::new();
        self.0.iter().for_each(|row| hash.update(row));
        (!self.0.is_empty()).then(|| hash.finalize().into())
    }
}

impl Written {
    /// Begins with the row of the change, but for its last column, after the version of that number.
    pub(in crate::ledger) fn begin<const N: usize>(
        cells: [Cell<'_>; N],
        last_version: i64,
    ) -> Self {
        Self { change: row_of(cells), next_version: last_version + 1, ..Self::default() }
    }

    /// The cells are those of the columns of a version between its number and the geometry, without
    /// those of ends, then the rest.
    pub(in crate::ledger) fn version(&mut self, head: [Cell<'_>; 5], rest: [Cell<'_>; 4]) {
        let [id, class, version, place, valid_from] = head;
        let [geometry, length, area, content] = rest;
        let (none, number) = (Cell::Null, Cell::Integer(self.next_version));
        self.next_version += 1;
        self.versions.put([
            number, id, class, version, place, valid_from, none, none, geometry, length, area,
            content,
        ]);
    }

    pub(in crate::ledger) fn asset(
        &mut self,
        id: AssetId,
        class: u32,
        source: Option<(i64, &str)>,
        key: Option<&str>,
    ) {
        let (number, name) = source.unzip();
        self.assets.put([
            (&id.as_bytes()[..]).into(),
            class.into(),
            number.into(),
            name.into(),
            key.into(),
        ]);
    }

    /// The moment is that at which the version ended in the street; `None`: it was superseded.
    pub(in crate::ledger) fn version_end(&mut self, number: i64, moment: Option<i64>) {
        self.version_ends.put([number.into(), moment.into()]);
    }

    pub(in crate::ledger) fn retirement(&mut self, id: AssetId, version: u32) {
        self.retirements.put([(&id.as_bytes()[..]).into(), version.into()]);
    }

    pub(in crate::ledger) fn event(&mut self, cells: [Cell<'_>; 10]) {
        self.events.put(cells);
    }

    pub(in crate::ledger) fn event_end(&mut self, class: u32, id: AssetId, event: u32) {
        self.event_ends.put([class.into(), (&id.as_bytes()[..]).into(), event.into()]);
    }

    /// The digests of all, now that the number of the last version is known.
    pub(in crate::ledger) fn finish(self, last_version: i64) -> Digests {
        let Self { mut change, next_version: _, versions, assets, version_ends, .. } = self;
        push(&mut change, last_version.into());
        let change = Some(Sha256::digest(&change).into());
        let all = [
            (Covered::ChangeSet, change),
            (Covered::Versions, versions.finish()),
            (Covered::Assets, assets.finish()),
            (Covered::VersionEnds, version_ends.finish()),
            (Covered::Retirements, self.retirements.finish()),
            (Covered::Events, self.events.finish()),
            (Covered::EventEnds, self.event_ends.finish()),
        ];
        all.into_iter().filter_map(|(table, hash)| Some((table, hash?))).collect()
    }
}
