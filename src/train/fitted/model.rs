//! The trained model: a versioned JSON file that is checked on reading like a stranger's.

use crate::numeric::digits::short;
use crate::numeric::digits::within;
use crate::train::data::calendar::network_of;
use crate::train::data::calendar::weeks_of;
use crate::train::data::design::{Design, Layers};
use crate::train::evidence::matched::tested;
use crate::train::evidence::{Evidence, IncrementalShare};
use crate::train::laplace::fit::Fitted;
use crate::train::laplace::fit::TRUSTED;
use crate::train::posterior::file::{Model, ModelFile, Past, PooledFile};
use crate::train::posterior::kept::{Particles, Posterior};

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use serde::Deserialize;
use serde::de::{Error as _, Unexpected};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::card::{ModelCard, SegmentCard};
use super::note::TrainNote;
use crate::files;
use crate::files::hex;
use crate::language::{Explain, Language};
use crate::panel::{Panel, Period};
use crate::segment::Segment;
use crate::train::data::followed::Followed;
use crate::train::data::specification::{Baseline, Specification};
use crate::train::data::tried::Tried;
use crate::train::effects::mix;
use crate::train::engine::Engine;
use crate::train::laplace::fit::By;
use crate::train::laplace::skew_normal::MOST_LEAN;
use crate::train::posterior::draws::Ground;
use crate::train::posterior::sample;
use crate::units::{Currency, Week};

/// Version of the file's layout; a reader refuses what it does not know.
const VERSION: u32 = 4;
/// A file larger than this is no model of ours (20 000 segments take some 20 MB).
const LARGEST: u64 = 512 * 1024 * 1024;
/// What stands before the digest, which is the file's last key.
const DIGEST: &str = ",\"digest\":\"";
/// A prior is told of on the card when half or twice its width moves the response at twice the
/// usual spends by at least so many posterior standard deviations.
const LEANS: f64 = 0.2;
/// Weeks of spend that are kept for "last split".
const RECENT_WEEKS: i64 = 53;

/// The file is not a model that this version can use.
#[derive(Debug, Error)]
pub enum ModelError {
    /// The file cannot be opened.
    #[error("could not read `{path}`: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system said.
        reason: io::Error,
    },
    /// The file cannot be written.
    #[error("could not write `{path}`: {reason}")]
    Unwritable {
        /// The file.
        path: String,
        /// What the system said.
        reason: io::Error,
    },
    /// Not JSON, cut off, or not this layout.
    #[error("not a relais model: {0}")]
    NotAModel(serde_json::Error),
    /// Another version's layout.
    #[error("model file of version {found}; this program reads version {expected}")]
    Version {
        /// What was found.
        found: u32,
        /// What is read.
        expected: u32,
    },
    /// The layout is right, but what it says cannot be.
    #[error("the model contradicts itself: {0}")]
    Inconsistent(String),
    /// It was changed since it was written.
    #[error("the model was changed since it was written")]
    Changed,
    /// It has no digest, so that nobody can tell.
    #[error("the model has no digest")]
    Bare,
    /// What is wrong with a file.
    #[error("`{path}`: {error}")]
    Of {
        /// The file.
        path: String,
        /// What is wrong.
        error: Box<Self>,
    },
}

impl Explain for ModelError {
    fn explain(&self, language: Language) -> String {
        match self {
            Self::Unreadable { path, reason } => {
                let reason = language.cause(reason);
                language.say("error-train-model-unreadable", &[("path", path), ("reason", &reason)])
            }
            Self::Unwritable { path, reason } => {
                let reason = language.cause(reason);
                language.say("error-train-model-unwritable", &[("path", path), ("reason", &reason)])
            }
            Self::NotAModel(reason) => {
                language.say("error-train-model-not-a-model", &[("reason", &language.json(reason))])
            }
            Self::Version { found, expected } => language.say(
                "error-train-model-version",
                &[("found", &found.to_string()), ("expected", &expected.to_string())],
            ),
            Self::Inconsistent(reason) => {
                language.say("error-train-model-inconsistent", &[("reason", reason)])
            }
            Self::Changed => language.text("error-train-model-changed"),
            Self::Bare => language.text("error-train-model-bare"),
            Self::Of { path, error } => language
                .say("error-train-model-of", &[("path", path), ("what", &error.explain(language))]),
        }
    }
}

impl Model {
    /// Keeps what a fit found.
    pub(crate) fn new(
        panel: &Panel,
        specification: &Specification,
        engine: Engine,
        design: &Design,
        layers: Layers,
        fitted: &Fitted,
    ) -> Self {
        let posterior = Posterior::new(design, fitted);
        let (mix, mixes, follows) = mix::fit(panel, specification);
        let mut past = pasts(panel, &design.followed);
        for ((past, mix), follows) in past.iter_mut().zip(mixes).zip(follows) {
            (past.mix, past.follows) = (mix, follows);
        }
        let mut file = ModelFile {
            format: "relais-model".to_owned(),
            version: VERSION,
            currency: panel.currency,
            span: panel.span(),
            panel: panel_hash(panel),
            specification: Specification {
                // As decided, so that learning again, plans and simulations hold to it.
                baseline: design.baseline.into(),
                ..specification.clone()
            },
            attributes: panel.attributes.clone(),
            pooled: design
                .pooled
                .iter()
                .map(|p| PooledFile { name: p.name.clone(), levels: p.levels.clone() })
                .collect(),
            segments: panel.segments.clone(),
            past,
            followed: design.followed.clone(),
            weekly_spend: weekly_spend(panel),
            mean_log_usual: short(design.mean_log_usual),
            sd_log_usual: short(design.sd_log_usual),
            log_rate: short(design.log_rate),
            log_count: short(design.log_count),
            segment_drift: short(design.local_level),
            delays: design
                .delays
                .iter()
                .map(|(name, share)| (name.clone(), short(*share)))
                .collect(),
            posterior,
            delivery: layers.delivery,
            reach: layers.reach,
            mix,
            card: card(panel, specification, engine, design, fitted),
            digest: None,
        };
        for (card, own) in file.card.segments.iter_mut().zip(&file.past) {
            if own.mix.len() > 1 {
                card.layers.push("mix".to_owned());
            }
        }
        let mut model = Self { file };
        model.complete_card();
        model
    }

    /// Fills in what the posterior says of each segment.
    fn complete_card(&mut self) {
        let (learnt, leaning) = sample::learnt(&self.file);
        for own in leaning.iter().filter(|own| own.halved.abs().max(own.doubled.abs()) >= LEANS) {
            let diagnostics = &mut self.file.card.diagnostics;
            diagnostics.insert(format!("sensitivity_{}_halved", own.prior), own.halved);
            diagnostics.insert(format!("sensitivity_{}_doubled", own.prior), own.doubled);
        }
        let of = |i: usize| (self.file.is_followed(i), tested(i, &self.file));
        let said: Vec<(bool, usize)> = (0..learnt.len()).map(of).collect();
        let own = self.file.card.segments.iter_mut().zip(&self.file.past).zip(said);
        for (((card, past), (followed, tests)), learnt) in own.zip(learnt) {
            card.tested = tests;
            card.response = learnt.response;
            card.engagement_rate = card.impressions.and(learnt.engagement_rate);
            card.curvature_learnt = learnt.curvature;
            // Where money followed demand, what bends the curve (or does not) is demand.
            card.followed = followed;
            card.curvature_identified = !followed && past.tried.is_learnt(learnt.curvature);
        }
    }

    /// The segments, sorted by id: model order.
    pub fn segments(&self) -> &[Segment] {
        &self.file.segments
    }

    /// What the model says of itself.
    #[must_use]
    pub fn card(&self) -> &ModelCard {
        &self.file.card
    }

    /// The currency of every amount in it.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        self.file.currency
    }

    /// First and last day of the history, when dated.
    #[must_use]
    pub fn span(&self) -> Option<Period> {
        self.file.span
    }

    /// Share of a network's money that is still to bring its actions a week later; 0 mostly.
    #[must_use]
    pub fn delay(&self, network: &str) -> f64 {
        self.file.delays.get(network).copied().unwrap_or(0.0)
    }

    /// The specification it was fitted with.
    #[must_use]
    pub fn specification(&self) -> &Specification {
        &self.file.specification
    }

    /// SHA-256 of what the file says, in hexadecimal: the model's name in plans and reports.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        sha256(&[&self.content()])
    }

    /// Money per segment over the latest stretch of history as long as a flight of `days`, in
    /// model order; the whole history's without dates.
    #[must_use]
    pub fn last_split(&self, days: u32) -> Vec<f64> {
        let weeks = days.div_ceil(7).max(1);
        let undated = self.file.span.is_none();
        self.file
            .past
            .iter()
            .map(|segment| {
                if undated {
                    return segment.total;
                }
                let recent = segment.recent.iter().filter(|(back, _)| *back < weeks);
                recent.map(|(_, spend)| spend).sum()
            })
            .collect()
    }

    /// Money of the history's weeks with money, on average; `None` without dates.
    #[must_use]
    pub fn usual_week(&self) -> Option<f64> {
        let weeks = &self.file.weekly_spend;
        let sum: f64 = weeks.iter().map(|(_, money)| money).sum();
        (sum > 0.0).then(|| sum / weeks.len() as f64)
    }

    /// Whether a segment can be bought by itself (it is not only known from breakdowns).
    #[must_use]
    pub fn bought(&self, segment: usize) -> bool {
        self.file.past.get(segment).is_some_and(|past| past.bought)
    }

    /// Whether money followed demand, network by network: the panel's own alarm.
    #[must_use]
    pub fn followed(&self) -> &[Followed] {
        &self.file.followed
    }

    /// Whether the history, not the prior, says how a segment's response bends at the spends it
    /// has seen: its own weeks of money varied without following demand, and they left little of
    /// what the priors allow.
    #[must_use]
    pub fn curve_learnt(&self, segment: usize) -> bool {
        self.file.card.segments.get(segment).is_some_and(|card| card.curvature_identified)
    }

    /// Money of all segments in the same ISO weeks of earlier years: `(year, money)`, latest year
    /// first. Week 53 compares with week 52.
    #[must_use]
    pub fn earlier_spend(&self, weeks: &[Week]) -> Vec<(i16, f64)> {
        let numbers: Vec<i8> = weeks.iter().map(|week| week.iso().1.min(52)).collect();
        let Some(first) = weeks.iter().min() else { return Vec::new() };
        let mut years: std::collections::BTreeMap<i16, f64> = std::collections::BTreeMap::new();
        let origin = Week::of(jiff::civil::date(1970, 1, 1));
        for (index, spend) in &self.file.weekly_spend {
            let week = origin.plus(*index);
            if week < *first && numbers.contains(&week.iso().1.min(52)) {
                *years.entry(week.iso().0).or_insert(0.0) += spend;
            }
        }
        years.into_iter().rev().collect()
    }

    /// Adds a note to the card.
    pub(crate) fn say(&mut self, note: TrainNote) {
        self.file.card.notes.push(note);
    }

    /// Keeps how often its intervals held what happened in weeks held back: every plan made with
    /// the model tells it.
    pub fn keep_held_back(&mut self, held_back: super::card::HeldBack) {
        self.file.card.held_back = Some(held_back);
    }

    /// Keeps the reference engine's draws and what it says of itself.
    pub(crate) fn keep_sample(
        &mut self,
        fitted: &Fitted,
        sampled: &crate::train::nuts::run::Sampled,
    ) {
        let layout = &fitted.layout;
        self.file.posterior.draws = sampled
            .points
            .iter()
            .map(|point| {
                let networks = point.state.networks.iter().zip(&layout.weeks);
                let rest = networks.flat_map(|(own, weeks)| &own[*weeks..]);
                let theta = point.state.theta.iter().flat_map(|theta| &theta[..layout.p]);
                let all = point.psi.iter().chain(&point.state.common).chain(rest).chain(theta);
                all.map(|x| short(*x)).collect()
            })
            .collect();
        self.file.card.diagnostics.retain(|name, _| !name.starts_with("sensitivity_"));
        self.file.card.diagnostics.extend(sampled.diagnostics.clone());
        // The approximation is no longer what predicts.
        self.file.card.notes.retain(|note| *note != TrainNote::Widened);
        if sampled.diagnostics["max_rhat"] > super::verdict::AGREED {
            self.file.card.notes.push(TrainNote::NotConverged);
        }
        self.complete_card();
    }

    /// The outside tests that it was given, in the order of their file.
    #[must_use]
    pub fn tests(&self) -> &[Evidence] {
        &self.file.card.tests
    }

    /// The model before any outside test.
    pub(crate) fn forget_tests(&mut self) {
        if self.file.card.tests.is_empty() {
            return;
        }
        self.file.card.tests.clear();
        self.keep_points(Particles::default(), Vec::new());
    }

    /// Keeps the posterior that outside tests left.
    pub(crate) fn keep_points(&mut self, particles: Particles, shares: Vec<IncrementalShare>) {
        self.file.posterior.particles = particles;
        self.file.card.incremental = shares;
        self.file.card.diagnostics.retain(|name, _| !name.starts_with("sensitivity_"));
        self.complete_card();
    }

    /// Keeps the tests themselves.
    pub(crate) fn keep_tests(&mut self, tests: Vec<Evidence>) {
        self.file.card.tests = tests;
    }

    /// Takes over how shared effects move with hyper-parameters from an earlier fit of the same
    /// shape.
    pub(crate) fn keep_movements(&mut self, earlier: &Self) {
        let networks = self.file.posterior.networks.iter();
        let flat = self.file.posterior.common.len()
            + networks.map(|network| network.rest.len() + network.scores).sum::<usize>();
        for (own, old) in self.file.posterior.axes.iter_mut().zip(&earlier.file.posterior.axes) {
            if old.shift.len() == flat {
                own.shift.clone_from(&old.shift);
                own.bend.clone_from(&old.bend);
                own.narrow.clone_from(&old.narrow);
                own.narrow_bend.clone_from(&old.narrow_bend);
            }
        }
    }

    pub(crate) fn file(&self) -> &ModelFile {
        &self.file
    }

    /// What the file says, as JSON.
    fn content(&self) -> String {
        serde_json::to_string(&self.file).expect("a model holds nothing that JSON cannot")
    }

    /// The file's text, its digest last: the same bytes for the same model.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = self.content();
        let digest = sha256(&[&text]);
        // The digest stands where the closing brace did.
        text.pop();
        text.push_str(DIGEST);
        text.push_str(&digest);
        text.push_str("\"}");
        text
    }

    /// Reads a model from the text of its file.
    ///
    /// # Errors
    ///
    /// [`ModelError`] for text that is cut off, edited, or of another version.
    pub fn from_json(text: &str) -> Result<Self, ModelError> {
        let model = Self::of_any(text)?;
        // Of the text, not of what was read from it: another version may write the same otherwise.
        let end = text.trim_end().strip_suffix("\"}");
        let (said, told) = end.and_then(|text| text.rsplit_once(DIGEST)).ok_or(ModelError::Bare)?;
        if sha256(&[said, "}"]) == told { Ok(model) } else { Err(ModelError::Changed) }
    }

    /// Reads a model whose digest is not asked for.
    pub(crate) fn of_any(text: &str) -> Result<Self, ModelError> {
        #[derive(Deserialize)]
        struct Head {
            format: String,
            version: u32,
        }
        let head: Head = serde_json::from_str(text).map_err(ModelError::NotAModel)?;
        if head.format != "relais-model" {
            let found = Unexpected::Str(&head.format);
            let error = serde_json::Error::invalid_value(found, &"`format = relais-model`");
            return Err(ModelError::NotAModel(error));
        }
        if head.version != VERSION {
            return Err(ModelError::Version { found: head.version, expected: VERSION });
        }
        let mut file: ModelFile = serde_json::from_str(text).map_err(ModelError::NotAModel)?;
        file.digest = None;
        file.check().map_err(ModelError::Inconsistent)?;
        Ok(Self { file })
    }

    /// Reads a model file.
    ///
    /// # Errors
    ///
    /// [`ModelError`] says what is wrong with the file.
    pub fn read(path: &Path) -> Result<Self, ModelError> {
        let shown = || path.display().to_string();
        let unreadable = |reason| ModelError::Unreadable { path: shown(), reason };
        let text = files::read_text(path, LARGEST).map_err(unreadable)?;
        let of = |error| ModelError::Of { path: shown(), error: Box::new(error) };
        Self::from_json(&text).map_err(of)
    }

    /// Writes the model file.
    ///
    /// # Errors
    ///
    /// [`ModelError::Unwritable`].
    pub fn write(&self, path: &Path) -> Result<(), ModelError> {
        files::put_named(path, |out| out.write_all(self.to_json().as_bytes())).map_err(|error| {
            ModelError::Unwritable { path: path.display().to_string(), reason: error }
        })
    }
}

/// SHA-256 of texts one after another, in hexadecimal.
fn sha256(texts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for text in texts {
        digest.update(text);
    }
    hex(&digest.finalize())
}

impl ModelFile {
    /// Whether money of a segment's network followed demand.
    fn is_followed(&self, segment: usize) -> bool {
        let network = network_of(&self.segments[segment]);
        self.followed.iter().any(|own| own.network == network && own.rings())
    }

    /// What a segment's own history vouches for.
    pub(crate) fn ground(&self, segment: usize) -> Ground {
        Ground {
            highest_week: self.past[segment].tried.highest,
            curve_learnt: self.card.segments[segment].curvature_identified,
            followed: self.is_followed(segment),
            once: self.past[segment].tried.calendar == 1,
        }
    }

    /// Everything that writing promises and drawing relies on.
    fn check(&self) -> Result<(), String> {
        let ids = self.segments.iter().map(|segment| segment.id.as_str());
        if !ids.clone().zip(ids.skip(1)).all(|(a, b)| a < b) {
            return Err("segments are not sorted by id, or one is there twice".to_owned());
        }
        if self.segments.len() != self.posterior.segments.len()
            || self.segments.len() != self.card.segments.len()
            || self.segments.len() != self.past.len()
        {
            return Err("segments, posterior and card differ in length".to_owned());
        }
        for number in [self.mean_log_usual, self.sd_log_usual, self.log_rate, self.log_count] {
            within("centre", number, -100.0, 100.0)?;
        }
        within("segment_drift", self.segment_drift, 0.0, 10.0)?;
        if !self.weekly_spend.is_sorted_by(|a, b| a.0 < b.0)
            || self.weekly_spend.iter().any(|(week, _)| week.abs() > 500_000)
        {
            return Err("weekly spends are not in order of week".to_owned());
        }
        for (_, spend) in &self.weekly_spend {
            within("weekly_spend", *spend, 0.0, 1e18)?;
        }
        for (segment, past) in self.segments.iter().zip(&self.past) {
            past.check(&segment.id)?;
        }
        self.followed.iter().try_for_each(Followed::check)?;
        for pooled in &self.pooled {
            if !pooled.levels.is_sorted_by(|a, b| a < b) {
                return Err(format!("values of `{}` are not sorted", pooled.name));
            }
        }
        if self.delays.values().any(|share| !(0.0..=0.9).contains(share)) {
            return Err("a delay is no share from 0 to 0.9".to_owned());
        }
        self.check_layers()?;
        let levels: Vec<usize> = self.pooled.iter().map(|pooled| pooled.levels.len()).collect();
        if self.posterior.p != if self.specification.baseline == Baseline::On { 3 } else { 2 } {
            return Err("`p` does not fit the specification".to_owned());
        }
        let harmonics = if self.span.is_some() { self.specification.harmonics } else { 0 };
        if self.posterior.harmonics != harmonics {
            return Err("the season does not fit the specification".to_owned());
        }
        self.posterior.check(&levels)
    }
}

impl ModelFile {
    /// Sizes and ranges of the layers beside the response.
    fn check_layers(&self) -> Result<(), String> {
        let n = self.segments.len();
        let law = |name: &str, (mean, sd): (f64, f64)| {
            within(name, mean, -100.0, 100.0)?;
            within(name, sd, 0.0, 100.0)
        };
        if let Some(delivery) = &self.delivery {
            within("cpm_rise", delivery.rise.0, 0.0, 0.9)?;
            within("cpm_rise", delivery.rise.1, 0.0, 1.0)?;
            within("delivery noise", delivery.noise, 0.0, 100.0)?;
            law("cpm", delivery.overall)?;
            for (_, mean, sd) in &delivery.networks {
                law("cpm", (*mean, *sd))?;
            }
            if delivery.segments.len() != n {
                return Err("delivery has another number of segments".to_owned());
            }
            delivery.segments.iter().try_for_each(|own| law("cpm", *own))?;
        }
        if let Some(reach) = &self.reach {
            law("reach shape", reach.log_shape)?;
            within("reach noise", reach.noise, 0.0, 100.0)?;
            law("audience", reach.overall)?;
            if reach.segments.len() != n {
                return Err("reach has another number of segments".to_owned());
            }
            reach.segments.iter().flatten().try_for_each(|own| law("audience", *own))?;
            if !reach.leans.is_empty() && reach.leans.len() != n {
                return Err("reach leans with another number of segments".to_owned());
            }
            for (lean, link) in &reach.leans {
                within("audience lean", *lean, -MOST_LEAN, MOST_LEAN)?;
                within("audience link", *link, -0.99, 0.99)?;
            }
            within("reach shape lean", reach.shape_lean, -MOST_LEAN, MOST_LEAN)?;
        }
        within("mix strength", self.mix.strength, 0.0, 1e15)?;
        for (kind, worth) in self.mix.networks.values().flatten() {
            within(&format!("mix {kind}"), *worth, 0.0, 1e15)?;
        }
        gamma_law("follows", self.mix.follows)
    }
}

/// Shape and money of a gamma law, both positive.
fn gamma_law(name: &str, law: Option<(f64, f64)>) -> Result<(), String> {
    let Some((shape, money)) = law else { return Ok(()) };
    within(name, shape, 1e-12, 1e18)?;
    within(name, money, 1e-12, 1e18)
}

impl Past {
    fn check(&self, id: &str) -> Result<(), String> {
        within(&format!("`{id}` most"), self.most, 0.0, 1e18)?;
        within(&format!("`{id}` total"), self.total, 0.0, 1e18)?;
        self.tried.check(id)?;
        for (_, spend) in &self.recent {
            within(&format!("`{id}` recent"), *spend, 0.0, 1e18)?;
        }
        for (kind, worth) in &self.mix {
            within(&format!("`{id}` mix {kind}"), *worth, 0.0, 1e15)?;
        }
        gamma_law(&format!("`{id}` follows"), self.follows)
    }
}

fn panel_hash(panel: &Panel) -> String {
    let text = serde_json::to_vec(panel).expect("a panel holds nothing that JSON cannot");
    hex(&Sha256::digest(&text))
}

fn pasts(panel: &Panel, followed: &[Followed]) -> Vec<Past> {
    let end = panel.span().map(|span| Week::of(span.end).index());
    let mut files: Vec<Past> = panel
        .segments
        .iter()
        .map(|_| Past {
            bought: false,
            most: 0.0,
            total: 0.0,
            recent: Vec::new(),
            tried: Tried::default(),
            mix: Vec::new(),
            follows: None,
        })
        .collect();
    let mut recent: Vec<std::collections::BTreeMap<u32, f64>> =
        vec![std::collections::BTreeMap::new(); files.len()];
    for cell in &panel.cells {
        let file = &mut files[cell.segment];
        file.bought |= !cell.from_breakdown;
        file.most = file.most.max(cell.spend / weeks_of(cell));
        file.total += cell.spend;
        let (Some(period), Some(end)) = (cell.period, end) else { continue };
        for (week, share) in period.by_week() {
            let back = end - week.index();
            if back < RECENT_WEEKS && cell.spend > 0.0 {
                *recent[cell.segment].entry(back as u32).or_insert(0.0) += share * cell.spend;
            }
        }
    }
    let only_designed = |segment: usize| {
        let network = network_of(&panel.segments[segment]);
        followed.iter().any(|own| own.network == network && own.rest().is_some())
    };
    let tried = Tried::of(panel, only_designed);
    for ((file, recent), tried) in files.iter_mut().zip(recent).zip(tried) {
        file.tried = tried;
        file.most = short(file.most);
        file.total = short(file.total);
        file.recent = recent.into_iter().map(|(back, spend)| (back, short(spend))).collect();
    }
    files
}

fn weekly_spend(panel: &Panel) -> Vec<(i64, f64)> {
    let mut weeks: std::collections::BTreeMap<i64, f64> = std::collections::BTreeMap::new();
    for cell in panel.cells.iter().filter(|cell| cell.spend > 0.0) {
        let Some(period) = cell.period else { continue };
        for (week, share) in period.by_week() {
            *weeks.entry(week.index()).or_insert(0.0) += share * cell.spend;
        }
    }
    weeks.into_iter().map(|(week, spend)| (week, short(spend))).collect()
}

fn card(
    panel: &Panel,
    specification: &Specification,
    engine: Engine,
    design: &Design,
    fitted: &Fitted,
) -> ModelCard {
    let mut diagnostics = std::collections::BTreeMap::new();
    diagnostics.insert("log_evidence".to_owned(), short(fitted.evidence));
    if fitted.pareto_k.is_finite() {
        diagnostics.insert("pareto_k".to_owned(), short(fitted.pareto_k));
    }
    if design.local_level > 0.0 {
        diagnostics.insert("segment_drift".to_owned(), short(design.local_level));
    }
    if design.left_out > 0 {
        diagnostics.insert("rows_left_out".to_owned(), design.left_out as f64);
    }
    weigh_segments(fitted, &mut diagnostics);
    let mut notes = design.notes.clone();
    if fitted.pareto_k > crate::train::fitted::model::TRUSTED {
        notes.push(TrainNote::Widened);
    }
    if !fitted.settled {
        notes.push(TrainNote::NotSettled);
    }
    ModelCard {
        tests: Vec::new(),
        incremental: Vec::new(),
        engine: engine.name().to_owned(),
        specification: specification.name.clone(),
        cells: design.n_cells,
        span: panel.span().map(|span| (span.start.to_string(), span.end.to_string())),
        layers: crate::train::data::design::layers(panel),
        diagnostics,
        hyperparameters: hyperparameters(fitted),
        notes,
        panel_notes: [panel.notes.clone(), panel.floor(&design.bare)].concat(),
        segments: segment_cards(panel, fitted, &design.bare),
        held_back: None,
    }
}

/// Largest Pareto k̂ of a segment, and how many needed more than one weighing.
fn weigh_segments(fitted: &Fitted, diagnostics: &mut std::collections::BTreeMap<String, f64>) {
    let known = fitted.sites.iter().filter(|site| site.k.is_finite());
    let Some(most) = known.map(|site| site.k).max_by(f64::total_cmp) else { return };
    let count = |by: By| fitted.sites.iter().filter(|site| site.by == by).count() as f64;
    diagnostics.insert("segment_pareto_k".to_owned(), short(most));
    for (name, by) in [("segments_moved", By::WeighingAgain), ("segments_sampled", By::Sampling)] {
        if count(by) > 0.0 {
            diagnostics.insert(name.to_owned(), count(by));
        }
    }
}

/// What the panel alone says of each segment.
fn segment_cards(panel: &Panel, fitted: &Fitted, bare: &BTreeSet<usize>) -> Vec<SegmentCard> {
    let pareto_k = |i: usize| {
        let k = fitted.sites.get(i).map(|site| site.k);
        k.filter(|k| k.is_finite()).map(short)
    };
    let mut cards: Vec<SegmentCard> = panel
        .segments
        .iter()
        .enumerate()
        .map(|(i, segment)| SegmentCard {
            segment: segment.id.clone(),
            cells: 0,
            spend: 0.0,
            mean_spend: 0.0,
            max_spend: 0.0,
            actions: 0.0,
            impressions: None,
            engagement_rate: None,
            response: (0.0, 0.0, 0.0),
            curvature_learnt: 1.0,
            curvature_identified: false,
            designed: 0,
            tested: 0,
            followed: false,
            pareto_k: pareto_k(i),
            bare: bare.contains(&i),
            not_confirmed: fitted.sites.get(i).is_some_and(|site| site.unmatched),
            layers: Vec::new(),
            last_week: None,
        })
        .collect();
    let mut weeks = vec![0.0; cards.len()];
    for cell in &panel.cells {
        let card = &mut cards[cell.segment];
        card.cells += 1;
        card.spend += cell.spend;
        // Of hidden counts, what is known.
        card.actions += cell.active_range().map_or(0.0, |range| range.0);
        if let Some(impressions) = cell.impressions {
            *card.impressions.get_or_insert(0.0) += impressions;
        }
        if cell.spend > 0.0 {
            weeks[cell.segment] += weeks_of(cell);
            card.designed += if cell.designed { weeks_of(cell).round() as usize } else { 0 };
            card.max_spend = card.max_spend.max(cell.spend / weeks_of(cell));
            let week = cell.period.map(|period| Week::of(period.end).to_string());
            card.last_week = card.last_week.take().max(week);
        }
    }
    for (card, weeks) in cards.iter_mut().zip(weeks) {
        card.mean_spend = if weeks > 0.0 { short(card.spend / weeks) } else { 0.0 };
        card.spend = short(card.spend);
        card.max_spend = short(card.max_spend);
    }
    for cell in &panel.cells {
        let layers = &mut cards[cell.segment].layers;
        let mut speak = |name: &str, speaks: bool| {
            if speaks && !layers.iter().any(|layer| layer == name) {
                layers.push(name.to_owned());
            }
        };
        let bought = cell.impressions.is_some_and(|i| i > 0.0);
        speak("delivery", bought && cell.spend > 0.0);
        speak("reach", bought && cell.reach.is_some_and(|reach| reach >= 1.0));
        speak("engagement", cell.spend > 0.0 && cell.actions.active().is_some());
    }
    cards
}

/// Mode and central 80 % of every hyper-parameter, on the scale people know.
fn hyperparameters(fitted: &Fitted) -> std::collections::BTreeMap<String, (f64, f64, f64)> {
    let space = &fitted.space;
    let rows = space.parameters.iter().zip(&fitted.psi).enumerate();
    rows.map(|(i, (parameter, mode))| {
        let (below, above) = fitted.spread(i);
        // 1.2816 standard deviations hold 80 % of a normal.
        let at = |x: f64| short(parameter.scale().natural(x));
        let range = (at(*mode), at(mode - 1.2816 * below), at(mode + 1.2816 * above));
        (parameter.name.clone(), range)
    })
    .collect()
}
