//! Standard normal numbers by the ziggurat.

use std::sync::LazyLock;

use super::stream::{Single, unit};

const LAYERS: usize = 256;
/// Where the tail begins (Doornik 2005, 256 layers).
const TAIL: f64 = 3.654_152_885_361_009;
/// Area of a layer.
const AREA: f64 = 0.004_928_673_233_974_655;

/// Right edges of the layers and the density there: constants of the method, worked out once.
static TABLE: LazyLock<Table> = LazyLock::new(Table::new);

struct Table {
    edge: [f64; LAYERS + 1],
    density: [f64; LAYERS + 1],
}

fn density(x: f64) -> f64 {
    (-0.5 * x * x).exp()
}

impl Table {
    /// Layers of equal area under `exp(−x²/2)` (Marsaglia and Tsang 2000).
    fn new() -> Self {
        let mut edge = [0.0; LAYERS + 1];
        edge[0] = AREA / density(TAIL);
        edge[1] = TAIL;
        for i in 1..LAYERS - 1 {
            edge[i + 1] = (-2.0 * (AREA / edge[i] + density(edge[i])).ln()).sqrt();
        }
        Self { edge, density: edge.map(density) }
    }
}

/// Turns random words into standard normal numbers; `single` serves the rare branches.
pub fn fill(words: &[u64], single: &mut Single, normals: &mut [f64]) {
    let table = &*TABLE;
    for (word, normal) in words.iter().zip(normals) {
        *normal = one(table, *word, single);
    }
}

#[inline]
fn one(table: &Table, word: u64, single: &mut Single) -> f64 {
    let layer = (word & 0xFF) as usize;
    let x = signed(word) * table.edge[layer];
    if x.abs() < table.edge[layer + 1] { x } else { edge_case(table, layer, x, single) }
}

/// Uniform on [−1, 1) from the bits that do not choose the layer.
#[inline]
fn signed(word: u64) -> f64 {
    2.0 * unit(word) - 1.0
}

#[cold]
fn edge_case(table: &Table, mut layer: usize, mut x: f64, single: &mut Single) -> f64 {
    loop {
        if layer == 0 {
            return tail(x < 0.0, single);
        }
        let (low, high) = (table.density[layer], table.density[layer + 1]);
        if low + (high - low) * single.uniform() < density(x) {
            return x;
        }
        let word = single.word();
        layer = (word & 0xFF) as usize;
        x = signed(word) * table.edge[layer];
        if x.abs() < table.edge[layer + 1] {
            return x;
        }
    }
}

/// Beyond the last layer (Marsaglia 1964).
fn tail(negative: bool, single: &mut Single) -> f64 {
    loop {
        let x = single.exponential() / TAIL;
        if 2.0 * single.exponential() > x * x {
            return if negative { -TAIL - x } else { TAIL + x };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::sample::test::{assert_uniform, stream};
    use pulp::Arch;
    use statrs::distribution::{ContinuousCDF, Normal};

    #[test]
    fn normals_follow_their_law() {
        let mut stream = stream(11);
        let mut words = vec![0; 400_000];
        stream.fill(Arch::new(), &mut words);
        let mut normals = vec![0.0; words.len()];
        fill(&words, stream.single(), &mut normals);
        let law = Normal::standard();
        assert_uniform(normals.iter().map(|x| law.cdf(*x)), "normal");
        // The far tail, which a test of the whole law hardly sees: expected 400 000 · 2 · Φ(−4).
        let far = normals.iter().filter(|x| x.abs() > 4.0).count() as f64;
        let expected = 400_000.0 * 2.0 * law.cdf(-4.0);
        assert!((far - expected).abs() < 4.0 * expected.sqrt(), "{far} against {expected}");
    }
}
