//! FlatBuffers, as much of them as Arrow's messages need: written front to back, read with every
//! place checked.

/// A field of a table that is being written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Slot {
    /// Left out: the default.
    None,
    Byte(u8),
    Short(i16),
    Long(i64),
    /// Something that is written later, where the place is linked.
    Link,
}

impl Slot {
    fn size(self) -> usize {
        match self {
            Self::None => 0,
            Self::Byte(_) => 1,
            Self::Short(_) => 2,
            Self::Link => 4,
            Self::Long(_) => 8,
        }
    }
}

/// A buffer under way. Whatever is linked is written behind the place that names it.
#[derive(Debug)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty buffer, and the place that names its root.
    pub(super) fn new() -> (Self, usize) {
        (Self { bytes: vec![0; 8] }, 0)
    }

    /// The buffer, a whole number of eight bytes long.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.pad(8, 0);
        self.bytes
    }

    /// A table, and the places of its fields.
    pub(super) fn table(&mut self, from: usize, slots: &[Slot]) -> Vec<usize> {
        self.pad(8, 0);
        let directory = self.bytes.len();
        let (mut end, mut offsets) = (4_usize, Vec::new());
        for slot in slots {
            let size = slot.size();
            end = if size == 0 { end } else { end.next_multiple_of(size) };
            offsets.push(if size == 0 { 0 } else { end });
            end += size;
        }
        self.short(4 + 2 * slots.len());
        self.short(end);
        for offset in &offsets {
            self.short(*offset);
        }
        self.pad(8, 0);
        let table = self.bytes.len();
        self.patch(from, table - from);
        self.bytes.resize(table + end, 0);
        self.patch(table, table - directory);
        for (slot, offset) in slots.iter().zip(&offsets) {
            let value = match slot {
                Slot::None | Slot::Link => continue,
                Slot::Byte(value) => vec![*value],
                Slot::Short(value) => value.to_le_bytes().to_vec(),
                Slot::Long(value) => value.to_le_bytes().to_vec(),
            };
            let at = table + offset;
            self.bytes[at..at + value.len()].copy_from_slice(&value);
        }
        offsets.iter().map(|offset| table + offset).collect()
    }

    pub(super) fn text(&mut self, from: usize, text: &str) {
        self.head(from, text.len(), 0);
        self.bytes.extend(text.as_bytes());
        self.bytes.push(0);
    }

    /// A vector of links, and their places.
    pub(super) fn links(&mut self, from: usize, count: usize) -> Vec<usize> {
        self.head(from, count, 0);
        let first = self.bytes.len();
        self.bytes.resize(first + 4 * count, 0);
        (0..count).map(|i| first + 4 * i).collect()
    }

    /// A vector of structures of two long numbers.
    pub(super) fn pairs(&mut self, from: usize, pairs: &[(usize, usize)]) {
        self.head(from, pairs.len(), 4);
        for number in pairs.iter().flat_map(|(one, other)| [one, other]) {
            self.bytes.extend((*number as i64).to_le_bytes());
        }
    }

    /// The length of a vector, so that what follows lies on a multiple of eight when it is asked.
    fn head(&mut self, from: usize, length: usize, past: usize) {
        self.pad(if past == 0 { 4 } else { 8 }, past);
        self.patch(from, self.bytes.len() - from);
        self.bytes.extend((length as u32).to_le_bytes());
    }

    fn short(&mut self, value: usize) {
        self.bytes.extend((value as u16).to_le_bytes());
    }

    fn patch(&mut self, at: usize, value: usize) {
        self.bytes[at..at + 4].copy_from_slice(&(value as u32).to_le_bytes());
    }

    fn pad(&mut self, to: usize, past: usize) {
        while self.bytes.len() % to != past {
            self.bytes.push(0);
        }
    }
}

/// A table of a buffer that somebody else wrote; `None` is a place outside it, or a field left out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table<'a> {
    bytes: &'a [u8],
    at: usize,
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// Where the link at a place leads.
fn follow(bytes: &[u8], at: usize) -> Option<usize> {
    at.checked_add(u32::from_le_bytes(number(bytes, at)?) as usize)
}

impl<'a> Table<'a> {
    pub(super) fn root(bytes: &'a [u8]) -> Option<Self> {
        Some(Self { bytes, at: follow(bytes, 0)? })
    }

    /// The place of a field.
    fn field(self, n: usize) -> Option<usize> {
        let back = i64::from(i32::from_le_bytes(number(self.bytes, self.at)?));
        let directory = usize::try_from(i64::try_from(self.at).ok()? - back).ok()?;
        let short = |at| Some(usize::from(u16::from_le_bytes(number(self.bytes, at)?)));
        if 4 + 2 * n >= short(directory)? {
            return None;
        }
        let offset = short(directory + 4 + 2 * n)?;
        (offset != 0).then_some(self.at + offset)
    }

    pub(super) fn byte(self, n: usize) -> u8 {
        self.field(n).and_then(|at| self.bytes.get(at).copied()).unwrap_or(0)
    }

    pub(super) fn short(self, n: usize, default: i16) -> i16 {
        let own = self.field(n).and_then(|at| number(self.bytes, at));
        own.map_or(default, i16::from_le_bytes)
    }

    pub(super) fn int(self, n: usize) -> i32 {
        self.field(n).and_then(|at| number(self.bytes, at)).map_or(0, i32::from_le_bytes)
    }

    pub(super) fn long(self, n: usize) -> i64 {
        self.field(n).and_then(|at| number(self.bytes, at)).map_or(0, i64::from_le_bytes)
    }

    pub(super) fn table(self, n: usize) -> Option<Self> {
        Some(Self { at: follow(self.bytes, self.field(n)?)?, ..self })
    }

    pub(super) fn text(self, n: usize) -> Option<&'a str> {
        let (first, length) = self.vector(n)?;
        std::str::from_utf8(self.bytes.get(first..first.checked_add(length)?)?).ok()
    }

    pub(super) fn tables(self, n: usize) -> Option<Vec<Self>> {
        let (first, count) = self.vector(n)?;
        self.bytes.get(first..first.checked_add(count.checked_mul(4)?)?)?;
        let own = |i| Some(Self { at: follow(self.bytes, first + 4 * i)?, ..self });
        (0..count).map(own).collect()
    }

    /// A vector of structures of two long numbers, none of them negative.
    pub(super) fn pairs(self, n: usize) -> Option<Vec<(usize, usize)>> {
        let (first, count) = self.vector(n)?;
        self.bytes.get(first..first.checked_add(count.checked_mul(16)?)?)?;
        let long = |at| usize::try_from(i64::from_le_bytes(number(self.bytes, at)?)).ok();
        (0..count).map(|i| Some((long(first + 16 * i)?, long(first + 16 * i + 8)?))).collect()
    }

    /// A vector of long numbers, none of them negative.
    pub(super) fn counts(self, n: usize) -> Option<Vec<usize>> {
        let (first, count) = self.vector(n)?;
        self.bytes.get(first..first.checked_add(count.checked_mul(8)?)?)?;
        let long = |i| i64::from_le_bytes(number(self.bytes, first + 8 * i)?).try_into().ok();
        (0..count).map(long).collect()
    }

    /// The first place and the length of a vector.
    fn vector(self, n: usize) -> Option<(usize, usize)> {
        let at = follow(self.bytes, self.field(n)?)?;
        Some((at.checked_add(4)?, u32::from_le_bytes(number(self.bytes, at)?) as usize))
    }
}
