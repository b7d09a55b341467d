//! The drawing of the base images: which image stands on which, with the worst finding of each.

use std::io::{self, Write};

use super::super::Report;

/// The drawing as an element, or nothing.
pub(super) fn drawing(report: &Report<'_>) -> io::Result<String> {
    let mut svg = Vec::new();
    if let Some(bases) = &report.checked.bases {
        bases.write_inline(&mut svg)?;
    }
    Ok(String::from_utf8_lossy(&svg).into_owned())
}

/// The text of the drawing's own style element, which the page's policy has to allow. Names of input are escaped, so the first
/// such element is the drawing's.
pub(super) fn styles(drawing: &str) -> &str {
    let inside = drawing.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>"));
    inside.map_or("", |(styles, _)| styles)
}

/// Writes the section; open at first when there is nothing more urgent to see.
pub(super) fn write(drawing: &str, is_open: bool, out: &mut dyn Write) -> io::Result<()> {
    if drawing.is_empty() {
        return Ok(());
    }
    let open = if is_open { " open" } else { "" };
    writeln!(
        out,
        "<section id=\"bases\">\n<details{open}>\n<summary><h2>Base images <small>what is built on what</small></h2></summary>\n\
         <div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Base images\">\n{drawing}</div>\n</details>\n</section>"
    )
}
