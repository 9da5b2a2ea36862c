//! Totals since publication, and the days of the same post.
//!
//! A platform exports a post twice: what it has had since it was published, as one line, and day by
//! day. They are two grains of one thing, and neither holds the other: daily lines reach back some
//! weeks and lack columns, a total is of the day of its export. The total answers what there was in
//! all, the days say when. So a total keeps what its days do not account for, measure by measure, and
//! stands with that on the day of publication; where days add up to more than an older total, they
//! are right. What a post has is then the larger of the two, never both, in whatever order the
//! exports came and however few days are covered. The newest total of a post alone counts.
//!
//! The store tells the two apart by the sign of what identifies them, so that no daily line takes the
//! place of a total or is taken for one.

use std::collections::{BTreeMap, BTreeSet};

use super::settle::days_of;
use crate::history::question::rows::facts::{Fact, Facts, Measures};

/// Rows of one post: totals, and days.
type Grains = [Vec<usize>; 2];

/// Leaves of every total since publication what its days do not account for.
pub(crate) fn less_their_days(facts: &mut Facts) {
    let posts: BTreeSet<i64> =
        facts.labels.iter().filter(|label| label.lifetime).map(|label| label.identity).collect();
    if posts.is_empty() {
        return;
    }
    let mut grains: BTreeMap<i64, Grains> = BTreeMap::new();
    for (at, fact) in facts.rows.iter().enumerate() {
        let label = facts.label(fact);
        if posts.contains(&label.identity) {
            grains.entry(label.identity).or_default()[usize::from(!label.lifetime)].push(at);
        }
    }
    let mut gone = BTreeSet::new();
    for [totals, days] in grains.into_values().filter(|[totals, _]| !totals.is_empty()) {
        settle(facts, &totals, &days, &mut gone);
    }
    let mut at = 0..;
    facts.rows.retain(|_| !gone.contains(&at.next().unwrap_or_default()));
}

fn settle(facts: &mut Facts, totals: &[usize], days: &[usize], gone: &mut BTreeSet<usize>) {
    let newest = totals.iter().map(|at| facts.rows[*at].file).max();
    let (own, older): (Vec<usize>, Vec<usize>) =
        totals.iter().partition(|at| Some(facts.rows[**at].file) == newest);
    gone.extend(older);
    let own = once(facts, own, gone);
    if days.is_empty() {
        return;
    }
    let mut whole = Measures::default();
    for at in &own {
        whole.add(&facts.rows[*at].measures);
    }
    let rows: Vec<Fact> = days.iter().map(|at| facts.rows[*at]).collect();
    let mut rest = whole.without(&days_of(rows, facts.cent()));
    // People of a day are among those of the post, so that days add nothing to them.
    rest.reach = whole.reach;
    if whole.reach.is_some() {
        for at in days {
            facts.rows[*at].measures.reach = None;
        }
    }
    let (first, others) = own.split_first().expect("there is a total");
    gone.extend(others);
    let published = facts.rows[*first].span;
    let same = days.iter().find(|at| facts.rows[**at].span.holds(published));
    let Some(day) = same else {
        facts.rows[*first].measures = rest;
        return;
    };
    let measures = &mut facts.rows[*day].measures;
    measures.take(&rest);
    measures.reach = rest.reach;
    gone.insert(*first);
}

/// What an export says of one post, which it says once: of exports put together in one file the
/// larger total is the later. Posts without an id may be several of one name, which add up.
fn once(facts: &Facts, own: Vec<usize>, gone: &mut BTreeSet<usize>) -> Vec<usize> {
    let is_one = own.iter().all(|at| facts.label(&facts.rows[*at]).has_own_id());
    let grown = |at: &usize| facts.rows[*at].measures.counted();
    let largest = own.iter().copied().max_by(|a, b| grown(a).total_cmp(&grown(b)));
    match largest.filter(|_| is_one) {
        Some(largest) => {
            gone.extend(own.into_iter().filter(|at| *at != largest));
            vec![largest]
        }
        None => own,
    }
}

#[cfg(test)]
mod tests {
    use crate::action::Action;
    use crate::history::row::{Level, Row};
    use crate::history::tests::{day, history, import, import_packed, row};
    use crate::history::{History, PanelOptions, Post, PostQuery};
    use crate::segment::Attribute::{Ad, Network, Profile};

    /// A line of a post: what it counts, of a day or since its publication on day 0.
    fn post(id: &str, on: Option<i64>, views: Option<f64>, shares: Option<f64>) -> Row {
        let names = [(Network, "meta"), (Profile, "Region"), (Ad, id)];
        let span = on.unwrap_or_default();
        let mut row = row(Level::Ad, &names, (span, span), "0");
        row.ids = [None, None, Some(id.into())];
        (row.spend, row.impressions, row.lifetime) = (None, views, on.is_none());
        row.reach = on.is_none().then_some(900.0);
        row.actions.set(Action::Shares, shares);
        row
    }

    fn total(id: &str, views: f64, shares: f64) -> Row {
        post(id, None, Some(views), Some(shares))
    }

    fn daily(id: &str, on: i64, shares: f64) -> Row {
        post(id, Some(on), None, Some(shares))
    }

    fn sums(history: &History) -> (f64, f64) {
        let totals = history.totals().unwrap();
        (totals.impressions, totals.actions[&Action::Shares])
    }

    fn posts(history: &History) -> Vec<Post> {
        history.posts(&PostQuery::default()).unwrap().posts
    }

    #[test]
    fn a_post_has_one_total_however_often_and_wherever_it_is_exported() {
        let later = |on: i64| {
            let mut later = total("1", 5100.0, 31.0);
            later.period = Some((day(on), day(on)));
            later
        };
        // Two exports put together in one file.
        for rows in [[total("1", 5000.0, 30.0), later(0)], [later(0), total("1", 5000.0, 30.0)]] {
            let (_folder, mut history) = history();
            import(&mut history, "a", &rows);
            assert_eq!(sums(&history), (5100.0, 31.0));
            assert_eq!(posts(&history)[0].impressions, Some(5100.0));
        }
        // Its day of publication moved: another time zone.
        let (_folder, mut history) = history();
        import(&mut history, "a", &[total("1", 5000.0, 30.0)]);
        import(&mut history, "b", &[later(-1)]);
        assert_eq!(sums(&history), (5100.0, 31.0));
        assert_eq!(posts(&history)[0].impressions, Some(5100.0));
    }

    #[test]
    fn a_total_since_publication_and_its_days_are_neither_lost_nor_counted_twice() {
        let totals = [total("1", 5000.0, 30.0), total("2", 7000.0, 55.0)];
        // The first on the day of publication and a week later, the second on one day of many.
        let days = [daily("1", 0, 15.0), daily("1", 7, 15.0), daily("2", 3, 10.0)];
        for order in [[&totals[..], &days[..]], [&days[..], &totals[..]]] {
            let (_folder, mut history) = history();
            for (name, rows) in ["a", "b"].iter().zip(order) {
                import(&mut history, name, rows);
            }
            assert_eq!(sums(&history), (12000.0, 85.0));
            let again = import(&mut history, "again", &days);
            assert_eq!((again.duplicate, again.imported, again.replaced), (3, 0, 0));
            let found = posts(&history);
            assert_eq!(found.len(), 2);
            assert!(found.iter().all(|post| post.reach == Some(900.0)), "{found:?}");
            let organic = PanelOptions { organic: true, ..PanelOptions::default() };
            let panel = history.panel(&organic).unwrap().panel;
            let shares = |cell: &crate::panel::Cell| cell.actions.get(Action::Shares);
            assert_eq!(panel.cells.iter().filter_map(shares).sum::<f64>(), 85.0);
            // What the second has beyond its day stands where it was published.
            let weeks: Vec<f64> = panel.cells.iter().filter_map(shares).collect();
            assert_eq!(weeks, [70.0, 15.0]);
            // Days asked for hold what happened on them.
            let since = PostQuery { from: Some(day(7)), ..PostQuery::default() };
            let since = history.posts(&since).unwrap().posts;
            assert_eq!(since[0].actions[&Action::Shares], 15.0);
        }
    }

    #[test]
    fn days_that_add_up_to_more_than_an_older_total_are_right() {
        let (_folder, mut history) = history();
        import(&mut history, "old", &[total("1", 100.0, 5.0)]);
        import(&mut history, "days", &[daily("1", 2, 4.0), daily("1", 3, 4.0)]);
        assert_eq!(sums(&history), (100.0, 8.0));
        // A newer total takes the older one's place, and accounts for its days.
        assert_eq!(import(&mut history, "new", &[total("1", 300.0, 20.0)]).replaced, 1);
        assert_eq!(sums(&history), (300.0, 20.0));
        history.undo(3).unwrap();
        assert_eq!(sums(&history), (100.0, 8.0));
        history.undo(2).unwrap();
        assert_eq!(sums(&history), (100.0, 5.0));
    }

    #[test]
    fn totals_and_days_keep_apart_in_blocks_and_in_one_import() {
        let (_folder, mut history) = history();
        let rows: Vec<Row> = (0..6).map(|n| total(&n.to_string(), 10.0, 1.0)).collect();
        import_packed(&mut history, "totals", &rows);
        let days: Vec<Row> = (0..6).map(|n| daily(&n.to_string(), 0, 1.0)).collect();
        import_packed(&mut history, "days", &days);
        assert_eq!(sums(&history), (60.0, 6.0));
        assert_eq!(posts(&history).len(), 6);
    }

    #[test]
    fn a_window_without_money_keeps_what_its_days_do_not_count() {
        let (_folder, mut history) = history();
        let window = |span: (i64, i64), views: f64| {
            let mut row = post("1", Some(span.0), Some(views), None);
            row.period = Some((day(span.0), day(span.1)));
            row
        };
        import(&mut history, "days", &[daily("1", 1, 4.0)]);
        import(&mut history, "month", &[window((0, 27), 500.0)]);
        assert_eq!(sums(&history), (500.0, 4.0));
    }
}
