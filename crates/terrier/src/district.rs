//! The demonstration district: a made-up district on the ground of Hexi in Tianjin, with the names
//! of its sub-districts and roads, its size and its kind of assets, and with streets, a river,
//! communities and pipes that nobody built.
//!
//! A district grows from its centre outward, block by block, at the density of a city: a greater
//! one of the same seed holds a smaller one. Sixty thousand assets fill Hexi's box. Knows nothing
//! of where the drafts go.

mod chance;
mod drain;
mod gas;
mod greenway;
mod light;
mod name;
mod plan;
mod record;

use jiff::Timestamp;
use terrier_model::{AssetId, Draft};

use chance::{Chance, mark};
use plan::Block;

/// 2024-01-01T00:00:00Z, in milliseconds since 1970: the first id was made then, and each next one
/// a millisecond later.
const FIRST_ID_AT_MS: i64 = 1_704_067_200_000;

/// So many assets of the demonstration district, each with the name of its class. The same count
/// and seed give the same drafts, ids and keys included; nothing is kept but the block at hand.
pub(crate) fn district(assets: u64, seed: u64) -> impl Iterator<Item = (&'static str, Draft)> {
    let mut ids = Chance::new(mark(seed, 0, 0, 0));
    let assets = usize::try_from(assets).unwrap_or(usize::MAX);
    let drafts = plan::blocks().flat_map(move |[i, j]| assets_of(&Block::new(seed, i, j)));
    drafts.take(assets).zip(FIRST_ID_AT_MS..).map(move |((class, draft), at_ms)| {
        let at = Timestamp::from_millisecond(at_ms).expect("ten million milliseconds after 2024");
        (class, Draft { id: Some(AssetId::new(at, ids.bytes())), ..draft })
    })
}

/// The assets of a block, the classes mixed as evenly as their counts allow.
fn assets_of(block: &Block) -> impl Iterator<Item = (&'static str, Draft)> + use<> {
    let mut chance = Chance::new(block.seed);
    let classes = [
        ("light_poles", light::lights(block, &mut chance)),
        ("gas_pipes", gas::pipes(block, &mut chance)),
        ("drain_pipes", drain::drains(block, &mut chance)),
        ("greenway_segments", greenway::segments(block, &mut chance)),
    ];
    let mut mixed: Vec<(f64, &'static str, Draft)> = Vec::new();
    for (class, drafts) in classes {
        let count = drafts.len() as f64;
        let ranked = drafts.into_iter().enumerate();
        mixed.extend(ranked.map(|(rank, draft)| ((rank as f64 + 0.5) / count, class, draft)));
    }
    mixed.sort_by(|(one, ..), (other, ..)| one.total_cmp(other));
    mixed.into_iter().map(|(_, class, draft)| (class, draft))
}

#[cfg(test)]
mod tests;
