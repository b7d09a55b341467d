//! Options that several commands share, and how rules are named in them.

use std::path::PathBuf;

use super::error::{Failure, usage};
use crate::finding::Severity;
use crate::nearest::nearest;
use crate::rules::{all, find_all};
use crate::run::PlanChoice;

/// `--plan` and `--pack`
#[derive(Debug, Clone, clap::Args)]
pub(super) struct PlanArgs {
    /// The plan; else `plimsoll.toml`, searched from here upwards.
    #[arg(long, value_name = "FILE", conflicts_with = "pack", help_heading = "Plan")]
    plan: Option<PathBuf>,
    /// Judge by a pack instead of a plan file.
    #[arg(long, value_name = "NAME", help_heading = "Plan")]
    pack: Option<String>,
}

impl From<PlanArgs> for PlanChoice {
    fn from(args: PlanArgs) -> Self {
        Self { file: args.plan, pack: args.pack }
    }
}

/// `--build-arg` and `--context`
#[derive(Debug, Clone, clap::Args)]
pub(super) struct BuildArgs {
    /// Value of a build argument, as for `docker build`; repeatable.
    #[arg(long, value_name = "NAME[=VALUE]", help_heading = "Build")]
    pub(super) build_arg: Vec<String>,
    /// The build context; else it is worked out from what is copied.
    #[arg(long, value_name = "DIR", help_heading = "Build")]
    pub(super) context: Option<PathBuf>,
}

impl BuildArgs {
    /// Names and values; no value when only the name is given.
    pub(super) fn pairs(&self) -> Vec<(String, Option<String>)> {
        let pair = |text: &String| match text.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (text.clone(), None),
        };
        self.build_arg.iter().map(pair).collect()
    }
}

/// The rules that a list of ids, aliases and groups names, each once.
pub(super) fn rule_ids(names: &[String]) -> Result<Vec<&'static str>, Failure> {
    let mut ids = Vec::new();
    for name in names.iter().flat_map(|list| list.split(',')).map(str::trim).filter(|name| !name.is_empty()) {
        let group = all().filter(|rule| rule.group == name).map(|rule| rule.id);
        let mut found: Vec<&'static str> = find_all(name).map(|rule| rule.id).collect();
        if found.is_empty() {
            found.extend(group);
        }
        if found.is_empty() {
            return Err(unknown_rule(name));
        }
        found.retain(|id| !ids.contains(id));
        ids.append(&mut found);
    }
    Ok(ids)
}

/// The error for a rule that does not exist, with what was probably meant.
pub(super) fn unknown_rule(name: &str) -> Failure {
    let names = all().flat_map(|rule| [rule.id, rule.group]);
    let help = match nearest(name, names) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => "`plimsoll rules` lists them.".to_owned(),
    };
    usage(format!("there is no rule `{name}`"), Some(help))
}

/// `RULE=LEVEL` pairs as canonical ids and severities; `off` is none.
pub(super) fn severities(pairs: &[String]) -> Result<Vec<(&'static str, Option<Severity>)>, Failure> {
    let mut all = Vec::new();
    for pair in pairs {
        let Some((name, level)) = pair.split_once('=') else {
            return Err(usage(
                format!("`--severity {pair}` has no level"),
                Some("Write RULE=LEVEL.".to_owned()),
            ));
        };
        let severity = match level {
            "off" => None,
            level => Some(Severity::parse(level).ok_or_else(|| {
                usage(
                    format!("there is no severity `{level}`"),
                    Some("Use error, warning, note or off.".to_owned()),
                )
            })?),
        };
        all.extend(rule_ids(&[name.to_owned()])?.into_iter().map(|id| (id, severity)));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(failure: &Failure) -> String {
        match failure {
            Failure::Run(error) => format!("{} {}", error.message, error.help.as_deref().unwrap_or_default()),
            Failure::Output(error) => error.to_string(),
        }
    }

    #[test]
    fn rules_are_named_by_id_and_group() {
        let ids = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            rule_ids(&names).map_err(|failure| message(&failure))
        };
        assert_eq!(ids(&["runtime-user, waiver", "waiver"]), Ok(vec!["runtime-user", "waiver"]));
        assert!(
            ids(&["policy"]).is_ok_and(|ids| ids.contains(&"waiver") && ids.contains(&"suppression-unused"))
        );
        assert_eq!(
            ids(&["runtime-usr"]),
            Err("there is no rule `runtime-usr` Did you mean `runtime-user`?".to_owned())
        );
        assert_eq!(ids(&[""]), Ok(vec![]));
    }

    #[test]
    fn severities_are_read() {
        let read = |pair: &str| severities(&[pair.to_owned()]).map_err(|failure| message(&failure));
        assert_eq!(read("runtime-user=warning"), Ok(vec![("runtime-user", Some(Severity::Warning))]));
        assert_eq!(read("runtime-user=off"), Ok(vec![("runtime-user", None)]));
        assert!(
            read("runtime-user=bad").is_err() && read("runtime-user").is_err() && read("x=error").is_err()
        );
    }
}
