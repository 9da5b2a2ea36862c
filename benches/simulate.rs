//! Count draws per CPU-second: 40 segments × 13 weeks × 10 000 replicates, posterior uncertainty.
fn main() {
    use relais::random::*;
    use relais::simulate::sample::*;
    let arch = pulp::Arch::new();
    let (s, t) = (40usize, 13usize);
    let n = s * t;
    let mut laws = gamma::Gammas::default();
    for _ in 0..n {
        laws.push(12.0);
    }
    for scale in [0.5, 5.0, 30.0, 300.0, 3000.0] {
        let means: Vec<f64> = (0..n).map(|i| scale * (0.5 + (i % s) as f64 / s as f64)).collect();
        let (mut w, mut z, mut g, mut l, mut o) =
            (vec![0u64; n], vec![0.0; n], vec![0.0; n], vec![0.0; n], vec![0.0; n]);
        let mut total = 0.0;
        let t0 = std::time::Instant::now();
        let mut parts = [0.0; 6];
        for r in 0..10_000u64 {
            let mut st = stream::Stream::new(&mut Seed(1).stream(Purpose::Simulate, r));
            let a = std::time::Instant::now();
            st.fill(arch, &mut w);
            let b = std::time::Instant::now();
            parts[0] += (b - a).as_secs_f64();
            normal::fill(&w, st.single(), &mut z);
            let a = std::time::Instant::now();
            parts[1] += (a - b).as_secs_f64();
            st.fill(arch, &mut w);
            let b = std::time::Instant::now();
            parts[0] += (b - a).as_secs_f64();
            gamma::fill(arch, &laws, &z, &w, st.single(), &mut g);
            let a = std::time::Instant::now();
            parts[2] += (a - b).as_secs_f64();
            for i in 0..n {
                l[i] = means[i] * g[i];
            }
            st.fill(arch, &mut w);
            let b = std::time::Instant::now();
            parts[0] += (b - a).as_secs_f64();
            normal::fill(&w, st.single(), &mut z);
            let a = std::time::Instant::now();
            parts[1] += (a - b).as_secs_f64();
            st.fill(arch, &mut w);
            let b = std::time::Instant::now();
            parts[0] += (b - a).as_secs_f64();
            poisson::fill(arch, &l, &z, &w, st.single(), &mut o);
            let a = std::time::Instant::now();
            parts[3] += (a - b).as_secs_f64();
            total += o.iter().sum::<f64>();
            parts[4] += a.elapsed().as_secs_f64();
        }
        let dt = t0.elapsed().as_secs_f64();
        println!(
            "scale {scale}: {:.1} M/s {total} parts ns/cell {:?}",
            n as f64 * 1e4 / dt / 1e6,
            parts.map(|p| (p / (n as f64 * 1e4) * 1e11).round() / 100.0)
        );
    }
}
