//! Parts of the store that are sealed one by one.

use rusqlite::Connection;

/// What is sealed by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// How tables and views are made.
    Schema,
    /// The imports.
    Imports,
    /// The files of the imports.
    Files,
    /// What rows stand for.
    Labels,
    /// The order in which labels are found by what they identify.
    LabelIndex,
    /// What stands for the same thing under changed names.
    Identities,
    /// Rows in force, one by one.
    Rows,
    /// Rows that a newer export took the place of.
    Older,
    /// Rows in force of large files.
    Blocks,
    /// Names that are taken for others.
    Renames,
    /// Weeks whose money a test's schedule had set.
    Designed,
}

impl Part {
    /// All parts, in the order in which they are compared.
    pub const ALL: [Self; 11] = [
        Self::Schema,
        Self::Imports,
        Self::Files,
        Self::Labels,
        Self::LabelIndex,
        Self::Identities,
        Self::Rows,
        Self::Older,
        Self::Blocks,
        Self::Renames,
        Self::Designed,
    ];

    /// Its name in the store and in the catalogues of messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Schema => "schema",
            Self::Imports => "import",
            Self::Files => "file",
            Self::Labels => "label",
            Self::LabelIndex => "label_by_identity",
            Self::Identities => "identity",
            Self::Rows => "row",
            Self::Older => "older",
            Self::Blocks => "block",
            Self::Renames => "rename",
            Self::Designed => "designed",
        }
    }

    /// Whether a store has it: versions of before 8 have neither renames nor marks.
    pub(crate) fn is_in(self, store: &Connection) -> rusqlite::Result<bool> {
        match self {
            Self::Renames | Self::Designed => store.table_exists(Some("main"), self.name()),
            _ => Ok(true),
        }
    }

    /// Everything in it that an answer can come from, in the order of its keys.
    pub(crate) const fn sql(self) -> &'static str {
        match self {
            Self::Schema => "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name",
            Self::Imports => "SELECT * FROM import ORDER BY id",
            Self::Files => "SELECT * FROM file ORDER BY id",
            Self::Labels => "SELECT * FROM label ORDER BY id",
            Self::LabelIndex => {
                "SELECT identity, id FROM label INDEXED BY label_by_identity ORDER BY identity"
            }
            Self::Identities => "SELECT * FROM identity ORDER BY digest",
            Self::Rows => "SELECT * FROM row ORDER BY start, identity, end, nth",
            Self::Older => "SELECT * FROM older ORDER BY start, identity, end, file, nth",
            Self::Blocks => "SELECT * FROM block ORDER BY id",
            Self::Renames => "SELECT * FROM rename ORDER BY id",
            Self::Designed => "SELECT * FROM designed ORDER BY id",
        }
    }

    /// Which of its columns are its key, in the key's order. SQLite sorts `Schema` itself.
    pub(crate) const fn key(self) -> &'static [usize] {
        match self {
            Self::Schema => &[],
            Self::LabelIndex => &[0, 1],
            Self::Rows => &[0, 1, 2, 3],
            Self::Older => &[0, 1, 2, 4, 3],
            Self::Imports
            | Self::Files
            | Self::Labels
            | Self::Identities
            | Self::Blocks
            | Self::Renames
            | Self::Designed => &[0],
        }
    }
}
