//! A rule's page: TOML front matter, title, text and examples.
//!
//! Text of our own repository goes in, so a malformed page gives empty fields rather than errors; a test over all pages
//! is what keeps them well formed. Knows nothing of the rule's code.

use crate::finding::Severity;

/// A page, read.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// `severity`: the severity that the table also says.
    pub severity: Option<Severity>,
    /// `since`: the first version with the rule.
    pub since: String,
    /// `aliases`: codes of other tools and former ids.
    pub aliases: Vec<String>,
    /// `tags`
    pub tags: Vec<String>,
    /// `applies-to`: kinds of input.
    pub applies_to: Vec<String>,
    /// `fixable`
    pub fixable: bool,
    /// `summary`: one sentence with a full stop.
    pub summary: String,
    /// The heading without `# `: `runtime-user: the container runs as the planned user`.
    pub title: String,
    /// Markdown below the heading, examples included.
    pub body: &'static str,
    /// What the sections `Fails` and `Passes` show.
    pub examples: Vec<Example>,
}

/// A small fleet, and what is printed for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Example {
    /// Whether it stands under `## Fails`.
    pub fails: bool,
    /// Files by name. A `plimsoll.toml` holds for the examples below it as well.
    pub files: Vec<(String, String)>,
    /// The printed findings (a `text` block).
    pub expected: Option<String>,
}

const PLAN: &str = "plimsoll.toml";

impl Page {
    /// Reads a page.
    #[must_use]
    pub fn parse(text: &'static str) -> Self {
        let (front, rest) = split_front_matter(text);
        let mut page = Self::default();
        page.read_front_matter(front);
        let rest = rest.trim_start();
        if let Some(rest) = rest.strip_prefix("# ") {
            let (title, body) = rest.split_once('\n').unwrap_or((rest, ""));
            title.trim().clone_into(&mut page.title);
            page.body = body.trim();
        } else {
            page.body = rest.trim();
        }
        page.examples = examples(page.body);
        page
    }

    fn read_front_matter(&mut self, front: &str) {
        let Ok(mut value) = toml_span::parse(front) else { return };
        let toml_span::value::ValueInner::Table(table) = value.take() else { return };
        for (key, value) in table {
            let text = || value.as_str().unwrap_or_default().to_owned();
            match key.name.as_ref() {
                "severity" => self.severity = Severity::parse(&text()),
                "since" => self.since = text(),
                "summary" => self.summary = text(),
                "fixable" => self.fixable = value.as_bool().unwrap_or_else(|| value.as_str().is_some()),
                "aliases" => self.aliases = list(&value),
                "tags" => self.tags = list(&value),
                "applies-to" => self.applies_to = list(&value),
                _ => {}
            }
        }
    }

    /// The first paragraph of the text, in one line.
    #[must_use]
    pub fn first_paragraph(&self) -> String {
        let lines = self.body.lines().take_while(|line| !line.is_empty() && !line.starts_with('#'));
        lines.collect::<Vec<_>>().join(" ")
    }

    /// The page's text without its examples.
    #[must_use]
    pub fn explanation(&self) -> &'static str {
        let end = ["\n## Fails", "\n## Passes"].iter().filter_map(|heading| self.body.find(heading)).min();
        self.body[..end.unwrap_or(self.body.len())].trim_end()
    }
}

/// The text between the `+++` lines and the text behind them.
fn split_front_matter(text: &'static str) -> (&'static str, &'static str) {
    text.strip_prefix("+++\n").and_then(|rest| rest.split_once("\n+++\n")).unwrap_or(("", text))
}

/// An array of strings, or one string.
fn list(value: &toml_span::Value<'_>) -> Vec<String> {
    match value.as_array() {
        Some(items) => items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
        None => value.as_str().map(str::to_owned).into_iter().collect(),
    }
}

/// The examples of a page. A `text` block, a further heading, a further plan or a second file of one name ends one.
fn examples(body: &str) -> Vec<Example> {
    let mut all = Vec::new();
    let mut fails = None;
    let mut current = Example::default();
    let mut plan: Option<String> = None;
    let mut lines = body.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("## ") || line.starts_with("### ") {
            finish(&mut all, &mut current, plan.as_ref());
            if let Some(heading) = line.strip_prefix("## ") {
                fails = match heading.trim() {
                    "Fails" => Some(true),
                    "Passes" => Some(false),
                    _ => None,
                };
            }
            continue;
        }
        let Some((fence, info)) = fence(line) else { continue };
        let text = lines
            .by_ref()
            .take_while(|line| line.trim_end() != fence)
            .fold(String::new(), |all, line| all + line + "\n");
        let name = block_name(info);
        if name.as_deref() == Some(PLAN) {
            plan = Some(text.clone());
        }
        let Some(fails) = fails else { continue };
        match name {
            None => {
                current.expected = Some(text);
                current.fails = fails;
                finish(&mut all, &mut current, plan.as_ref());
            }
            Some(name) => {
                // A plan comes first in its example, and no example has two files of one name.
                let begins = name == PLAN && !current.files.is_empty();
                if begins || current.files.iter().any(|(known, _)| *known == name) {
                    finish(&mut all, &mut current, plan.as_ref());
                }
                current.fails = fails;
                current.files.push((name, text));
            }
        }
    }
    finish(&mut all, &mut current, plan.as_ref());
    all
}

/// Closes an example that has files, with the plan in force.
fn finish(all: &mut Vec<Example>, current: &mut Example, plan: Option<&String>) {
    let mut example = std::mem::take(current);
    if example.files.is_empty() && example.expected.is_none() {
        return;
    }
    if let Some(plan) = plan.filter(|_| example.files.iter().all(|(name, _)| name != PLAN)) {
        example.files.insert(0, (PLAN.to_owned(), plan.clone()));
    }
    all.push(example);
}

/// The fence of a block (three or more backticks) and its info string.
fn fence(line: &str) -> Option<(&str, &str)> {
    let ticks = line.len() - line.trim_start_matches('`').len();
    (ticks >= 3).then(|| (&line[..ticks], line[ticks..].trim()))
}

/// The file that a block stands for; `None` for a `text` block without a name, which is what is printed.
fn block_name(info: &str) -> Option<String> {
    let (language, name) = info.split_once(char::is_whitespace).unwrap_or((info, ""));
    match (language, name.trim()) {
        ("text", "") => None,
        ("toml", "") => Some(PLAN.to_owned()),
        (_, "") => Some("Dockerfile".to_owned()),
        (_, name) => Some(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "+++\nseverity = \"error\"\nsince = \"0.1.0\"\naliases = [\"DL3002\", \"CKV_DOCKER_8\"]\n\
        tags = [\"security\"]\napplies-to = \"dockerfile\"\nfixable = true\nsummary = \"S.\"\n+++\n\
        # x: title\n\nFirst line\nsecond line.\n\nPlan: `user = 1`\n\n```dockerfile\nFROM not-an-example\n```\n\n\
        ## Fails\n```toml\n[user]\n```\n```dockerfile\nFROM a\n```\n```text\nerror[x]: m\n```\n\
        ```dockerfile a/Dockerfile\nFROM b\n```\n\n## Passes\n````dockerfile\nFROM c\n```\n````\n```dockerfile\nFROM d\n```\n";

    #[test]
    fn front_matter_title_and_text() {
        let page = Page::parse(PAGE);
        assert_eq!(page.severity, Some(Severity::Error));
        assert_eq!(page.aliases, ["DL3002", "CKV_DOCKER_8"]);
        assert_eq!(
            (page.applies_to, page.fixable, page.summary.as_str()),
            (vec!["dockerfile".to_owned()], true, "S.")
        );
        assert_eq!(page.title, "x: title");
        let page = Page::parse(PAGE);
        assert_eq!(page.first_paragraph(), "First line second line.");
        assert!(page.explanation().ends_with("FROM not-an-example\n```"));
    }

    #[test]
    fn examples_share_the_plan_above_them() {
        let examples = Page::parse(PAGE).examples;
        let plan = (PLAN.to_owned(), "[user]\n".to_owned());
        let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        assert_eq!(
            examples,
            [
                Example {
                    fails: true,
                    files: vec![plan.clone(), file("Dockerfile", "FROM a\n")],
                    expected: Some("error[x]: m\n".to_owned())
                },
                Example {
                    fails: true,
                    files: vec![plan.clone(), file("a/Dockerfile", "FROM b\n")],
                    expected: None
                },
                Example {
                    fails: false,
                    files: vec![plan.clone(), file("Dockerfile", "FROM c\n```\n")],
                    expected: None
                },
                Example { fails: false, files: vec![plan, file("Dockerfile", "FROM d\n")], expected: None },
            ]
        );
    }

    #[test]
    fn malformed_pages_do_not_panic() {
        for text in
            ["", "+++", "+++\n+++\n", "+++\nx\n+++\n# ", "# t", "## Fails\n```", "## Fails\n```text\n"]
        {
            let page = Page::parse(text);
            assert!(page.severity.is_none(), "{text}");
        }
    }
}
