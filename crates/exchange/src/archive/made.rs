//! Archives for tests, entry by entry.

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use std::io::Write;

/// An entry as it is written.
pub(crate) struct Made {
    pub(crate) name: Vec<u8>,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) crc: u32,
    pub(crate) packed: Vec<u8>,
    pub(crate) length: usize,
    /// As Unix has it.
    pub(crate) mode: u32,
}

/// An entry that is stored as it is.
pub(crate) fn stored(name: &str, content: &[u8]) -> Made {
    let mut crc = Crc::new();
    crc.update(content);
    Made {
        name: name.into(),
        flags: 0,
        method: 0,
        crc: crc.sum(),
        packed: content.into(),
        length: content.len(),
        mode: 0o100_644,
    }
}

impl Made {
    /// An entry that is packed.
    pub(crate) fn deflated(name: &str, content: &[u8]) -> Self {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).expect("to memory");
        let packed = encoder.finish().expect("to memory");
        Self { method: 8, packed, ..stored(name, content) }
    }
}

/// An archive of entries.
pub(crate) fn archive(made: &[Made]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for Made { name, flags, method, crc, packed, length, mode } in made {
        let offset = out.len() as u32;
        let mut common = Vec::new();
        common.extend(20_u16.to_le_bytes());
        common.extend(flags.to_le_bytes());
        common.extend(method.to_le_bytes());
        common.extend([0; 4]);
        common.extend(crc.to_le_bytes());
        common.extend((packed.len() as u32).to_le_bytes());
        common.extend((*length as u32).to_le_bytes());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0; 2]);
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name);
        out.extend(packed);
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(&common);
        directory.extend([0; 6]);
        directory.extend((mode << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(name);
    }
    let (offset, count) = (out.len() as u32, made.len() as u16);
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(offset.to_le_bytes());
    out.extend([0; 2]);
    out
}
