//! Random counts in bulk, exact in distribution.
//!
//! A count is negative binomial with mean `μ` and dispersion `φ` (`Var = μ + μ²/φ`): a Poisson
//! count whose mean is `μ` times a gamma number of shape `φ` and mean 1. Everything works on
//! whole buffers of cells, so that the common case runs in vector registers and the rare branch
//! is looked at afterwards; the widest registers are found when the program starts (`pulp`), and
//! the numbers are the same with any.

pub mod elementary;
pub mod gamma;
pub mod normal;
pub mod poisson;
pub mod stream;

#[cfg(test)]
mod test;
