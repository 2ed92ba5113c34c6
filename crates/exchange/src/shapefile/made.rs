//! Shapefiles for tests, record by record.

use terrier_spatial::Position;

/// A point as it stands in a record.
pub(super) fn point(kind: i32, [x, y]: Position) -> Vec<u8> {
    let mut content = kind.to_le_bytes().to_vec();
    content.extend([x, y].iter().flat_map(|number| number.to_le_bytes()));
    content
}

/// Lines or rings as they stand in a record, in a box that is none.
pub(super) fn parts(kind: i32, lines: &[&[Position]]) -> Vec<u8> {
    let mut content = kind.to_le_bytes().to_vec();
    content.extend([0; 32]);
    let positions: usize = lines.iter().map(|line| line.len()).sum();
    content.extend((lines.len() as i32).to_le_bytes());
    content.extend((positions as i32).to_le_bytes());
    let mut start = 0_i32;
    for line in lines {
        content.extend(start.to_le_bytes());
        start += line.len() as i32;
    }
    let numbers = lines.iter().flat_map(|line| line.iter().flatten());
    content.extend(numbers.flat_map(|number| number.to_le_bytes()));
    content
}

/// The `.shp` and the `.shx` of shapes of a kind.
pub(super) fn shapes(kind: i32, contents: &[Vec<u8>]) -> (Vec<u8>, Vec<u8>) {
    let (mut shp, mut shx) = (head(kind), head(kind));
    for (number, content) in (1_u32..).zip(contents) {
        let words = (content.len() as u32 / 2).to_be_bytes();
        shx.extend((shp.len() as u32 / 2).to_be_bytes());
        shx.extend(words);
        shp.extend(number.to_be_bytes());
        shp.extend(words);
        shp.extend(content);
    }
    for file in [&mut shp, &mut shx] {
        let words = (file.len() as u32 / 2).to_be_bytes();
        file[24..28].copy_from_slice(&words);
    }
    (shp, shx)
}

fn head(kind: i32) -> Vec<u8> {
    let mut head = 9994_u32.to_be_bytes().to_vec();
    head.resize(28, 0);
    head.extend(1000_u32.to_le_bytes());
    head.extend(kind.to_le_bytes());
    head.resize(100, 0);
    head
}

/// The `.dbf` of fields, each with its name, its kind and its bytes in a row, and of rows.
pub(super) fn table(fields: &[(&[u8], u8, u8)], language: u8, rows: &[&[u8]]) -> Vec<u8> {
    let row_bytes = 1 + fields.iter().map(|(_, _, length)| u16::from(*length)).sum::<u16>();
    let mut file = vec![3, 126, 1, 1];
    file.extend((rows.len() as u32).to_le_bytes());
    file.extend((33 + 32 * fields.len() as u16).to_le_bytes());
    file.extend(row_bytes.to_le_bytes());
    file.resize(29, 0);
    file.extend([language, 0, 0]);
    for (name, kind, length) in fields {
        let mut field = name.to_vec();
        field.resize(11, 0);
        field.extend([*kind, 0, 0, 0, 0, *length]);
        field.resize(32, 0);
        file.extend(field);
    }
    file.push(b'\r');
    for row in rows {
        let mut row = row.to_vec();
        row.resize(row_bytes.into(), b' ');
        file.extend(row);
    }
    file.push(0x1a);
    file
}
