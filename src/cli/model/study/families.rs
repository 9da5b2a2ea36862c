//! A study's families on a terminal: one line each, then the targets that are missed.

use crate::language::Language;
use crate::study::{FamilyLine, Target};

/// Room for a family's name and for each of its figures, the space before it included: 79 columns.
const NAME: usize = 19;
const FIGURES: [usize; 8] = [7, 7, 7, 9, 7, 7, 8, 8];

/// The table, what its columns are, and what is missed.
pub(super) fn lines(families: &[FamilyLine], lang: Language) -> Vec<String> {
    let text = |key: &str| lang.text(&format!("simulate-study-family-{key}"));
    let heads = ["oracle", "last", "worst", "promised", "usual", "twice", "claims", "exit"];
    let mut lines = vec![row(&text("name"), &heads.map(text))];
    lines.extend(families.iter().map(|family| row(&family.name, &figures(family, lang))));
    lines.push(lang.text("simulate-study-families-told"));
    for family in families {
        let missed = family.targets.iter().filter(|target| target.missed);
        lines.extend(missed.map(|target| told_miss(family, target, lang)));
    }
    lines
}

fn row(name: &str, figures: &[String; 8]) -> String {
    let cell = |(figure, width): (&String, usize)| format!("{figure:>width$}");
    let cells: Vec<String> = figures.iter().zip(FIGURES).map(cell).collect();
    format!("{name:<NAME$}{}", cells.concat())
}

fn figures(family: &FamilyLine, lang: Language) -> [String; 8] {
    let share = |share: f64| lang.percent(share, 0);
    let times = |ratio: f64| lang.number(ratio, 2);
    let of = |some: u64, of: u64| format!("{some}/{of}");
    [
        share(family.share_of_oracle),
        times(family.beside_last),
        times(family.worst_beside_last),
        times(family.promised_over_realised),
        share(family.coverage80_usual),
        share(family.coverage80_twice),
        of(family.claims_true, family.claims),
        of(family.with_findings, family.worlds),
    ]
}

/// A target that is missed by more than chance explains.
fn told_miss(family: &FamilyLine, target: &Target, lang: Language) -> String {
    let number = |x: f64| lang.number(x, 2);
    let wanted = match target.high {
        Some(high) if target.low > 0.0 => format!("{} – {}", number(target.low), number(high)),
        Some(high) => format!("≤ {}", number(high)),
        None => format!("≥ {}", number(target.low)),
    };
    let measure = target.measure.replace('_', "-");
    lang.say(
        "simulate-study-family-missed",
        &[
            ("family", &family.name),
            ("measure", &lang.text(&format!("simulate-study-family-target-{measure}"))),
            ("found", &number(target.found)),
            ("error", &number(target.error)),
            ("wanted", &wanted),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    fn line(name: &str, missed: bool) -> FamilyLine {
        let target = |measure: &str, low: f64, high: Option<f64>| Target {
            measure: measure.to_owned(),
            found: 2.5,
            error: 0.25,
            low,
            high,
            met: !missed,
            missed,
        };
        FamilyLine {
            name: name.to_owned(),
            worlds: 200,
            share_of_oracle: 1.0,
            last_over_oracle: 1.0,
            beside_last: 123.456,
            worst_beside_last: 0.93,
            promised_over_realised: 1_234.5,
            coverage80_usual: 1.0,
            coverage80_twice: 0.5,
            claims: 200,
            claims_true: 190,
            better: 195,
            with_findings: 200,
            findings: std::collections::BTreeMap::new(),
            targets: vec![
                target("promised_over_realised", 0.9, Some(1.2)),
                target("claims_true", 0.9, None),
                target("findings", 0.0, Some(0.02)),
            ],
        }
    }

    #[test]
    fn the_table_fits_eighty_columns_in_both_languages_and_every_measure_has_words() {
        let families = [line("demand-segment-0.9", false), line("demand-unlimited", true)];
        for lang in [Language::En, Language::Fr] {
            let told = lines(&families, lang);
            let widths: Vec<usize> = told[..3].iter().map(|line| line.width()).collect();
            assert!(widths.iter().all(|width| *width == widths[0] && *width <= 80), "{told:?}");
            // One line for each target that is missed, none for those that are met.
            assert_eq!(told.len(), 3 + 1 + 3);
            assert!(told[4..].iter().all(|line| line.starts_with("demand-unlimited")));
            assert!(told.iter().all(|line| !line.contains('⟨')), "{told:?}");
        }
        let measures = [
            "share-of-oracle",
            "beside-last",
            "worst-beside-last",
            "promised-over-realised",
            "coverage80-usual",
            "coverage80-twice",
            "claims-true",
            "claimed-of-better",
            "findings",
        ];
        for lang in [Language::En, Language::Fr] {
            for measure in measures {
                let text = lang.text(&format!("simulate-study-family-target-{measure}"));
                assert!(!text.contains('⟨'), "{measure}");
            }
        }
    }
}
