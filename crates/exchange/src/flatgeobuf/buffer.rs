//! Tables of the FlatBuffers format in bytes that may be anything: each place in them is checked
//! before it is looked at, and no count is trusted.

/// Something leads beyond the bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Damaged;

/// A table in a buffer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where the places of the members stand, and how many bytes those take.
    places_at: usize,
    places_end: usize,
}

impl<'a> Table<'a> {
    /// The table at the root of a buffer.
    pub(super) fn root(bytes: &'a [u8]) -> Result<Self, Damaged> {
        Self::at(bytes, follow(bytes, 0)?)
    }

    fn at(bytes: &'a [u8], at: usize) -> Result<Self, Damaged> {
        let back = i64::from(i32::from_le_bytes(take(bytes, at)?));
        let places_at = usize::try_from(at as i64 - back).map_err(|_| Damaged)?;
        let length = usize::from(u16::from_le_bytes(take(bytes, places_at)?));
        Ok(Self { bytes, at, places_at, places_end: places_at + length })
    }

    /// Where a member stands; `None` when it does not. Members are named by their places among the
    /// places, as `flatc` numbers them.
    fn member(&self, place: u16) -> Result<Option<usize>, Damaged> {
        let at = self.places_at + usize::from(place);
        if at + 2 > self.places_end {
            return Ok(None);
        }
        let offset = u16::from_le_bytes(take(self.bytes, at)?);
        Ok((offset > 0).then(|| self.at + usize::from(offset)))
    }

    /// A member of so many bytes that stands in the table itself.
    pub(super) fn scalar<const N: usize>(&self, place: u16) -> Result<Option<[u8; N]>, Damaged> {
        self.member(place)?.map(|at| take(self.bytes, at)).transpose()
    }

    /// A table that a member leads to.
    pub(super) fn table(&self, place: u16) -> Result<Option<Self>, Damaged> {
        let at = self.member(place)?.map(|at| follow(self.bytes, at)).transpose()?;
        at.map(|at| Self::at(self.bytes, at)).transpose()
    }

    /// The bytes of a list whose items have so many bytes each; empty when there is none.
    pub(super) fn list(&self, place: u16, item_bytes: usize) -> Result<&'a [u8], Damaged> {
        let Some(at) = self.member(place)? else { return Ok(&[]) };
        let at = follow(self.bytes, at)?;
        let count = u32::from_le_bytes(take(self.bytes, at)?) as usize;
        let length = count.checked_mul(item_bytes).ok_or(Damaged)?;
        let rest = self.bytes.get(at + 4..).ok_or(Damaged)?;
        rest.get(..length).ok_or(Damaged)
    }

    /// A text, lossless or damaged; empty when there is none.
    pub(super) fn text(&self, place: u16) -> Result<&'a str, Damaged> {
        std::str::from_utf8(self.list(place, 1)?).map_err(|_| Damaged)
    }

    /// The tables of a list.
    pub(super) fn tables(&self, place: u16) -> Result<Vec<Self>, Damaged> {
        let Some(at) = self.member(place)? else { return Ok(Vec::new()) };
        let at = follow(self.bytes, at)? + 4;
        let count = self.list(place, 4)?.len() / 4;
        let table = |number| Self::at(self.bytes, follow(self.bytes, at + 4 * number)?);
        (0..count).map(table).collect()
    }
}

/// Where the offset at a place leads.
fn follow(bytes: &[u8], at: usize) -> Result<usize, Damaged> {
    let offset = u32::from_le_bytes(take(bytes, at)?) as usize;
    at.checked_add(offset).filter(|to| *to < bytes.len()).ok_or(Damaged)
}

fn take<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], Damaged> {
    bytes.get(at..).and_then(<[u8]>::first_chunk).copied().ok_or(Damaged)
}

#[cfg(test)]
mod tests {
    use flatbuffers::FlatBufferBuilder;

    use super::*;

    /// A buffer with a table that has a number, a text, a list of numbers and a list of a table.
    fn buffer() -> Vec<u8> {
        let mut builder = FlatBufferBuilder::new();
        let text = builder.create_string("路灯");
        let numbers = builder.create_vector(&[1_u32, 2, 3]);
        let start = builder.start_table();
        builder.push_slot_always(4, 7_u16);
        let inner = builder.end_table(start);
        let tables = builder.create_vector(&[inner, inner]);
        let start = builder.start_table();
        builder.push_slot_always(4, 5_u8);
        builder.push_slot_always(6, text);
        builder.push_slot_always(8, numbers);
        builder.push_slot_always(10, tables);
        builder.push_slot_always(12, inner);
        let table = builder.end_table(start);
        builder.finish(table, None);
        builder.finished_data().to_vec()
    }

    /// Reads all that there is, whatever it is.
    fn read(bytes: &[u8]) -> Result<String, Damaged> {
        let root = Table::root(bytes)?;
        let mut numbers = Vec::new();
        for table in root.tables(10)?.into_iter().chain(root.table(12)?) {
            numbers.push(table.scalar(4)?.map(u16::from_le_bytes));
        }
        let (text, list) = (root.text(6)?, root.list(8, 4)?);
        let missing = (root.scalar::<8>(14)?, root.table(16)?.is_none(), root.list(18, 8)?);
        Ok(format!("{:?} {text} {list:?} {numbers:?} {missing:?}", root.scalar::<1>(4)?))
    }

    #[test]
    fn members_are_found_and_those_that_are_not_there_are_none() {
        assert_eq!(
            read(&buffer()).expect("sound"),
            "Some([5]) 路灯 [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0] [Some(7), Some(7), Some(7)] \
             (None, true, [])"
        );
    }

    #[test]
    fn bytes_that_lead_elsewhere_are_damaged() {
        let sound = buffer();
        for end in 0..sound.len() {
            let _ = read(&sound[..end]);
        }
        for at in 0..sound.len() {
            for byte in 0..=u8::MAX {
                let mut bytes = sound.clone();
                bytes[at] = byte;
                let _ = read(&bytes);
            }
        }
        assert_eq!(read(b""), Err(Damaged));
        assert_eq!(read(&[0xff; 64]), Err(Damaged));
    }
}
