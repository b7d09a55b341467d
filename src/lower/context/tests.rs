//! Contexts, sources and image files over small fleets in memory.

use std::sync::Arc;

use smol_str::SmolStr;

use super::*;
use crate::lower::{ImageFiles, MemoryFiles};
use crate::model::{Copy, CopySource, Found, Mount, PlacedFile, Spanned, Unknown};
use crate::source::{Place, Source, Span};

fn tree(files: &[(&str, &str)]) -> MemoryFiles {
    let entry = |(name, text): &(&str, &str)| ((*name).to_owned(), text.as_bytes().to_vec());
    MemoryFiles::new(files.iter().map(entry).collect())
}

fn fleet() -> MemoryFiles {
    tree(&[
        ("services/a/Dockerfile", ""),
        ("services/a/app.py", "app"),
        ("services/a/requirements.txt", "a==1"),
        ("services/a/pkg/m.py", ""),
        ("services/a/pkg/deep/n.py", ""),
        ("services/a/data/x.bin", ""),
        ("services/b/Dockerfile", ""),
        ("libs/common/c.py", ""),
        ("config/x.json", "{}"),
        (".dockerignore", "config\n"),
        ("services/a/.dockerignore", "data\n*.log\npkg/m.py\n"),
    ])
}

fn sources(texts: &[&str]) -> Vec<SourcePath> {
    texts.iter().filter_map(|text| SourcePath::new(&Value::known(*text))).collect()
}

fn place() -> Place {
    Place::new(&Source::new("Dockerfile", Vec::new()), Span::default())
}

#[test]
fn the_nearest_folder_that_holds_every_source() {
    use ContextChoice::{AllSourcesExist, MostSourcesExist, NoSourceExists, Own};
    let table: &[(&str, &[&str], &str, ContextChoice)] = &[
        ("services/a/Dockerfile", &["app.py", "pkg/"], "services/a", AllSourcesExist),
        ("services/a/Dockerfile", &["/app.py", "../pkg"], "services/a", AllSourcesExist),
        ("services/a/Dockerfile", &["services/a/app.py", "libs/common"], ".", AllSourcesExist),
        ("services/a/Dockerfile", &["a/app.py"], "services", AllSourcesExist),
        ("services/a/Dockerfile", &["app.py", "gone"], "services/a", MostSourcesExist),
        ("services/a/Dockerfile", &["gone", "libs/common", "config/x.json"], ".", MostSourcesExist),
        ("services/b/Dockerfile", &["gone"], "services/b", NoSourceExists),
        ("services/b/Dockerfile", &["libs/*/c.py"], ".", AllSourcesExist),
        ("services/b/Dockerfile", &[".", "*.py", "https://x/y"], "services/b", Own),
        ("services/b/Dockerfile", &[], "services/b", Own),
    ];
    let files = fleet();
    for (dockerfile, wanted, folder, chosen) in table {
        let context = choose(dockerfile, &sources(wanted), None, ".", &files);
        assert_eq!((context.folder.as_str(), context.chosen), (*folder, *chosen), "{dockerfile} {wanted:?}");
    }
    let limited = choose("services/a/Dockerfile", &sources(&["config/x.json"]), None, "services", &files);
    assert_eq!(limited.folder, "services/a");
    let given = choose("services/a/Dockerfile", &sources(&["gone"]), Some("./libs/"), ".", &files);
    assert_eq!((given.folder.as_str(), given.chosen), ("libs", ContextChoice::Given));
    let nothing = choose("Dockerfile", &sources(&["a"]), None, ".", &MemoryFiles::default());
    assert_eq!(nothing.chosen, ContextChoice::None);
}

#[test]
fn the_limit_may_lie_above_the_working_directory() {
    let table: &[(&str, &str, &[&str])] = &[
        ("a/b", ".", &["a/b", "a", "."]),
        ("a/b", "a", &["a/b", "a"]),
        ("a/b", "c", &["a/b"]),
        ("a", "..", &["a", ".", ".."]),
        ("../x/y", "../..", &["../x/y", "../x", "..", "../.."]),
        ("../x/y", "../x", &["../x/y", "../x"]),
        ("../x", "..", &["../x", ".."]),
        ("../x", ".", &["../x"]),
        ("/r/s", "/r", &["/r/s", "/r"]),
        ("/r/s", "..", &["/r/s"]),
        ("a", "../other", &["a"]),
    ];
    for (folder, limit, wanted) in table {
        assert_eq!(upwards(folder, limit), *wanted, "{folder} up to {limit}");
    }
    assert_eq!(upwards(&"a/".repeat(5000), ".").len(), 64);
}

#[test]
fn the_ignore_file_beside_the_dockerfile_wins() {
    let files = tree(&[(".dockerignore", ""), ("d/x.Dockerfile.dockerignore", ""), ("d/Dockerfile", "")]);
    let path = |dockerfile: &str| {
        let context = choose(dockerfile, &[], Some("."), ".", &files);
        context.ignore_file.map(|source| source.path().to_owned())
    };
    assert_eq!(path("d/x.Dockerfile").as_deref(), Some("d/x.Dockerfile.dockerignore"));
    assert_eq!(path("d/Dockerfile").as_deref(), Some(".dockerignore"));
}

fn with_view<T>(folder: &str, ask: impl FnOnce(&ContextView<'_>) -> T) -> T {
    let files = fleet();
    let context = choose("services/a/Dockerfile", &[], Some(folder), ".", &files);
    let ignore = ignore_of(&context);
    ask(&ContextView {
        context: &context,
        ignore: ignore.as_ref(),
        dockerfile: "services/a/Dockerfile",
        root_limit: ".",
        files: &files,
    })
}

#[test]
fn sources_are_found_left_out_or_missing() {
    let show = |found: Found| match found {
        Found::Files(files) => files.join(" "),
        Found::Ignored(place) => format!("ignored by {}", place.text()),
        Found::Missing { elsewhere } => format!("missing, see [{}]", elsewhere.join(" ")),
        Found::Outside => "outside".to_owned(),
        Found::Unknown(why) => format!("unknown {why}"),
    };
    let table = [
        ("services/a", "app.py", "app.py"),
        ("services/a", "/./../app.py", "app.py"),
        ("services/a", ".", "."),
        ("services/a", "", "."),
        ("services/a", "pkg", "pkg"),
        ("services/a", "pkg/*.py", "ignored by pkg/m.py"),
        ("services/a", "data", "ignored by data"),
        ("services/a", "data/x.bin", "ignored by data"),
        ("services/a", "*.txt", "requirements.txt"),
        ("services/a", "req*.txt app.py", ""),
        ("services/a", "**/n.py", "pkg/deep/n.py"),
        ("services/a", "*.lock", ""),
        ("services/a", "[", "unknown `[` is decided at run time"),
        ("services/a", "App.py", "missing, see [services/a/app.py]"),
        ("services/a", "config/x.json", "missing, see [config/x.json]"),
        (".", "app.py", "missing, see [services/a/app.py]"),
        (".", "config", "ignored by config"),
        ("libs", "common", "common"),
        ("nowhere", "x", "unknown `nowhere` could not be read"),
        ("services/a", "https://x/y.tgz", "outside"),
        ("services/a", "GIT@github.com:a/b.git", "outside"),
    ];
    for (folder, source, wanted) in table {
        let found = with_view(folder, |view| show(resolve_source(&Value::known(source), view)));
        assert_eq!(found, wanted, "{source} in {folder}");
    }
    let unknown = Value { text: "${X}/a".into(), unknown: Some(Unknown::Variable("X".into())) };
    let found = with_view(".", |view| resolve_source(&unknown, view));
    assert_eq!(found, Found::Unknown(Unknown::Variable("X".into())));
}

#[test]
fn a_folder_is_left_out_when_all_of_it_is() {
    let files = tree(&[
        ("Dockerfile", ""),
        ("all/a.log", ""),
        ("all/b/c.log", ""),
        ("some/a.log", ""),
        ("some/b", ""),
        ("kept/in/x", ""),
        (".dockerignore", "**/*.log\nkept\n!kept/in\n"),
    ]);
    let context = choose("Dockerfile", &[], None, ".", &files);
    let ignore = ignore_of(&context);
    let view = ContextView {
        context: &context,
        ignore: ignore.as_ref(),
        dockerfile: "Dockerfile",
        root_limit: ".",
        files: &files,
    };
    let found = |source: &str| resolve_source(&Value::known(source), &view);
    assert!(matches!(found("all"), Found::Ignored(place) if place.text() == "**/*.log"));
    assert_eq!(found("some"), Found::Files(vec!["some".into()]));
    assert_eq!(found("kept"), Found::Files(vec!["kept".into()]));
}

fn copy(sources: &[&str], destination: &str, from: Option<&str>, view: &ContextView<'_>) -> Copy {
    let source = |text: &&str| {
        let path = Value::known(*text);
        let found = if from.is_some() { Found::Outside } else { resolve_source(&path, view) };
        CopySource { place: place(), path, found }
    };
    Copy {
        place: place(),
        order: 0,
        is_add: true,
        from: from.map(|name| Spanned::new(SmolStr::new(name), place())),
        sources: sources.iter().map(source).collect(),
        destination: Spanned::new(Value::known(destination), place()),
        target: Value::known(if destination.starts_with('/') {
            destination.to_owned()
        } else {
            format!("/w/{destination}")
        }),
        chown: None,
        chmod: None,
    }
}

#[test]
fn destinations() {
    type Case<'a> = (&'a [&'a str], &'a str, Option<&'a str>, &'a [(&'a str, Option<&'a str>, bool)]);
    let table: &[Case<'_>] = &[
        (&["app.py"], "/x/main.py", None, &[("/x/main.py", Some("app.py"), false)]),
        (&["app.py"], "/x/", None, &[("/x/app.py", Some("app.py"), false)]),
        (&["app.py"], ".", None, &[("/w/app.py", Some("app.py"), false)]),
        (&["app.py"], "sub/./", None, &[("/w/sub/app.py", Some("app.py"), false)]),
        (&["pkg"], "/x", None, &[("/x", Some("pkg"), true)]),
        (&["app.py", "pkg"], "/x", None, &[("/x/app.py", Some("app.py"), false), ("/x", Some("pkg"), true)]),
        (&["."], "/", None, &[("/", Some("."), true)]),
        (&["gone"], "/x", None, &[("/x", None, false)]),
        (&["gone"], "/x/", None, &[("/x/gone", None, false)]),
        (&["/uv"], "/bin/", Some("uv"), &[("/bin/uv", None, false), ("/bin", None, true)]),
        (&["/opt/venv"], "/opt/venv", Some("b"), &[("/opt/venv", None, true)]),
        (&["https://h/p/f.bin?a=/b"], "/x/", None, &[("/x/f.bin", None, false)]),
    ];
    for (sources, destination, from, wanted) in table {
        let is = with_view("services/a", |view| placed(&copy(sources, destination, *from, view), view));
        let wanted: Vec<PlacedFile> = wanted
            .iter()
            .map(|(path, source, is_folder)| PlacedFile {
                path: (*path).into(),
                context_path: source.map(SmolStr::from),
                is_folder: *is_folder,
            })
            .collect();
        assert_eq!(is, wanted, "{sources:?} {destination}");
    }
}

fn file(path: &str, source: Option<&str>, is_folder: bool) -> PlacedFile {
    PlacedFile { path: path.into(), context_path: source.map(SmolStr::from), is_folder }
}

fn mount(kind: &str, target: &str, source: Option<&str>, from: Option<&str>) -> Mount {
    Mount {
        place: place(),
        kind: kind.into(),
        target: Value::known(target),
        source: source.map(Value::known),
        from: from.map(SmolStr::from),
        uid: None,
    }
}

#[test]
fn image_paths_lead_back_to_the_context() {
    let files = fleet();
    let mut stage = StageFiles::new(&files);
    let ignore = ignore_file::parse(b"data\n");
    stage.enter_context(".", None);
    stage.push(&file("/base/x.json", Some("config/x.json"), false));
    stage.enter_context("services/a", Some(&ignore));
    stage.push(&file("/app", Some("."), true));
    stage.push(&file("/app/other.txt", Some("requirements.txt"), false));
    stage.push(&file("/venv", None, true));
    let path = |opened: Result<Arc<Source>, Unknown>| opened.ok().map(|it| it.path().to_owned());
    let none = stage.for_run(&[]);
    let table = [
        ("/app/app.py", Some("services/a/app.py")),
        ("/app/./pkg/../app.py", Some("services/a/app.py")),
        ("/app/other.txt", Some("services/a/requirements.txt")),
        ("/base/x.json", Some("config/x.json")),
        ("/app/data/x.bin", None),
        ("/venv/x", None),
        ("/app", None),
        ("/gone", None),
    ];
    for (image, wanted) in table {
        assert_eq!(path(none.open(image)).as_deref(), wanted, "{image}");
    }
    let mounts = [
        mount("bind", "/tmp/r.txt", Some("requirements.txt"), None),
        mount("bind", "/src", None, None),
        mount("cache", "/app/pkg", None, None),
        mount("bind", "/venv", Some("."), Some("builder")),
    ];
    let run = stage.for_run(&mounts);
    assert_eq!(path(run.open("/tmp/r.txt")).as_deref(), Some("services/a/requirements.txt"));
    assert_eq!(path(run.open("/src/app.py")).as_deref(), Some("services/a/app.py"));
    assert_eq!(path(run.open("/app/pkg/m.py")), None);
    assert_eq!(path(run.open("/venv/app.py")), None);
    assert_eq!(path(run.open("/app/app.py")).as_deref(), Some("services/a/app.py"));
}

#[test]
fn later_files_hide_earlier_ones() {
    let files = fleet();
    let mut stage = StageFiles::new(&files);
    stage.enter_context("services/a", None);
    stage.push(&file("/app/app.py", Some("requirements.txt"), false));
    stage.push(&file("/app", Some("."), true));
    assert_eq!(stage.for_run(&[]).open("/app/app.py").unwrap().bytes(), b"app");
    stage.push(&file("/app", None, true));
    assert_eq!(stage.for_run(&[]).open("/app/app.py").err(), Some(Unknown::File("/app/app.py".into())));
    for _ in 0..100_000 {
        stage.push(&file("/app/app.py", Some("app.py"), false));
    }
    assert_eq!(stage.for_run(&[]).open("/app/app.py").unwrap().bytes(), b"app");
    assert_eq!(stage.for_run(&[]).open(&"/a".repeat(10_000)).err(), Some(Unknown::TooLarge));
}
