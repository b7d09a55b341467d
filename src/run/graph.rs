//! `plimsoll graph`: which image of the fleet builds on which.

use std::collections::BTreeMap;
use std::io::Write;

use super::{CheckRequest, GraphFormat, GraphRequest, RunError, inputs, judge, plan};
use crate::fleet::{FleetBases, Member};
use crate::plan::{Plan, PlanIndex};
use crate::report::visible;

/// Writes the base-image graph.
///
/// # Errors
/// Those of [`super::check`], and of the writer.
pub fn graph(request: &GraphRequest, out: &mut dyn Write) -> Result<(), RunError> {
    let plan = plan::load_for(&request.plan, &request.paths)?;
    let call = CheckRequest { paths: request.paths.clone(), ..CheckRequest::default() };
    let inputs = inputs::gather(&call, &plan)?;
    let index = PlanIndex::new(&plan);
    let paths: Vec<_> = inputs.dockerfiles.iter().map(|input| input.path().into()).collect();
    let bases = FleetBases::new(&paths, &plan, &index, &inputs.files, &[], None, &inputs.root);
    let scope = judge::Scope {
        plan: &plan,
        rules: &[],
        bases: &bases,
        files: &inputs.files,
        build_args: &[],
        context: None,
        root: &inputs.root,
    };
    let judged = judge::all(&scope, &inputs.dockerfiles, None);
    if let Some((path, why)) = inputs.unread.into_iter().chain(judged.unread).next() {
        return Err(RunError::new(format!("{path} {why}")));
    }
    let edges = Edges::of(&judged.members, &plan);
    match request.format {
        GraphFormat::Text => edges.text(out)?,
        GraphFormat::Dot => edges.dot(out)?,
        GraphFormat::Mermaid => edges.mermaid(out)?,
    }
    Ok(())
}

/// Images by name, each with the images built on it.
struct Edges {
    children: BTreeMap<String, Vec<String>>,
    roots: Vec<String>,
}

impl Edges {
    fn of(members: &[Member], plan: &Plan) -> Self {
        let names: BTreeMap<&str, String> =
            members.iter().map(|member| (member.path.as_str(), name(member, plan))).collect();
        let mut children: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut is_child = Vec::new();
        for member in members {
            let own = names[member.path.as_str()].clone();
            let parent = match &member.parent {
                Some(parent) => match parent.path.as_ref().and_then(|path| names.get(path.as_str())) {
                    Some(name) => name.clone(),
                    None => visible(&parent.name).into_owned(),
                },
                None => "(no stage)".to_owned(),
            };
            is_child.push(own.clone());
            children.entry(parent).or_default().push(own);
        }
        children.values_mut().for_each(|list| {
            list.sort();
            list.dedup();
        });
        is_child.sort();
        // What nobody of the fleet builds is a root; of a cycle, which has none, its first image.
        let mut roots: Vec<String> =
            children.keys().filter(|name| is_child.binary_search(name).is_err()).cloned().collect();
        let mut reached = Vec::new();
        for root in &roots {
            reach(root, &children, &mut reached);
        }
        for name in children.keys() {
            if reached.binary_search(name).is_err() {
                roots.push(name.clone());
                reach(name, &children, &mut reached);
            }
        }
        Self { children, roots }
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.children
            .iter()
            .flat_map(|(parent, list)| list.iter().map(move |child| (parent.as_str(), child.as_str())))
    }

    /// An indented tree, with an explicit stack.
    fn text(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let none = Vec::new();
        for root in &self.roots {
            writeln!(out, "{root}")?;
            let mut path = vec![root.as_str()];
            let mut stack: Vec<(std::slice::Iter<'_, String>, String)> =
                vec![(self.children.get(root).unwrap_or(&none).iter(), String::new())];
            while let Some((rest, indent)) = stack.last_mut() {
                let Some(child) = rest.next() else {
                    stack.pop();
                    path.pop();
                    continue;
                };
                let last = rest.len() == 0;
                let (branch, below) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
                let again = path.contains(&child.as_str());
                let note = if again { " (a cycle: it stands above already)" } else { "" };
                writeln!(out, "{indent}{branch}{child}{note}")?;
                let indent = format!("{indent}{below}");
                if !again && let Some(list) = self.children.get(child) {
                    path.push(child);
                    stack.push((list.iter(), indent));
                }
            }
        }
        Ok(())
    }

    fn dot(&self, out: &mut dyn Write) -> std::io::Result<()> {
        writeln!(out, "digraph images {{\n  rankdir=LR;\n  node [shape=box];")?;
        let quoted = |name: &str| format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""));
        for (parent, child) in self.pairs() {
            writeln!(out, "  {} -> {};", quoted(parent), quoted(child))?;
        }
        writeln!(out, "}}")
    }

    fn mermaid(&self, out: &mut dyn Write) -> std::io::Result<()> {
        writeln!(out, "graph LR")?;
        let names: Vec<&str> = {
            let mut names: Vec<&str> = self.pairs().flat_map(|(parent, child)| [parent, child]).collect();
            names.sort_unstable();
            names.dedup();
            names
        };
        let id = |name: &str| names.binary_search(&name).map_or(0, |at| at + 1);
        for name in &names {
            // Mermaid reads entities in quoted labels, so nothing of a name can end the label.
            let label: String = name
                .chars()
                .map(|character| match character {
                    '"' | '#' | '<' | '>' | '&' | ';' => format!("#{};", u32::from(character)),
                    other => other.to_string(),
                })
                .collect();
            writeln!(out, "  n{}[\"{label}\"]", id(name))?;
        }
        for (parent, child) in self.pairs() {
            writeln!(out, "  n{} --> n{}", id(parent), id(child))?;
        }
        Ok(())
    }
}

/// The hierarchy's or the plan's name of an image, else its folder, else its path.
fn name(member: &Member, plan: &Plan) -> String {
    let service = member.service.map(|row| plan.services[row].name.value.to_string());
    let own = member.image_names.first().map(ToString::to_string);
    let name = match member.role {
        crate::model::Role::Base => own,
        _ => service,
    };
    visible(&name.unwrap_or_else(|| member.path.clone())).into_owned()
}

fn reach(from: &str, children: &BTreeMap<String, Vec<String>>, reached: &mut Vec<String>) {
    let mut open = vec![from.to_owned()];
    while let Some(name) = open.pop() {
        if let Err(at) = reached.binary_search(&name) {
            open.extend(children.get(&name).into_iter().flatten().cloned());
            reached.insert(at, name);
        }
    }
}
