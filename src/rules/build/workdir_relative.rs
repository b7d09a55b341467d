//! `workdir-relative`: WORKDIR is an absolute path.

use crate::finding::Findings;
use crate::model::Build;
use crate::plan::Plan;
use crate::rules::Check;

pub(in crate::rules) const CHECK: Check = Check::Build(check);

pub(in crate::rules) use crate::rules::always as planned;

fn check(build: &Build, _plan: &Plan, out: &mut Findings) {
    for stage in &build.stages {
        let Some(workdir) = &stage.layer().workdir else { continue };
        let text = workdir.place.text();
        let text = text.trim_matches(['"', '\'']);
        let absolute = text.starts_with(['/', '$', '\\']) || text.get(1..2) == Some(":");
        // Below an absolute path of the same file a relative one is certain.
        let below = stage.container.layers.get(1).is_some_and(|layer| layer.workdir.is_some());
        let own = workdir.place.source.slice(crate::source::Span::new(stage.from.place.span.end, workdir.place.span.start));
        let earlier = String::from_utf8_lossy(own).to_ascii_uppercase().matches("WORKDIR").count() > 1;
        if !absolute && !below && !earlier {
            out.add(&workdir.place, format!("WORKDIR `{text}` is relative to whatever the base image says"))
                .subject(stage.label())
                .help("write an absolute path");
        }
    }
}
