//! How well the rows of a leaf have what somebody searches for: each of the different texts of a leaf is looked at
//! once.

use terrier_catalog::{Rank, Search};

use super::leaf::Leaf;

/// How well each row has it; nothing at all where no row has it.
pub(super) fn ranks_of(leaf: &Leaf, search: &Search) -> Box<[Option<Rank>]> {
    let words = search.words();
    let (mut memory, mut tables) = (String::new(), Vec::new());
    for field in search.fields() {
        let column = &leaf.columns()[*field];
        let mut table: Vec<Option<Rank>> = Vec::new();
        for (place, text) in column.texts().enumerate() {
            search.look(*field, text, &mut memory, |word, rank| {
                // Most fields have none of the words.
                table.resize(table.len().max((place + 1) * words), None);
                table[place * words + word] = Some(rank);
            });
        }
        if !table.is_empty() {
            tables.push((column, table));
        }
    }
    if tables.is_empty() {
        return Box::default();
    }
    let mut best = vec![None; words];
    let rank = |row: usize| {
        best.fill(None);
        for (column, table) in &tables {
            let Some(place) = column.place_of_text(row) else { continue };
            let found = table.get(place * words..(place + 1) * words).unwrap_or_default();
            for (best, found) in best.iter_mut().zip(found) {
                *best = better(*best, *found);
            }
        }
        search.rank(|word| best[word])
    };
    (0..leaf.len()).map(rank).collect()
}

fn better(a: Option<Rank>, b: Option<Rank>) -> Option<Rank> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
