//! What must be beyond doubt before a cell changes: columns, ad sets, the unit of money.

use std::collections::{BTreeMap, BTreeSet};

use super::BulkError;
use super::names::{AD_SET_ID, AD_SET_NAME, DATES};
use super::sheet::Sheet;
use super::unit::{BudgetUnit, is_meta};
use crate::allocate::plan::Plan;
use crate::allocate::plan::row::Row;
use crate::segment::Attribute;

/// The columns that matter, by their heads in Meta's bulk file.
pub(super) struct Columns {
    pub(super) id: usize,
    name: usize,
    daily: Option<usize>,
    lifetime: Option<usize>,
    campaign: Vec<usize>,
    pub(super) start: Option<usize>,
    pub(super) stop: Option<usize>,
}

impl Columns {
    pub(super) fn of(file: &Sheet) -> Result<Self, BulkError> {
        let needed = |head: &'static str| file.column(head).ok_or(BulkError::NoColumn { head });
        let daily = file.column("Ad Set Daily Budget");
        let lifetime = file.column("Ad Set Lifetime Budget");
        if daily.is_none() && lifetime.is_none() {
            return Err(BulkError::NoColumn { head: "Ad Set Daily Budget" });
        }
        let campaign = ["Campaign Daily Budget", "Campaign Lifetime Budget"];
        Ok(Self {
            id: needed(AD_SET_ID)?,
            name: needed(AD_SET_NAME)?,
            daily,
            lifetime,
            campaign: campaign.iter().filter_map(|head| file.column(head)).collect(),
            start: file.column(DATES[0]),
            stop: file.column(DATES[1]),
        })
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<usize> {
        let dates = [self.start, self.stop].into_iter().flatten();
        let own = [self.id, self.name].into_iter().chain(self.budgets()).chain(dates);
        own.chain(self.campaign.iter().copied()).collect()
    }

    fn budgets(&self) -> impl Iterator<Item = usize> {
        [self.daily, self.lifetime].into_iter().flatten()
    }
}

/// Rows of the file that belong to rows of the plan, in file order.
///
/// An ad set is known by the id that the planner gives, or by its exact name: the plan's
/// attribute `ad_set`, else the segment's own name.
pub(super) fn ad_sets<'a>(
    file: &Sheet,
    columns: &Columns,
    plan: &'a Plan,
    given: &BTreeMap<String, String>,
) -> Result<Vec<(usize, &'a Row)>, BulkError> {
    let mut owner: BTreeMap<&str, &Row> = BTreeMap::new();
    let mut missing = Vec::new();
    for row in plan.rows.iter().filter(|row| is_meta(row) || given.contains_key(&row.segment)) {
        let ids = ids_of(file, columns, row, given);
        match ids.iter().copied().collect::<Vec<&str>>()[..] {
            [] if row.budget > 0.0 => missing.push(row.segment.clone()),
            [] => {}
            [id] => {
                if let Some(other) = owner.insert(id, row) {
                    let segments = vec![other.segment.clone(), row.segment.clone()];
                    return Err(BulkError::Shared { id: id.to_owned(), segments });
                }
            }
            _ => {
                let ids = ids.into_iter().map(str::to_owned).collect();
                return Err(BulkError::Ambiguous { segment: row.segment.clone(), ids });
            }
        }
    }
    if !missing.is_empty() {
        return Err(BulkError::Missing { segments: missing });
    }
    let known = |line: usize| owner.get(file.get(line, columns.id)).map(|row| (line, *row));
    Ok(file.rows().filter_map(known).collect())
}

fn ids_of<'f>(
    file: &'f Sheet,
    columns: &Columns,
    row: &Row,
    given: &BTreeMap<String, String>,
) -> BTreeSet<&'f str> {
    let name = row.attributes.get(Attribute::AdSet.column()).unwrap_or(&row.segment);
    let wanted = |line: &usize| match given.get(&row.segment) {
        Some(id) => file.get(*line, columns.id) == id,
        None => file.get(*line, columns.name) == name,
    };
    // An empty id makes a new ad set; it is none that exists.
    file.rows()
        .filter(wanted)
        .map(|line| file.get(line, columns.id))
        .filter(|id| !id.is_empty())
        .collect()
}

/// The unit of the budget columns: as stated, or units when some budget has decimals.
///
/// Tools disagree on what whole numbers mean, so whole numbers alone tell nothing.
pub(super) fn unit(
    file: &Sheet,
    columns: &Columns,
    stated: Option<BudgetUnit>,
) -> Result<BudgetUnit, BulkError> {
    let amounts = file.rows().flat_map(|line| columns.budgets().map(move |column| (line, column)));
    let mut example = None;
    let mut with_decimals = None;
    for (line, column) in amounts {
        let text = file.get(line, column).trim();
        if text.is_empty() {
            continue;
        }
        let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b',');
        if !plain || text.matches(['.', ',']).count() > 1 {
            return Err(BulkError::NotAnAmount { line: file.line(line), found: text.to_owned() });
        }
        example.get_or_insert_with(|| text.to_owned());
        if text.contains(['.', ',']) {
            with_decimals.get_or_insert_with(|| text.to_owned());
        }
    }
    match (stated, with_decimals) {
        (Some(BudgetUnit::Minor), Some(found)) => Err(BulkError::NotCents { found }),
        (Some(unit), _) => Ok(unit),
        (None, Some(_)) => Ok(BudgetUnit::Units),
        (None, None) => Err(BulkError::UnitUnclear { found: example.unwrap_or_default() }),
    }
}

/// The budget column that an ad set uses, and what it must say.
pub(super) fn budget(
    file: &Sheet,
    columns: &Columns,
    line: usize,
    row: &Row,
    plan: &Plan,
    unit: BudgetUnit,
) -> Result<(usize, String), BulkError> {
    let filled = |column: &usize| !file.get(line, *column).trim().is_empty();
    let ad_set = || file.get(line, columns.id).to_owned();
    if columns.campaign.iter().any(filled) {
        return Err(BulkError::CampaignBudget { line: file.line(line), ad_set: ad_set() });
    }
    let used: Vec<usize> = columns.budgets().filter(filled).collect();
    let [column] = used[..] else {
        return Err(BulkError::BudgetUnclear { line: file.line(line), ad_set: ad_set() });
    };
    let is_daily = Some(column) == columns.daily;
    let amount = if is_daily { row.per_day } else { row.budget - row.fixed_cost };
    let digits = plan.currency.map_or(2, |currency| currency.minor_digits()) as usize;
    let text = match unit {
        BudgetUnit::Minor => format!("{:.0}", amount * 10_f64.powi(digits as i32)),
        BudgetUnit::Units => {
            let text = format!("{amount:.digits$}");
            if file.get(line, column).contains(',') { text.replace('.', ",") } else { text }
        }
    };
    Ok((column, text))
}
