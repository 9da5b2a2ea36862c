//! A short page: what matters in a few sentences, then charts and tables. Comparisons of runs and
//! reviews of finished flights are such pages.

use askama::Template;

use super::{Group, Show, figure, rendered, wide_table};
use crate::report::chart::Chart;
use crate::report::error::ReportError;
use crate::report::formatter::Formatter;
use crate::report::sheets::table::Table;

/// What a short page says.
#[derive(Debug, Clone, Default)]
pub struct Brief {
    /// What kind of page it is.
    pub kind: String,
    /// Its heading.
    pub title: String,
    /// The goal of the campaign; empty when there is none.
    pub goal: String,
    /// Names and values right below the heading.
    pub facts: Vec<(String, String)>,
    /// The things to know: a few words, a sentence.
    pub things: Vec<(String, String)>,
    /// What a person who signs the page writes at its end; empty when nobody does.
    pub signed: Vec<String>,
    /// Its sections.
    pub sections: Vec<Section>,
}

/// Charts and tables under one heading.
#[derive(Debug, Clone, Default)]
pub struct Section {
    /// Anchor within the page.
    pub id: String,
    /// Heading.
    pub title: String,
    /// Introduction; may be empty.
    pub text: String,
    /// Charts.
    pub charts: Vec<Chart>,
    /// Tables.
    pub tables: Vec<Table>,
}

#[derive(Template)]
#[template(path = "brief.html", config = "src/report/page/askama.toml")]
struct Page<'a> {
    formatter: &'a Formatter,
    style: &'static str,
    brief: &'a Brief,
    /// Anchor of the first section.
    first: &'a str,
    groups: Vec<Group<'a>>,
}

/// The whole page.
///
/// # Errors
///
/// [`ReportError::Page`] when a template does not render.
pub fn html(brief: &Brief, formatter: &Formatter) -> Result<String, ReportError> {
    let shown = |section: &&Section| !section.charts.is_empty() || !section.tables.is_empty();
    let sections: Vec<&Section> = brief.sections.iter().filter(shown).collect();
    let page = Page {
        formatter,
        style: super::STYLE,
        brief,
        first: sections.first().map_or("essential", |section| section.id.as_str()),
        groups: sections
            .iter()
            .map(|section| group(section, formatter))
            .collect::<Result<_, _>>()?,
    };
    rendered("brief", &page)
}

fn group<'a>(section: &'a Section, formatter: &Formatter) -> Result<Group<'a>, ReportError> {
    let id = &section.id;
    let table = |(i, table)| wide_table(table, &format!("{id}-table-{}", i + 1), formatter);
    Ok(Group {
        id,
        title: section.title.clone(),
        text: section.text.clone(),
        figures: section
            .charts
            .iter()
            .map(|chart| figure(chart, formatter, Show::Folded))
            .collect::<Result<_, _>>()?,
        tables: section.tables.iter().enumerate().map(table).collect::<Result<_, _>>()?,
    })
}
