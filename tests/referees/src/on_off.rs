//! HiGHS: piecewise-linear curves of any shape as a mixed-integer program.

use highs::{HighsModelStatus, RowProblem, Sense};

use crate::problem::{Curve, Problem};

/// The optimum; `None` when the rules leave no plan.
///
/// Each segment is a mixture of the corners of its curve, at most two neighbouring ones (a switch
/// per piece), times being funded.
pub fn optimum(problem: &Problem) -> Option<f64> {
    let mut program = RowProblem::default();
    // Row budget of each segment as terms of its columns: money in media, and the fixed cost.
    let mut money = Vec::new();
    let mut funded = Vec::new();
    for segment in &problem.segments {
        let Curve::Points(points) = &segment.curve else { return None };
        let on = program.add_integer_column(0.0, 0..=1);
        let corners: Vec<_> = points
            .iter()
            .map(|&(spend, value)| (program.add_column(value, 0..=1), spend))
            .collect();
        let pieces: Vec<_> =
            (1..points.len()).map(|_| program.add_integer_column(0.0, 0..=1)).collect();
        let mut all: Vec<_> = corners.iter().map(|(column, _)| (*column, 1.0)).collect();
        all.push((on, -1.0));
        program.add_row(0.0..=0.0, all);
        let mut one: Vec<_> = pieces.iter().map(|piece| (*piece, 1.0)).collect();
        one.push((on, -1.0));
        program.add_row(0.0..=0.0, one);
        for (k, (corner, _)) in corners.iter().enumerate() {
            let mut row = vec![(*corner, 1.0)];
            row.extend(k.checked_sub(1).map(|piece| (pieces[piece], -1.0)));
            row.extend(pieces.get(k).map(|piece| (*piece, -1.0)));
            program.add_row(..=0.0, row);
        }
        let mut own: Vec<_> = corners.iter().map(|(column, spend)| (*column, *spend)).collect();
        let mut floor = own.clone();
        own.push((on, segment.fixed_cost));
        let least = segment.min_if_funded.max(segment.fixed_cost).max(segment.min);
        floor.push((on, segment.fixed_cost - least));
        program.add_row(0.0.., floor);
        if segment.min > 0.0 {
            program.add_row(1.0.., vec![(on, 1.0)]);
        }
        money.push(own);
        funded.push((on, 1.0));
    }
    program.add_row(problem.budget..=problem.budget, money.concat());
    for group in &problem.groups {
        let own: Vec<_> = group.members.iter().flat_map(|&i| money[i].clone()).collect();
        program.add_row(group.min..=group.max, own);
    }
    if let Some(most) = problem.funded_at_most {
        program.add_row(..=most as f64, funded);
    }
    let mut model = program.optimise(Sense::Maximise);
    model.set_option("output_flag", false);
    model.set_option("threads", 1);
    model.set_option("mip_rel_gap", 1e-8);
    model.set_option("mip_feasibility_tolerance", 1e-9);
    model.set_option("primal_feasibility_tolerance", 1e-9);
    let solved = model.solve();
    (solved.status() == HighsModelStatus::Optimal).then(|| solved.objective_value())
}
