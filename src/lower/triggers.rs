//! ONBUILD triggers of a base, run where a stage builds on it.
//!
//! They run right behind the FROM, in the child's build context, and once: a grandchild does not see them (Dockerfile
//! reference, ONBUILD; BuildKit, `dispatchOnBuildTriggers`).

use std::sync::Arc;

use super::stage::StageBuilder;
use crate::model::Stage;
use crate::source::Span;
use crate::syntax::dockerfile::parse;

/// Triggers that the stages of one file run at most; a real base has a handful.
pub(crate) const MAX_TRIGGERS: usize = 256;
/// Size of a base's file whose triggers are run, in bytes.
const MAX_SIZE: usize = 64 * 1024;

/// Runs the triggers of what the stage is built on. `order` is that of the FROM.
pub(crate) fn run(stage: &mut StageBuilder<'_>, order: usize, earlier: &[Stage]) {
    let Some(base) = stage.below.layers.first().map(Arc::clone) else { return };
    for trigger in &base.onbuild {
        let source = &trigger.place.source;
        let left = stage.file.triggers_left.get();
        if left == 0 || source.bytes().len() > MAX_SIZE {
            return;
        }
        stage.file.triggers_left.set(left - 1);
        // The trigger alone at its own place, so that every span of it is one of the base's file.
        let bytes = alone(source.bytes(), trigger.place.span);
        let tree = parse(&bytes);
        *stage.file.trigger.borrow_mut() = Some(Arc::clone(source));
        for instruction in &tree.instructions {
            stage.instruction(instruction, order, earlier);
        }
        *stage.file.trigger.borrow_mut() = None;
    }
}

fn alone(bytes: &[u8], span: Span) -> Vec<u8> {
    let mut blank: Vec<u8> = bytes.iter().map(|byte| if *byte == b'\n' { b'\n' } else { b' ' }).collect();
    let range = span.start as usize..(span.end as usize).min(bytes.len());
    if let (Some(to), Some(from)) = (blank.get_mut(range.clone()), bytes.get(range)) {
        to.copy_from_slice(from);
    }
    blank
}

#[cfg(test)]
mod tests {
    use crate::lower::{
        BaseAnswer, Bases, Identity, MemoryFiles, NoBases, Request, RequirementsCache, lower,
    };
    use crate::model::{Build, Fact, Role};
    use crate::source::Source;

    struct One(Build);

    impl Bases for One {
        fn find(&self, reference: &str, _: &str) -> BaseAnswer {
            if reference != "base" {
                return BaseAnswer::Elsewhere;
            }
            let container = Ok(self.0.stages[self.0.stages.len() - 1].container.clone());
            BaseAnswer::Fleet { path: "base/Dockerfile".into(), name: "base".into(), container }
        }
    }

    fn build(path: &str, text: &str, bases: &dyn Bases) -> Build {
        let files = MemoryFiles::default();
        let request = Request {
            source: &Source::new(path, text.as_bytes().to_vec()),
            files: &files,
            bases,
            requirements: &RequirementsCache::default(),
            build_args: &[],
            context: None,
            root: ".",
        };
        lower(request, Identity { role: Role::Other, image_names: Vec::new(), service: None })
    }

    fn user(build: &Build) -> (String, Vec<String>) {
        let Fact::Known { value, origin } = build.stages[build.stages.len() - 1].container.user() else {
            return ("nobody says".to_owned(), Vec::new());
        };
        let step =
            |step: &crate::model::Step| format!("{}:{}", step.place.source.path(), step.place.start().line);
        (value.describe(), origin.steps.iter().map(step).collect())
    }

    #[test]
    fn a_child_runs_them_and_a_grandchild_does_not() {
        let base = build(
            "base/Dockerfile",
            "FROM debian:12\nUSER 0\nONBUILD RUN useradd -u 10001 -U app\nONBUILD USER \\\n  app\n",
            &NoBases,
        );
        assert_eq!(user(&base).0, "0 (0:0)");
        let child = build("web/Dockerfile", "FROM base\nCMD [\"x\"]\n", &One(base));
        let way = vec!["web/Dockerfile:1".to_owned(), "base/Dockerfile:5".to_owned()];
        assert_eq!(user(&child), ("app (10001:10001)".to_owned(), way));
        let grandchild = build("api/Dockerfile", "FROM base\nUSER 0\n", &One(child));
        assert_eq!(user(&grandchild).0, "0 (0:0)");
        assert!(grandchild.stages[0].runs.is_empty());
    }
}
