//! Hyper-parameters `ψ`: scales, dispersions, memory; each on an unbounded scale with its prior.

use serde::{Deserialize, Serialize};

use crate::response::memory;
use crate::train::data::design::Design;
use crate::train::data::specification::{Prior, Specification};

/// How a hyper-parameter's number becomes the scale it is stored on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Scale {
    /// Log of a positive number with a half-normal prior.
    HalfNormal,
    /// Log of a positive number with a log-normal prior.
    LogNormal,
    /// Logit of a share with a normal prior on the logit.
    Logit,
    /// Arctanh of a correlation with a normal prior on it.
    Arctanh,
}

/// One hyper-parameter: what it is called, its scale and its prior.
#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    pub name: String,
    pub scale: Scale,
    pub prior: Prior,
}

impl Parameter {
    /// Log prior density on the unbounded scale, up to a constant.
    fn log_prior(&self, x: f64) -> f64 {
        match self.scale {
            // Half-normal density times the Jacobian of the log.
            Scale::HalfNormal => x - 0.5 * ((x.exp()) / self.prior.sd).powi(2),
            _ => -0.5 * ((x - self.prior.mean) / self.prior.sd).powi(2),
        }
    }

    /// Where the search begins.
    fn start(&self) -> f64 {
        match self.scale {
            Scale::HalfNormal => (0.5 * self.prior.sd).ln(),
            Scale::Logit | Scale::Arctanh | Scale::LogNormal => self.prior.mean,
        }
    }

    /// Bounds beyond which the prior leaves nothing (four of its standard deviations, three of a half-normal): no draw of an
    /// approximation goes there.
    pub(crate) fn bounds(&self) -> (f64, f64) {
        let Prior { mean, sd, .. } = self.prior;
        match self.scale {
            Scale::HalfNormal => ((1e-4 * sd).ln(), (3.0 * sd).ln()),
            _ => (mean - 4.0 * sd, mean + 4.0 * sd),
        }
    }

    /// The number as people know it.
    pub(crate) fn natural(&self, x: f64) -> f64 {
        match self.scale {
            Scale::HalfNormal | Scale::LogNormal => x.exp(),
            Scale::Logit => 1.0 / (1.0 + (-x).exp()),
            Scale::Arctanh => x.tanh(),
        }
    }
}

/// The hyper-parameters of one design, in a fixed order.
#[derive(Debug, Clone)]
pub(crate) struct HyperSpace {
    pub parameters: Vec<Parameter>,
    n_networks: usize,
    n_pooled: usize,
    p: usize,
}

/// Hyper-parameters decoded for use.
#[derive(Debug, Clone)]
pub(crate) struct Hyper {
    /// Residual scales of efficiency, saturation, baseline.
    pub tau: [f64; 3],
    /// Correlation of the first two.
    pub correlation: f64,
    /// Scales of network effects (first) and of each pooled attribute, per parameter.
    pub tau_attribute: Vec<[f64; 3]>,
    /// Dispersion by network.
    pub phi: Vec<f64>,
    /// Population's `ln(1 + k)`. A joint mode with hundreds of half-identified curvatures would drag it
    /// along (Neyman and Scott), so it is found with them integrated out.
    pub log_fall: f64,
    pub season_network: f64,
    pub drift: f64,
    pub shock: f64,
    pub rho: f64,
    /// Memory across weeks at `rho`.
    pub memory: memory::Law,
}

/// Where numbers are held so that no precision becomes infinite.
const LEAST_SPREAD: f64 = 1e-4;
const LEAST_DRIFT: f64 = 1e-5;
const LEAST_SHOCK: f64 = 1e-3;
const MOST_DISPERSION: f64 = 1e7;
const LARGEST_CORRELATION: f64 = 0.98;
const LARGEST_MEMORY: f64 = 0.95;

const KINDS: [&str; 3] = ["efficiency", "saturation", "baseline"];

impl HyperSpace {
    /// Lists the hyper-parameters that the design can say something about.
    pub(crate) fn new(design: &Design, specification: &Specification) -> Self {
        let p = design.p();
        let mut parameters = Vec::new();
        let mut add = |name: String, prior: &str, scale: Scale| {
            let mut prior = specification.prior(prior).clone();
            if !design.dated && matches!(name.as_str(), "drift" | "shock") {
                // Rows without dates have no weeks to share.
                prior.sd = 1e-3;
            }
            if !design.dated && name == "carryover" {
                // Each row is an independent period: nothing is remembered from another.
                (prior.mean, prior.sd) = (-20.0, 0.01);
            }
            parameters.push(Parameter { name, scale, prior });
        };
        for kind in &KINDS[..p] {
            add(format!("spread_{kind}"), &format!("spread_{kind}"), Scale::HalfNormal);
        }
        add("correlation".to_owned(), "correlation", Scale::Arctanh);
        let pooled = design.pooled.iter().map(|attribute| attribute.name.as_str());
        for attribute in std::iter::once("network").chain(pooled) {
            for kind in &KINDS[..p] {
                let prior = format!("attribute_{kind}");
                add(format!("spread_{kind}_by_{attribute}"), &prior, Scale::HalfNormal);
            }
        }
        for network in &design.networks {
            let name = format!("dispersion {}", network.name).trim_end().to_owned();
            add(name, "dispersion", Scale::LogNormal);
        }
        add("shape".to_owned(), "shape", Scale::LogNormal);
        add("season_by_network".to_owned(), "season_by_network", Scale::HalfNormal);
        add("drift".to_owned(), "drift", Scale::HalfNormal);
        add("shock".to_owned(), "shock", Scale::HalfNormal);
        add("carryover".to_owned(), "carryover", Scale::Logit);
        Self { parameters, n_networks: design.networks.len(), n_pooled: design.pooled.len(), p }
    }

    pub(crate) fn len(&self) -> usize {
        self.parameters.len()
    }

    /// Where the search begins.
    pub(crate) fn start(&self) -> Vec<f64> {
        self.parameters.iter().map(Parameter::start).collect()
    }

    /// Whether the data can say anything about a parameter; the others keep their prior.
    pub(crate) fn is_learnt(&self, index: usize, design: &Design) -> bool {
        let name = self.parameters[index].name.as_str();
        match name {
            "drift" | "shock" | "carryover" => design.dated,
            "season_by_network" => design.dated && design.networks.len() > 1,
            "spread_efficiency_by_network"
            | "spread_saturation_by_network"
            | "spread_baseline_by_network" => design.networks.len() > 1,
            "spread_efficiency" | "spread_saturation" | "spread_baseline" | "correlation" => {
                design.segments.len() > 1
            }
            _ => true,
        }
    }

    pub(crate) fn log_prior(&self, x: &[f64]) -> f64 {
        self.parameters.iter().zip(x).map(|(parameter, x)| parameter.log_prior(*x)).sum()
    }

    /// Beyond these [`Self::decode`] no longer moves: the density goes on with its prior alone.
    pub(crate) fn limits(&self) -> Vec<(f64, f64)> {
        let of = |parameter: &Parameter| match parameter.scale {
            Scale::Arctanh => (-(LARGEST_CORRELATION.atanh()), LARGEST_CORRELATION.atanh()),
            Scale::Logit => (f64::NEG_INFINITY, (LARGEST_MEMORY / (1.0 - LARGEST_MEMORY)).ln()),
            _ => match parameter.name.as_str() {
                "drift" => (LEAST_DRIFT.ln(), f64::INFINITY),
                "shock" | "shape" => (LEAST_SHOCK.ln(), f64::INFINITY),
                name if name.starts_with("dispersion") => (LEAST_SHOCK.ln(), MOST_DISPERSION.ln()),
                _ => (LEAST_SPREAD.ln(), f64::INFINITY),
            },
        };
        self.parameters.iter().map(of).collect()
    }

    /// Reads a vector of unbounded numbers.
    pub(crate) fn decode(&self, x: &[f64]) -> Hyper {
        let mut numbers = self.parameters.iter().zip(x).map(|(p, x)| p.natural(*x));
        let mut next = || numbers.next().expect("one number per parameter");
        let mut tau = [1.0; 3];
        for t in &mut tau[..self.p] {
            *t = next().max(LEAST_SPREAD);
        }
        let correlation = next().clamp(-LARGEST_CORRELATION, LARGEST_CORRELATION);
        let tau_attribute = (0..=self.n_pooled)
            .map(|_| {
                let mut scales = [1.0; 3];
                for scale in &mut scales[..self.p] {
                    *scale = next().max(LEAST_SPREAD);
                }
                scales
            })
            .collect();
        let phi =
            (0..self.n_networks).map(|_| next().clamp(LEAST_SHOCK, MOST_DISPERSION)).collect();
        let log_fall = next().max(LEAST_SHOCK).ln();
        let (season_network, drift) = (next().max(LEAST_SPREAD), next().max(LEAST_DRIFT));
        let (shock, rho) = (next().max(LEAST_SHOCK), next().clamp(0.0, LARGEST_MEMORY));
        let memory = memory::Law::new(rho);
        Hyper {
            tau,
            correlation,
            tau_attribute,
            phi,
            log_fall,
            season_network,
            drift,
            shock,
            rho,
            memory,
        }
    }
}
