//! What is served of the work on the assets of a leaf, beside the assets: written for those that are
//! asked for, and for the whole leaf when it is asked for again, as long as there is room.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The most bytes of these texts that are kept, for all registries of a process together. What finds
/// no room is written again each time that it is asked for, which takes about a microsecond apiece.
// The texts of a million assets take some 300 MB, each different one of a leaf once; of ten million
// those are kept that are looked at. The assets themselves take some 1.7 GB a million.
const MAX_KEPT_DUE_TEXT_BYTES: usize = 1024 * 1024 * 1024;

/// The bytes that are kept.
static KEPT_BYTES: AtomicUsize = AtomicUsize::new(0);

/// Texts, each different one once: neighbours are often of one year and one rule.
#[derive(Debug)]
pub(super) struct DueTexts {
    /// The first item of which there is a text.
    first: usize,
    places: Box<[u32]>,
    ends: Box<[u32]>,
    bytes: Box<[u8]>,
}

/// The texts of all items of a leaf, once they are worth keeping.
#[derive(Debug, Default)]
pub(super) struct KeptTexts {
    was_asked: AtomicBool,
    texts: OnceLock<DueTexts>,
}

impl KeptTexts {
    pub(super) fn get(&self) -> Option<&DueTexts> {
        self.texts.get()
    }

    /// Whether they will be written and kept when they are asked for next.
    pub(super) fn will_be_kept(&self) -> bool {
        self.was_asked.load(Ordering::Relaxed)
            && KEPT_BYTES.load(Ordering::Relaxed) < MAX_KEPT_DUE_TEXT_BYTES
    }

    /// Notes that they are asked for. The second time they are written and kept, if there is room.
    pub(super) fn ask(&self, write: impl FnOnce() -> DueTexts) {
        if self.texts.get().is_some() || !self.was_asked.swap(true, Ordering::Relaxed) {
            return;
        }
        // Whoever writes at the same moment may pass the bound, by a leaf each.
        if KEPT_BYTES.load(Ordering::Relaxed) < MAX_KEPT_DUE_TEXT_BYTES {
            self.texts.get_or_init(|| {
                let texts = write();
                KEPT_BYTES.fetch_add(texts.heap_bytes(), Ordering::Relaxed);
                texts
            });
        }
    }
}

impl Drop for KeptTexts {
    fn drop(&mut self) {
        let bytes = self.texts.get().map_or(0, DueTexts::heap_bytes);
        KEPT_BYTES.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl DueTexts {
    /// The text of an item.
    pub(super) fn of(&self, at: usize) -> &[u8] {
        let place = self.places[at - self.first] as usize;
        let start = if place == 0 { 0 } else { self.ends[place - 1] as usize };
        &self.bytes[start..self.ends[place] as usize]
    }

    /// About how many bytes the text of an item has.
    pub(super) fn bytes_an_item(&self) -> usize {
        self.bytes.len().div_ceil(self.ends.len().max(1))
    }

    /// Bytes held in memory.
    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(&*self.places) + size_of_val(&*self.ends) + self.bytes.len()
    }
}

/// Gathers the texts of items that follow on each other.
pub(super) struct TextsBuilder {
    first: usize,
    /// The place of the last text of each hash.
    known: HashMap<u64, u32>,
    places: Vec<u32>,
    ends: Vec<u32>,
    bytes: Vec<u8>,
}

impl TextsBuilder {
    /// No texts yet; the first will be that of this item.
    pub(super) fn new(first: usize) -> Self {
        let (known, places, ends, bytes) = Default::default();
        Self { first, known, places, ends, bytes }
    }

    /// Adds the text of the next item.
    pub(super) fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.bytes.len();
        write(&mut self.bytes);
        let mut hasher = DefaultHasher::new();
        hasher.write(&self.bytes[start..]);
        let hash = hasher.finish();
        let same = self.known.get(&hash).copied().filter(|place| {
            let (from, to) = self.span(*place);
            self.bytes[from..to] == self.bytes[start..]
        });
        let place = if let Some(place) = same {
            self.bytes.truncate(start);
            place
        } else {
            let place = u32::try_from(self.ends.len()).expect("a leaf has few items");
            // The rules that apply to an asset are bounded, and so is what each of them says.
            self.ends.push(u32::try_from(self.bytes.len()).expect("texts are below 4 GiB"));
            self.known.insert(hash, place);
            place
        };
        self.places.push(place);
    }

    fn span(&self, place: u32) -> (usize, usize) {
        let place = place as usize;
        let start = if place == 0 { 0 } else { self.ends[place - 1] as usize };
        (start, self.ends[place] as usize)
    }

    /// The texts.
    pub(super) fn finish(self) -> DueTexts {
        let Self { first, known: _, places, ends, bytes } = self;
        DueTexts { first, places: places.into(), ends: ends.into(), bytes: bytes.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(first: usize, texts: &[&str]) -> DueTexts {
        let mut builder = TextsBuilder::new(first);
        texts.iter().for_each(|text| builder.push(|out| out.extend(text.bytes())));
        builder.finish()
    }

    #[test]
    fn each_item_has_its_text_and_each_different_text_is_held_once() {
        let written = ["one", "", "two", "one", "", "three"];
        let texts = texts(7, &written);
        for (at, text) in written.into_iter().enumerate() {
            assert_eq!(texts.of(at + 7), text.as_bytes());
        }
        assert_eq!(&*texts.bytes, b"onetwothree");
    }

    #[test]
    fn texts_are_kept_when_they_are_asked_for_again_and_as_long_as_there_is_room() {
        let kept = KeptTexts::default();
        kept.ask(|| unreachable!("the first time is no reason to keep them"));
        assert!(kept.get().is_none());
        KEPT_BYTES.fetch_add(MAX_KEPT_DUE_TEXT_BYTES, Ordering::Relaxed);
        kept.ask(|| unreachable!("there is no room"));
        KEPT_BYTES.fetch_sub(MAX_KEPT_DUE_TEXT_BYTES, Ordering::Relaxed);
        assert!(kept.get().is_none());
        kept.ask(|| texts(0, &["one"]));
        assert_eq!(kept.get().map(|texts| texts.of(0)), Some(&b"one"[..]));
        let held = KEPT_BYTES.load(Ordering::Relaxed);
        drop(kept);
        assert!(KEPT_BYTES.load(Ordering::Relaxed) < held);
    }
}
