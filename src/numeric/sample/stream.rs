//! Random bits in bulk: xoshiro256++ in eight lanes, seeded from a stream of the run's seed.
//!
//! A replicate needs thousands of numbers, and ChaCha8 alone would cost as much as everything
//! else. So each replicate draws 8 × 256 bits from its own ChaCha8 stream and goes on with eight
//! interleaved generators of Blackman and Vigna (2021), which vectorise and pass BigCrush. States
//! are independent 256-bit numbers; two of them ever meeting within 2⁴⁰ steps has a probability
//! below 2⁻¹⁵⁰.

use pulp::{Arch, NullaryFnOnce};
use rand::Rng;

/// Generators side by side.
pub const LANES: usize = 8;

/// Eight interleaved xoshiro256++ generators that fill buffers, plus one for single numbers.
#[derive(Debug, Clone)]
pub struct Stream {
    state: [[u64; LANES]; 4],
    single: Single,
}

/// One xoshiro256++ generator: numbers one at a time, for the rare branches.
#[derive(Debug, Clone)]
pub struct Single([u64; 4]);

impl Stream {
    /// Takes its state from `rng`: the stream of one unit of work.
    pub fn new(rng: &mut impl Rng) -> Self {
        let mut state = [[0; LANES]; 4];
        state.iter_mut().flatten().for_each(|word| *word = rng.next_u64());
        Self { state, single: Single::new(rng) }
    }

    /// Fills a buffer with random words.
    pub fn fill(&mut self, arch: Arch, words: &mut [u64]) {
        arch.dispatch(Fill { state: &mut self.state, words });
    }

    /// The generator of single numbers.
    pub fn single(&mut self) -> &mut Single {
        &mut self.single
    }
}

struct Fill<'a> {
    state: &'a mut [[u64; LANES]; 4],
    words: &'a mut [u64],
}

#[allow(clippy::inline_always, reason = "only so is it compiled for the registers found")]
impl NullaryFnOnce for Fill<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let mut state = *self.state;
        let mut chunks = self.words.chunks_exact_mut(LANES);
        for chunk in &mut chunks {
            step(&mut state, chunk.try_into().expect("a chunk has one word per lane"));
        }
        let rest = chunks.into_remainder();
        if !rest.is_empty() {
            let mut last = [0; LANES];
            step(&mut state, &mut last);
            rest.copy_from_slice(&last[..rest.len()]);
        }
        *self.state = state;
    }
}

#[inline(always)]
#[allow(clippy::inline_always, reason = "it is the body of a vectorised loop")]
fn step(state: &mut [[u64; LANES]; 4], out: &mut [u64; LANES]) {
    let [a, b, c, d] = state;
    for lane in 0..LANES {
        out[lane] = a[lane].wrapping_add(d[lane]).rotate_left(23).wrapping_add(a[lane]);
        let t = b[lane] << 17;
        c[lane] ^= a[lane];
        d[lane] ^= b[lane];
        b[lane] ^= c[lane];
        a[lane] ^= d[lane];
        c[lane] ^= t;
        d[lane] = d[lane].rotate_left(45);
    }
}

impl Single {
    /// Takes its state from `rng`.
    pub fn new(rng: &mut impl Rng) -> Self {
        Self(std::array::from_fn(|_| rng.next_u64()))
    }

    /// 64 random bits.
    pub fn word(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.0;
        let out = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let t = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= t;
        *d = d.rotate_left(45);
        out
    }

    /// Uniform on [0, 1).
    pub fn uniform(&mut self) -> f64 {
        unit(self.word())
    }

    /// Standard exponential.
    pub fn exponential(&mut self) -> f64 {
        // 1 − U is never 0.
        -(-self.uniform()).ln_1p()
    }
}

/// A word as a uniform number on [0, 1), 52 bits.
#[inline(always)]
#[allow(clippy::inline_always, reason = "it is the body of a vectorised loop")]
pub fn unit(word: u64) -> f64 {
    f64::from_bits((word >> 12) | 0x3FF0_0000_0000_0000) - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Seed};

    #[test]
    fn the_generator_gives_the_numbers_of_its_authors_code() {
        // State 1, 2, 3, 4: first outputs of the reference C code (prng.di.unimi.it), as also
        // pinned by the `rand_xoshiro` crate.
        let mut single = Single([1, 2, 3, 4]);
        let first: Vec<u64> = (0..4).map(|_| single.word()).collect();
        assert_eq!(first, [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386]);
    }

    #[test]
    fn lanes_are_generators_of_their_own() {
        let mut rng = Seed(3).stream(Purpose::Simulate, 1);
        let mut stream = Stream::new(&mut rng);
        let mut alone = Single(std::array::from_fn(|word| stream.state[word][5]));
        let mut words = [0; 3 * LANES + 2];
        stream.fill(Arch::new(), &mut words);
        for round in 0..3 {
            assert_eq!(words[round * LANES + 5], alone.word());
        }
    }
}
