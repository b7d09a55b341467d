//! `svg`: boxes from left to right, what an image is built on to its left.

use std::io::{self, Write};

use super::super::escape::xml;
use super::{Drawing, Kind};

/// Where a drawing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In a file of its own.
    Document,
    /// In a page of HTML.
    Page,
}

/// Writes the drawing.
pub(super) fn write(drawing: &Drawing, place: Place, out: &mut dyn Write) -> io::Result<()> {
    let mut names: Vec<&str> = drawing.edges().flat_map(|edge| [edge.parent.as_str(), &edge.child]).collect();
    names.extend(drawing.children.keys().map(String::as_str));
    names.sort_unstable();
    names.dedup();
    let xmlns = if place == Place::Document { " xmlns=\"http://www.w3.org/2000/svg\"" } else { "" };
    writeln!(
        out,
        "<svg{xmlns} class=\"bases\" role=\"img\" width=\"400\" height=\"{}\">",
        names.len() * 20 + 20
    )?;
    writeln!(out, "<title>Images and what they are built on</title>")?;
    for (at, name) in names.iter().enumerate() {
        let look = drawing.looks.get(*name).cloned().unwrap_or_default();
        let kind = match look.kind {
            Kind::External => "external",
            Kind::Base => "base",
            Kind::Service => "service",
            Kind::Other => "other",
        };
        let severity = look.worst.map_or("", crate::finding::Severity::name);
        let (name, y) = (xml(name), at * 20 + 20);
        writeln!(out, "<g class=\"node {kind} {severity}\"><text x=\"8\" y=\"{y}\">{name}</text></g>")?;
    }
    writeln!(out, "</svg>")
}
