//! What a row stands for: its names, ids and breakdown values, and which of them identify it.

use rusqlite::{Connection, OptionalExtension, Statement, params};
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
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    pub(crate) label: i64,
    pub(crate) identity: i64,
}

/// Labels met so far. Bounded, so that an import needs the same memory for any number of rows.
#[derive(Debug)]
pub(crate) struct Labels<'a> {
    store: &'a Connection,
    find: Statement<'a>,
    insert: Statement<'a>,
    insert_identity: Statement<'a>,
    find_identity: Statement<'a>,
    known: HashMap<Box<[u8]>, Known, BuildHasherDefault<Words>>,
    text: Vec<u8>,
    /// The store held none when the import began and `known` has forgotten none since: what is
    /// not known is not there.
    complete: bool,
}

/// Hashes eight bytes at a time; labels are long, and a file can only slow down its own import.
#[derive(Debug, Default)]
struct Words(u64);

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

    /// Labels of a store; `empty` when it is known to hold none yet.
    pub(crate) fn of_store(store: &'a Connection, empty: bool) -> rusqlite::Result<Self> {
        Ok(Self {
            store,
            find: store.prepare("SELECT id, identity FROM label WHERE digest = ?1")?,
            insert: store.prepare(
                "INSERT INTO label (digest, identity, level, breakdowns, currency, network, \
                 profile, campaign, ad_set, ad, age, gender, territory, interest, format, topic, \
                 objective, placement, creative, campaign_id, ad_set_id, ad_id) VALUES (?1, ?2, \
                 ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, \
                 ?20, ?21, ?22)",
            )?,
            insert_identity: store
                .prepare("INSERT INTO identity (digest) VALUES (?1) ON CONFLICT DO NOTHING")?,
            find_identity: store.prepare("SELECT id FROM identity WHERE digest = ?1")?,
            known: HashMap::default(),
            text: Vec::new(),
            complete: empty,
        })
    }

    /// The label of a row, written to the store when it is new there.
    pub(crate) fn of(&mut self, row: &Row, currency: Option<Currency>) -> rusqlite::Result<Known> {
        write_label(&mut self.text, row, currency);
        if let Some(known) = self.known.get(self.text.as_slice()) {
            return Ok(*known);
        }
        let digest = digest(&self.text);
        let found = if self.complete { None } else { self.stored(&digest)? };
        let known = match found {
            Some(known) => known,
            None => self.insert(row, currency, &digest)?,
        };
        if self.known.len() >= Self::BOUND {
            self.forget();
        }
        self.known.insert(self.text.clone().into_boxed_slice(), known);
        Ok(known)
    }

    /// Forgets everything: after a rollback the numbers are no longer in the store.
    pub(crate) fn forget(&mut self) {
        self.known.clear();
        self.complete = false;
    }

    fn stored(&mut self, digest: &[u8; 16]) -> rusqlite::Result<Option<Known>> {
        let known =
            |row: &rusqlite::Row<'_>| Ok(Known { label: row.get(0)?, identity: row.get(1)? });
        self.find.query_row([digest.as_slice()], known).optional()
    }

    fn insert(
        &mut self,
        row: &Row,
        currency: Option<Currency>,
        digest: &[u8; 16],
    ) -> rusqlite::Result<Known> {
        let identity = self.identity(row)?;
        let statement = &mut self.insert;
        statement.raw_bind_parameter(1, digest.as_slice())?;
        statement.raw_bind_parameter(2, identity)?;
        statement.raw_bind_parameter(3, row.level as i64)?;
        statement.raw_bind_parameter(4, mask(&row.breakdowns))?;
        statement.raw_bind_parameter(5, currency.as_ref().map(Currency::code))?;
        for (i, text) in row.attributes.iter().chain(&row.ids).enumerate() {
            statement.raw_bind_parameter(6 + i, text.as_deref())?;
        }
        statement.raw_execute()?;
        Ok(Known { label: self.store.last_insert_rowid(), identity })
    }

    fn identity(&mut self, row: &Row) -> rusqlite::Result<i64> {
        let mut text = Vec::with_capacity(128);
        write_identity(&mut text, row);
        let digest = digest(&text);
        if self.insert_identity.execute(params![digest.as_slice()])? == 1 {
            return Ok(self.store.last_insert_rowid());
        }
        self.find_identity.query_row([digest.as_slice()], |row| row.get(0))
    }
}

/// Breakdowns as one number, bit `i` for attribute `i`.
pub(crate) fn mask(breakdowns: &[Attribute]) -> u16 {
    breakdowns.iter().fold(0, |mask, attribute| mask | 1 << attribute.index())
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
