//! What a batch was asked to do: campaigns, their folders, and the lessons they share.

pub mod by;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::folder::{self, FolderError};
use crate::campaign::{Campaign, HistoryMoney};
use crate::experiment::check_test;
use crate::files::{self, hex};
use crate::history::History;
use crate::language::{Explain, Language};
use crate::panel::parts::Advertiser;
use crate::segment::Attribute;
use crate::train::evidence::read_tests;
use crate::units::Currency;

/// One campaign of a batch, read and checked.
#[derive(Debug, Clone)]
pub struct Order {
    /// The campaign file.
    pub file: PathBuf,
    /// The folder for its results.
    pub folder: PathBuf,
    /// What it asks for.
    pub campaign: Campaign,
    /// What it learns from.
    pub lesson: TrainingJob,
    /// Plans whose flight is over, to show what became of their promises.
    pub earlier: Vec<PathBuf>,
    /// Fingerprint of everything its results depend on.
    pub inputs: String,
    /// Language of its results.
    pub language: Language,
    /// The advertiser, where the campaign is a pattern for several.
    pub advertiser: Option<String>,
}

impl Order {
    /// What it is called to a person.
    #[must_use]
    pub fn title(&self) -> String {
        title(&self.file, self.advertiser.as_deref())
    }
}

/// A campaign file, and whose it is where it is a pattern for several.
#[must_use]
pub fn title(file: &Path, advertiser: Option<&str>) -> String {
    let file = file.display();
    advertiser.map_or_else(|| file.to_string(), |own| format!("{file} · {own}"))
}

/// What a model is learnt from; campaigns with the same lesson share one model.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum TrainingJob {
    /// A history, split by these attributes.
    History {
        /// The file.
        file: PathBuf,
        /// Attributes that make a segment.
        split_by: Vec<Attribute>,
        /// The attribution window whose rows alone are learnt from.
        attribution: Option<String>,
        /// Outside tests measured beside it.
        tests: Option<PathBuf>,
        /// Tests of one's own whose weeks count as designed.
        designed: Vec<PathBuf>,
        /// How its money stands to the budget's.
        money: HistoryMoney,
        /// The budget's currency.
        currency: Currency,
    },
    /// An advertiser's rows of a panel.
    Panel {
        /// Whose, and what they are.
        advertiser: Arc<Advertiser>,
        /// Outside tests measured beside it.
        tests: Option<PathBuf>,
        /// How its money stands to the budget's.
        money: HistoryMoney,
        /// The budget's currency.
        currency: Currency,
    },
    /// A model already trained.
    Model(PathBuf),
    /// Nothing: no history, or one without a row. The shipped priors divide.
    Priors,
}

/// What all campaigns of a batch have in common.
#[derive(Debug, Clone)]
pub struct Common<'a> {
    /// Folder of the batch; each campaign has a folder below it. `None`: each campaign's own.
    pub out: Option<&'a Path>,
    /// A trained model for all campaigns, instead of each campaign's history.
    pub model: Option<&'a Path>,
    /// An advertiser's rows, instead of each campaign's history.
    pub advertiser: Option<Arc<Advertiser>>,
    /// Plans whose flight is over.
    pub earlier: &'a [PathBuf],
    /// Whether a campaign's own folder may lead out of the folder of its file.
    pub outside: bool,
    /// Names of the known networks.
    pub networks: &'a [String],
    /// Language of results where the campaign does not say.
    pub language: Language,
    /// Fingerprint of the priors, for campaigns without a history.
    pub priors: &'a str,
    /// Settings that change results, in words: seed, replicates, specification.
    pub settings: &'a str,
}

/// Reads one campaign file into an order; the error is in the person's words.
///
/// # Errors
///
/// What is wrong with the campaign file or its history.
pub fn read(file: &Path, name: &str, common: &Common<'_>) -> Result<Order, String> {
    let told = |error: &dyn Explain| error.explain(common.language);
    // It is read more than once, as models are.
    files::must_stay(file).map_err(|error| unreadable(file, &error, common.language))?;
    let campaign = Campaign::read(file).map_err(|error| told(&error))?;
    campaign.check_networks(common.networks, file).map_err(|error| told(&error))?;
    let folder = folder_of(&campaign, file, name, common)?;
    let lesson = lesson(&campaign, common)?;
    let mut digest = Sha256::new();
    digest.update(env!("CARGO_PKG_VERSION"));
    digest.update(common.settings);
    digest.update(bytes_of(file, common.language)?);
    digest.update(fingerprint(&lesson, common)?);
    for plan in common.earlier.iter().chain(&campaign.tests).chain(&campaign.designed) {
        digest.update(bytes_of(plan, common.language)?);
    }
    let language = campaign.output.lang.as_deref().and_then(|lang| lang.parse().ok());
    let language = language.unwrap_or(common.language);
    digest.update(language.code());
    Ok(Order {
        file: file.to_owned(),
        folder,
        campaign,
        lesson,
        earlier: common.earlier.to_vec(),
        inputs: hex(&digest.finalize()),
        language,
        advertiser: common.advertiser.as_ref().map(|own| own.value.clone()),
    })
}

/// Where a campaign's results go: below the batch's folder, or where the campaign says itself.
fn folder_of(
    campaign: &Campaign,
    file: &Path,
    name: &str,
    common: &Common<'_>,
) -> Result<PathBuf, String> {
    let told = |error: FolderError| error.explain(common.language);
    let folder = match (common.out, &campaign.output.folder) {
        (Some(out), _) => out.join(name),
        (None, Some(own)) => {
            if !common.outside {
                folder::check_inside(own, file).map_err(told)?;
            }
            own.clone()
        }
        (None, None) => file.with_extension("out"),
    };
    folder::check(&folder).map_err(told)?;
    Ok(folder)
}

/// Refuses campaigns whose folders are one, or one of them in the other.
pub fn refuse_shared<'a>(
    orders: impl Iterator<Item = &'a mut Result<Order, String>>,
    language: Language,
) {
    let orders: Vec<&mut Result<Order, String>> = orders.collect();
    let places: Vec<(String, PathBuf)> = orders
        .iter()
        .flat_map(|order| order.as_ref())
        .map(|order| (order.title(), folder::whereabouts(&order.folder)))
        .collect();
    let mut place = 0;
    for order in orders {
        let Ok(own) = &*order else { continue };
        let (file, here) = &places[place];
        let meets = |there: &Path| here.starts_with(there) || there.starts_with(here);
        let mut others = places.iter().enumerate().filter(|(i, _)| *i != place);
        if let Some((_, (other, _))) = others.find(|(_, (_, there))| meets(there)) {
            let folder = own.folder.display().to_string();
            let arguments = [("one", &**file), ("other", &**other), ("path", &*folder)];
            *order = Err(language.say("error-run-shared-folder", &arguments));
        }
        place += 1;
    }
}

fn lesson(campaign: &Campaign, common: &Common<'_>) -> Result<TrainingJob, String> {
    if let Some(model) = common.model {
        return Ok(TrainingJob::Model(model.to_owned()));
    }
    if common.advertiser.is_none() && campaign.history.is_none() {
        return Ok(TrainingJob::Priors);
    }
    if let Some(tests) = &campaign.tests {
        // A fault of theirs is told before anything is learnt.
        read_tests(tests).map_err(|error| error.explain(common.language))?;
    }
    if let Some(advertiser) = common.advertiser.clone() {
        if !campaign.designed.is_empty() {
            return Err(common.language.text("error-run-by-designed"));
        }
        return Ok(TrainingJob::Panel {
            advertiser,
            tests: campaign.tests.clone(),
            money: campaign.history_money.clone(),
            currency: campaign.budget.currency(),
        });
    }
    for test in &campaign.designed {
        check_test(test, common.language)?;
    }
    let Some(file) = campaign.history.clone() else { return Ok(TrainingJob::Priors) };
    let history = History::open_existing(&file).and_then(|history| history.totals());
    if history.map_err(|error| error.explain(common.language))?.rows == 0 {
        return Ok(TrainingJob::Priors);
    }
    Ok(TrainingJob::History {
        file,
        split_by: campaign.selection.split_by.clone(),
        attribution: campaign.attribution.clone(),
        tests: campaign.tests.clone(),
        designed: campaign.designed.clone(),
        money: campaign.history_money.clone(),
        currency: campaign.budget.currency(),
    })
}

fn fingerprint(lesson: &TrainingJob, common: &Common<'_>) -> Result<String, String> {
    match lesson {
        TrainingJob::Model(file) => Ok(hex(&Sha256::digest(bytes_of(file, common.language)?))),
        TrainingJob::History { file, .. } => History::open_existing(file)
            .and_then(|history| history.fingerprint())
            .map_err(|error| error.explain(common.language)),
        TrainingJob::Panel { advertiser, .. } => Ok(advertiser.digest.clone()),
        TrainingJob::Priors => Ok(common.priors.to_owned()),
    }
}

fn bytes_of(file: &Path, language: Language) -> Result<Vec<u8>, String> {
    let read = files::must_stay(file).and_then(|()| files::read(file, files::LARGEST_RESULT));
    read.map_err(|error| unreadable(file, &error, language))
}

fn unreadable(file: &Path, error: &std::io::Error, language: Language) -> String {
    let (path, cause) = (file.display().to_string(), language.cause(error));
    language.say("error-run-unreadable", &[("path", &path), ("cause", &cause)])
}

/// Folder names for campaign files: the file's stem, numbered where two share one. A stem that
/// would lead elsewhere (`..`) is no name.
#[must_use]
pub fn names(files: &[PathBuf]) -> Vec<String> {
    let stem = |file: &PathBuf| {
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let leads = |stem: &String| stem.chars().all(|c| c == '.') || stem.contains(['/', '\\']);
        stem.filter(|stem| !leads(stem)).unwrap_or_else(|| "campaign".to_owned())
    };
    let mut taken: Vec<String> = Vec::new();
    for file in files {
        let plain: String = stem(file);
        let numbered = (2..).map(|n| format!("{plain}-{n}"));
        let name = std::iter::once(plain.clone())
            .chain(numbered)
            .find(|name| !taken.contains(name))
            .expect("numbers do not run out");
        taken.push(name);
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn campaigns_of_the_same_name_get_folders_of_their_own() {
        let files = ["a/été.toml", "b/été.toml", "c/été-2.toml", "d/été.toml"].map(PathBuf::from);
        assert_eq!(names(&files), ["été", "été-2", "été-2-2", "été-3"]);
        assert_eq!(names(&["...toml", "..toml"].map(PathBuf::from)), ["campaign", "campaign-2"]);
    }
}
