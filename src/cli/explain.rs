//! `plimsoll explain`

use std::io::{self, Write};
use std::process::ExitCode;

use super::Verdict;
use super::options::unknown_rule;
use super::output::ColorWhen;
use crate::rules::{Rule, find_all};

/// Arguments of `explain`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Examples:
  plimsoll explain runtime-user
  plimsoll explain DL3008")]
pub(super) struct Args {
    /// Id or alias of a rule.
    rule: String,
}

pub(super) fn run(args: &Args, color: ColorWhen) -> Verdict {
    let rules: Vec<&Rule> = find_all(&args.rule).collect();
    if rules.is_empty() {
        return Err(unknown_rule(&args.rule));
    }
    let mut text = String::new();
    for (at, rule) in rules.iter().enumerate() {
        if at > 0 {
            text.push_str("\n\n");
        }
        text.push_str(&page(rule));
    }
    color.stream(io::stdout()).write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// A page as a terminal shows it: headings bold, code coloured. The stream drops both where they are not wanted.
fn page(rule: &Rule) -> String {
    let page = rule.read_page();
    let mut out = format!("{BOLD}{}{PLAIN}\n\n", page.title);
    let state = if rule.default { "" } else { ", off unless selected" };
    out += &format!("severity   {}{state}\n", rule.severity.name());
    if !page.aliases.is_empty() {
        out += &format!("aliases    {}\n", page.aliases.join(", "));
    }
    if page.fixable {
        out += "fixable    yes\n";
    }
    if !page.since.is_empty() {
        out += &format!("since      {}\n", page.since);
    }
    out.push('\n');
    let mut fence: Option<&str> = None;
    for line in page.body.lines() {
        let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            Some(open) if ticks == open => fence = None,
            Some(_) => out += &format!("    {DIM}{line}{PLAIN}\n"),
            None if ticks.len() >= 3 => {
                fence = Some(ticks);
                let name = line[ticks.len()..].trim().rsplit(' ').next().unwrap_or_default();
                if !name.is_empty() && name != "text" {
                    out += &format!("  {name}:\n");
                }
            }
            // Said above.
            None if line.starts_with("Plan: ") => {}
            None if line.starts_with('#') => {
                out += &format!("{BOLD}{}{PLAIN}\n", line.trim_start_matches('#').trim())
            }
            None => out += &format!("{line}\n"),
        }
    }
    out
}

const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[36m";
const PLAIN: &str = "\x1b[0m";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::find;

    #[test]
    fn a_page_shows_its_head_and_its_text() {
        let shown = page(find("waiver").unwrap());
        let plain = shown.replace(BOLD, "").replace(DIM, "").replace(PLAIN, "");
        assert!(plain.starts_with("waiver: the plan's exceptions"), "{plain}");
        assert!(
            plain.contains("\nseverity   warning\n") && plain.contains("\nPlan\n`[[waivers]]` with `rule`"),
            "{plain}"
        );
        assert!(plain.contains("  plimsoll.toml:\n    [user]\n"), "{plain}");
        assert!(!plain.contains("```") && !plain.contains('\x1b') && !plain.contains("+++"), "{plain}");
    }
}
