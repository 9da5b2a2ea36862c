//! Who exchanges money with whom, and how much.

use serde::{Deserialize, Serialize};

use super::flight::{Flight, Impossible, LEAST_SHARE, Need, Wish};

/// Blocks whose room is below this share of the roomiest among them exchange an amount of their own.
const SAME_AMOUNT: f64 = 0.7;
/// Pairs choose their partners by lot when that keeps this share of what they teach.
const KEPT: f64 = 0.95;

/// Audiences that exchange the same amounts; who with whom is drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tier {
    /// An even number of audiences of one network.
    pub audiences: Vec<usize>,
    /// What one gives to another in each week, in minor units.
    pub moved: Vec<i64>,
    /// Sets of blocks of equal amounts: an audience receives in half of a set and gives in the other;
    /// one of an odd number stays at plan.
    pub strata: Vec<Vec<usize>>,
}

/// One audience's money and the steps it can give or receive in each week.
#[derive(Clone)]
pub(super) struct Row {
    planned: Vec<i64>,
    room: Vec<i64>,
}

impl Row {
    pub(super) fn of(flight: &Flight, i: usize, wish: &Wish) -> Self {
        let room = |week: usize| {
            let p = flight.planned[i][week];
            let (low, high) = (flight.least[i][week].max(0), flight.most[i][week]);
            let money = ((wish.amplitude * p as f64) as i64).min(p - low).min(high - p);
            if p > 0 && flight.takes_part(i, week) { money.max(0) / wish.step } else { 0 }
        };
        let room = (0..flight.weeks.len()).map(room).collect();
        Self { planned: flight.planned[i].clone(), room }
    }
}

/// Steps that these audiences can all give and receive in each week of a block, if they are enough
/// to be seen.
pub(super) fn room(
    audiences: &[usize],
    rows: &[Row],
    wish: &Wish,
    block: usize,
) -> Option<Vec<i64>> {
    let weeks = block * wish.block_weeks..(block + 1) * wish.block_weeks;
    let least = |week| audiences.iter().map(|&i| rows[i].room[week]).min().unwrap_or(0);
    let steps: Vec<i64> = weeks.clone().map(least).collect();
    let planned = |&i: &usize| rows[i].planned[weeks.clone()].iter().sum::<i64>();
    let smallest = audiences.iter().map(planned).min().unwrap_or(0);
    let total: i64 = steps.iter().sum();
    let is_seen = total > 0 && (total * wish.step) as f64 >= LEAST_SHARE * smallest as f64;
    is_seen.then_some(steps)
}

/// The largest exchange that these audiences can make, with what it teaches: the squared relative
/// change of money, over all cells. `None` without two blocks.
pub(super) fn exchange(audiences: &[usize], rows: &[Row], wish: &Wish) -> Option<(Tier, f64)> {
    let n_weeks = rows[audiences[0]].planned.len();
    let mut blocks: Vec<(i64, usize, Vec<i64>)> = (0..n_weeks / wish.block_weeks)
        .filter_map(|b| room(audiences, rows, wish, b).map(|steps| (steps.iter().sum(), b, steps)))
        .collect();
    blocks.sort_by_key(|&(total, block, _)| (-total, block));
    let mut tier = Tier { audiences: audiences.to_vec(), moved: vec![0; n_weeks], strata: vec![] };
    let mut from = 0;
    while from + 1 < blocks.len() {
        let stratum = &blocks[from..from + alike(&blocks[from..])];
        let amount = stratum[stratum.len() - 1].0;
        for (total, block, steps) in stratum {
            for (week, share) in shared(amount, *total, steps).into_iter().enumerate() {
                tier.moved[block * wish.block_weeks + week] = share * wish.step;
            }
        }
        let mut members: Vec<usize> = stratum.iter().map(|&(_, block, _)| block).collect();
        members.sort_unstable();
        tier.strata.push(members);
        from += stratum.len();
    }
    let relative = |(&m, &p): (&i64, &i64)| if m > 0 { (m as f64 / p as f64).powi(2) } else { 0.0 };
    let of_one = |&i: &usize| tier.moved.iter().zip(&rows[i].planned).map(relative).sum::<f64>();
    let teaches = audiences.iter().map(of_one).sum();
    (!tier.strata.is_empty()).then_some((tier, teaches))
}

/// How many of the roomiest blocks exchange one amount, at least two: an even number, or all that
/// are left where the last of them costs the others nearly nothing.
fn alike(blocks: &[(i64, usize, Vec<i64>)]) -> usize {
    let (total, n) = (|i: usize| blocks[i].0 as f64, blocks.len());
    let even = (2..n - 1).step_by(2).find(|&i| total(i + 1) < SAME_AMOUNT * total(0));
    let even = even.unwrap_or(n / 2 * 2);
    if even + 1 == n && total(n - 1) >= KEPT * total(n - 2) { n } else { even }
}

/// Parts of `amount ≤ total` in proportion to `steps`, whose sum is `total`, by largest remainder.
fn shared(amount: i64, total: i64, steps: &[i64]) -> Vec<i64> {
    let product = |step: i64| i128::from(step) * i128::from(amount);
    let mut parts: Vec<i64> =
        steps.iter().map(|&step| (product(step) / i128::from(total)) as i64).collect();
    let mut order: Vec<usize> = (0..steps.len()).collect();
    order.sort_by_key(|&week| -(product(steps[week]) % i128::from(total)));
    let missing = amount - parts.iter().sum::<i64>();
    order.iter().take(missing as usize).for_each(|&week| parts[week] += 1);
    parts
}

/// Pairs within networks: those that teach most first, then partners change as long as two pairs,
/// or a pair and somebody alone, teach more another way.
pub(super) fn paired(network: &[usize], rows: &[Row], wish: &Wish) -> Vec<(Tier, f64)> {
    let n = rows.len();
    let of_pair = |i: usize, j: usize| {
        if network[i] == network[j] { exchange(&[i, j], rows, wish) } else { None }
    };
    let mut teaches = vec![0.0; n * n];
    let mut pairs: Vec<[usize; 2]> = Vec::new();
    for [i, j] in (0..n).flat_map(|i| (i + 1..n).map(move |j| [i, j])) {
        if let Some((_, value)) = of_pair(i, j) {
            (teaches[i * n + j], teaches[j * n + i]) = (value, value);
            pairs.push([i, j]);
        }
    }
    // The sort is stable: equals stay in the order of the audiences.
    pairs.sort_by(|[a, b], [c, d]| teaches[c * n + d].total_cmp(&teaches[a * n + b]));
    let mut partner: Vec<Option<usize>> = vec![None; n];
    for [i, j] in pairs {
        if partner[i].is_none() && partner[j].is_none() {
            (partner[i], partner[j]) = (Some(j), Some(i));
        }
    }
    while exchanged(&mut partner, &teaches) {}
    let pairs = partner.iter().enumerate().filter_map(|(i, &j)| Some([i, j.filter(|&j| i < j)?]));
    pairs.filter_map(|[i, j]| of_pair(i, j)).collect()
}

/// Lets couples change partners where that teaches more; whether any did.
fn exchanged(partner: &mut [Option<usize>], teaches: &[f64]) -> bool {
    let n = partner.len();
    let value = |i: Option<usize>, j: Option<usize>| match (i, j) {
        (Some(i), Some(j)) => teaches[i * n + j],
        _ => 0.0,
    };
    let mut any = false;
    for [a, c] in (0..n).flat_map(|a| (0..n).map(move |c| [a, c])) {
        let (b, d) = (partner[a], partner[c]);
        let now = value(Some(a), b) + value(Some(c), d);
        // A thousandth of a cell halved: rounding must not send couples round for ever.
        if a != c && b != Some(c) && value(Some(a), Some(c)) + value(b, d) > now + 2.5e-4 {
            (partner[a], partner[c]) = (Some(c), Some(a));
            let stay = value(b, d) > 0.0;
            b.inspect(|&b| partner[b] = d.filter(|_| stay));
            d.inspect(|&d| partner[d] = b.filter(|_| stay));
            any = true;
        }
    }
    any
}

/// Joins pairs that can exchange among all their audiences without teaching less.
pub(super) fn joined(
    network: &[usize],
    mut pairs: Vec<(Tier, f64)>,
    rows: &[Row],
    wish: &Wish,
) -> Vec<(Tier, f64)> {
    pairs.sort_by_key(|(pair, _)| {
        (-pair.moved.iter().sum::<i64>(), pair.audiences.iter().min().copied())
    });
    let mut tiers: Vec<(Tier, f64)> = Vec::new();
    for (pair, teaches) in pairs {
        let wider = |(tier, before): &(Tier, f64)| {
            if network[tier.audiences[0]] != network[pair.audiences[0]] {
                return None;
            }
            let everyone = [tier.audiences.as_slice(), &pair.audiences].concat();
            let joined = exchange(&everyone, rows, wish)?;
            (joined.1 >= KEPT * (before + teaches)).then_some(joined)
        };
        match tiers.iter().enumerate().find_map(|(at, tier)| Some((at, wider(tier)?))) {
            Some((at, joined)) => tiers[at] = joined,
            None => tiers.push((pair, teaches)),
        }
    }
    tiers
}

/// Why no two audiences can exchange money, with what the pair would need that lacks least.
pub(super) fn least_change(flight: &Flight, rows: &[Row], wish: &Wish) -> Impossible {
    let needs: Vec<Need> = (0..rows.len()).map(|i| need(flight, i, wish)).collect();
    let met = needs.iter().fold(flight.clone(), Flight::with);
    let with_room: Vec<Row> = (0..rows.len()).map(|i| Row::of(&met, i, wish)).collect();
    let more = |i: usize| {
        let added = with_room[i].planned.iter().sum::<i64>() - rows[i].planned.iter().sum::<i64>();
        let raised = flight.most[i].iter().map(|&most| (needs[i].ceiling - most).max(0));
        (added, raised.sum::<i64>())
    };
    let mut cheapest: Option<((i64, i64), Vec<usize>)> = None;
    let both = |i: usize, j: usize| flight.audiences[i] && flight.audiences[j];
    let same = |i: usize, j: usize| both(i, j) && flight.network[i] == flight.network[j];
    for (i, j) in
        (0..rows.len()).flat_map(|i| (0..i).map(move |j| (j, i))).filter(|&(i, j)| same(i, j))
    {
        for changed in [vec![i], vec![j], vec![i, j]] {
            let costs =
                changed.iter().map(|&k| more(k)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
            let row = |k: usize| if changed.contains(&k) { &with_room[k] } else { &rows[k] };
            let is_cheaper = cheapest.as_ref().is_none_or(|(least, _)| costs < *least);
            if is_cheaper && exchange(&[0, 1], &[row(i).clone(), row(j).clone()], wish).is_some() {
                cheapest = Some((costs, changed));
            }
        }
    }
    cheapest.map_or(Impossible::Alone, |(_, changed)| Impossible::NoRoom {
        needs: changed.into_iter().map(|i| needs[i]).collect(),
    })
}

/// What gives an audience room in every week that takes part, rounding to steps included.
fn need(flight: &Flight, audience: usize, wish: &Wish) -> Need {
    let up = |money: f64| (money / wish.step as f64).ceil() as i64 * wish.step;
    let most_of = |table: &[Vec<i64>]| {
        let cells =
            table[audience].iter().zip(&flight.weeks).filter(|(_, takes_part)| **takes_part);
        cells.map(|(money, _)| *money).max().unwrap_or(0)
    };
    let lowest = most_of(&flight.least).max(0);
    let per_week = up((lowest + wish.step) as f64 / (1.0 - LEAST_SHARE))
        .max(up(wish.step as f64 / (wish.amplitude - LEAST_SHARE)));
    let highest = most_of(&flight.planned).max(per_week);
    let ceiling = highest + up(LEAST_SHARE * highest as f64) + wish.step;
    Need { audience, per_week, ceiling }
}
