//! Emissions of showing an ad: grams of CO2e per impression by network and format.
//!
//! The IAB Europe method (Ad Net Zero GMSF): the platform's servers that select the ad, the
//! delivery of the file, the screen while it is seen. Every constant is in `data/carbon.toml`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::reference::{Reference, ReferenceError};
use crate::segment::spelling::folded;

/// The method with its constants.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carbon {
    #[serde(rename = "version")]
    _version: u32,
    origin: Origin,
    uncertainty: f64,
    grid: Grid,
    selection: Selection,
    delivery: Delivery,
    device: BTreeMap<String, Device>,
    format: BTreeMap<String, Format>,
    default_format: BTreeMap<String, String>,
}

/// Where the constants come from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Document.
    pub source: String,
    /// Licence.
    pub licence: String,
    /// Month in which it was read.
    pub read: String,
}

/// Emissions of one impression.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Factor {
    /// Best guess, g CO2e.
    pub grams: f64,
    /// `grams` ÷ the factor of uncertainty.
    pub low: f64,
    /// `grams` × the factor of uncertainty.
    pub high: f64,
}

/// The emission constants cannot be used.
#[derive(Debug, Error)]
pub enum CarbonError {
    /// The table cannot be read.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// It is not a table of emission constants.
    #[error("`{FILE}`: {0}")]
    Table(#[from] toml::de::Error),
    /// A constant is outside what is physically possible.
    #[error("`{FILE}`: `{key}` is {found}, expected {allowed}")]
    Constant {
        /// The key.
        key: String,
        /// What was found.
        found: f64,
        /// What is allowed.
        allowed: &'static str,
    },
    /// A network's default format has no entry.
    #[error("`{FILE}`: the default format `{found}` is not one of the formats")]
    Format {
        /// What was found.
        found: String,
    },
}

const FILE: &str = "carbon.toml";

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Grid {
    local: f64,
    foreign: f64,
    #[serde(rename = "origin")]
    _origin: Origin,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Selection {
    servers: f64,
    energy: f64,
    making: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Delivery {
    mobile_share: f64,
    energy_mobile: f64,
    energy_fixed: f64,
    energy_core: f64,
    making_mobile: f64,
    making_fixed: f64,
    making_core: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Device {
    share: f64,
    energy: f64,
    making: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Format {
    megabytes: f64,
    seconds: f64,
    #[serde(default)]
    also: Vec<String>,
}

/// The parts of one impression's emissions, kg CO2e.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Parts {
    selection: f64,
    delivery: f64,
    viewing: f64,
}

impl Carbon {
    /// Reads the constants.
    ///
    /// # Errors
    ///
    /// [`CarbonError`] when the table is missing, malformed or holds an impossible constant.
    pub fn load(reference: &Reference) -> Result<Self, CarbonError> {
        let carbon: Self = toml::from_str(&reference.text(FILE)?)?;
        carbon.check()?;
        Ok(carbon)
    }

    fn check(&self) -> Result<(), CarbonError> {
        let wrong = |key: &str, found, allowed| {
            Err(CarbonError::Constant { key: key.to_owned(), found, allowed })
        };
        if !(1.0..f64::INFINITY).contains(&self.uncertainty) {
            return wrong("uncertainty", self.uncertainty, "a finite number of at least 1");
        }
        for (key, constant) in self.constants() {
            if !(0.0..f64::INFINITY).contains(&constant) {
                return wrong(&key, constant, "a finite number of at least 0");
            }
        }
        if self.delivery.mobile_share > 1.0 {
            return wrong("delivery.mobile_share", self.delivery.mobile_share, "a share in [0, 1]");
        }
        let shares: f64 = self.device.values().map(|device| device.share).sum();
        if (shares - 1.0).abs() > 1e-9 {
            return wrong("device.*.share", shares, "shares that add up to 1");
        }
        let formats = self.default_format.values().map(String::as_str).chain(["image"]);
        match formats.into_iter().find(|format| !self.format.contains_key(*format)) {
            Some(found) => Err(CarbonError::Format { found: found.to_owned() }),
            None => Ok(()),
        }
    }

    fn constants(&self) -> impl Iterator<Item = (String, f64)> + '_ {
        let (grid, selection, delivery) = (&self.grid, &self.selection, &self.delivery);
        let fixed = [
            ("grid.local", grid.local),
            ("grid.foreign", grid.foreign),
            ("selection.servers", selection.servers),
            ("selection.energy", selection.energy),
            ("selection.making", selection.making),
            ("delivery.mobile_share", delivery.mobile_share),
            ("delivery.energy_mobile", delivery.energy_mobile),
            ("delivery.energy_fixed", delivery.energy_fixed),
            ("delivery.energy_core", delivery.energy_core),
            ("delivery.making_mobile", delivery.making_mobile),
            ("delivery.making_fixed", delivery.making_fixed),
            ("delivery.making_core", delivery.making_core),
        ];
        let devices = self.device.iter().flat_map(|(name, device)| {
            [("share", device.share), ("energy", device.energy), ("making", device.making)]
                .map(|(key, constant)| (format!("device.{name}.{key}"), constant))
        });
        let formats = self.format.iter().flat_map(|(name, format)| {
            [("megabytes", format.megabytes), ("seconds", format.seconds)]
                .map(|(key, constant)| (format!("format.{name}.{key}"), constant))
        });
        fixed.into_iter().map(|(key, c)| (key.to_owned(), c)).chain(devices).chain(formats)
    }

    /// Emissions of one impression.
    ///
    /// A format that is absent or not known counts as the network's usual one, and an unknown
    /// network as one that shows images.
    #[must_use]
    pub fn grams_per_impression(&self, network: &str, format: Option<&str>) -> Factor {
        let parts = self.parts(self.format_of(network, format));
        let grams = 1000.0 * (parts.selection + parts.delivery + parts.viewing);
        Factor { grams, low: grams / self.uncertainty, high: grams * self.uncertainty }
    }

    /// The factor of uncertainty, ×/÷.
    #[must_use]
    pub fn uncertainty(&self) -> f64 {
        self.uncertainty
    }

    /// Where the method comes from.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    fn format_of(&self, network: &str, format: Option<&str>) -> &Format {
        let told = format.map(folded).and_then(|name| self.named(&name));
        told.unwrap_or_else(|| {
            let usual = self.default_format.get(network).or(self.default_format.get("other"));
            usual
                .and_then(|name| self.format.get(name))
                .or_else(|| self.format.get("image"))
                .expect("`check` saw that the default formats and `image` exist")
        })
    }

    fn named(&self, name: &str) -> Option<&Format> {
        self.format
            .iter()
            .find(|(key, format)| {
                folded(key) == name || format.also.iter().any(|also| folded(also) == name)
            })
            .map(|(_, format)| format)
    }

    /// The method's three parts (docs of `data/carbon.toml`), for an end-to-end platform.
    fn parts(&self, format: &Format) -> Parts {
        let local = self.grid.local;
        let mixed = 0.5 * local + 0.5 * self.grid.foreign;
        let select = &self.selection;
        let d = &self.delivery;
        let m = d.mobile_share;
        let energy = m * d.energy_mobile + (1.0 - m) * d.energy_fixed + d.energy_core;
        let making = m * d.making_mobile + (1.0 - m) * d.making_fixed + d.making_core;
        let screen = self.device.values().map(|v| v.share * (v.energy * local + v.making));
        Parts {
            selection: select.servers * (select.energy * mixed + select.making),
            delivery: format.megabytes * (local * energy + making),
            viewing: format.seconds * screen.sum::<f64>(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carbon() -> Carbon {
        Carbon::load(&Reference::default()).expect("the shipped constants are sound")
    }

    /// The method computed by hand for France, 95 % mobile screens: g per 1000 impressions.
    #[test]
    fn the_method_gives_its_published_example() {
        let carbon = carbon();
        for (format, published) in
            [("image", 55.0), ("story", 88.0), ("video", 156.0), ("video_long", 264.0)]
        {
            let grams = 1000.0 * carbon.grams_per_impression("meta", Some(format)).grams;
            // The example is rounded to whole grams, each of its parts to a tenth.
            assert!((grams - published).abs() < 0.7, "{format}: {grams}");
        }
    }

    #[test]
    fn the_parts_of_the_example_agree_too() {
        let carbon = carbon();
        let parts = carbon.parts(&carbon.format["image"]);
        for (part, published) in
            [(parts.selection, 32.6), (parts.delivery, 1.9), (parts.viewing, 20.4)]
        {
            assert!((1e6 * part - published).abs() < 0.05, "{part} against {published}");
        }
        // The example's other column: 60 % of connections are mobile.
        let mut mobile = carbon.clone();
        mobile.delivery.mobile_share = 0.60;
        let delivery = 1e6 * mobile.parts(&mobile.format["video"]).delivery;
        assert!((delivery - 34.0).abs() < 0.5, "{delivery}");
    }

    #[test]
    fn a_format_that_is_not_known_is_the_networks_usual_one() {
        let carbon = carbon();
        let short = carbon.grams_per_impression("snapchat", Some("story"));
        assert_eq!(carbon.grams_per_impression("tiktok", None), short);
        assert_eq!(carbon.grams_per_impression("tiktok", Some("hologramme")), short);
        let image = carbon.grams_per_impression("facebook", Some("Photo"));
        assert_eq!(carbon.grams_per_impression("a network of our own", None), image);
        assert!(image.low == image.grams / 2.0 && image.high == image.grams * 2.0);
    }

    #[test]
    fn impossible_constants_are_refused() {
        let shipped = Reference::default().text(FILE).expect("shipped");
        for (from, to) in [
            ("servers = 500", "servers = -1"),
            ("uncertainty = 2.0", "uncertainty = 0.5"),
            ("share = 0.95", "share = 0.5"),
            ("mobile_share = 0.2569", "mobile_share = 1.5"),
            ("tiktok = \"story\"", "tiktok = \"smell\""),
            ("seconds = 3.0", "seconds = nan"),
        ] {
            assert!(shipped.contains(from), "{from}");
            let edited: Carbon = toml::from_str(&shipped.replace(from, to)).expect("still a table");
            assert!(edited.check().is_err(), "accepted {to}");
        }
    }
}
