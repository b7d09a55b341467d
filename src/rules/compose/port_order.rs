//! `port-order`: ports stand in the order of their numbers.

use super::order::misplaced;
use super::written::{each_service, own_items};
use crate::finding::Findings;
use crate::model::Project;
use crate::plan::Plan;
use crate::rules::{Check, always};
use crate::syntax::yaml::Node;

pub(in crate::rules) const CHECK: Check = Check::Project(check);

pub(in crate::rules) fn planned(plan: &Plan) -> bool {
    always(plan)
}

fn check(project: &Project, _plan: &Plan, out: &mut Findings) {
    for service in each_service(project) {
        let Some(ports) = service.value.get("ports") else { continue };
        let nodes: Vec<(u32, &Node)> =
            own_items(ports).iter().filter_map(|node| Some((number(node)?, node))).collect();
        let numbers: Vec<u32> = nodes.iter().map(|(number, _)| *number).collect();
        if let Some((late, before)) = misplaced(&numbers) {
            let message = format!("port `{}` stands behind `{}`", numbers[late], numbers[before]);
            out.add(&nodes[late].1.place, message)
                .related(&nodes[before].1.place, "it comes before this one")
                .subject(service.key.text().unwrap_or_default());
        }
    }
}

/// The published port, else the container's; `None` when it is a variable.
fn number(node: &Node) -> Option<u32> {
    let text = match node.text() {
        Some(text) => {
            let text = text.split('/').next().unwrap_or(text);
            // `[address:][published:]container`
            let mut parts = text.rsplit(':');
            let container = parts.next()?;
            parts.next().filter(|published| !published.is_empty()).unwrap_or(container)
        }
        None => node.get("published").or_else(|| node.get("target")).and_then(Node::text)?,
    };
    text.split('-').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::number;
    use crate::source::Source;
    use crate::syntax::yaml::parse;

    #[test]
    fn published_ports() {
        let of = |text: &str| {
            let source = Source::new("x.yaml", text.as_bytes().to_vec());
            number(&parse(&source).documents[0].root)
        };
        assert_eq!(of("'80'"), Some(80));
        assert_eq!(of("\"8080:80/tcp\""), Some(8080));
        assert_eq!(of("'127.0.0.1:90-91:80-81'"), Some(90));
        assert_eq!(of("'127.0.0.1::80'"), Some(80));
        assert_eq!(of("'${PORT}:80'"), None);
        assert_eq!(of("{target: 80, published: '443'}"), Some(443));
    }
}
