//! Markdown as a plan reader needs it: headings, tables, fenced blocks and, where asked for, running text, each with its
//! place in the bytes.
//!
//! Text goes in, flat lists in document order come out. Nothing here knows what a table means. CommonMark with GitHub's
//! tables, through `pulldown-cmark`; a byte that is no UTF-8 counts as `?`, so that offsets stay those of the file.

use std::borrow::Cow;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::source::Span;

/// The parts of a Markdown document, each list in document order.
#[derive(Debug, Default)]
pub struct Markdown {
    /// Headings of every level.
    pub headings: Vec<Heading>,
    /// Tables.
    pub tables: Vec<Table>,
    /// Fenced and indented code blocks.
    pub blocks: Vec<Block>,
    /// Paragraphs and items of lists; only of [`Markdown::parse_with_prose`].
    pub prose: Vec<Prose>,
}

/// One heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// The text without marks.
    pub text: String,
    /// The heading with its marks.
    pub span: Span,
}

/// One table.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// From the first `|` to the last.
    pub span: Span,
    /// The cells of the header row.
    pub header: Vec<Cell>,
    /// The other rows; each has as many cells as the header, missing ones empty.
    pub rows: Vec<Vec<Cell>>,
}

/// One cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// The text without marks (emphasis, code ticks, link targets), trimmed.
    pub text: String,
    /// The trimmed text with its marks.
    pub span: Span,
}

/// One code block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Block {
    /// The info string (` ```dockerfile title=x ` → `dockerfile title=x`); empty for an indented block.
    pub info: String,
    /// The content's lines, from the first byte to the last, without the fences. Inside a quote the span holds the
    /// `>` marks of the following lines as well; see [`Block::whole`].
    pub span: Span,
    /// Whether the bytes of `span` are the content, but for indentation.
    pub whole: bool,
}

/// Running text: a paragraph, or what an item of a list says before its first part that stands on its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prose {
    /// The text: code keeps one backtick at each end, other marks are gone, a line break is a blank.
    pub text: String,
    /// Where pieces of the text stand: offset in `text`, offset in the file; ascending.
    pub pieces: Vec<(u32, u32)>,
    /// How many lists it stands in; 0: a paragraph.
    pub depth: usize,
}

impl Prose {
    /// The offset in the file of an offset in the text; for a place inside code, give or take a backtick.
    #[must_use]
    pub fn offset(&self, at: usize) -> u32 {
        let at = at as u32;
        match self.pieces.partition_point(|(text, _)| *text <= at) {
            0 => self.pieces.first().map_or(0, |(_, source)| *source),
            next => self.pieces.get(next - 1).map_or(0, |(text, source)| source + (at - text)),
        }
    }
}

impl Block {
    /// The first word of the info string in lower case: the language.
    #[must_use]
    pub fn language(&self) -> String {
        let word = self.info.split([' ', '\t', ',', '{']).next().unwrap_or_default();
        word.to_ascii_lowercase()
    }
}

impl Markdown {
    /// Reads a document. Any bytes are one.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        Self::read(bytes, false)
    }

    /// The same with the running text, which takes about as much memory again as the document.
    #[must_use]
    pub fn parse_with_prose(bytes: &[u8]) -> Self {
        Self::read(bytes, true)
    }

    fn read(bytes: &[u8], keep_prose: bool) -> Self {
        let text = same_length_text(bytes);
        let mut reader = Reader { text: &text, keep_prose, ..Reader::default() };
        for (event, range) in Parser::new_ext(&text, Options::ENABLE_TABLES).into_offset_iter() {
            reader.event(&event, Span::new(range.start as u32, range.end as u32));
        }
        reader.end_prose();
        reader.out
    }
}

/// The text with one `?` for each byte that is no UTF-8.
#[must_use]
pub fn same_length_text(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n('?', chunk.invalid().len()));
    }
    Cow::Owned(text)
}

/// Whether an inline tag is a line break: cells of a table have no other.
fn is_break(tag: &str) -> bool {
    tag.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("<br"))
}

/// What is open while events come in; headings, cells and blocks do not nest.
#[derive(Default)]
struct Reader<'a> {
    text: &'a str,
    out: Markdown,
    open: Open,
    words: String,
    block: Block,
    table: Table,
    row: Vec<Cell>,
    keep_prose: bool,
    prose: Prose,
    depth: usize,
}

#[derive(Default, PartialEq)]
enum Open {
    #[default]
    Nothing,
    Words,
    Block,
}

impl Reader<'_> {
    fn event(&mut self, event: &Event<'_>, span: Span) {
        if self.keep_prose {
            self.prose_event(event, span);
        }
        match event {
            Event::Start(tag) => self.start(tag, span),
            Event::End(tag) => self.end(*tag, span),
            Event::Text(text) if self.open == Open::Block => self.block_line(text, span),
            Event::InlineHtml(tag) if is_break(tag) => self.words(" "),
            Event::Text(text) | Event::Code(text) | Event::InlineHtml(text) => self.words(text),
            Event::SoftBreak | Event::HardBreak => self.words(" "),
            _ => {}
        }
    }

    /// Text that stands in no heading, cell or block; every start and end of a part ends it.
    fn prose_event(&mut self, event: &Event<'_>, span: Span) {
        let inline = |tag: &TagEnd| {
            matches!(
                tag,
                TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image
            )
        };
        match event {
            Event::Start(tag) if inline(&tag.to_end()) => {}
            Event::End(tag) if inline(tag) => {}
            Event::Start(Tag::List(_)) => {
                self.end_prose();
                self.depth += 1;
            }
            Event::End(TagEnd::List(_)) => {
                self.end_prose();
                self.depth = self.depth.saturating_sub(1);
            }
            Event::Start(_) | Event::End(_) | Event::Rule => self.end_prose(),
            _ if self.open != Open::Nothing => {}
            Event::Code(text) => {
                self.prose_piece("`", span);
                self.prose.text.push_str(text);
                self.prose.text.push('`');
            }
            Event::Text(text) | Event::InlineHtml(text) => self.prose_piece(text, span),
            Event::SoftBreak | Event::HardBreak => self.prose_piece(" ", span),
            _ => {}
        }
    }

    fn prose_piece(&mut self, text: &str, span: Span) {
        self.prose.pieces.push((self.prose.text.len() as u32, span.start));
        self.prose.text.push_str(text);
    }

    fn end_prose(&mut self) {
        let prose = std::mem::take(&mut self.prose);
        if !prose.text.trim().is_empty() {
            self.out.prose.push(Prose { depth: self.depth, ..prose });
        }
    }

    fn words(&mut self, text: &str) {
        if self.open == Open::Words {
            self.words.push_str(text);
        }
    }

    fn start(&mut self, tag: &Tag<'_>, span: Span) {
        match tag {
            Tag::Heading { .. } | Tag::TableCell => {
                self.open = Open::Words;
                self.words.clear();
            }
            Tag::CodeBlock(kind) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.open = Open::Block;
                // Until a line comes, the content is empty and stands at the block's end.
                self.block = Block { info, span: Span::new(span.end, span.end), whole: true };
            }
            Tag::Table(_) => self.table = Table { span, ..Table::default() },
            Tag::TableHead | Tag::TableRow => self.row.clear(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, span: Span) {
        match tag {
            TagEnd::Heading(level) => {
                self.open = Open::Nothing;
                let text = self.words.trim().to_owned();
                self.out.headings.push(Heading { level: level as u8, text, span });
            }
            TagEnd::TableCell => {
                self.open = Open::Nothing;
                self.row.push(Cell { text: self.words.trim().to_owned(), span: self.trimmed(span) });
            }
            TagEnd::TableHead => self.table.header = std::mem::take(&mut self.row),
            TagEnd::TableRow => self.table.rows.push(std::mem::take(&mut self.row)),
            TagEnd::Table => self.out.tables.push(std::mem::take(&mut self.table)),
            TagEnd::CodeBlock => {
                self.open = Open::Nothing;
                self.out.blocks.push(std::mem::take(&mut self.block));
            }
            _ => {}
        }
    }

    fn block_line(&mut self, text: &str, span: Span) {
        let block = &mut self.block;
        if block.span.is_empty() {
            block.span = span;
            block.whole &= self.text.get(span.range()) == Some(text);
            return;
        }
        let gap = self.text.get(block.span.end as usize..span.start as usize).unwrap_or("?");
        block.whole &= gap.trim().is_empty();
        block.span.end = span.end.max(block.span.end);
    }

    /// The span without white space and bars at both ends: where a table's cell really stands.
    fn trimmed(&self, span: Span) -> Span {
        let Some(text) = self.text.get(span.range()) else { return span };
        let edge = |c: char| c.is_whitespace() || c == '|';
        let kept = text.trim_start_matches(edge);
        let start = span.start + (text.len() - kept.len()) as u32;
        Span::new(start, start + kept.trim_end_matches(edge).len() as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, span: Span) -> &str {
        &text[span.range()]
    }

    #[test]
    fn headings_tables_and_blocks_have_their_places() {
        let text = "# Fleet `plan`\r\n\r\n| Service | Base |\r\n|--|:-:|\r\n| **Web** | [`a`](b.md) |\r\n| X<br/>y |\r\n\r\n\
                    ## Next\n```Dockerfile title\nFROM a\nRUN b\n```\n";
        let read = Markdown::parse(text.as_bytes());
        assert_eq!(read.headings.len(), 2);
        assert_eq!((read.headings[0].level, read.headings[0].text.as_str()), (1, "Fleet plan"));
        let table = &read.tables[0];
        assert_eq!(table.header[1].text, "Base");
        assert_eq!(table.rows[0][0].text, "Web");
        assert_eq!(at(text, table.rows[0][0].span), "**Web**");
        assert_eq!((table.rows[0][1].text.as_str(), at(text, table.rows[0][1].span)), ("a", "[`a`](b.md)"));
        assert_eq!(table.rows[1][0].text, "X y");
        assert_eq!((table.rows[1].len(), table.rows[1][1].text.as_str()), (2, ""));
        let block = &read.blocks[0];
        assert_eq!((block.language().as_str(), at(text, block.span)), ("dockerfile", "FROM a\nRUN b\n"));
        assert!(block.whole);
    }

    #[test]
    fn a_block_in_a_quote_is_not_whole_and_one_in_a_list_is() {
        let text = "> ```\n> a\n> b\n> ```\n\n1. x\n   ```\n   a\n   b\n   ```\n";
        let read = Markdown::parse(text.as_bytes());
        assert_eq!(read.blocks.iter().map(|block| block.whole).collect::<Vec<_>>(), [false, true]);
        assert_eq!(at(text, read.blocks[1].span), "a\n   b\n");
    }

    #[test]
    fn bytes_that_are_no_text_keep_the_offsets() {
        let bytes = b"\xFF\xFE\n\n# a\xF0\x9F\n";
        let read = Markdown::parse(bytes);
        assert_eq!(read.headings[0].text, "a??");
        assert_eq!(read.headings[0].span.start, 4);
    }

    #[test]
    fn running_text_keeps_its_ticks_and_its_places() {
        let text = "# H\n\nOne *two*\n`three` <x>.\n\n- a **b**:\n  - `c` d\n- e\n\n> q\n\n| T |\n|---|\n| u |\n\n```\nv\n```\n";
        assert!(Markdown::parse(text.as_bytes()).prose.is_empty());
        let read = Markdown::parse_with_prose(text.as_bytes());
        let prose: Vec<_> = read.prose.iter().map(|prose| (prose.depth, prose.text.as_str())).collect();
        assert_eq!(prose, [(0, "One two `three` <x>."), (1, "a b:"), (2, "`c` d"), (1, "e"), (0, "q")]);
        let first = &read.prose[0];
        let three = first.text.find("three").unwrap();
        assert_eq!(&text[first.offset(three) as usize..][..5], "three");
        let d = read.prose[2].offset(4);
        assert_eq!(&text[d as usize..][..1], "d");
    }

    #[test]
    fn hostile_nesting_and_wide_tables_end_soon() {
        let wide = format!("|{}\n|{}\n{}", "a|".repeat(2000), "-|".repeat(2000), "|\n".repeat(20_000));
        let cases = [
            ">".repeat(200_000),
            format!("{}\n{}", "> ".repeat(20_000), "a\n".repeat(20_000)),
            "- ".repeat(20_000),
            "*a ".repeat(50_000),
            "[".repeat(100_000),
            "`".repeat(100_000),
            "<!--".repeat(50_000),
            wide,
        ];
        for case in &cases {
            let start = std::time::Instant::now();
            let read = Markdown::parse(case.as_bytes());
            let cells: usize = read.tables.iter().flat_map(|table| &table.rows).map(Vec::len).sum();
            assert!(cells < 1_000_000, "{cells} cells");
            assert!(start.elapsed().as_secs() < 10, "{:?} for {:?}", start.elapsed(), &case[..20]);
        }
    }
}
