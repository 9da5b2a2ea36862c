//! What `src/lib.rs` says of the modules is true: each uses only those above it or beside it, and no
//! file leads back to itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A module's path below `src`: `["allocate", "plan", "rows"]`.
type Module = Vec<String>;

/// The program's code by module, without comments and without what only tests see.
fn modules() -> BTreeMap<Module, String> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    let mut folders = vec![src.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("src can be read") {
            let path = entry.expect("src can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = named(path.strip_prefix(&src).expect("below src"));
                if !["main", "build", "lib"].contains(&name[0].as_str()) {
                    let text = std::fs::read_to_string(&path).expect("text");
                    found.insert(name, code(&text));
                }
            }
        }
    }
    let for_tests: Vec<Module> =
        found.iter().flat_map(|(name, text)| only_for_tests(name, text)).collect();
    found.retain(|name, text| {
        !text.contains("#![cfg(test)]") && !for_tests.iter().any(|test| name.starts_with(test))
    });
    found
}

fn named(path: &Path) -> Module {
    let mut name: PathBuf = path.with_extension("");
    if name.ends_with("mod") {
        name.pop();
    }
    name.iter().map(|part| part.to_string_lossy().into_owned()).collect()
}

/// The code above a file's own tests, without comments.
fn code(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default();
        let opens_tests = line.contains("mod tests {")
            && lines.last().is_some_and(|before| before.trim().starts_with("#[cfg(test)]"));
        if opens_tests {
            break;
        }
        lines.push(line);
    }
    lines.join("\n")
}

/// Modules that a file declares for tests alone.
fn only_for_tests(name: &Module, text: &str) -> Vec<Module> {
    let lines: Vec<&str> = text.lines().collect();
    let declared = |pair: &[&str]| {
        let (_, rest) = pair[1].split_once("mod ")?;
        let child = rest.strip_suffix(';')?;
        pair[0].contains("#[cfg(test)]").then(|| [name.clone(), vec![child.to_owned()]].concat())
    };
    lines.windows(2).filter_map(declared).collect()
}

/// Every path of a piece of code that begins with `crate`, `super` or `self`, braces resolved.
fn paths(text: &str) -> Vec<Vec<String>> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for key in ["crate::", "super::", "self::"] {
        for (at, _) in text.match_indices(key) {
            let before = text[..at].chars().next_back();
            if !before.is_some_and(|c| is_word(c) || c == ':') {
                tree(&text[at..], &mut Vec::new(), &mut found);
            }
        }
    }
    found
}

/// Reads one path or tree of paths; returns how much of the text it took.
fn tree(text: &str, begun: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    let (mut at, depth) = (0, begun.len());
    loop {
        let rest = &text[at..];
        let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        if word > 0 {
            begun.push(rest[..word].to_owned());
            at += word;
        } else if rest.starts_with('{') {
            at += 1;
            while !text[at..].trim_start().starts_with('}') {
                at += text[at..].len() - text[at..].trim_start().len();
                let taken = tree(&text[at..], begun, found);
                at += taken;
                let next = text[at..].find([',', '}']).expect("a tree ends");
                at += next + usize::from(text[at + next..].starts_with(','));
            }
            at += text[at..].find('}').expect("a tree ends") + 1;
            begun.truncate(depth);
            return at;
        }
        if !text[at..].starts_with("::") {
            break;
        }
        at += 2;
    }
    found.push(begun.clone());
    begun.truncate(depth);
    at
}

/// A path from a module as one from the root.
fn from_root(module: &Module, path: &[String]) -> Vec<String> {
    let mut base = match path[0].as_str() {
        "crate" => return path[1..].to_vec(),
        "self" => module.clone(),
        _ => module[..module.len() - 1].to_vec(),
    };
    let mut rest = &path[1..];
    while rest.first().is_some_and(|word| word == "super") {
        base.pop();
        rest = &rest[1..];
    }
    [base, rest.to_vec()].concat()
}

/// Names that a module passes on, and where they come from.
fn passed_on(module: &Module, text: &str) -> BTreeMap<String, Vec<String>> {
    let mut names = BTreeMap::new();
    for statement in text.split(';') {
        let Some((head, what)) = statement.split_once("use ") else { continue };
        if !head.lines().last().is_some_and(|line| line.trim().starts_with("pub")) {
            continue;
        }
        let mut found = Vec::new();
        tree(what, &mut Vec::new(), &mut found);
        for path in found {
            let is_keyed = ["crate", "super", "self"].contains(&path[0].as_str());
            let whole = if is_keyed {
                from_root(module, &path)
            } else {
                [module.clone(), path.clone()].concat()
            };
            names.insert(path[path.len() - 1].clone(), whole);
        }
    }
    names
}

/// Which files each file uses; names that a room passes on lead to where they are made.
fn uses(modules: &BTreeMap<Module, String>) -> BTreeMap<Module, BTreeSet<Module>> {
    let passed: BTreeMap<&Module, BTreeMap<String, Vec<String>>> =
        modules.iter().map(|(name, text)| (name, passed_on(name, text))).collect();
    let file_of = |mut path: Vec<String>| {
        for _ in 0..8 {
            let deepest = (1..=path.len()).rev().find(|&n| modules.contains_key(&path[..n]))?;
            let file: Module = path[..deepest].to_vec();
            let next = path.get(deepest).and_then(|name| passed[&file].get(name));
            match next {
                Some(further) if *further != path => path.clone_from(further),
                _ => return Some(file),
            }
        }
        None
    };
    let one = |(name, text): (&Module, &String)| {
        // What a room passes on is no use of it.
        let own: String = text
            .split(';')
            .filter(|part| {
                let last = part.split("use ").next().and_then(|head| head.lines().last());
                !(part.contains("use ") && last.is_some_and(|line| line.trim().starts_with("pub")))
            })
            .collect::<Vec<_>>()
            .join(";");
        let files = paths(&own.replace("pub(in crate::", "pub(in "))
            .into_iter()
            .filter_map(|path| file_of(from_root(name, &path)))
            .filter(|file| file != name)
            .collect();
        (name.clone(), files)
    };
    modules.iter().map(one).collect()
}

#[test]
fn no_file_leads_back_to_itself() {
    let modules = modules();
    assert!(modules.len() > 300, "{} files", modules.len());
    let uses = uses(&modules);
    // Files that use nothing that is left are taken away until none is: what stays leads round.
    let mut left = uses.clone();
    loop {
        let gone: Vec<Module> = left
            .iter()
            .filter(|(_, files)| files.iter().all(|file| !left.contains_key(file)))
            .map(|(name, _)| name.clone())
            .collect();
        if gone.is_empty() {
            break;
        }
        left.retain(|name, _| !gone.contains(name));
    }
    // Nor those that nothing left uses: they only lead there.
    loop {
        let used: BTreeSet<Module> = left.values().flatten().cloned().collect();
        let before = left.len();
        left.retain(|name, _| used.contains(name));
        if left.len() == before {
            break;
        }
    }
    let round: Vec<String> = left.keys().map(|name| name.join("/")).collect();
    assert!(round.is_empty(), "these files lead back to themselves: {}", round.join(", "));
}

#[test]
fn each_module_uses_only_those_above_it_or_beside_it() {
    let lib = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs"))
        .expect("the map");
    let rows = lib.lines().filter_map(|line| line.strip_prefix("//! | [`"));
    let mut row_of: BTreeMap<String, usize> = BTreeMap::new();
    for (i, row) in rows.enumerate() {
        let names = row.split('|').next().unwrap_or_default().split('`');
        for name in names.filter(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_')) {
            row_of.insert(name.to_owned(), i);
        }
    }
    for (name, files) in uses(&modules()) {
        let own = row_of.get(&name[0]).unwrap_or_else(|| panic!("{} is not on the map", name[0]));
        for file in files {
            let other = row_of[&file[0]];
            assert!(other <= *own, "{} uses {}, below it", name.join("/"), file.join("/"));
        }
    }
}
