//! What the layers of an image hold, as its container.

use super::*;

fn entry(path: &str, kind: FileKind) -> (SmolStr, ImageFile) {
    let file = ImageFile {
        path: path.into(),
        kind,
        mode: 0o755,
        uid: 0,
        gid: 0,
        size: 1,
        count: 1,
        layer: 0,
        interest: Interest::Program,
    };
    (path.into(), file)
}

fn files() -> ImageFiles {
    let link = |target: &str| FileKind::Symlink(target.into());
    let user = |name: &str, uid, gid| UserRow { name: name.into(), uid, gid, empty_password: false };
    let group = |name: &str, gid| GroupRow { name: name.into(), gid };
    ImageFiles {
        files: [
            entry("/bin", link("usr/bin")),
            entry("/usr/bin/tini", FileKind::Regular),
            entry("/usr/bin/gone", link("nowhere")),
            entry("/usr/bin/py", link("/usr/local/bin/python3")),
            entry("/usr/local/bin/python3", FileKind::Regular),
            entry("/usr/bin/folder", FileKind::Folder),
        ]
        .into(),
        users: Some(vec![
            user("root", 0, 0),
            user("app", 10001, 10002),
            user("app", 0, 0),
            user("twin", 10001, 7),
        ]),
        groups: Some(vec![group("root", 0), group("app", 10002), group("docker", 999)]),
        python_packages: vec![PythonPackage {
            name: "torch".into(),
            version: "2.7.1".into(),
            path: "/x".into(),
            layer: 0,
        }],
        ..ImageFiles::default()
    }
}

#[test]
fn users_are_what_the_runtime_makes_of_them() {
    let account = |name: &str| Err(Unknown::Account(name.into()));
    for (said, with_layers, without) in [
        ("10001", Ok((10001, 10002)), Ok((10001, None))),
        ("10001:10001", Ok((10001, 10001)), Ok((10001, Some(10001)))),
        ("10001:docker", Ok((10001, 999)), Ok((10001, None))),
        ("4242", Ok((4242, 0)), Ok((4242, None))),
        ("app", Ok((10001, 10002)), Err(Unknown::Layers)),
        ("app:docker", Ok((10001, 999)), Err(Unknown::Layers)),
        ("app:5", Ok((10001, 5)), Err(Unknown::Layers)),
        ("app:", Ok((10001, 10002)), Err(Unknown::Layers)),
        ("app:nobody", account("nobody"), Err(Unknown::Layers)),
        ("ghost", account("ghost"), Err(Unknown::Layers)),
        ("99999999999", account("99999999999"), Err(Unknown::Layers)),
        ("-1", account("-1"), Err(Unknown::Layers)),
        ("root", Ok((0, 0)), Ok((0, Some(0)))),
        ("0", Ok((0, 0)), Ok((0, Some(0)))),
        ("0:app", Ok((0, 10002)), Ok((0, None))),
        (":app", Ok((0, 10002)), Ok((0, None))),
    ] {
        let numbers = |files: Contents| accounts::user(said, &files).map(|user| (user.uid, user.gid));
        let want = with_layers.map(|(uid, gid)| (Some(uid), Some(gid)));
        assert_eq!(numbers(Contents::Read(files())), want, "{said}");
        assert_eq!(numbers(unread()), without.map(|(uid, gid)| (Some(uid), gid)), "{said}");
    }
    let bare = |said: &str| accounts::user(said, &Contents::Read(ImageFiles::default())).map(|user| user.uid);
    assert_eq!(bare("root"), Ok(Some(0)));
    assert_eq!(bare("app"), Err(Unknown::Account("app".into())));
}

#[test]
fn programs_of_the_layers_are_found_by_name_and_path() {
    let read = image(&whole(&[]), Contents::Read(files()), 0);
    let has = |image: &BuiltImage, name: &str| match image.container.provider(&[name]) {
        Fact::Known { .. } => "yes",
        Fact::Absent => "no",
        Fact::Unknown { .. } => "open",
    };
    for (name, want) in [
        ("tini", "yes"),
        ("/usr/bin/tini", "yes"),
        ("/bin/tini", "yes"),
        ("/sbin/tini", "no"),
        ("py", "yes"),
        ("/usr/local/bin/python3", "yes"),
        ("gone", "no"),
        ("/usr/bin/folder", "no"),
        ("curl", "no"),
        ("pip:torch", "yes"),
    ] {
        assert_eq!(has(&read, name), want, "{name}");
    }
    assert_eq!(read.container.account("app", false).and_then(|account| account.id), Some(10001));
    let truncated = ImageFiles { truncated: Some("too many entries".into()), ..files() };
    let truncated = image(&whole(&[]), Contents::Read(truncated), 0);
    for (image, tini) in [(&truncated, "yes"), (&image(&whole(&[]), unread(), 0), "open")] {
        assert_eq!((has(image, "tini"), has(image, "curl")), (tini, "open"));
    }
}
