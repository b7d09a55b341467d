use super::*;

fn parse(text: &str) -> Location {
    ImageName::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).location
}

#[test]
fn prefixes_say_the_form() {
    let tag = |tag: &str| Pick::Tag(tag.into());
    let table = [
        ("oci:dir", Location::OciLayout("dir".into(), Pick::Only)),
        ("oci:dir:web", Location::OciLayout("dir".into(), tag("web"))),
        ("oci:a:b/dir", Location::OciLayout("a:b/dir".into(), Pick::Only)),
        ("oci:a:b/dir:@12", Location::OciLayout("a:b/dir".into(), Pick::At(12))),
        ("oci-archive:w.tar:org/web:1.0", Location::OciArchive("w.tar".into(), tag("org/web:1.0"))),
        ("docker-archive:w.tar", Location::DockerArchive("w.tar".into(), Pick::Only)),
        ("docker-archive:w.tar:org/web:1.0", Location::DockerArchive("w.tar".into(), tag("org/web:1.0"))),
        (
            "docker-archive:w.tar:localhost:5000/web:1",
            Location::DockerArchive("w.tar".into(), tag("localhost:5000/web:1")),
        ),
        (r"docker-archive:C:\w.tar", Location::DockerArchive(r"C:\w.tar".into(), Pick::Only)),
        (r"docker-archive:C:\w.tar:a:1", Location::DockerArchive(r"C:\w.tar".into(), tag("a:1"))),
        (r"oci:c:/layout:web", Location::OciLayout("c:/layout".into(), tag("web"))),
        ("dir:a:b", Location::Dir("a:b".into())),
        ("docker-daemon:web:1.0", Location::Daemon("web:1.0".into())),
        ("docker://ghcr.io/org/web:1.0", Location::Registry("ghcr.io/org/web:1.0".into())),
        ("web", Location::Registry("web".into())),
        ("docker:dind", Location::Registry("docker:dind".into())),
        ("localhost:5000/web:1.0", Location::Registry("localhost:5000/web:1.0".into())),
        ("ghcr.io/org/web@sha256:abc", Location::Registry("ghcr.io/org/web@sha256:abc".into())),
    ];
    for (text, location) in table {
        assert_eq!(parse(text), location, "{text}");
        assert_eq!(ImageName::parse(text).unwrap().text(), text);
    }
}

#[test]
fn a_path_that_is_there_is_no_tag() {
    let folder = std::env::temp_dir().join(format!("plimsoll-name-{}", std::process::id()));
    let path = |name: &str| folder.join(name);
    std::fs::create_dir_all(path("layout:web")).unwrap();
    std::fs::create_dir_all(path("image")).unwrap();
    std::fs::create_dir_all(path("plain")).unwrap();
    std::fs::write(path("image/manifest.json"), "{}").unwrap();
    std::fs::write(path("w:1.tar"), "").unwrap();
    let name = |prefix: &str, rest: &str| format!("{prefix}{}", path(rest).display());
    let tag = |tag: &str| Pick::Tag(tag.into());
    let table = [
        (name("oci:", "layout:web"), Location::OciLayout(path("layout:web"), Pick::Only)),
        (name("oci:", "layout:web:org/web:1"), Location::OciLayout(path("layout:web"), tag("org/web:1"))),
        (name("docker-archive:", "w:1.tar:a:1"), Location::DockerArchive(path("w:1.tar"), tag("a:1"))),
        (name("", "w:1.tar"), Location::Disk(path("w:1.tar"), Pick::Only)),
        (name("", "w:1.tar:@0"), Location::Disk(path("w:1.tar"), Pick::At(0))),
        (name("", "image"), Location::Disk(path("image"), Pick::Only)),
    ];
    for (text, location) in table {
        assert_eq!(parse(&text), location, "{text}");
    }
    let error = ImageName::parse(&name("", "plain")).unwrap_err();
    assert!(error.message.starts_with("the folder holds no image"), "{error}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn what_is_no_name_is_explained() {
    let table = [
        ("", "no image is named"),
        ("oci:", "no file or folder is named"),
        ("oci::web", "no file or folder is named"),
        ("oci:dir:", "the tag behind the last colon is empty"),
        ("oci:dir:@x", "`@x` is no number of an image"),
        ("docker-archive:", "no file or folder is named"),
        ("dir:", "no folder is named"),
        ("docker-daemon:", "no image is named"),
        ("docker://", "no image is named"),
        ("docker://a b", "a reference has no ` `"),
        ("web\u{1b}[2J", "a reference has no `\\u{1b}`"),
        ("containers-storage:web", "images are not read from `containers-storage:`"),
        ("https://ghcr.io/org/web", "images are not read from `https:`"),
        ("ftp://host/web", "images are not read from `ftp:`"),
        ("no-such-file.tar", "there is no such file or folder"),
        ("./no-such-file", "there is no such file or folder"),
    ];
    for (text, message) in table {
        let error = ImageName::parse(text).unwrap_err();
        assert_eq!(error.message, message, "{text}");
    }
    let help = ImageName::parse("containers-storage:web").unwrap_err().help.unwrap();
    assert!(help.starts_with("Known are oci:DIR, oci-archive:FILE"), "{help}");
}
