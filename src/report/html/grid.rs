//! The matrix as a table: one row for each service, base image and file, one column for each rule that found anything.
//!
//! Heads and cells are links to the worst finding that they stand for, so they lead somewhere without any script. What stands
//! for findings that the page has no room for is no link.

use std::io::{self, Write};

use super::super::escape::xml;
use super::matrix::{Cell, Column, Mark, Matrix, Row, Tally, sign};
use super::subject::SubjectKind;

/// Rows with findings that are shown, and names of rows without any.
const MAX_ROWS: usize = 300;
/// Rules that are shown.
const MAX_COLUMNS: usize = 80;

/// Writes the section.
pub(super) fn write(matrix: &Matrix, out: &mut dyn Write) -> io::Result<()> {
    let bad: Vec<&Row> = matrix.rows.iter().filter(|row| row.tally.sum() > 0).collect();
    let clean: Vec<&Row> = matrix.rows.iter().filter(|row| row.tally.sum() == 0 && row.judged).collect();
    let absent = matrix.rows.iter().filter(|row| !row.counts_as_judged()).count();
    if bad.is_empty() && clean.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section id=\"matrix\">\n<h2>{}</h2>", heading(matrix))?;
    bar(matrix, out)?;
    match bad.is_empty() {
        true => chips(&clean, out)?,
        false => table(matrix, &bad, &clean, out)?,
    }
    if absent > 0 {
        writeln!(
            out,
            "<p class=\"hint\">{absent} planned {} no file among what was checked.</p>",
            if absent == 1 { "service has" } else { "services have" }
        )?;
    }
    writeln!(out, "</section>")
}

/// `Services <small>38 of 65 services clean · 9 base images, all clean</small>`.
fn heading(matrix: &Matrix) -> String {
    let alone = [SubjectKind::Service, SubjectKind::Base].iter().all(|kind| matrix.standing(*kind).0 == 0);
    let parts: Vec<String> = SubjectKind::ALL
        .into_iter()
        .filter_map(|kind| {
            let (judged, clean) = matrix.standing(kind);
            // Files are others only beside something.
            let noun = kind.noun(judged);
            let noun = if alone { noun.trim_start_matches("other ") } else { noun };
            match (judged, clean) {
                (0, _) => None,
                (_, clean) if clean == judged => Some(format!("{judged} {noun}, all clean")),
                // Files that nobody plans have a row only when something is found in them.
                (_, 0) if kind == SubjectKind::Other => Some(format!("{judged} {noun} with findings")),
                _ => Some(format!("{clean} of {judged} {noun} clean")),
            }
        })
        .collect();
    let title = match matrix.standing(SubjectKind::Service).0 {
        0 => "Files",
        _ => "Services",
    };
    format!("{title} <small>{}</small>", parts.join(" · "))
}

/// A bar of the services (of all rows where there are none) by the worst that each has.
fn bar(matrix: &Matrix, out: &mut dyn Write) -> io::Result<()> {
    let services = matrix.standing(SubjectKind::Service).0 > 0;
    let rows = matrix.rows.iter().filter(|row| row.counts_as_judged());
    let rows = rows.filter(|row| !services || row.kind == SubjectKind::Service);
    let mut counts = [("error", 0), ("warning", 0), ("note", 0), ("open", 0), ("pass", 0)];
    for row in rows {
        let worst = row.tally.worst();
        counts.iter_mut().filter(|(class, _)| *class == worst).for_each(|(_, count)| *count += 1);
    }
    let whole: usize = counts.iter().map(|(_, count)| count).sum();
    let said = |(class, count): &(&str, usize)| match *class {
        "pass" => format!("{count} clean"),
        "open" => format!("{count} with open results only"),
        class => format!("{count} with {class}s"),
    };
    let some = counts.iter().filter(|(_, count)| *count > 0);
    let label: Vec<String> = some.clone().map(said).collect();
    write!(
        out,
        "<svg class=\"bar\" role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {whole} 1\" preserveAspectRatio=\"none\">",
        label.join(", ")
    )?;
    let mut x = 0;
    for (class, count) in some.clone() {
        write!(out, "<rect class=\"{class}\" x=\"{x}\" width=\"{count}\" height=\"1\"/>")?;
        x += count;
    }
    writeln!(out, "</svg>\n<ul class=\"key\">")?;
    for part in some {
        writeln!(out, "<li class=\"{}\"><b>{}</b> {}</li>", part.0, sign(part.0), said(part))?;
    }
    writeln!(out, "</ul>")
}

/// The names of a fleet without findings.
fn chips(rows: &[&Row], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<ul class=\"chips\">")?;
    for row in rows.iter().take(MAX_ROWS) {
        writeln!(out, "<li><span aria-hidden=\"true\">✓</span> {}</li>", xml(&row.name))?;
    }
    if let Some(rest) = rows.len().checked_sub(MAX_ROWS).filter(|rest| *rest > 0) {
        writeln!(out, "<li>… and {rest} more</li>")?;
    }
    writeln!(
        out,
        "</ul>\n<p class=\"hint\">No rule found anything in them. What was not judged is said below.</p>"
    )
}

fn table(matrix: &Matrix, bad: &[&Row], clean: &[&Row], out: &mut dyn Write) -> io::Result<()> {
    let columns = &matrix.columns[..matrix.columns.len().min(MAX_COLUMNS)];
    if !clean.is_empty() {
        writeln!(
            out,
            "<input type=\"checkbox\" id=\"clean\"><label for=\"clean\">show the {} without findings</label>",
            clean.len()
        )?;
    }
    writeln!(
        out,
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Services and rules\">\n<table class=\"matrix\">\n\
         <caption>Findings by service and rule, the worst first</caption>\n<thead>\n<tr><td>worst first</td>"
    )?;
    for column in columns {
        head(column, out)?;
    }
    writeln!(out, "</tr>\n</thead>")?;
    let (mut left_bad, mut left_clean) = (MAX_ROWS, MAX_ROWS);
    for kind in SubjectKind::ALL {
        let bad = of_kind(bad, kind, &mut left_bad);
        let clean = of_kind(clean, kind, &mut left_clean);
        if bad.is_empty() && clean.is_empty() {
            continue;
        }
        let class = match (bad.is_empty(), kind) {
            (true, SubjectKind::Other) => " class=\"clean files\"",
            (true, _) => " class=\"clean\"",
            (false, SubjectKind::Other) => " class=\"files\"",
            _ => "",
        };
        writeln!(out, "<tbody{class}>")?;
        let (judged, good) = matrix.standing(kind);
        let title = match kind {
            SubjectKind::Service => "Services",
            SubjectKind::Base => "Base images",
            SubjectKind::Other => "Other files",
        };
        let standing = match (good, kind) {
            (0, SubjectKind::Other) => format!("{judged} with findings"),
            _ => format!("{good} of {judged} clean"),
        };
        writeln!(
            out,
            "<tr class=\"kind\"><th scope=\"rowgroup\"><div>{title} <small>{standing}</small></div></th><td colspan=\"{}\"></td></tr>",
            columns.len()
        )?;
        for row in bad {
            write_row(row, columns, out)?;
        }
        for row in clean {
            write_clean(row, columns.len(), out)?;
        }
        writeln!(out, "</tbody>")?;
    }
    writeln!(out, "</table>\n</div>")?;
    legend(matrix, bad.len(), clean.len(), out)
}

/// The rows of a kind, as many as are left to be shown.
fn of_kind<'r>(rows: &[&'r Row], kind: SubjectKind, left: &mut usize) -> Vec<&'r Row> {
    let found: Vec<&Row> = rows.iter().copied().filter(|row| row.kind == kind).take(*left).collect();
    *left -= found.len();
    found
}

fn head(column: &Column, out: &mut dyn Write) -> io::Result<()> {
    let (rule, class) = (xml(column.rule), column.tally.worst());
    let said = said(column.tally, column.listed.iter().sum());
    let (open, close) = match column.listed {
        [0, 0] => ("<div".to_owned(), "</div>"),
        _ => (format!("<a href=\"#r-{rule}\" data-rule=\"{rule}\""), "</a>"),
    };
    writeln!(
        out,
        "<th scope=\"col\">{open} title=\"{rule}: {said}\"><span>{rule}</span> <b class=\"{class}\">{}</b>{close}</th>",
        column.tally.sum()
    )
}

fn write_row(row: &Row, columns: &[Column], out: &mut dyn Write) -> io::Result<()> {
    let (name, class) = (xml(&row.name), row.tally.worst());
    let note = if row.planned { "" } else { " <small>not in the plan</small>" };
    let said = said(row.tally, row.cells.values().map(|cell| cell.listed).sum());
    let (open, close) = match row.first() {
        None => ("<div".to_owned(), "</div>"),
        Some(first) => (format!("<a href=\"#{}\" data-service=\"{name}\"", id(first)), "</a>"),
    };
    write!(
        out,
        "<tr><th scope=\"row\">{open} title=\"{name}: {said}\"><span>{name}{note}</span> \
         <b class=\"{class}\">{}</b>{close}</th>",
        row.tally.sum()
    )?;
    for column in columns {
        match row.cells.get(column.rule) {
            Some(cell) => write_cell(&name, column.rule, cell, out)?,
            None => write!(out, "<td></td>")?,
        }
    }
    writeln!(out, "</tr>")
}

fn write_cell(name: &str, rule: &str, cell: &Cell, out: &mut dyn Write) -> io::Result<()> {
    let (rule, class, count) = (xml(rule), cell.tally.worst(), cell.tally.sum());
    let sign = sign(class);
    let count = if count > 1 { format!("<i>{count}</i>") } else { String::new() };
    let said = format!("{name}, {rule}: {}", said(cell.tally, cell.listed));
    let (open, close) = match cell.first {
        None => ("<div role=\"img\"".to_owned(), "</div>"),
        Some((_, first)) => {
            (format!("<a href=\"#{}\" data-service=\"{name}\" data-rule=\"{rule}\"", id(first)), "</a>")
        }
    };
    write!(
        out,
        "<td class=\"{class}\">{open} title=\"{said}\" aria-label=\"{said}\">{sign}{count}{close}</td>"
    )
}

/// What was found, and how much of it the page does not list: `3 errors`, `3 errors, not listed`, `3 errors, 1 of 3 listed`.
fn said(tally: Tally, listed: usize) -> String {
    let text = tally.text();
    match (listed, tally.sum()) {
        (listed, sum) if listed == sum => text,
        (0, _) => format!("{text}, not listed"),
        (listed, sum) => format!("{text}, {listed} of {sum} listed"),
    }
}

fn write_clean(row: &Row, columns: usize, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<tr class=\"clean\"><th scope=\"row\"><div><span>{}</span> <b class=\"pass\" title=\"nothing found\">✓</b></div></th>\
         <td colspan=\"{columns}\"></td></tr>",
        xml(&row.name)
    )
}

/// What the signs mean, and what is not shown.
fn legend(matrix: &Matrix, bad: usize, clean: usize, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "<p class=\"hint\">")?;
    for (class, noun) in
        [("error", "error"), ("warning", "warning"), ("note", "note"), ("open", "cannot be told")]
    {
        let at = super::matrix::CLASSES.iter().position(|it| *it == class);
        if at.is_some_and(|at| matrix.columns.iter().any(|column| column.tally.0[at] > 0)) {
            write!(out, "<span class=\"sign {class}\">{}</span> {noun} ", sign(class))?;
        }
    }
    write!(
        out,
        "<span class=\"sign\">&nbsp;</span> nothing found: the rule passed, or has nothing to judge there. Rules that found nothing \
         have no column."
    )?;
    for (count, most, noun) in [
        (bad, MAX_ROWS, "rows"),
        (clean, MAX_ROWS, "clean rows"),
        (matrix.columns.len(), MAX_COLUMNS, "rules"),
    ] {
        if count > most {
            write!(out, " {} {noun} more are not shown.", count - most)?;
        }
    }
    writeln!(out, "</p>")
}

/// The id of a result's article.
pub(super) fn id(mark: Mark) -> String {
    match mark {
        Mark::Finding(at) => format!("f{at}"),
        Mark::Open(at) => format!("o{at}"),
    }
}
