//! The check-up at the end of an import, for a terminal and for machines.

use serde_json::{Value, json};

use crate::cli::terminal::grid;
use crate::ingest::checkup::{Checkup, Finding};
use crate::intake::checkup::{good, names, sentence};
use crate::language::Language;

/// Findings shown to people; `--json` has them all.
const SHOWN: usize = 6;

/// What people are shown; nothing where there is nothing to look at.
pub(super) fn told(language: Language, checkup: &Checkup) -> Option<String> {
    if checkup.findings.is_empty() {
        return Some(grid::paragraph(&good(language, checkup)?, "", ""));
    }
    let title = match &checkup.networks[..] {
        [] => language.text("checkup-title-plain"),
        [one] => titled(language, &format!("relais guide {one}")),
        _ => titled(language, "relais guide"),
    };
    let mut lines = vec![grid::paragraph(&title, "", "")];
    let lines_of = |findings: &[Finding]| {
        let told = findings.iter().map(|finding| sentence(language, finding, names(checkup)));
        told.map(|text| grid::paragraph(&text, "  - ", "    ")).collect::<Vec<_>>()
    };
    // What a plan could not know comes last and says why the others matter.
    let (last, others) = checkup.findings.split_last().expect("there are findings");
    let shown = if others.len() < SHOWN { others.len() } else { SHOWN - 2 };
    lines.extend(lines_of(&others[..shown]));
    if others.len() > shown {
        let more = language.count("checkup-more", (others.len() - shown) as u64, &[]);
        lines.push(format!("  {more}"));
    }
    lines.extend(lines_of(std::slice::from_ref(last)));
    Some(lines.join("\n"))
}

fn titled(language: Language, command: &str) -> String {
    language.say("checkup-title", &[("command", command)])
}

/// All of it, for machines.
pub(super) fn as_json(language: Language, checkup: &Checkup) -> Value {
    let findings = checkup.findings.iter().map(|finding| {
        let mut value = json!(finding);
        value["message"] = sentence(language, finding, false).into();
        value
    });
    json!({
        "start": checkup.window.map(|(start, _)| start.to_string()),
        "end": checkup.window.map(|(_, end)| end.to_string()),
        "networks": checkup.networks,
        "grains": checkup.grains,
        "findings": findings.collect::<Vec<_>>(),
    })
}
