//! Accounts, campaigns, ad sets and ads as a tree, and the rows that hang on each knot.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rust_decimal::Decimal;

use super::settle::Settled;
use super::stretch::{stretch_of, stretches};
use crate::history::day::{Day, Span};
use crate::history::label::NAMES;
use crate::history::question::rows::asked::shares_money_out;
use crate::history::question::rows::facts::{Facts, Label};
use crate::history::row::Level;
use crate::segment::Attribute;

/// Rows of one knot that divide its money in the same way: they add up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Grain {
    /// Breakdown attributes.
    pub(crate) mask: u16,
    /// Told apart by ids; the same rows exported without ids are another grain.
    pub(crate) by_id: bool,
}

/// An account, campaign, ad set or ad.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// Positions of its own rows in the settled facts, by grain.
    pub(crate) own: BTreeMap<Grain, Vec<usize>>,
    /// Its parts, by level. Parts of two levels are two ways to divide the same money.
    pub(crate) parts: BTreeMap<Level, BTreeSet<usize>>,
    /// All periods reported here or below, sorted.
    pub(crate) spans: BTreeSet<Span>,
    /// First days of the ads here or below.
    pub(crate) first_days: Vec<Day>,
    /// A page by day above its posts, which count since their publication.
    pub(crate) is_page: bool,
}

/// All knots; `tops` are those that are part of nothing.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
    pub(crate) tops: Vec<usize>,
}

/// What names a knot within what it is part of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Name {
    Account(u32),
    /// What an account published without paying, which is no view of what it paid for.
    Page(u32),
    Id(u32),
    Text(u32),
    /// Nothing names it, so each thing is a knot of its own.
    Thing(i64),
}

type Key = (Option<usize>, u32, Level, Name);

#[derive(Debug, Default)]
struct Builder {
    nodes: HashMap<Key, usize>,
    /// Knots known under several names point to one of them.
    same: Vec<usize>,
    pages: BTreeSet<usize>,
}

impl Builder {
    fn node(&mut self, key: Key) -> usize {
        let new = self.same.len();
        let node = *self.nodes.entry(key).or_insert(new);
        if node == new {
            self.same.push(new);
        }
        self.find(node)
    }

    fn find(&self, mut node: usize) -> usize {
        while self.same[node] != node {
            node = self.same[node];
        }
        node
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        self.same[a.max(b)] = a.min(b);
    }
}

/// The place of each label: its knot, and the knots above it from the top.
type Paths = Vec<Vec<(Level, usize)>>;

/// What an id is part of, by account and id.
type Parents = HashMap<(u32, u32), Vec<(Level, usize)>>;

/// Builds the tree from the rows' names and ids.
pub(crate) fn build(facts: &Facts, settled: &Settled) -> Tree {
    let used: BTreeSet<u32> = settled.facts.iter().map(|fact| fact.label).collect();
    let mut builder = Builder::default();
    let mut paths: Paths = vec![Vec::new(); facts.labels.len()];
    let files = files_by_label(settled);
    for (step, level) in [Level::Campaign, Level::AdSet, Level::Ad].into_iter().enumerate() {
        let parents = parents_by_id(facts, &used, &paths, step);
        let complete = complete_files(facts, &used, &files, step);
        let steps = Step {
            facts,
            used: &used,
            files: &files,
            complete: &complete,
            parents,
            place: step,
            level,
        };
        steps.take(&mut builder, &mut paths);
    }
    add_accounts(facts, &used, &paid_labels(facts, settled), &mut builder, &mut paths);
    hang(facts, settled, &builder, &paths)
}

fn files_by_label(settled: &Settled) -> HashMap<u32, BTreeSet<i64>> {
    let mut files: HashMap<u32, BTreeSet<i64>> = HashMap::new();
    for fact in &settled.facts {
        files.entry(fact.label).or_default().insert(fact.file);
    }
    files
}

/// Where an id's row names no parent, another row with the same id may.
fn parents_by_id(facts: &Facts, used: &BTreeSet<u32>, paths: &Paths, step: usize) -> Parents {
    let mut parents = HashMap::new();
    for place in used {
        let label = &facts.labels[*place as usize];
        let path = &paths[*place as usize];
        if label.ids[step] != 0 && !path.is_empty() {
            parents.entry((label.account, label.ids[step])).or_insert_with(|| path.clone());
        }
    }
    parents
}

/// Files in which rows of a level below do name this step: a row without is then a part like
/// the others, and not another way to divide the same money.
fn complete_files(
    facts: &Facts,
    used: &BTreeSet<u32>,
    files: &HashMap<u32, BTreeSet<i64>>,
    step: usize,
) -> BTreeSet<(i64, Level)> {
    used.iter()
        .map(|place| (place, &facts.labels[*place as usize]))
        .filter(|(_, label)| label.level as usize > step + 1 && is_named(label, step))
        .flat_map(|(place, label)| files[place].iter().map(|file| (*file, label.level)))
        .collect()
}

fn is_named(label: &Label, step: usize) -> bool {
    label.ids[step] != 0 || label.attributes[NAMES[step].index()] != 0
}

/// Naming the knots of one level.
struct Step<'a> {
    facts: &'a Facts,
    used: &'a BTreeSet<u32>,
    files: &'a HashMap<u32, BTreeSet<i64>>,
    complete: &'a BTreeSet<(i64, Level)>,
    parents: Parents,
    place: usize,
    level: Level,
}

impl Step<'_> {
    fn take(&self, builder: &mut Builder, paths: &mut Paths) {
        let mut by_name: BTreeMap<(Option<usize>, u32, u32), [BTreeSet<usize>; 2]> =
            BTreeMap::new();
        for place in self.used {
            let label = &self.facts.labels[*place as usize];
            let Some(name) = self.name(*place, label) else { continue };
            let above = &mut paths[*place as usize];
            self.find_parent(label, above);
            let parent = above.last().map(|(_, node)| builder.find(*node));
            let text = label.attributes[NAMES[self.place].index()];
            let is_text = usize::from(matches!(name, Name::Text(_)));
            let node = builder.node((parent, label.account, self.level, name));
            if text != 0 {
                by_name.entry((parent, label.account, text)).or_default()[is_text].insert(node);
            }
            above.push((self.level, node));
        }
        // A name without an id stands for all ids of that name in the same place.
        for [by_id, by_text] in by_name.values() {
            for text in by_text {
                for id in by_id {
                    builder.join(*id, *text);
                }
            }
        }
    }

    fn name(&self, place: u32, label: &Label) -> Option<Name> {
        let text = label.attributes[NAMES[self.place].index()];
        if label.level < self.level {
            return None;
        }
        if label.ids[self.place] != 0 {
            return Some(Name::Id(label.ids[self.place]));
        }
        if text != 0 {
            return Some(Name::Text(text));
        }
        if label.level == self.level {
            return Some(Name::Thing(label.identity));
        }
        let beside_named =
            self.files[&place].iter().any(|file| self.complete.contains(&(*file, label.level)));
        beside_named.then_some(Name::Text(0))
    }

    fn find_parent(&self, label: &Label, above: &mut Vec<(Level, usize)>) {
        let id = label.ids[self.place];
        if above.is_empty()
            && id != 0
            && let Some(path) = self.parents.get(&(label.account, id))
        {
            above.clone_from(path);
        }
    }
}

/// By label, whether it is of rows with money, or of a report on the audiences of such rows.
fn paid_labels(facts: &Facts, settled: &Settled) -> Vec<bool> {
    let mut paid: Vec<bool> = facts.labels.iter().map(shares_money_out).collect();
    for fact in settled.facts.iter().filter(|fact| fact.paid) {
        paid[fact.label as usize] = true;
    }
    paid
}

/// Rows of a whole account stand above everything that the account's campaigns report, those of a
/// page above its posts.
fn add_accounts(
    facts: &Facts,
    used: &BTreeSet<u32>,
    paid: &[bool],
    builder: &mut Builder,
    paths: &mut Paths,
) {
    let mut accounts: BTreeMap<(u32, bool), BTreeSet<u32>> = BTreeMap::new();
    for place in used {
        let label = &facts.labels[*place as usize];
        if label.level == Level::Account {
            let known = accounts.entry((label.account, paid[*place as usize])).or_default();
            known.insert(profile(label));
        }
    }
    let tops = tops(facts, used, paid, builder, paths);
    for place in used {
        let label = &facts.labels[*place as usize];
        let path = &mut paths[*place as usize];
        let top = match path.first() {
            Some((_, top)) => tops[&builder.find(*top)],
            None => Top { profile: profile(label), is_paid: paid[*place as usize] },
        };
        let Some(known) = accounts.get(&(label.account, top.is_paid)) else { continue };
        let Some(own) = account_of(top.profile, known) else { continue };
        let name = if top.is_paid { Name::Account(own) } else { Name::Page(own) };
        let node = builder.node((None, label.account, Level::Account, name));
        if !top.is_paid {
            builder.pages.insert(node);
        }
        path.insert(0, (Level::Account, node));
    }
}

fn profile(label: &Label) -> u32 {
    label.attributes[Attribute::Profile.index()]
}

/// A topmost knot below the accounts.
#[derive(Debug, Clone, Copy, Default)]
struct Top {
    /// From whichever of its rows names one.
    profile: u32,
    /// Whether any of its rows is of money, or of a campaign's: all others are posts.
    is_paid: bool,
}

fn tops(
    facts: &Facts,
    used: &BTreeSet<u32>,
    paid: &[bool],
    builder: &Builder,
    paths: &Paths,
) -> BTreeMap<usize, Top> {
    let mut tops: BTreeMap<usize, Top> = BTreeMap::new();
    for place in used {
        let label = &facts.labels[*place as usize];
        let Some((_, node)) = paths[*place as usize].first() else { continue };
        let top = tops.entry(builder.find(*node)).or_default();
        top.is_paid |= label.level != Level::Ad || paid[*place as usize];
        if top.profile == 0 {
            top.profile = profile(label);
        }
    }
    tops
}

/// The account that reports on a profile. Where either side does not say whose money it is, the
/// two are taken as the same: money is rather joined than counted twice.
fn account_of(profile: u32, known: &BTreeSet<u32>) -> Option<u32> {
    if known.contains(&profile) {
        return Some(profile);
    }
    let nameless = known.contains(&0).then_some(0);
    if profile == 0 { known.first().copied() } else { nameless }
}

/// Hangs every row on its knot and every knot on the one above.
fn hang(facts: &Facts, settled: &Settled, builder: &Builder, paths: &Paths) -> Tree {
    let mut tree = Tree::default();
    tree.nodes.resize_with(builder.same.len(), Node::default);
    let mut tops = BTreeSet::new();
    let mut first_days: BTreeMap<usize, Day> = BTreeMap::new();
    for (position, fact) in settled.facts.iter().enumerate() {
        let label = facts.label(fact);
        let path: Vec<(Level, usize)> = paths[fact.label as usize]
            .iter()
            .map(|(level, node)| (*level, builder.find(*node)))
            .collect();
        let (top, own) = (path[0].1, path[path.len() - 1].1);
        tops.insert(top);
        for pair in path.windows(2) {
            tree.nodes[pair[0].1].parts.entry(pair[1].0).or_default().insert(pair[1].1);
        }
        for (_, node) in &path {
            tree.nodes[*node].spans.insert(fact.span);
        }
        let grain = Grain { mask: label.mask, by_id: label.has_own_id() };
        tree.nodes[own].own.entry(grain).or_default().push(position);
        if label.level == Level::Ad && fact.span.is_dated() && !fact.measures.is_nothing() {
            let first = first_days.entry(own).or_insert(fact.span.start);
            *first = (*first).min(fact.span.start);
        }
    }
    for page in &builder.pages {
        tree.nodes[builder.find(*page)].is_page = true;
    }
    for node in &mut tree.nodes {
        for (grain, rows) in &mut node.own {
            if grain.mask != 0 {
                one_view_per_stretch(facts, settled, rows);
            }
        }
    }
    tree.tops = tops.into_iter().collect();
    for top in tree.tops.clone() {
        spread_first_days(&mut tree, top, &first_days);
    }
    tree
}

/// Breakdown rows of one knot and time from files that share no breakdown value are views of the
/// same money (by text and by video, both of them creatives): the view with most of it stays, of
/// equals the newer.
fn one_view_per_stretch(facts: &Facts, settled: &Settled, rows: &mut Vec<usize>) {
    let views = views(facts, settled, rows);
    if views.values().collect::<BTreeSet<_>>().len() < 2 {
        return;
    }
    let stretches = stretches(rows.iter().map(|row| settled.facts[*row].span));
    let mut money: Vec<BTreeMap<i64, Decimal>> = vec![BTreeMap::new(); stretches.len()];
    for fact in rows.iter().map(|row| &settled.facts[*row]) {
        let stretch = &mut money[stretch_of(&stretches, fact.span)];
        *stretch.entry(views[&fact.file]).or_default() += fact.measures.spend;
    }
    rows.retain(|row| {
        let fact = &settled.facts[*row];
        let stretch = &money[stretch_of(&stretches, fact.span)];
        let most = stretch.iter().max_by_key(|(view, spend)| (**spend, **view));
        most.is_none_or(|(view, _)| *view == views[&fact.file])
    });
}

/// The view that each file belongs to, named by one of its files: files that report on the same
/// thing at any time are one view.
fn views(facts: &Facts, settled: &Settled, rows: &[usize]) -> BTreeMap<i64, i64> {
    let mut views: BTreeMap<i64, i64> = BTreeMap::new();
    let mut view_of_thing: HashMap<i64, i64> = HashMap::new();
    for fact in rows.iter().map(|row| &settled.facts[*row]) {
        let own = *views.entry(fact.file).or_insert(fact.file);
        let known = *view_of_thing.entry(facts.label(fact).identity).or_insert(fact.file);
        let known = views[&known];
        if own != known {
            for view in views.values_mut().filter(|view| **view == own) {
                *view = known;
            }
        }
    }
    views
}

fn spread_first_days(tree: &mut Tree, node: usize, ads: &BTreeMap<usize, Day>) -> Vec<Day> {
    let parts: Vec<usize> = tree.nodes[node].parts.values().flatten().copied().collect();
    let mut days: Vec<Day> = ads.get(&node).copied().into_iter().collect();
    for part in parts {
        days.extend(spread_first_days(tree, part, ads));
    }
    days.sort_unstable();
    days.dedup();
    tree.nodes[node].first_days.clone_from(&days);
    days
}

impl Tree {
    /// Positions of all rows at a knot and below.
    pub(crate) fn rows_below(&self, node: usize) -> Vec<usize> {
        let own = self.nodes[node].own.values().flatten().copied();
        let below =
            self.nodes[node].parts.values().flatten().flat_map(|part| self.rows_below(*part));
        own.chain(below).collect()
    }
}
