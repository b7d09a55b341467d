//! pip commands, one per row.

use super::super::testing::World;
use super::*;

fn world() -> World {
    let mut world = World::with(&[("TV", "2.2.2"), ("PV", "1.8")]);
    world.variables.insert("NONE", None);
    world
}

fn found(text: &str) -> Vec<PipInstall> {
    world().facts(text).pip_installs
}

/// `name specifier`, with `!` before what is pinned, `?` behind what is not certain.
fn shown(install: &PipInstall) -> String {
    let one = |requirement: &Requirement| {
        let pinned = if requirement.pinned.is_some() { "!" } else { "" };
        let unknown = if requirement.unknown.is_some() { "?" } else { "" };
        let mark = match (requirement.local, requirement.url.is_some(), requirement.editable) {
            (_, _, true) => " (editable)",
            (true, ..) => " (local)",
            (_, true, _) => " (url)",
            _ => "",
        };
        format!("{pinned}{}{}{unknown}{mark}", requirement.written, requirement.specifier)
    };
    install.requirements.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[test]
fn requirements() {
    for (text, wanted) in [
        ("pip install flask==1.0 'a>=1' b", "!flask==1.0 a>=1 b"),
        ("pip3 install -U pip setuptools", "pip setuptools"),
        ("pip3.11 install a", "a"),
        ("/opt/venv/bin/pip install a", "a"),
        ("$VENV/bin/pip install a", "a"),
        ("python -m pip install a", "a"),
        ("python3.11 -Im pip install a", "a"),
        ("python3 -u -W ignore -m pip install a", "a"),
        ("uv pip install --system a==1", "!a==1"),
        ("uv --quiet pip install --python 3.11 a", "a"),
        ("python -m uv pip install a", "a"),
        ("pip --no-cache-dir install --index-url https://x --trusted-host x a", "a"),
        ("pip install -ihttps://x -t /d --prefix /usr a", "a"),
        ("pip install --upgrade-strategy eager --root-user-action=ignore a", "a"),
        ("pip install torch==${TV} poetry==$PV x==${TV}+cu121", "!torch==2.2.2 !poetry==1.8 !x==2.2.2+cu121"),
        ("pip install torch==${NONE} $NONE", "torch==${NONE}? $NONE?"),
        ("pip install 'uvicorn[standard]==0.29.0' uvicorn[standard]", "!uvicorn==0.29.0 uvicorn"),
        ("pip install \"a==1; python_version < '3.9'\"", "!a==1"),
        ("pip install . ./x dist/y.whl", ". (local) ./x (local) dist/y.whl (local)"),
        ("pip install -e . --editable=./y", ". (editable) ./y (editable)"),
        ("pip install git+https://x/y https://x/z.whl", "git+https://x/y (url) https://x/z.whl (url)"),
        ("pip install \"a @ git+https://x/y\"", "a (url)"),
        ("pip install a=1", "a=1"),
        ("pip wheel -w /wheels a", "a"),
        ("pip download --dest /d a", "a"),
        ("sudo -H pip install a", "a"),
        ("bash -c 'pip install a'", "a"),
        ("for p in a==1 b; do pip install $p; done", "!a==1 b"),
    ] {
        let found = found(text);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(shown(&found[0]), wanted, "{text}");
    }
}

#[test]
fn other_programs_are_not_pip() {
    for text in [
        "pipx install --python \"$(which python)\" \"poetry==$PV\"",
        "pipenv install a",
        "poetry add a",
        "conda install a",
        "pip --version",
        "pip list",
        "pip config set install.x y",
        "python -m venv pip",
        "python pip install",
        "uv sync",
        "uv pip compile r.in",
        "echo pip install a",
        "pip",
    ] {
        assert_eq!(found(text).len(), 0, "{text}");
    }
}

#[test]
fn switches_and_environment() {
    let is = |text: &str, what: fn(&PipInstall) -> bool| what(&found(text)[0]);
    for (text, set) in [
        ("pip install --require-hashes a", true),
        ("PIP_REQUIRE_HASHES=1 pip install a", true),
        ("PIP_REQUIRE_HASHES=0 pip install a", false),
        ("export PIP_REQUIRE_HASHES=true; pip install a", true),
        ("env PIP_REQUIRE_HASHES=yes pip install a", true),
        ("pip install a", false),
    ] {
        assert_eq!(is(text, |install| install.require_hashes), set, "{text}");
    }
    for (text, set) in [
        ("pip install --no-cache-dir a", true),
        ("pip install --no-cache a", true),
        ("PIP_NO_CACHE_DIR=1 pip install a", true),
        ("PIP_NO_CACHE_DIR=off pip install a", false),
        ("uv pip install --no-cache a", true),
        ("PIP_NO_CACHE_DIR=1 uv pip install a", false),
        ("pip install -n a", false),
    ] {
        assert_eq!(is(text, |install| install.no_cache_dir.is_some()), set, "{text}");
    }
    let install = &found("pip install --no-deps --no-index -f /w --extra-index-url $NONE -U a")[0];
    assert!(install.no_deps && install.no_index && install.upgrade);
    assert_eq!(install.find_links[0].value, Value::known("/w"));
    assert!(install.index_urls[0].value.unknown.is_some());
    let world = World::with(&[("PIP_INDEX_URL", "https://x"), ("PIP_NO_CACHE_DIR", "1")]);
    let install = &world.facts("pip install a").pip_installs[0];
    assert_eq!(install.index_urls[0].value, Value::known("https://x"));
    assert!(install.no_cache_dir.is_some());
}

#[test]
fn cache_mounts() {
    let root = None;
    let app = Some(("appuser", Some(10001)));
    for (user, target, text, covers) in [
        (root, "/root/.cache/pip", "pip install a", true),
        (root, "/root/.cache", "pip install a", true),
        (root, "/root/.cache/pip/", "pip install a", true),
        (root, "/root/.cache/uv", "pip install a", false),
        (root, "/root/.cache/uv", "uv pip install a", true),
        (root, "/var/cache/apt", "pip install a", false),
        (root, "/c", "PIP_CACHE_DIR=/c pip install a", true),
        (root, "/c", "pip install --cache-dir /c a", true),
        (root, "/root/.cache/pip", "pip install --cache-dir /c a", false),
        (app, "/root/.cache/pip", "pip install a", false),
        (app, "/home/appuser/.cache/pip", "pip install a", true),
        (app, "/app/.cache", "pip install a", true),
    ] {
        let world = World { caches: vec![target], user, ..World::default() };
        let facts = world.facts(text);
        assert_eq!(facts.pip_installs[0].cache_mount, covers, "{target} {text}");
    }
    assert!(!found("pip install a")[0].cache_mount);
}

#[test]
fn swallowed_versions() {
    for (text, wanted) in [
        ("pip install foo>=1.2", &["foo>=1.2"][..]),
        ("pip install foo>1.2 bar", &["foo>1.2"]),
        ("pip install foo<2", &["foo<2"]),
        ("pip install foo >=1.2", &["foo >=1.2"]),
        ("pip install 'foo>=1.2'", &[]),
        ("pip install foo >/dev/null 2>&1", &[]),
        ("pip install foo > 1.log", &[]),
        ("pip install -r a.txt 2>=1", &[]),
    ] {
        let install = &found(text)[0];
        let places: Vec<_> =
            install.redirected_versions.iter().map(|place| place.text().into_owned()).collect();
        assert_eq!(places, wanted, "{text}");
    }
    assert_eq!(shown(&found("pip install foo>=1.2 bar")[0]), "foo bar");
}

/// Names of a use's file and of all that it nests; `?` for what cannot be read.
fn names(used: &RequirementsUse) -> String {
    match &used.file {
        Err(_) => "?".into(),
        Ok(file) => {
            let own = file.requirements.iter().map(|requirement| requirement.name.to_string());
            let nested = file.nested.iter().map(|nested| format!("[{}]", names(nested)));
            own.chain(nested).collect::<Vec<_>>().join(" ")
        }
    }
}

#[test]
fn requirement_files() {
    let world = World::holding(&[
        ("/app/r.txt", "flask==1 --hash=sha256:00\n-r sub/n.txt\n-c c.txt\n--require-hashes\n"),
        ("/app/sub/n.txt", "torch==${TV}\n-r ../loop.txt\n"),
        ("/app/loop.txt", "numpy\n-r r.txt\n"),
        ("/app/c.txt", "x==1\n"),
        ("/tmp/one.txt", "a\n"),
    ]);
    for (text, wanted) in [
        ("pip install -r r.txt", "flask [torch [numpy [?]]]"),
        ("pip install -rr.txt", "flask [torch [numpy [?]]]"),
        ("pip install --requirement=/tmp/one.txt", "a"),
        ("cd /tmp && pip install -r one.txt", "a"),
        ("pip install -r missing.txt", "?"),
        ("pip install -r $X", "?"),
        ("pip install -r https://x/r.txt", "?"),
        ("pip install -r <(echo a)", "?"),
        ("sed -i s/a/b/ /tmp/one.txt && pip install -r /tmp/one.txt", "?"),
        ("echo a > /tmp/one.txt; pip install -r /tmp/one.txt", "?"),
        ("cp /tmp/one.txt /x; pip install -r /tmp/one.txt", "a"),
        ("uv pip sync /tmp/one.txt", "a"),
    ] {
        let installs =
            World { bash: true, files: world.files.clone(), ..World::default() }.facts(text).pip_installs;
        assert_eq!(installs.len(), 1, "{text}");
        assert_eq!(installs[0].files.iter().map(names).collect::<String>(), wanted, "{text}");
    }
    let installs = world.facts("pip install -c c.txt -r r.txt").pip_installs;
    let file = installs[0].files[0].file.as_ref().expect("a file");
    assert!(file.require_hashes);
    assert_eq!(file.requirements[0].hashes[0].place.text(), "sha256:00");
    assert_eq!(file.constraints.len(), 1);
    assert_eq!(installs[0].constraints.len(), 1);
    let nested = file.nested[0].file.as_ref().expect("a file");
    assert_eq!(nested.requirements[0].unknown, Some(Unknown::Variable("TV".into())));
    assert_eq!(nested.requirements[0].pinned, None);
    let cycle = nested.nested[0].file.as_ref().expect("a file").nested[0].file.as_ref().err();
    assert_eq!(cycle, Some(&Unknown::Cycle));
}

#[test]
fn files_take_variables_from_the_build_and_are_shared() {
    let mut world = World::with(&[("TV", "2.2.2")]);
    world.files = [("/app/r.txt", "torch==${TV}\n"), ("/app/s.txt", "a\n")].into_iter().collect();
    let run = world.run("pip install -r r.txt -r s.txt");
    let cache = RequirementsCache::default();
    let first = super::super::run_facts(&world.scope(&run), &cache).pip_installs;
    let second = super::super::run_facts(&world.scope(&run), &cache).pip_installs;
    let file = |installs: &[PipInstall], index: usize| installs[0].files[index].file.clone().expect("a file");
    assert_eq!(file(&first, 0).requirements[0].pinned.as_deref(), Some("2.2.2"));
    assert!(Arc::ptr_eq(&file(&first, 1), &file(&second, 1)));
}

#[test]
fn a_file_that_reads_others_is_understood_once_while_they_stay_the_same() {
    let mut world = World::holding(&[("/app/r.txt", "-r s.txt\na==1\n"), ("/app/s.txt", "b==1\n")]);
    let run = world.run("pip install -r r.txt");
    let cache = RequirementsCache::default();
    let read = |world: &World| {
        let installs = super::super::run_facts(&world.scope(&run), &cache).pip_installs;
        installs[0].files[0].file.clone().expect("a file")
    };
    let first = read(&world);
    assert!(Arc::ptr_eq(&first, &read(&world)));
    world.files.remove("/app/s.txt");
    let other = read(&world);
    assert!(first.nested[0].file.is_ok() && other.nested[0].file.is_err());
}

#[test]
fn one_run_follows_a_limited_number_of_lines() {
    let text: &'static str = Box::leak("-r gone.txt\n".repeat(5000).into_boxed_str());
    let installs = World::holding(&[("/app/r.txt", text)]).facts("pip install -r r.txt").pip_installs;
    let file = installs[0].files[0].file.clone().expect("a file");
    assert!(file.nested.len() < 1000);
    assert_eq!(file.nested.last().and_then(|used| used.file.as_ref().err()), Some(&Unknown::TooLarge));
}

#[test]
fn deep_chains_of_files_end() {
    let names: Vec<(String, String)> = (0..400)
        .map(|index| (format!("/app/{index}.txt"), format!("a{index}\n-r {}.txt\n", index + 1)))
        .collect();
    let files: &'static [(String, String)] = Box::leak(names.into_boxed_slice());
    let mut world = World::default();
    world.files.extend(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    let installs = world.facts("pip install -r 0.txt").pip_installs;
    let shown = names_of(&installs[0].files[0]);
    assert_eq!(shown, 16);
}

fn names_of(used: &RequirementsUse) -> usize {
    let mut count = 0;
    let mut next = used.file.as_ref().ok();
    while let Some(file) = next {
        count += 1;
        next = file.nested.first().and_then(|used| used.file.as_ref().ok());
    }
    count
}
