//! Hyper-parameters `ψ`: scales, dispersions, memory; each on an unbounded scale with its prior.
//!
//! [`Role`] and [`Table`] say once what each is, where it stands, how it is decoded and what bounds
//! it: density, draws, sensitivity and report read it there.

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

impl Scale {
    /// The number as people know it.
    pub(crate) fn natural(self, x: f64) -> f64 {
        match self {
            Self::HalfNormal | Self::LogNormal => x.clamp(-30.0, 30.0).exp(),
            Self::Logit => 1.0 / (1.0 + (-x).exp()),
            Self::Arctanh => x.tanh(),
        }
    }

    /// Where a natural number lies on the unbounded scale.
    fn unbounded(self, natural: f64) -> f64 {
        match self {
            Self::HalfNormal | Self::LogNormal => natural.ln(),
            Self::Logit => (natural / (1.0 - natural)).ln(),
            Self::Arctanh => natural.atanh(),
        }
    }
}

/// The three numbers of an audience.
const KINDS: [&str; 3] = ["efficiency", "saturation", "baseline"];

/// Which hyper-parameter: the rows of the one table that density, draws and reports read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Residual scale of a number of the audiences.
    Spread(usize),
    /// Correlation of the first two residuals.
    Correlation,
    /// Scale of the effects of an attribute (0: the network) on a number of the audiences.
    SpreadBy(usize, usize),
    /// Dispersion of a network's counts.
    Dispersion(usize),
    /// The population's `k`, as `ln(1 + k)`.
    Shape,
    /// Scale of networks' own seasons.
    Season,
    Drift,
    Shock,
    /// Memory across weeks.
    Carryover,
}

impl Role {
    pub(crate) fn scale(self) -> Scale {
        match self {
            Self::Correlation => Scale::Arctanh,
            Self::Dispersion(_) | Self::Shape => Scale::LogNormal,
            Self::Carryover => Scale::Logit,
            _ => Scale::HalfNormal,
        }
    }

    /// Where numbers are held so that no precision becomes infinite: the least and the most.
    fn range(self) -> (f64, f64) {
        match self {
            Self::Spread(_) | Self::SpreadBy(..) | Self::Season => (1e-4, f64::INFINITY),
            Self::Correlation => (-0.98, 0.98),
            Self::Dispersion(_) => (1e-3, 1e7),
            Self::Shape | Self::Shock => (1e-3, f64::INFINITY),
            Self::Drift => (1e-5, 1.0),
            Self::Carryover => (0.0, 0.95),
        }
    }

    /// Name of its prior in the specification.
    pub(crate) fn prior(self) -> String {
        match self {
            Self::Spread(kind) => format!("spread_{}", KINDS[kind]),
            Self::Correlation => "correlation".to_owned(),
            Self::SpreadBy(_, kind) => format!("attribute_{}", KINDS[kind]),
            Self::Dispersion(_) => "dispersion".to_owned(),
            Self::Shape => "shape".to_owned(),
            Self::Season => "season_by_network".to_owned(),
            Self::Drift => "drift".to_owned(),
            Self::Shock => "shock".to_owned(),
            Self::Carryover => "carryover".to_owned(),
        }
    }

    /// What people read: as its prior, with the attribute or network that it belongs to.
    fn name(self, design: &Design) -> String {
        match self {
            Self::SpreadBy(attribute, kind) => {
                let own = attribute.checked_sub(1).map(|a| design.pooled[a].name.as_str());
                format!("spread_{}_by_{}", KINDS[kind], own.unwrap_or("network"))
            }
            Self::Dispersion(network) => {
                format!("dispersion {}", design.networks[network].name).trim_end().to_owned()
            }
            other => other.prior(),
        }
    }
}

/// How many hyper-parameters a model has of each kind; says where each stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Table {
    /// Numbers per audience: 2, or 3 with organic actions.
    pub p: usize,
    /// Attributes with effects, the network among them.
    pub attributes: usize,
    pub networks: usize,
}

impl Table {
    pub(crate) fn of(design: &Design) -> Self {
        let (attributes, networks) = (1 + design.pooled.len(), design.networks.len());
        Self { p: design.p(), attributes, networks }
    }

    /// All of them, in order.
    pub(crate) fn roles(self) -> impl Iterator<Item = Role> {
        let Self { p, attributes, networks } = self;
        let by = (0..attributes).flat_map(move |a| (0..p).map(move |kind| Role::SpreadBy(a, kind)));
        (0..p)
            .map(Role::Spread)
            .chain([Role::Correlation])
            .chain(by)
            .chain((0..networks).map(Role::Dispersion))
            .chain([Role::Shape, Role::Season, Role::Drift, Role::Shock, Role::Carryover])
    }

    /// Where one stands.
    pub(crate) fn index(self, role: Role) -> usize {
        let dispersions = self.p + 1 + self.p * self.attributes;
        let after = dispersions + self.networks;
        match role {
            Role::Spread(kind) => kind,
            Role::Correlation => self.p,
            Role::SpreadBy(attribute, kind) => self.p + 1 + self.p * attribute + kind,
            Role::Dispersion(network) => dispersions + network,
            Role::Shape => after,
            Role::Season => after + 1,
            Role::Drift => after + 2,
            Role::Shock => after + 3,
            Role::Carryover => after + 4,
        }
    }

    /// Reads a vector of unbounded numbers.
    pub(crate) fn decode(self, x: &[f64]) -> Hyper {
        let at = |role: Role| {
            let (least, most) = role.range();
            role.scale().natural(x[self.index(role)]).max(least).min(most)
        };
        let three = |role: &dyn Fn(usize) -> Role| {
            let mut scales = [1.0; 3];
            scales[..self.p].iter_mut().enumerate().for_each(|(kind, x)| *x = at(role(kind)));
            scales
        };
        let rho = at(Role::Carryover);
        Hyper {
            tau: three(&Role::Spread),
            correlation: at(Role::Correlation),
            tau_attribute: (0..self.attributes)
                .map(|a| three(&|kind| Role::SpreadBy(a, kind)))
                .collect(),
            phi: (0..self.networks).map(|n| at(Role::Dispersion(n))).collect(),
            log_fall: at(Role::Shape).ln(),
            season_network: at(Role::Season),
            drift: at(Role::Drift),
            shock: at(Role::Shock),
            rho,
            memory: memory::Law::new(rho),
        }
    }
}

/// One hyper-parameter of a design: its row of the table, what it is called, its prior.
#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    pub role: Role,
    pub name: String,
    pub prior: Prior,
}

impl Parameter {
    pub(crate) fn scale(&self) -> Scale {
        self.role.scale()
    }

    /// Log prior density on the unbounded scale, up to a constant.
    fn log_prior(&self, x: f64) -> f64 {
        match self.scale() {
            // Half-normal density times the Jacobian of the log.
            Scale::HalfNormal => x - 0.5 * ((x.exp()) / self.prior.sd).powi(2),
            _ => -0.5 * ((x - self.prior.mean) / self.prior.sd).powi(2),
        }
    }

    /// Where the search begins.
    fn start(&self) -> f64 {
        match self.scale() {
            Scale::HalfNormal => (0.5 * self.prior.sd).ln(),
            Scale::Logit | Scale::Arctanh | Scale::LogNormal => self.prior.mean,
        }
    }

    /// Bounds beyond which the prior leaves nothing (four of its standard deviations, three of a half-normal): no draw of an
    /// approximation goes there.
    pub(crate) fn bounds(&self) -> (f64, f64) {
        let Prior { mean, sd, .. } = self.prior;
        match self.scale() {
            Scale::HalfNormal => ((1e-4 * sd).ln(), (3.0 * sd).ln()),
            _ => (mean - 4.0 * sd, mean + 4.0 * sd),
        }
    }

    /// Slope of the log prior density on the unbounded scale.
    pub(crate) fn prior_slope(&self, x: f64) -> f64 {
        match self.scale() {
            Scale::HalfNormal => 1.0 - (x.exp() / self.prior.sd).powi(2),
            _ => -(x - self.prior.mean) / self.prior.sd.powi(2),
        }
    }

    /// Spread to both sides where the data say nothing.
    pub(crate) fn prior_spread(&self) -> (f64, f64) {
        match self.scale() {
            // Log of a half-normal around its mode: skewed to the left (quadrature of its law).
            Scale::HalfNormal => (1.1, 0.55),
            _ => (self.prior.sd, self.prior.sd),
        }
    }
}

/// The hyper-parameters of one design, in a fixed order.
#[derive(Debug, Clone)]
pub(crate) struct HyperSpace {
    pub parameters: Vec<Parameter>,
    pub table: Table,
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

impl HyperSpace {
    /// Lists the hyper-parameters that the design can say something about.
    pub(crate) fn new(design: &Design, specification: &Specification) -> Self {
        let table = Table::of(design);
        let parameter = |role: Role| {
            let mut prior = specification.prior(&role.prior()).clone();
            match role {
                // Rows without dates have no weeks to share.
                Role::Drift | Role::Shock if !design.dated => prior.sd = 1e-3,
                // Each row is an independent period: nothing is remembered from another.
                Role::Carryover if !design.dated => (prior.mean, prior.sd) = (-20.0, 0.01),
                _ => {}
            }
            Parameter { role, name: role.name(design), prior }
        };
        Self { parameters: table.roles().map(parameter).collect(), table }
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
        match self.parameters[index].role {
            Role::Drift | Role::Shock | Role::Carryover => design.dated,
            Role::Season => design.dated && design.networks.len() > 1,
            Role::SpreadBy(0, _) => design.networks.len() > 1,
            Role::Spread(_) | Role::Correlation => design.segments.len() > 1,
            Role::SpreadBy(..) | Role::Dispersion(_) | Role::Shape => true,
        }
    }

    pub(crate) fn log_prior(&self, x: &[f64]) -> f64 {
        self.parameters.iter().zip(x).map(|(parameter, x)| parameter.log_prior(*x)).sum()
    }

    /// Beyond these [`Self::decode`] no longer moves: the density goes on with its prior alone.
    pub(crate) fn limits(&self) -> Vec<(f64, f64)> {
        let of = |parameter: &Parameter| {
            let (least, most) = parameter.role.range();
            let scale = parameter.scale();
            (scale.unbounded(least), scale.unbounded(most))
        };
        self.parameters.iter().map(of).collect()
    }

    /// Reads a vector of unbounded numbers.
    pub(crate) fn decode(&self, x: &[f64]) -> Hyper {
        self.table.decode(x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_stands_where_it_says() {
        for (p, attributes, networks) in [(2, 1, 1), (3, 1, 4), (2, 4, 2), (3, 3, 3)] {
            let table = Table { p, attributes, networks };
            for (place, role) in table.roles().enumerate() {
                assert_eq!(table.index(role), place, "{role:?} of {table:?}");
            }
            let numbers = table.roles().count();
            // Each number shows where its row is read, and nowhere else.
            let plain = table.decode(&vec![-1.0; numbers]);
            for (place, role) in table.roles().enumerate() {
                let mut x = vec![-1.0; numbers];
                x[place] = -2.0;
                let moved = table.decode(&x);
                let natural = role.scale().natural(-2.0);
                let (own, was) = match role {
                    Role::Spread(k) => (moved.tau[k], plain.tau[k]),
                    Role::Correlation => (moved.correlation, plain.correlation),
                    Role::SpreadBy(a, k) => (moved.tau_attribute[a][k], plain.tau_attribute[a][k]),
                    Role::Dispersion(n) => (moved.phi[n], plain.phi[n]),
                    Role::Shape => (moved.log_fall.exp(), plain.log_fall.exp()),
                    Role::Season => (moved.season_network, plain.season_network),
                    Role::Drift => (moved.drift, plain.drift),
                    Role::Shock => (moved.shock, plain.shock),
                    Role::Carryover => (moved.rho, plain.rho),
                };
                assert!((own / natural - 1.0).abs() < 1e-12 && own != was, "{role:?} {own}");
            }
        }
    }
}
