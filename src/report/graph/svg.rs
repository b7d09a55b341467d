//! `svg`: boxes from left to right, what an image is built on to its left.
//!
//! Colours are custom properties of the page with fallbacks of their own, so that the same drawing stands in a page and in a
//! file; in a file it follows the reader's choice of light or dark.

mod layout;

use std::io::{self, Write};

use super::super::counted;
use super::super::escape::{visible, xml};
use super::{Drawing, Kind, Look};
use crate::finding::Severity;
use layout::{HEIGHT, Layout, Line, MARGIN, Node, SMALL, WIDTH};

/// Rules for both places, below the class of the drawing.
const STYLE: &str = include_str!("svg/style.css");
/// What a page says itself: dark colours and the ground.
const DOCUMENT_STYLE: &str = include_str!("svg/document.css");

/// Cells of a name in a box, at 7.6 pixels each.
const NAME_CELLS: usize = 27;
/// Cells of a file in a box, at 6.1 pixels each.
const FILE_CELLS: usize = 34;
/// Size of the letters of a file, the smallest ones, as the style has it; 9 pixels are still read.
const FILE_PIXELS: usize = 10;
/// Cells of either that the sign of a finding takes.
const SIGN_CELLS: usize = 3;

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
    let layout = Layout::new(drawing);
    let left_out = layout.left_out > 0;
    let (width, height) = (layout.width, layout.height + if left_out { 28 } else { 0 });
    let xmlns = if place == Place::Document { " xmlns=\"http://www.w3.org/2000/svg\"" } else { "" };
    writeln!(
        out,
        "<svg{xmlns} class=\"bases\" role=\"img\" aria-label=\"Images and what they are built on\" width=\"{width}\" \
         height=\"{height}\" viewBox=\"0 0 {width} {height}\">"
    )?;
    writeln!(
        out,
        "<title>Images and what they are built on</title>\n<desc>{}</desc>",
        describe(drawing, &layout)
    )?;
    match place {
        Place::Document => writeln!(out, "<style>\n{STYLE}{DOCUMENT_STYLE}</style>")?,
        // A page may shrink a drawing as far as its smallest letters can be read; beyond that it scrolls.
        Place::Page => {
            writeln!(
                out,
                "<style>\n{STYLE}.bases {{ min-width: {}px; }}\n</style>",
                width * 9 / FILE_PIXELS
            )?;
        }
    }
    if place == Place::Document {
        writeln!(out, "<rect class=\"ground\" width=\"{width}\" height=\"{height}\"/>")?;
    }
    for frame in &layout.frames {
        writeln!(
            out,
            "<rect class=\"frame\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"12\"/>",
            frame.x, frame.y, frame.width, frame.height
        )?;
    }
    for line in &layout.lines {
        write_line(line, out)?;
    }
    let none = Look::default();
    for node in &layout.nodes {
        write_node(node, drawing.looks.get(node.name).unwrap_or(&none), place, out)?;
    }
    if left_out {
        let text = format!("… and {} that the drawing leaves out", counted(layout.left_out, "more image"));
        writeln!(out, "<text class=\"file\" x=\"{MARGIN}\" y=\"{}\">{text}</text>", height - MARGIN)?;
    }
    writeln!(out, "</svg>")
}

/// One sentence for who does not see the drawing.
fn describe(drawing: &Drawing, layout: &Layout<'_>) -> String {
    let of = |kind: Kind| layout.nodes.iter().filter(|node| kind_of(drawing, node) == kind).count();
    let parts = [
        (of(Kind::External), "external image"),
        (of(Kind::Base), "base"),
        (of(Kind::Service), "service"),
        (of(Kind::Other), "other image"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, noun)| counted(*count, noun)).collect();
    let cycles = layout.lines.iter().filter(|line| line.is_back).count();
    let cycles = if cycles > 0 { format!("; {}", counted(cycles, "cycle")) } else { String::new() };
    format!("{}{cycles}. Every image stands to the right of what it is built on.", parts.join(", "))
}

fn kind_of(drawing: &Drawing, node: &Node<'_>) -> Kind {
    drawing.looks.get(node.name).map_or(Kind::External, |look| look.kind)
}

/// A curved connector with an arrow head, and what is said of it.
fn write_line(line: &Line, out: &mut dyn Write) -> io::Result<()> {
    let ((x, y), (to_x, to_y)) = (line.from, line.to);
    let class = match (line.is_back, line.is_sure) {
        (true, _) => "line cycle",
        (false, true) => "line",
        (false, false) => "line unsure",
    };
    if line.is_back {
        let low = y.max(to_y) + 36;
        write!(out, "<path class=\"{class}\" d=\"M{x} {y}C{x} {low} {to_x} {low} {to_x} {}\"/>", to_y + 6)?;
        write!(out, "<path class=\"head cycle\" d=\"M{} {}l-4 7h8z\"/>", to_x, to_y)?;
    } else {
        // The curve is vertical half way between two columns.
        let middle = to_x.saturating_sub(46).max(x.min(to_x));
        write!(
            out,
            "<path class=\"{class}\" d=\"M{x} {y}C{middle} {y} {middle} {to_y} {} {to_y}\"/>",
            to_x.saturating_sub(6)
        )?;
        write!(out, "<path class=\"head\" d=\"M{to_x} {to_y}l-7 -4v8z\"/>")?;
    }
    if !line.label.is_empty() {
        let (x, y) = match line.is_back {
            true => (usize::midpoint(x, to_x), y.max(to_y) + 40),
            // On the side that the curve does not come from.
            false if to_y > y => (to_x.saturating_sub(12), to_y + 14),
            false => (to_x.saturating_sub(12), to_y.saturating_sub(6)),
        };
        let anchor = if line.is_back { "middle" } else { "end" };
        write!(
            out,
            "<text class=\"label\" text-anchor=\"{anchor}\" x=\"{x}\" y=\"{y}\">{}</text>",
            line.label
        )?;
    }
    writeln!(out)
}

/// A box: its name, its file, and the sign of the worst finding.
fn write_node(node: &Node<'_>, look: &Look, place: Place, out: &mut dyn Write) -> io::Result<()> {
    let (Node { x, y, .. }, height) = (node, if node.is_small { SMALL } else { HEIGHT });
    let worst = look.worst.map_or(String::new(), |worst| format!(" {}", worst.name()));
    write!(out, "<g class=\"node {}{worst}\"", look.kind.name())?;
    if place == Place::Page {
        write!(out, " data-name=\"{}\"", xml(node.name))?;
        if let Some(service) = &look.service {
            write!(out, " data-service=\"{}\"", xml(service))?;
        }
        write!(out, " tabindex=\"0\"")?;
    }
    write!(out, "><title>{}</title>", xml(&tooltip(node.name, look)))?;
    let round = if look.kind == Kind::External { height / 2 } else { 8 };
    write!(out, "<rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{height}\" rx=\"{round}\"/>")?;
    let (left, line) = (x + 14, if node.is_small { y + 18 } else { y + 20 });
    let (name, second) = lines(node.name, look);
    write!(out, "<text class=\"name\" x=\"{left}\" y=\"{line}\">{}</text>", xml(&name))?;
    if !node.is_small {
        write!(out, "<text class=\"file\" x=\"{left}\" y=\"{}\">{}</text>", y + 36, xml(&second))?;
    }
    if let Some(worst) = look.worst {
        let (x, y) = (x + WIDTH - 16, y + height / 2);
        let sign = match worst {
            Severity::Error => "✕",
            Severity::Warning => "!",
            Severity::Note => "i",
        };
        write!(out, "<circle class=\"sign\" cx=\"{x}\" cy=\"{y}\" r=\"9\"/>")?;
        write!(out, "<text class=\"mark\" text-anchor=\"middle\" x=\"{x}\" y=\"{}\">{sign}</text>", y + 4)?;
    }
    writeln!(out, "</g>")
}

/// The two lines of a box: name and file, as far as there is room. An image of elsewhere has no file, so its name may go on;
/// an image that is called by its file is told by the end of it.
fn lines(name: &str, look: &Look) -> (String, String) {
    let sign = if look.worst.is_some() { SIGN_CELLS } else { 0 };
    let (short, long) = (NAME_CELLS - sign, FILE_CELLS - sign);
    let Some(file) = &look.file else {
        let name = visible(name);
        let rest = &name[kept(name.chars(), short - 1)..];
        return match kept(name.chars(), short) == name.len() {
            true => (name.into_owned(), look.kind.says().to_owned()),
            false => (cut(&name, short), format!("…{}", cut(rest, long - 1))),
        };
    };
    match file == name {
        true => (tail(name, short), look.kind.says().to_owned()),
        false => (cut(name, short), tail(file, long)),
    }
}

/// Everything that a box has no room for.
fn tooltip(name: &str, look: &Look) -> String {
    let mut parts = vec![format!("{name} ({})", look.kind.says())];
    parts.extend(
        look.service.as_ref().filter(|service| *service != name).map(|service| format!("service {service}")),
    );
    parts.extend(look.file.clone());
    if let Some(worst) = look.worst {
        let rest = if look.findings > 1 { format!(", the worst: {}", worst.name()) } else { String::new() };
        let noun = if look.findings > 1 { "finding" } else { worst.name() };
        parts.push(format!("{}{rest}", counted(look.findings, noun)));
    }
    parts.join(" · ")
}

impl Kind {
    /// As a class of CSS.
    fn name(self) -> &'static str {
        match self {
            Self::External => "external",
            Self::Base => "base",
            Self::Service => "service",
            Self::Other => "other",
        }
    }

    fn says(self) -> &'static str {
        match self {
            Self::External => "external image",
            Self::Base => "base of the hierarchy",
            Self::Service => "service",
            Self::Other => "not in the plan",
        }
    }
}

/// Cells that a character takes in a fixed-width font: East Asian wide ones and pictographs two, combining marks none.
fn cells(character: char) -> usize {
    match u32::from(character) {
        0x300..=0x36F
        | 0x483..=0x489
        | 0x591..=0x5BD
        | 0x64B..=0x65F
        | 0x1AB0..=0x1AFF
        | 0x1DC0..=0x1DFF
        | 0x20D0..=0x20FF
        | 0xFE00..=0xFE0F
        | 0xFE20..=0xFE2F => 0,
        0x1100..=0x115F
        | 0x2E80..=0x303E
        | 0x3041..=0xA4CF
        | 0xA960..=0xA97F
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F000..=0x1FAFF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

/// The start of a text that fits so many cells, with `…` where something is missing.
fn cut(text: &str, most: usize) -> String {
    let text = visible(text);
    let kept = kept(text.chars(), most);
    if kept == text.len() {
        text.into_owned()
    } else {
        format!("{}…", &text[..self::kept(text.chars(), most - 1)])
    }
}

/// The end of a text that fits so many cells.
fn tail(text: &str, most: usize) -> String {
    let text = visible(text);
    if kept(text.chars().rev(), most) == text.len() {
        return text.into_owned();
    }
    format!("…{}", &text[text.len() - kept(text.chars().rev(), most - 1)..])
}

/// How many bytes of these characters fit so many cells. Combining marks are limited too: a name of nothing else is long.
fn kept(characters: impl Iterator<Item = char>, most: usize) -> usize {
    let (mut used, mut bytes) = (0, 0);
    for (at, character) in characters.enumerate() {
        used += cells(character);
        if used > most || at >= 4 * most {
            break;
        }
        bytes += character.len_utf8();
    }
    bytes
}

#[cfg(test)]
mod tests;
