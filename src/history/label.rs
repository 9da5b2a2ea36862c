//! What a row stands for: its names, ids and breakdown values, and which of them identify it.

use rusqlite::{Connection, OptionalExtension, Statement, params};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::row::{Level, Row};
use crate::segment::Attribute;
use crate::units::Currency;

/// Attributes that say who is addressed or what is shown; with them a nameless row is told apart.
const AUDIENCE: [Attribute; 8] = [
    Attribute::Age,
    Attribute::Gender,
    Attribute::Territory,
    Attribute::Interest,
    Attribute::Format,
    Attribute::Topic,
    Attribute::Placement,
    Attribute::Creative,
];

/// Numbers of a label and of its identity in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) label: i64,
    pub(crate) identity: i64,
}

/// Labels met so far. Bounded, so that an import needs the same memory for any number of rows.
#[derive(Debug)]
pub(crate) struct Labels<'a> {
    store: &'a Connection,
    renames: Renames,
    find: Statement<'a>,
    insert: Statement<'a>,
    insert_identity: Statement<'a>,
    find_identity: Statement<'a>,
    /// By a quick digest of what the label says: half a cache line each, not the text itself.
    known: HashMap<u128, Known, BuildHasherDefault<Low>>,
    text: Vec<u8>,
    /// The store held none when the import began and `known` has forgotten none since: what is
    /// not known is not there.
    complete: bool,
    /// Identities that are not yet written: in the order of their digests that costs a third.
    pending: HashMap<[u8; 16], i64, BuildHasherDefault<Words>>,
    next: Known,
}

/// A digest of 128 bits by two lanes of folded multiplication (as in wyhash, Wang Yi 2019). Labels
/// of one import are told apart by it; by chance alone two of 10¹² would be alike once in 10¹⁴
/// imports.
pub(super) fn quick_digest(text: &[u8]) -> u128 {
    const LANES: [u64; 4] = [
        0xa076_1d64_78bd_642f,
        0xe703_7ed1_a0b4_28db,
        0x8ebc_6af0_9c88_c6e3,
        0x5899_65cc_7537_4cc3,
    ];
    let fold = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b);
        (product >> 64) as u64 ^ product as u64
    };
    let word = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
    let (mut a, mut b) = (LANES[0] ^ text.len() as u64, LANES[1]);
    let mut step = |low: u64, high: u64| {
        // Each lane sees every byte, and what it has seen so far decides what the next does to it.
        let (x, y) = (fold(low ^ LANES[2] ^ a, high ^ b), fold(high ^ LANES[3] ^ a, low ^ !b));
        (a, b) = (a.rotate_left(29) ^ x, b.rotate_left(31).wrapping_add(y));
    };
    let mut chunks = text.chunks_exact(16);
    for chunk in &mut chunks {
        step(word(&chunk[..8]), word(&chunk[8..]));
    }
    let mut last = [0; 16];
    last[..chunks.remainder().len()].copy_from_slice(chunks.remainder());
    step(word(&last[..8]), word(&last[8..]));
    step(text.len() as u64, LANES[0]);
    u128::from(fold(a, LANES[1] ^ b)) << 64 | u128::from(fold(b ^ LANES[2], a ^ LANES[3]))
}

/// Hashes a number that is a digest already.
#[derive(Debug, Default)]
struct Low(u64);

impl Hasher for Low {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 ^= u64::from_le_bytes(word);
        }
    }

    fn write_u128(&mut self, digest: u128) {
        self.0 = digest as u64;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Hashes eight bytes at a time; labels are long, and a file can only slow down its own import.
#[derive(Debug, Default)]
pub(crate) struct Words(u64);

impl Hasher for Words {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            let mixed = self.0.rotate_left(5) ^ u64::from_le_bytes(word);
            self.0 = mixed.wrapping_mul(0x517c_c1b7_2722_0a95);
        }
    }

    fn finish(&self) -> u64 {
        // The product's upper bits are the mixed ones; the map also looks at the lower.
        self.0 ^ self.0 >> 32
    }
}

impl<'a> Labels<'a> {
    const BOUND: usize = 400_000;
    /// Identities that wait to be written at most.
    const PENDING: usize = 65_536;

    /// Labels of a store; `empty` when it is known to hold none yet.
    pub(crate) fn of_store(store: &'a Connection, empty: bool) -> rusqlite::Result<Self> {
        Ok(Self {
            store,
            renames: Renames::of_store(store)?,
            find: store.prepare(&format!(
                "SELECT id, level, breakdowns, currency, {EXPORTED} FROM label WHERE identity = ?1 \
                 ORDER BY id"
            ))?,
            insert: store.prepare(&insert_sql())?,
            insert_identity: store.prepare("INSERT INTO identity (digest, id) VALUES (?1, ?2)")?,
            find_identity: store.prepare("SELECT id FROM identity WHERE digest = ?1")?,
            known: HashMap::default(),
            text: Vec::new(),
            complete: empty,
            pending: HashMap::default(),
            next: next(store)?,
        })
    }

    /// The label of a row, written to the store when it is new there.
    pub(crate) fn of(&mut self, row: &Row, currency: Option<Currency>) -> rusqlite::Result<Known> {
        write_label(&mut self.text, row, currency);
        // What is since publication says the same as a day, and stands for something else.
        let quick = quick_digest(&self.text);
        let key = if row.lifetime { !quick } else { quick };
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        let known = self.find_or_insert(row, currency)?;
        if self.known.len() >= Self::BOUND {
            self.known.clear();
            self.complete = false;
        }
        self.known.insert(key, known);
        Ok(known)
    }

    fn find_or_insert(&mut self, row: &Row, currency: Option<Currency>) -> rusqlite::Result<Known> {
        let renamed = self.renames.applied(row);
        let digest = identity_digest(renamed.as_ref().unwrap_or(row));
        let identity = match self.identity(&digest)? {
            None => signed(self.new_identity(digest)?, row),
            Some(identity) => {
                let identity = signed(identity, row);
                let stored = if self.complete { None } else { self.stored(identity)? };
                if let Some(label) = stored {
                    return Ok(Known { label, identity });
                }
                identity
            }
        };
        let label = self.next.label;
        self.next.label += 1;
        let code = currency.as_ref().map(Currency::code);
        write(&mut self.insert, Known { label, identity }, row, renamed.as_ref(), code)?;
        Ok(Known { label, identity })
    }

    /// Writes what waits to be written.
    pub(crate) fn flush(&mut self) -> rusqlite::Result<()> {
        let mut pending: Vec<([u8; 16], i64)> = self.pending.drain().collect();
        pending.sort_unstable();
        for (digest, id) in pending {
            self.insert_identity.execute(params![digest.as_slice(), id])?;
        }
        Ok(())
    }

    /// Forgets everything: after a rollback the numbers are no longer in the store.
    pub(crate) fn forget(&mut self) -> rusqlite::Result<()> {
        self.known.clear();
        self.pending.clear();
        self.complete = false;
        self.next = next(self.store)?;
        Ok(())
    }

    fn identity(&mut self, digest: &[u8; 16]) -> rusqlite::Result<Option<i64>> {
        if let Some(id) = self.pending.get(digest) {
            return Ok(Some(*id));
        }
        self.find_identity.query_row([digest.as_slice()], |row| row.get(0)).optional()
    }

    fn new_identity(&mut self, digest: [u8; 16]) -> rusqlite::Result<i64> {
        if self.pending.len() >= Self::PENDING {
            self.flush()?;
        }
        let id = self.next.identity;
        self.next.identity += 1;
        self.pending.insert(digest, id);
        Ok(id)
    }

    /// The label of an identity that says the same as `text`.
    fn stored(&mut self, identity: i64) -> rusqlite::Result<Option<i64>> {
        let mut rows = self.find.query([identity])?;
        let mut text = Vec::with_capacity(self.text.len());
        while let Some(row) = rows.next()? {
            write_stored(&mut text, row, 1)?;
            if text == self.text {
                return row.get(0).map(Some);
            }
        }
        Ok(None)
    }
}

fn insert_sql() -> String {
    format!(
        "INSERT INTO label (id, identity, level, breakdowns, currency, {COLUMNS}, exported) VALUES \
         (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, \
         ?18, ?19, ?20, ?21, ?22, ?23, ?24)",
    )
}

/// Writes the label of a row: under the names that it has now, with those of the export beside
/// where they are others.
fn write(
    insert: &mut Statement<'_>,
    known: Known,
    row: &Row,
    renamed: Option<&Row>,
    currency: Option<&str>,
) -> rusqlite::Result<()> {
    let exported = renamed.map(|_| json!(NAMES.map(|name| row.get(name))).to_string());
    let row = renamed.unwrap_or(row);
    insert.raw_bind_parameter(1, known.label)?;
    insert.raw_bind_parameter(2, known.identity)?;
    insert.raw_bind_parameter(3, row.level as i64)?;
    insert.raw_bind_parameter(4, mask(&row.breakdowns))?;
    insert.raw_bind_parameter(5, currency)?;
    for (i, text) in row.attributes.iter().chain(&row.ids).enumerate() {
        insert.raw_bind_parameter(6 + i, text.as_deref())?;
    }
    insert.raw_bind_parameter(24, exported)?;
    insert.raw_execute()?;
    Ok(())
}

/// Totals since publication have the identity of their days, below 0.
pub(crate) fn signed(identity: i64, row: &Row) -> i64 {
    if row.lifetime { -identity } else { identity }
}

/// Attributes and ids of a label, in one order everywhere.
const COLUMNS: &str = "network, profile, campaign, ad_set, ad, age, gender, territory, interest, \
     format, topic, objective, placement, creative, attribution, campaign_id, ad_set_id, ad_id";

/// The same with the names that the export has.
const EXPORTED: &str = "network, profile, \
     CASE WHEN exported IS NULL THEN campaign ELSE exported ->> 0 END, \
     CASE WHEN exported IS NULL THEN ad_set ELSE exported ->> 1 END, \
     CASE WHEN exported IS NULL THEN ad ELSE exported ->> 2 END, age, gender, territory, interest, \
     format, topic, objective, placement, creative, attribution, campaign_id, ad_set_id, ad_id";

/// The first numbers that are free.
pub(crate) fn next(store: &Connection) -> rusqlite::Result<Known> {
    store.query_row("SELECT max(id), max(max(identity), -min(identity)) FROM label", [], |row| {
        let free = |number: Option<i64>| number.unwrap_or(0) + 1;
        Ok(Known { label: free(row.get(0)?), identity: free(row.get(1)?) })
    })
}

/// Digests of all labels by number: of level, breakdowns, currency, names and ids.
pub(crate) fn digests(store: &Connection) -> rusqlite::Result<HashMap<i64, [u8; 16]>> {
    let sql = format!("SELECT id, level, breakdowns, currency, {COLUMNS} FROM label");
    let mut statement = store.prepare(&sql)?;
    let mut rows = statement.query([])?;
    let (mut digests, mut text) = (HashMap::new(), Vec::new());
    while let Some(row) = rows.next()? {
        write_stored(&mut text, row, 1)?;
        digests.insert(row.get(0)?, digest(&text));
    }
    Ok(digests)
}

/// A label of the store, as a row of the export has it.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) known: Known,
    pub(crate) currency: Option<String>,
    pub(crate) row: Row,
}

impl Named {
    fn of(stored: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let identity = stored.get(1)?;
        let mask: u16 = stored.get(3)?;
        let text = |at: usize| -> rusqlite::Result<Option<Box<str>>> { stored.get(5 + at) };
        let mut row = Row {
            breakdowns: Attribute::ALL
                .into_iter()
                .filter(|attribute| mask >> attribute.index() & 1 == 1)
                .collect(),
            lifetime: identity < 0,
            ..Row::blank(level(stored.get(2)?).unwrap_or(Level::Account))
        };
        for (at, place) in row.attributes.iter_mut().chain(&mut row.ids).enumerate() {
            *place = text(at)?;
        }
        let known = Known { label: stored.get(0)?, identity };
        Ok(Self { known, currency: stored.get(4)?, row })
    }
}

/// Labels that a name, as it is now, identifies: at or below the level that it names, where neither the row nor what
/// is named has an id.
pub(crate) fn named(store: &Connection, step: usize, name: &str) -> rusqlite::Result<Vec<Named>> {
    let mut statement = store.prepare(&format!(
        "SELECT id, identity, level, breakdowns, currency, {EXPORTED} FROM label WHERE {} = ?1 AND \
         {} ORDER BY id",
        NAMES[step].column(),
        by_name(step)
    ))?;
    let found = statement.query_map([name], Named::of)?;
    found.collect()
}

/// All names of one level that identify something.
pub(crate) fn names(store: &Connection, step: usize) -> rusqlite::Result<Vec<String>> {
    let name = NAMES[step].column();
    let mut statement = store.prepare(&format!(
        "SELECT DISTINCT {name} FROM label WHERE {name} IS NOT NULL AND {} ORDER BY {name}",
        by_name(step)
    ))?;
    let found = statement.query_map([], |row| row.get(0))?;
    found.collect()
}

/// The condition that a name of a level is part of what identifies a label.
pub(crate) fn by_name(step: usize) -> String {
    let own_id = "CASE level WHEN 1 THEN campaign_id WHEN 2 THEN ad_set_id WHEN 3 THEN ad_id END";
    format!("level > {step} AND {}_id IS NULL AND {own_id} IS NULL", NAMES[step].column())
}

/// Puts a label under other names in the place of the one with its number.
pub(crate) fn replace(
    store: &Connection,
    label: &Named,
    renamed: Option<&Row>,
) -> rusqlite::Result<()> {
    let Named { known, currency, row } = label;
    store.prepare_cached("DELETE FROM label WHERE id = ?1")?.execute([known.label])?;
    let mut insert = store.prepare_cached(&insert_sql())?;
    write(&mut insert, *known, row, renamed, currency.as_deref())
}

/// Names that are taken for others, by level: the name in exports, and the one in its place.
#[derive(Debug, Default)]
pub(crate) struct Renames([HashMap<String, String>; 3]);

impl Renames {
    /// Those in place.
    pub(crate) fn of_store(store: &Connection) -> rusqlite::Result<Self> {
        let mut all = Self::default();
        let mut statement =
            store.prepare("SELECT level, earlier, later FROM rename WHERE undone = 0")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let step = usize::from(row.get::<_, u8>(0)?).saturating_sub(1).min(NAMES.len() - 1);
            all.0[step].insert(row.get(1)?, row.get(2)?);
        }
        Ok(all)
    }

    /// The name that another one has now, where it is not its own. None leads back to itself: both
    /// names of a rename have no other when it is made.
    pub(crate) fn of(&self, step: usize, name: &str) -> Option<&str> {
        let mut now = self.0[step].get(name)?;
        while let Some(later) = self.0[step].get(now) {
            now = later;
        }
        Some(now)
    }

    /// A row under the names that it has now, where they are not its own.
    pub(crate) fn applied(&self, row: &Row) -> Option<Row> {
        let own = (row.level as usize).checked_sub(1).filter(|own| row.ids[*own].is_none())?;
        let mut renamed: Option<Row> = None;
        for (step, name) in NAMES.into_iter().enumerate().take(own + 1) {
            let known = row.get(name).filter(|_| row.ids[step].is_none());
            if let Some(now) = known.and_then(|known| self.of(step, known)) {
                let row = renamed.get_or_insert_with(|| row.clone());
                row.attributes[name.index()] = Some(now.into());
            }
        }
        renamed
    }
}

/// Currencies of all labels by number.
pub(crate) fn currencies(store: &Connection) -> rusqlite::Result<HashMap<i64, Option<Currency>>> {
    let mut statement = store.prepare("SELECT id, currency FROM label")?;
    let labels = statement.query_map([], |row| {
        let code: Option<String> = row.get(1)?;
        Ok((row.get(0)?, code.and_then(|code| code.parse().ok())))
    })?;
    labels.collect()
}

/// What [`write_label`] writes, of a label in the store whose level is in the column `first`.
fn write_stored(out: &mut Vec<u8>, row: &rusqlite::Row<'_>, first: usize) -> rusqlite::Result<()> {
    out.clear();
    out.push(row.get(first)?);
    out.extend(row.get::<_, u16>(first + 1)?.to_le_bytes());
    for column in first + 2..first + 3 + Attribute::COUNT + 3 {
        push(out, row.get_ref(column)?.as_str_or_null()?);
    }
    Ok(())
}

/// Breakdowns as one number, bit `i` for attribute `i`.
pub(crate) fn mask(breakdowns: &[Attribute]) -> u16 {
    breakdowns.iter().fold(0, |mask, attribute| mask | 1 << attribute.index())
}

/// The digest that what a row stands for is found by.
pub(crate) fn identity_digest(row: &Row) -> [u8; 16] {
    let mut text = Vec::with_capacity(128);
    write_identity(&mut text, row);
    digest(&text)
}

fn digest(bytes: &[u8]) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&Sha256::digest(bytes)[..16]);
    short
}

/// Everything about a row but its period and numbers, unambiguously.
fn write_label(out: &mut Vec<u8>, row: &Row, currency: Option<Currency>) {
    out.clear();
    out.push(row.level as u8);
    out.extend(mask(&row.breakdowns).to_le_bytes());
    push(out, currency.as_ref().map(Currency::code));
    row.attributes.iter().chain(&row.ids).for_each(|text| push(out, text.as_deref()));
}

/// Length before text, so that no two lists of texts are written alike.
fn push(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        None => out.extend(u32::MAX.to_le_bytes()),
        Some(text) => {
            out.extend((text.len() as u32).to_le_bytes());
            out.extend(text.as_bytes());
        }
    }
}

/// What stays the same when the same line is exported again: network, id (names only where
/// there is none), level and breakdown values.
fn write_identity(out: &mut Vec<u8>, row: &Row) {
    out.push(row.level as u8);
    let breakdowns = mask(&row.breakdowns);
    out.extend(breakdowns.to_le_bytes());
    for attribute in Attribute::ALL {
        if breakdowns >> attribute.index() & 1 == 1 {
            push(out, row.get(attribute));
        }
    }
    push(out, Some(account(row)));
    let own = row.level as usize;
    if let Some(id) = own.checked_sub(1).and_then(|own| row.ids[own].as_deref()) {
        push(out, Some(id));
        return;
    }
    push(out, None);
    push(out, row.get(Attribute::Profile));
    for (level, attribute) in NAMES.into_iter().enumerate().take(own) {
        push(out, row.ids[level].as_deref());
        push(out, row.get(attribute).filter(|_| row.ids[level].is_none()));
    }
    if own == 0 || row.get(NAMES[own - 1]).is_none() {
        for attribute in AUDIENCE {
            push(out, row.get(attribute));
        }
    }
}

/// Names of campaign, ad set and ad, by level − 1.
pub(crate) const NAMES: [Attribute; 3] = [Attribute::Campaign, Attribute::AdSet, Attribute::Ad];

/// The network whose account pays: Meta's placements share one.
///
/// Where the platform is a breakdown column, `facebook` and `instagram` rows are parts of one
/// Meta campaign; where an export calls itself Facebook throughout, it stays Facebook.
pub(crate) fn account(row: &Row) -> &str {
    let network = row.get(Attribute::Network).unwrap_or_default();
    if row.breakdowns.contains(&Attribute::Network) { family(network) } else { network }
}

/// The advertising system behind a network.
pub(crate) fn family(network: &str) -> &str {
    match network {
        "facebook" | "instagram" | "messenger" | "audience_network" | "threads" | "whatsapp"
        | "unknown" => "meta",
        other => other,
    }
}

/// A level from its number in the store.
pub(crate) fn level(number: i64) -> Option<Level> {
    [Level::Account, Level::Campaign, Level::AdSet, Level::Ad]
        .into_iter()
        .find(|level| *level as i64 == number)
}
