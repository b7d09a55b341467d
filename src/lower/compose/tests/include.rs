use super::{at, problems, project};
use crate::model::ProjectProblemKind::{MissingFile, Reference};

#[test]
fn projects_are_taken_in_with_their_folders_and_variables() {
    let files = [
        (
            "compose.yaml",
            "include:\n  - sub/part.yaml\n  - path: [other/a.yaml, other/b.yaml]\n    project_directory: other/root\n    env_file: vars.env\nservices: {web: {image: \"x:${TAG:-none}\", depends_on: [db, api]}}\n",
        ),
        (
            "sub/part.yaml",
            "services: {db: {build: ., image: \"db:${TAG}\", env_file: db.env}}\nvolumes: {data: }\n",
        ),
        ("sub/.env", "TAG=sub\n"),
        ("sub/db.env", "A=1\n"),
        ("vars.env", "TAG=vars\n"),
        ("other/a.yaml", "services: {api: {build: ctx, image: \"api:${TAG}\"}}\n"),
        ("other/b.yaml", "services: {api: {init: true}}\n"),
    ];
    let project = project(&files);
    assert_eq!(problems(&project), []);
    for (pointer, want) in [
        ("/services/web/image", r#""x:none""#),
        ("/services/db/image", r#""db:sub""#),
        ("/services/db/build/context", r#""./sub""#),
        ("/services/db/environment", r#"{"A":"1"}"#),
        ("/services/api/image", r#""api:vars""#),
        ("/services/api/build/context", r#""./other/root/ctx""#),
        ("/services/api/init", "true"),
        ("/volumes", r#"{"data":{}}"#),
        ("/include", ""),
    ] {
        assert_eq!(at(&project, pointer), want, "{pointer}");
    }
}

#[test]
fn the_including_file_is_laid_over_and_equal_things_come_in_once() {
    let files = [
        ("compose.yaml", "include: [a.yaml, b.yaml]\nservices: {web: {image: mine}}\n"),
        ("a.yaml", "include: [c.yaml]\nservices: {web: {image: theirs, init: true}}\n"),
        ("b.yaml", "include: [c.yaml]\n"),
        ("c.yaml", "services: {db: {image: db, security_opt: [a]}}\n"),
    ];
    let project = project(&files);
    assert_eq!(problems(&project), []);
    assert_eq!(
        at(&project, "/services/web"),
        r#"{"command":null,"entrypoint":null,"image":"mine","init":true}"#
    );
    assert_eq!(at(&project, "/services/db/security_opt"), r#"["a"]"#);
    let image = project.resolved.as_ref().unwrap().at(&["services", "web", "image"]).unwrap();
    assert_eq!(image.overrides()[0].source.path(), "a.yaml");
}

#[test]
fn what_cannot_be_included_is_told() {
    for (text, kind, word) in [
        ("include: [gone.yaml]\nservices: {a: {image: x}}", MissingFile, "`gone.yaml` is not there"),
        ("include: [compose.yaml]\nservices: {a: {image: x}}", Reference, "includes itself"),
        ("include: [circle.yaml]\nservices: {a: {image: x}}", Reference, "includes itself"),
        (
            "include: [{path: ok.yaml, env_file: gone.env}]\nservices: {a: {image: x}}",
            MissingFile,
            "`gone.env` is not there",
        ),
    ] {
        let project = project(&[
            ("compose.yaml", text),
            ("circle.yaml", "include: [circle2.yaml]"),
            ("circle2.yaml", "include: [./circle.yaml]"),
            ("ok.yaml", "services: {b: {image: x}}"),
        ]);
        let found = problems(&project);
        assert!(found.iter().any(|(of, text)| *of == kind && text.contains(word)), "{text}: {found:?}");
    }
}
