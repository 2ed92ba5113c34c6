//! The index: a packed tree of boxes, its levels from the top to the features, each node with its
//! box and where its first child lies.

use std::io::{BufReader, Read, Write};

use terrier_spatial::Bounds;

/// So many children a node has, which is what readers expect.
pub(super) const NODE_SIZE: u16 = 16;

/// A box of four numbers and an offset, of eight bytes each.
const NODE_BYTES: usize = 40;

/// How many bytes an index has whose nodes have so many children each; `None` beyond all bounds. There
/// is none of no features, or where nodes have no children.
pub(super) fn bytes(count: u64, node_size: u16) -> Option<u64> {
    if count == 0 || node_size == 0 {
        return Some(0);
    }
    let (mut level, mut nodes) = (count, count);
    loop {
        level = level.div_ceil(node_size.max(2).into());
        nodes = nodes.checked_add(level)?;
        // The only feature has a root above it, too.
        if level == 1 {
            break;
        }
    }
    nodes.checked_mul(NODE_BYTES as u64)
}

/// Writes a node: a box, and where the feature or the first child lies.
pub(super) fn write_node(
    out: &mut impl Write,
    bounds: &Bounds,
    offset: u64,
) -> std::io::Result<()> {
    let Bounds { west, south, east, north } = *bounds;
    let mut node = [0; NODE_BYTES];
    let numbers = [west, south, east, north].map(f64::to_le_bytes);
    for (place, number) in
        node.chunks_exact_mut(8).zip(numbers.iter().chain([&offset.to_le_bytes()]))
    {
        place.copy_from_slice(number);
    }
    out.write_all(&node)
}

/// The boxes of all levels above the lowest, whose nodes are read: first those next to it, last the
/// root. None when there are no nodes.
pub(super) fn levels(leaves: &mut impl Read, count: u64) -> std::io::Result<Vec<Vec<Bounds>>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let mut leaves = BufReader::with_capacity(super::BUFFER_BYTES, leaves);
    let mut level: Vec<Bounds> = Vec::new();
    let mut node = [0; NODE_BYTES];
    for place in 0..count {
        leaves.read_exact(&mut node)?;
        let number = |at: usize| {
            f64::from_le_bytes(node[at..at + 8].try_into().expect("the slice has 8 bytes"))
        };
        let bounds =
            Bounds { west: number(0), south: number(8), east: number(16), north: number(24) };
        match level.last_mut() {
            Some(parent) if place % u64::from(NODE_SIZE) != 0 => *parent = parent.union(bounds),
            _ => level.push(bounds),
        }
    }
    let mut levels = Vec::new();
    while level.len() > 1 {
        let children = level.chunks(NODE_SIZE.into());
        let union = |children: &[Bounds]| children.iter().copied().reduce(Bounds::union);
        let parents = children.filter_map(union).collect();
        levels.push(std::mem::replace(&mut level, parents));
    }
    levels.push(level);
    Ok(levels)
}

/// Writes the levels from the root down. A node tells which node of all its first child is.
pub(super) fn write_levels(
    out: &mut impl Write,
    levels: &[Vec<Bounds>],
    count: u64,
) -> std::io::Result<()> {
    let mut children_at = 0;
    for level in levels.iter().rev() {
        children_at += level.len() as u64;
        for (place, bounds) in (0..).zip(level) {
            write_node(out, bounds, children_at + place * u64::from(NODE_SIZE))?;
        }
    }
    debug_assert!(levels.first().is_none_or(|level| level.len() as u64 == count.div_ceil(16)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Boxes of which each is one wide and lies at its number.
    fn check(count: u64, sizes: &[usize], first_children: &[u64]) {
        let mut leaves = Vec::new();
        let at = |place: u64| {
            let west = place as f64;
            Bounds { west, south: 0.0, east: west + 1.0, north: 1.0 }
        };
        for place in 0..count {
            write_node(&mut leaves, &at(place), place).expect("memory takes every write");
        }
        let levels = levels(&mut &*leaves, count).expect("the leaves are all there");
        let mut found: Vec<usize> = levels.iter().map(Vec::len).collect();
        found.reverse();
        assert_eq!(found, sizes, "{count}");
        if let Some([root]) = levels.last().map(Vec::as_slice) {
            assert_eq!(*root, at(0).union(at(count - 1)));
        }
        let mut index = Vec::new();
        write_levels(&mut index, &levels, count).expect("memory takes every write");
        let nodes = index.chunks_exact(NODE_BYTES);
        let offsets: Vec<u64> = nodes
            .map(|node| u64::from_le_bytes(node[32..].try_into().expect("eight bytes")))
            .collect();
        assert_eq!(offsets, first_children, "{count}");
    }

    #[test]
    fn an_index_is_as_long_as_it_is_written() {
        for count in [0, 1, 2, 16, 17, 256, 257, 5_000] {
            let mut leaves = Vec::new();
            let bounds = Bounds { west: 0.0, south: 0.0, east: 1.0, north: 1.0 };
            for place in 0..count {
                write_node(&mut leaves, &bounds, place).expect("memory takes every write");
            }
            let levels = levels(&mut &*leaves, count).expect("the leaves are all there");
            let mut index = Vec::new();
            write_levels(&mut index, &levels, count).expect("memory takes every write");
            let written = (index.len() + leaves.len()) as u64;
            assert_eq!(bytes(count, NODE_SIZE), Some(written), "{count}");
        }
        assert_eq!(bytes(1_000, 0), Some(0));
        assert_eq!(bytes(4, 2), Some(7 * 40));
        assert_eq!(bytes(3, 1), bytes(3, 2));
        assert_eq!(bytes(u64::MAX, 2), None);
        assert_eq!(bytes(1 << 60, 16), None);
    }

    #[test]
    fn each_node_leads_to_sixteen_of_the_level_below() {
        check(0, &[], &[]);
        check(1, &[1], &[1]);
        check(16, &[1], &[1]);
        check(17, &[1, 2], &[1, 3, 19]);
        check(256, &[1, 16], &(0..17).map(|n| 1 + 16 * n).collect::<Vec<_>>());
        let mut first_children = vec![1, 3, 19];
        first_children.extend((0..17).map(|n| 20 + 16 * n));
        check(257, &[1, 2, 17], &first_children);
    }
}
