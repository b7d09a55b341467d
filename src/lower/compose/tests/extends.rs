use super::{at, problems, project};
use crate::model::ProjectProblemKind::{MissingFile, Reference};

#[test]
fn services_start_from_others() {
    let text = "services:
  base: {image: x, command: a, environment: [A=1, B=1], ports: ['80:80']}
  mid: {extends: base, environment: {B: 2}, init: true}
  top: {extends: {service: mid}, image: y, command: ~, ports: !override ['81:81']}
";
    let project = project(&[("compose.yaml", text)]);
    assert_eq!(problems(&project), []);
    for (pointer, want) in [
        ("/services/top/image", r#""y""#),
        ("/services/top/command", "null"),
        ("/services/top/environment", r#"{"A":"1","B":"2"}"#),
        ("/services/top/init", "true"),
        ("/services/top/ports/0/target", "81"),
        ("/services/top/ports/1", ""),
        ("/services/top/extends", ""),
        ("/services/base/environment", r#"{"A":"1","B":"1"}"#),
        ("/services/mid/command", r#"["a"]"#),
    ] {
        assert_eq!(at(&project, pointer), want, "{pointer}");
    }
}

#[test]
fn paths_of_other_files_are_said_from_the_project() {
    let files = [
        (
            "compose.yaml",
            "services:\n  web: {extends: {file: sub/common.yaml, service: base}, volumes: ['./own:/own']}\n",
        ),
        (
            "sub/common.yaml",
            "services:\n  base:\n    extends: {file: ../shared/deep.yaml, service: deep}\n    env_file: web.env\n    volumes: ['./data:/data']\n  loose: {}\n",
        ),
        ("sub/web.env", "FROM_FILE=1\nBOTH=file\n"),
        (
            "shared/deep.yaml",
            "services:\n  deep: {build: {context: ., additional_contexts: {a: ../b, c: 'https://x/y'}}, environment: [BOTH=said]}\n",
        ),
    ];
    let project = project(&files);
    assert_eq!(problems(&project), []);
    for (pointer, want) in [
        ("/services/web/build/context", r#""./shared""#),
        ("/services/web/build/additional_contexts", r#"{"a":"./b","c":"https://x/y"}"#),
        ("/services/web/env_file/0/path", r#""./sub/web.env""#),
        ("/services/web/environment", r#"{"BOTH":"said","FROM_FILE":"1"}"#),
        ("/services/web/volumes/0/source", r#""./sub/data""#),
        ("/services/web/volumes/1/source", r#""./own""#),
        ("/services/base", ""),
    ] {
        assert_eq!(at(&project, pointer), want, "{pointer}");
    }
    let build = project.services[0].build.as_ref().unwrap();
    assert_eq!(build.dockerfile.as_ref().unwrap().value, "shared/Dockerfile");
}

#[test]
fn overrides_of_each_file_count_where_they_stand() {
    let files = [
        ("base.yaml", "services: {base: {volumes: ['/foo:/foo'], networks: [foo]}}\n"),
        (
            "over.yaml",
            "services: {over: {extends: {file: base.yaml, service: base}, volumes: !override ['/bar:/bar'], networks: !override [bar]}}\n",
        ),
        (
            "compose.yaml",
            "services: {t: {image: t, extends: {file: over.yaml, service: over}, volumes: ['/zot:/zot'], networks: !override [zot]}}\nnetworks: {zot: {}}\n",
        ),
    ];
    let project = project(&files);
    assert_eq!(problems(&project), []);
    assert_eq!(at(&project, "/services/t/volumes/0/target"), r#""/bar""#);
    assert_eq!(at(&project, "/services/t/volumes/1/target"), r#""/zot""#);
    assert_eq!(at(&project, "/services/t/networks"), r#"{"zot":null}"#);
}

#[test]
fn what_cannot_be_extended_is_told() {
    for (text, kind, word) in [
        ("services: {a: {image: x, extends: b}}", Reference, "no service `b`"),
        ("services: {a: {image: x, extends: a}}", Reference, "extends itself"),
        (
            "services: {a: {image: x, extends: b}, b: {extends: c}, c: {extends: a}}",
            Reference,
            "extends itself",
        ),
        (
            "services: {a: {image: x, extends: {file: gone.yaml, service: b}}}",
            MissingFile,
            "`gone.yaml` is not there",
        ),
        (
            "services: {a: {image: x, extends: {file: other.yaml, service: z}}}",
            Reference,
            "has no service `z`",
        ),
        ("services: {a: {image: x, extends: {file: circle.yaml, service: a}}}", Reference, "extends itself"),
    ] {
        let project = project(&[
            ("compose.yaml", text),
            ("other.yaml", "services: {b: {}}"),
            ("circle.yaml", "services: {a: {extends: {file: ./circle.yaml, service: b}}, b: {extends: a}}"),
        ]);
        let found = problems(&project);
        assert!(found.iter().any(|(of, text)| *of == kind && text.contains(word)), "{text}: {found:?}");
    }
}
