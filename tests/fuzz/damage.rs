//! Damages files at random, in the same way for the same seed, and runs cases until their time is up.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How long one file may take before the run gives up; nothing is expected to take so long.
const PATIENCE: Duration = Duration::from_mins(2);

/// No file grows beyond this.
const MAX_FILE_BYTES: usize = 256 * 1024;

/// The seed of a run that nobody has given one: whoever changes something else should not meet what
/// chance has found. `tests/fuzz/run` gives new ones.
const SEED: u64 = 4;

/// Numbers at random, all of them told by the first.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn of(seed: u64, case: u64) -> Self {
        let mut chance = Self(seed);
        Self(chance.next() ^ case.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// The next one, after Steele, Lea and Flood (SplitMix64).
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a bound that is not 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub(crate) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// Damages a file in one to eight places. Texts are put into it that may mean something in its format.
pub(crate) fn damage(bytes: &mut Vec<u8>, words: &[&[u8]], chance: &mut Chance) {
    for _ in 0..=chance.below(8) {
        damage_once(bytes, words, chance);
        bytes.truncate(MAX_FILE_BYTES);
    }
}

fn damage_once(bytes: &mut Vec<u8>, words: &[&[u8]], chance: &mut Chance) {
    if bytes.is_empty() {
        bytes.extend(chance.one(words));
        return;
    }
    let at = chance.below(bytes.len());
    let end = at + chance.below((bytes.len() - at).min(64) + 1);
    match chance.below(12) {
        0 => bytes.truncate(at),
        1 => bytes[at] ^= 1 << chance.below(8),
        2 => bytes[at] = chance.one(&[0, 1, 0x7f, 0x80, 0xff, b'"', b'\n', b'*', b',', b'{']),
        3 => bytes[at] = chance.next() as u8,
        4 => drop(bytes.drain(at..end)),
        5 => {
            let part = bytes[at..end].to_vec();
            let to = chance.below(bytes.len());
            bytes.splice(to..to, part);
        }
        6 => {
            let word = chance.one(words);
            bytes.splice(at..at, word.iter().copied());
        }
        7 => {
            let word = chance.one(words);
            overwrite(bytes, at, word);
        }
        // Counts and places in binary formats, with either byte first.
        8 | 9 => {
            let number = chance.one(&[0, 1, 2, 100, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff_u32]);
            let number =
                if chance.below(2) == 0 { number.to_le_bytes() } else { number.to_be_bytes() };
            overwrite(bytes, at, &number[..chance.one(&[2, 4])]);
        }
        10 => {
            let number = chance.one(&[f64::NAN, f64::INFINITY, -0.0, 1e300, 5e-324, 181.0]);
            overwrite(bytes, at, &number.to_le_bytes());
        }
        _ => {
            let part = bytes[at..end].to_vec();
            let times = 1 + chance.below(200);
            bytes.splice(at..at, part.repeat(times));
        }
    }
}

fn overwrite(bytes: &mut [u8], at: usize, with: &[u8]) {
    for (byte, new) in bytes[at..].iter_mut().zip(with) {
        *byte = *new;
    }
}

/// Runs cases, each on a thread of its own, for so many seconds, or for as long as `tests/fuzz/run`
/// says. A case that panics or does not end fails the run, which tells how it is run again.
pub(crate) fn run(name: &str, seconds: u64, case: impl Fn(&mut Chance) + Clone + Send + 'static) {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse().expect("a number"));
    let seed = number("TERRIER_SEED").unwrap_or(SEED);
    let only = number("TERRIER_FUZZ_CASE");
    let seconds = number("TERRIER_FUZZ_SECONDS").unwrap_or(seconds);
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut at = only.unwrap_or(0);
    loop {
        let again = format!("TERRIER_SEED={seed} TERRIER_FUZZ_CASE={at}");
        let case = case.clone();
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            let mut chance = Chance::of(seed, at);
            let done = catch_unwind(AssertUnwindSafe(|| case(&mut chance)));
            let _ = sender.send(done.is_ok());
        });
        match receiver.recv_timeout(PATIENCE) {
            Ok(true) => {}
            Ok(false) => panic!("{name}: a case failed, again with {again}"),
            Err(RecvTimeoutError::Timeout) => {
                panic!("{name}: a case does not end, again with {again}")
            }
            Err(RecvTimeoutError::Disconnected) => panic!("{name}: a case vanished: {again}"),
        }
        at += 1;
        // One case at least, however slow the machine is.
        if only.is_some() || Instant::now() >= until {
            break;
        }
    }
    // Past what catches the output of tests, so that a run is known by its seed.
    let _ = writeln!(std::io::stderr(), "{name}: {at} cases of seed {seed}");
}
