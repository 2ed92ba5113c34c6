//! From the id of an asset to its place, in shards of which a change replaces a few.

use std::sync::Arc;

use terrier_model::AssetId;
use terrier_spatial::HilbertKey;

/// How many shards there are: at ten million assets each holds some two thousand.
const SHARDS: usize = 4096;

/// Where an asset is found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Location {
    pub(super) id: AssetId,
    pub(super) key: HilbertKey,
    /// The number that the ledger gave the class.
    pub(super) class: u32,
}

/// The places of all assets. Cloning shares the shards.
#[derive(Clone, Debug)]
pub(super) struct Ids(Vec<Arc<[Location]>>);

impl Default for Ids {
    fn default() -> Self {
        Self(vec![Arc::from([]); SHARDS])
    }
}

fn shard_of(id: AssetId) -> usize {
    // The last bytes of a UUID of version 7 are random.
    let [.., a, b] = id.as_bytes();
    usize::from(u16::from_be_bytes([*a, *b])) % SHARDS
}

impl Ids {
    pub(super) fn get(&self, id: AssetId) -> Option<Location> {
        let shard = &self.0[shard_of(id)];
        shard.binary_search_by_key(&id, |location| location.id).ok().map(|at| shard[at])
    }

    /// Puts all of these in the place of what was known of the same assets.
    pub(super) fn put(&mut self, mut changed: Vec<Location>) {
        changed.sort_unstable_by_key(|location| (shard_of(location.id), location.id));
        for group in changed.chunk_by(|a, b| shard_of(a.id) == shard_of(b.id)) {
            let shard = &mut self.0[shard_of(group[0].id)];
            let mut merged = Vec::with_capacity(shard.len() + group.len());
            let mut old = shard.iter().peekable();
            for location in group {
                while let Some(before) = old.next_if(|old| old.id < location.id) {
                    merged.push(*before);
                }
                old.next_if(|old| old.id == location.id);
                merged.push(*location);
            }
            merged.extend(old);
            *shard = merged.into();
        }
    }

    /// Takes an asset out.
    pub(super) fn remove(&mut self, id: AssetId) {
        let shard = &mut self.0[shard_of(id)];
        if shard.iter().any(|location| location.id == id) {
            *shard = shard.iter().filter(|location| location.id != id).copied().collect();
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let entries: usize = self.0.iter().map(|shard| shard.len()).sum();
        SHARDS * 2 * size_of::<usize>() + entries * size_of::<Location>()
    }
}
