//! The program under test, asked from outside.

use std::fmt::Write as _;
use std::process::Command;

use serde_json::Value;

use crate::problem::{Curve, Problem};

#[derive(Debug, Clone)]
pub struct Answer {
    pub spend: Vec<f64>,
    pub upper_bound: f64,
    pub gap_before_rounding: f64,
}

impl Answer {
    /// Value of the plan before rounding to cents.
    pub fn unrounded(&self) -> f64 {
        self.upper_bound * (1.0 - self.gap_before_rounding)
    }
}

/// The answer, or what the program told instead.
pub fn divide(problem: &Problem) -> Result<Answer, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let at = |name: &str| folder.path().join(name);
    let write = |name: &str, text: String| {
        std::fs::write(at(name), text).map_err(|error| error.to_string())
    };
    write("curves.csv", curves(problem))?;
    write("campaign.toml", campaign(problem))?;
    let program = std::env::var("RELAIS").unwrap_or_else(|_| {
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/release/relais").to_owned()
    });
    let output = Command::new(program)
        .arg("plan")
        .arg(at("campaign.toml"))
        .arg("--curves")
        .arg(at("curves.csv"))
        .arg("--out")
        .arg(at("out"))
        .args(["--json", "--lang", "en", "--threads", "1"])
        .output()
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let answer: Value = serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))?;
    if let Some(error) = answer.get("error") {
        return Err(error.to_string());
    }
    let plan = std::fs::read_to_string(at("out").join("plan.json")).map_err(|e| e.to_string())?;
    let plan: Value = serde_json::from_str(&plan).map_err(|error| error.to_string())?;
    let number = |value: &Value| value.as_f64().ok_or_else(|| format!("not a number: {value}"));
    let rows = plan["rows"].as_array().ok_or("no rows")?;
    Ok(Answer {
        spend: rows.iter().map(|row| number(&row["budget"])).collect::<Result<_, _>>()?,
        upper_bound: number(&plan["certificate"]["upper_bound"])?,
        gap_before_rounding: number(&plan["certificate"]["gap_before_rounding"])?,
    })
}

fn curves(problem: &Problem) -> String {
    let mut text = String::from("segment,form,p1,p2,p3,min,max,min_if_funded,fixed_cost,group\n");
    for (i, segment) in problem.segments.iter().enumerate() {
        let form = match &segment.curve {
            Curve::Exponential { ceiling, scale } => format!("exponential,{ceiling:?},{scale:?},"),
            Curve::Exposure { ceiling, scale } => format!("exposure,{ceiling:?},{scale:?},1"),
            Curve::Power { coefficient, exponent } => {
                format!("power,{coefficient:?},{exponent:?},")
            }
            Curve::Points(points) => {
                let pairs: Vec<String> =
                    points.iter().map(|(spend, value)| format!("{spend:?}:{value:?}")).collect();
                format!("points,{},,", pairs.join(";"))
            }
        };
        let own: Vec<String> = (0..problem.groups.len())
            .filter(|&g| problem.groups[g].members.contains(&i))
            .map(|g| format!("g{g}"))
            .collect();
        let optional = |x: f64| if x > 0.0 { format!("{x:?}") } else { String::new() };
        let _ = writeln!(
            text,
            "s{i},{form},{},{:?},{},{},{}",
            optional(segment.min),
            segment.max + segment.fixed_cost,
            optional(segment.min_if_funded),
            optional(segment.fixed_cost),
            own.join(";")
        );
    }
    text
}

fn campaign(problem: &Problem) -> String {
    let mut text = format!(
        "title = \"referee\"\nbudget = \"{:.2} EUR\"\n\
         flight = {{ start = 2027-03-01, end = 2027-03-28 }}\n",
        problem.budget
    );
    if let Some(most) = problem.funded_at_most {
        let _ = writeln!(text, "[limits]\nfunded_at_most = {most}");
    }
    for (g, group) in problem.groups.iter().enumerate() {
        let _ =
            writeln!(text, "[[limits.group]]\nname = \"g{g}\"\nwhere = {{ group = [\"g{g}\"] }}");
        if group.min > 0.0 {
            let _ = writeln!(text, "min = {:?}", group.min);
        }
        if group.max.is_finite() {
            let _ = writeln!(text, "max = {:?}", group.max);
        }
    }
    text
}
