//! Age bands, and the one partition that every network can both target and report.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A band of ages in whole years, both ends included; without upper end, everyone older too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AgeBand {
    from: u8,
    to: Option<u8>,
}

/// The text is not an age band.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("found `{0}`, expected an age band such as `18-24` or `65+`")]
pub struct NotAnAgeBand(pub String);

/// The band lies across bands of the common partition; no report tells its parts apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("`{0}` lies across the bands that every network reports (18-24, 25-34, 35-54, 55+)")]
pub struct AcrossBands(pub AgeBand);

impl AgeBand {
    /// 18-24, 25-34, 35-54, 55+: LinkedIn has only these.
    pub const COMMON: [Self; 4] =
        [Self::closed(18, 24), Self::closed(25, 34), Self::closed(35, 54), Self::open(55)];

    /// The optional fifth band, on Snapchat and TikTok only.
    pub const MINORS: Self = Self::closed(13, 17);

    const fn closed(from: u8, to: u8) -> Self {
        Self { from, to: Some(to) }
    }

    const fn open(from: u8) -> Self {
        Self { from, to: None }
    }

    /// Youngest age.
    #[must_use]
    pub fn from(self) -> u8 {
        self.from
    }

    /// Oldest age; `None` when open.
    #[must_use]
    pub fn to(self) -> Option<u8> {
        self.to
    }

    /// Whether somebody in the band is younger than `age`.
    #[must_use]
    pub fn reaches_below(self, age: u8) -> bool {
        self.from < age
    }

    /// Whether everybody in the band is younger than `age`.
    #[must_use]
    pub fn lies_below(self, age: u8) -> bool {
        self.to.is_some_and(|to| to < age)
    }

    /// Whether all of `other` lies in this band.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        let reaches = match (self.to, other.to) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(mine), Some(theirs)) => theirs <= mine,
        };
        self.from <= other.from && reaches
    }

    /// The band of the common partition that all of this one lies in.
    ///
    /// # Errors
    ///
    /// [`AcrossBands`] for bands such as `15-25` or `18-34`: what reports say about 18-24 and
    /// 25-34 cannot be cut at 25, and interpolating would invent people.
    pub fn common(self) -> Result<Self, AcrossBands> {
        let bands = Self::COMMON.into_iter().chain([Self::MINORS]);
        bands.into_iter().find(|band| band.contains(self)).ok_or(AcrossBands(self))
    }

    /// The bands of `parts` that make up this one exactly, youngest first; `None` when they leave
    /// a hole or stick out.
    #[must_use]
    pub fn rebuilt_from(self, parts: &[Self]) -> Option<Vec<Self>> {
        let mut beginnings: Vec<Self> = parts.to_vec();
        beginnings.retain(|part| part.from == self.from && self.contains(*part));
        // The widest first, so that the fewest are taken.
        beginnings.sort_by_key(|part| std::cmp::Reverse(part.to.unwrap_or(u8::MAX)));
        beginnings.into_iter().find_map(|part| {
            if part.to == self.to {
                return Some(vec![part]);
            }
            let rest = Self { from: part.to?.checked_add(1)?, to: self.to };
            let mut taken = vec![part];
            taken.extend(rest.rebuilt_from(parts)?);
            Some(taken)
        })
    }
}

impl FromStr for AgeBand {
    type Err = NotAnAgeBand;

    /// Reads `18-24`, `18–24 ans`, `65+`, `AGE_18_24` and `AGE_55_100` (no upper end).
    fn from_str(text: &str) -> Result<Self, NotAnAgeBand> {
        let wrong = || NotAnAgeBand(text.to_owned());
        let trimmed = text.trim().trim_start_matches("AGE_").trim_end_matches("ans").trim_end();
        let parts: Vec<&str> = trimmed.split(['-', '–', '_', '\u{2011}']).map(str::trim).collect();
        let band = match parts[..] {
            [from] => {
                Self::open(year(from.strip_suffix('+').ok_or_else(wrong)?).ok_or_else(wrong)?)
            }
            [from, to] => {
                let (from, to) = (year(from).ok_or_else(wrong)?, year(to).ok_or_else(wrong)?);
                if to < from {
                    return Err(wrong());
                }
                // TikTok writes the open end as 100.
                if to >= 99 { Self::open(from) } else { Self::closed(from, to) }
            }
            _ => return Err(wrong()),
        };
        Ok(band)
    }
}

fn year(text: &str) -> Option<u8> {
    let text = text.trim();
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|years| digits && *years <= 120)
}

impl TryFrom<String> for AgeBand {
    type Error = NotAnAgeBand;

    fn try_from(text: String) -> Result<Self, NotAnAgeBand> {
        text.parse()
    }
}

impl From<AgeBand> for String {
    fn from(band: AgeBand) -> Self {
        band.to_string()
    }
}

impl fmt::Display for AgeBand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to {
            Some(to) => write!(f, "{}-{to}", self.from),
            None => write!(f, "{}+", self.from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn band(text: &str) -> AgeBand {
        text.parse().expect("a band")
    }

    #[test]
    fn bands_of_every_network_are_read() {
        for (text, plain) in [
            ("18-24", "18-24"),
            ("65+", "65+"),
            ("AGE_55_100", "55+"),
            ("AGE_13_17", "13-17"),
            ("18–24 ans", "18-24"),
            (" 35 - 54 ", "35-54"),
        ] {
            assert_eq!(band(text).to_string(), plain);
        }
        for text in ["unknown", "all", "", "24-18", "18", "-", "+", "18-24-30", "+18-+24", "999+"] {
            assert!(text.parse::<AgeBand>().is_err(), "accepted {text}");
        }
    }

    #[test]
    fn networks_bands_fall_into_the_common_partition() {
        for (own, common) in [
            ("18-20", "18-24"),
            ("21-24", "18-24"),
            ("35-44", "35-54"),
            ("45-54", "35-54"),
            ("55-64", "55+"),
            ("65+", "55+"),
            ("13-17", "13-17"),
        ] {
            assert_eq!(band(own).common(), Ok(band(common)));
        }
        for across in ["15-25", "13-24", "18-34", "35+", "15-17-"] {
            assert!(
                across.parse::<AgeBand>().map_or(true, |band| band.common().is_err()),
                "{across}"
            );
        }
    }

    #[test]
    fn a_band_is_rebuilt_only_from_bands_that_fill_it() {
        let reported = AgeBand::COMMON;
        assert_eq!(band("18-34").rebuilt_from(&reported), Some(vec![band("18-24"), band("25-34")]));
        assert_eq!(band("18+").rebuilt_from(&reported), Some(reported.to_vec()));
        assert_eq!(band("15-25").rebuilt_from(&reported), None);
        assert_eq!(band("18-54").rebuilt_from(&[band("18-24"), band("35-54")]), None);
        // X reports overlapping bands: the widest beginning is not always the right one.
        let overlapping = ["18-34", "18-24", "25-54"].map(band);
        assert_eq!(
            band("18-54").rebuilt_from(&overlapping),
            Some(vec![band("18-24"), band("25-54")])
        );
    }

    proptest! {
        #[test]
        fn writing_then_reading_is_the_identity(from in 0_u8..90, length in 0_u8..9, open: bool) {
            let band = if open { AgeBand::open(from) } else { AgeBand::closed(from, from + length) };
            prop_assert_eq!(band.to_string().parse::<AgeBand>(), Ok(band));
        }
    }
}
