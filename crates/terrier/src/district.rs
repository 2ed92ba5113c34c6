//! The demonstration district: a made-up district on the ground of Hexi in Tianjin, with the names
//! of its sub-districts and roads, its size and its kind of assets, and with streets, a river,
//! communities and pipes that nobody built.
//!
//! A district grows from its centre outward, block by block, at the density of a city: a greater
//! one of the same seed holds a smaller one. Within it lies what the year's programme is about, in
//! exact sums. Knows nothing of where the drafts go.

mod area;
mod chance;
mod drain;
mod drain_point;
mod gas;
mod gas_pipe;
mod gas_point;
mod greenway;
mod heat;
mod light;
mod name;
mod plan;
mod programme;
mod record;
mod road;

use jiff::Timestamp;
use terrier_model::{AssetId, Draft, Event};

use area::Streets;
use chance::{Chance, mark};
use plan::Block;
use programme::Programme;
use record::Entry;

/// 2024-01-01T00:00:00Z, in milliseconds since 1970: the first id was made then, and each next one
/// a millisecond later.
const FIRST_ID_AT_MS: i64 = 1_704_067_200_000;

/// An asset of the district.
#[derive(Debug, PartialEq)]
pub(crate) struct Found {
    /// The name of its class.
    pub(crate) class: &'static str,
    /// What it is.
    pub(crate) draft: Draft,
    /// What happened to it, by day.
    pub(crate) events: Vec<Event>,
}

/// So many assets of the demonstration district. The same count and seed give the same, ids and
/// keys included; nothing is kept but the block at hand and what is left of the programme.
pub(crate) fn district(assets: u64, seed: u64) -> impl Iterator<Item = Found> {
    let mut ids = Chance::new(mark(seed, 0, 0, 0));
    let assets = usize::try_from(assets).unwrap_or(usize::MAX);
    let mut programme = Programme::new();
    let mut streets = Streets::default();
    let found = plan::blocks().flat_map(move |[i, j]| {
        let block = Block::new(seed, i, j);
        let street = streets.first_of(seed, &block);
        mixed(classes_of(&block, &mut programme, street))
    });
    found.take(assets).zip(FIRST_ID_AT_MS..).map(move |((class, (draft, events)), at_ms)| {
        let at = Timestamp::from_millisecond(at_ms).expect("ten million milliseconds after 2024");
        let draft = Draft { id: Some(AssetId::new(at, ids.bytes())), ..draft };
        Found { class, draft, events }
    })
}

/// The assets of a block, class by class. Each class draws from a sequence of its own, so that a
/// change in one moves no other.
fn classes_of(
    block: &Block,
    programme: &mut Programme,
    street: Option<Entry>,
) -> Vec<(&'static str, Vec<Entry>)> {
    let chance = |purpose: u64| Chance::new(mark(block.seed, 0, 0, 100 + purpose));
    let part = programme.part(block);
    let (gas, drains) = (gas::Network::of(block, &part), drain::Network::of(block, &part));
    vec![
        ("streets", street.into_iter().collect()),
        ("communities", area::communities(block, &part, &mut chance(1))),
        ("light_poles", light::poles(block, &part, programme, &mut chance(2))),
        ("light_cabinets", light::cabinets(block, &mut chance(3))),
        ("gas_pipes", gas.pipes(programme, &mut chance(4))),
        ("gas_nodes", gas_point::nodes(&gas, &mut chance(5))),
        ("gas_valves", gas_point::valves(&gas, &mut chance(6))),
        ("gas_regulators", gas_point::regulators(&gas, &mut chance(7))),
        ("gas_risers", gas_point::risers(&gas, &part, &mut chance(8))),
        ("drain_pipes", drains.pipes(programme, &mut chance(9))),
        ("manholes", drain_point::manholes(&drains, &mut chance(10))),
        ("gullies", drain_point::gullies(&drains, &mut chance(11))),
        ("outfalls", drain_point::outfalls(block, &mut chance(12))),
        ("drain_structures", drain_point::structures(block, &mut chance(13))),
        ("greenway_segments", greenway::segments(block, programme, &mut chance(14))),
        ("pocket_parks", greenway::parks(block, &part, &mut chance(15))),
        ("heat_pipes", heat::pipes(block, &part, &mut chance(16))),
        ("heat_stations", heat::stations(block, &part, &mut chance(17))),
        ("road_sections", road::sections(block, &part, &mut chance(18))),
    ]
}

/// The assets of several classes, mixed as evenly as their counts allow.
fn mixed(classes: Vec<(&'static str, Vec<Entry>)>) -> impl Iterator<Item = (&'static str, Entry)> {
    let mut mixed: Vec<(f64, &'static str, Entry)> = Vec::new();
    for (class, entries) in classes {
        let count = entries.len() as f64;
        let ranked = entries.into_iter().enumerate();
        mixed.extend(ranked.map(|(rank, entry)| ((rank as f64 + 0.5) / count, class, entry)));
    }
    mixed.sort_by(|(one, ..), (other, ..)| one.total_cmp(other));
    mixed.into_iter().map(|(_, class, entry)| (class, entry))
}

#[cfg(test)]
mod tests;
