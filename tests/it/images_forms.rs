//! Names and forms of images through the binary: one image gets one verdict, however it is stored and named.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::image_fixture::{Fixture, file, gzip, program, tar_of, write_archive, write_folder};
use crate::support::{folder, plimsoll};

fn web() -> Fixture {
    let config = json!({"User": "app", "Cmd": ["/usr/bin/server"], "Env": ["API_TOKEN=ghp_0123456789"]});
    Fixture::new("example/web:1.0", config)
        .layer("COPY server", vec![program("/usr/bin/server", 0o4755)])
        .layer("RUN useradd app", vec![file("/etc/passwd", "root:x:0:0::/:/bin/sh\napp:x:0:0::/:/bin/sh\n")])
}

/// Rule and message of each finding of an image, without its name; the exit code in front.
fn verdict(folder: &Path, name: &str) -> Value {
    let run = plimsoll(folder, &["image", name, "--pack", "recommended", "--format", "json"]);
    assert!(matches!(run.code, Some(0..=1)), "{name}: {run:?}");
    let findings = run.findings();
    let of = |finding: &Value| json!([finding["rule"], finding["message"], finding["severity"]]);
    let mut all: Vec<Value> = findings.iter().map(of).collect();
    all.sort_by_key(Value::to_string);
    json!([run.code, all])
}

#[test]
fn one_image_in_every_form_gets_one_verdict() {
    let folder = folder("images-forms/verdict");
    for is_oci in [false, true] {
        let image = Fixture { oci: is_oci, ..web() };
        write_folder(&folder.join("layout"), &image.oci_layout());
        write_folder(&folder.join("dir"), &image.dir());
        write_archive(&folder.join("oci.tar"), &image.oci_layout());
        fs::write(folder.join("oci.tar.gz"), gzip(&tar_of(&image.oci_layout()))).unwrap();
        write_archive(&folder.join("docker.tar"), &image.docker_archive());
        fs::write(folder.join("docker.tar.gz"), gzip(&tar_of(&image.docker_archive()))).unwrap();
        let first = verdict(&folder, "oci:layout");
        assert!(first.to_string().contains("user"), "{first}");
        let names = [
            "oci:layout:example/web:1.0",
            "oci:layout:1.0",
            "oci:layout:@0",
            "layout",
            "./layout",
            "oci-archive:oci.tar",
            "oci-archive:oci.tar.gz",
            "oci.tar",
            "oci.tar.gz:example/web:1.0",
        ];
        for name in names {
            assert_eq!(verdict(&folder, name), first, "{name}");
        }
        // A folder of this form has no name for its image, and an archive of Docker always has a place for a health
        // check: what is said besides is the same.
        assert_eq!(verdict(&folder, "dir:dir"), verdict(&folder, "dir"));
        let docker = verdict(&folder, "docker-archive:docker.tar");
        for name in ["docker.tar", "docker.tar.gz", "docker-archive:docker.tar:docker.io/example/web:1.0"] {
            assert_eq!(verdict(&folder, name), docker, "{name}");
        }
        if !is_oci {
            assert_eq!(docker, first);
        }
    }
}

#[test]
fn names_that_are_wrong_are_explained_before_anything_is_read() {
    let folder = folder("images-forms/names");
    write_archive(&folder.join("web.tar"), &web().docker_archive());
    let table = [
        ("containers-storage:web", "images are not read from `containers-storage:`"),
        ("oci:", "no file or folder is named"),
        ("docker-archive:web.tar:", "the tag behind the last colon is empty"),
        ("missing.tar", "there is no such file or folder"),
        ("a reference", "a reference has no ` `"),
    ];
    for (name, why) in table {
        let run = plimsoll(&folder, &["image", name, "--pack", "recommended"]);
        assert_eq!(run.code, Some(2), "{name}: {run:?}");
        assert!(run.stderr.contains(&format!("`{name}`: {why}")), "{name}: {}", run.stderr);
    }
    let table = [
        ("docker-archive:web.tar:other:2", "no image in it is named `other:2`; it has example/web:1.0"),
        ("oci-archive:web.tar", "What `docker save` writes is named docker-archive:FILE"),
        ("oci:web.tar", "Archives are named docker-archive:FILE or oci-archive:FILE"),
        ("docker-archive:none.tar", "cannot be opened: No such file or directory"),
    ];
    for (name, why) in table {
        let run = plimsoll(&folder, &["image", name, "web.tar", "--pack", "recommended", "--format", "json"]);
        assert_eq!(run.code, Some(2), "{name}: {run:?}");
        assert!(run.stderr.contains(name) && run.stderr.contains(why), "{name}: {}", run.stderr);
        assert_eq!(run.json()["checked"]["files"]["image"], 1, "{name}: the other image is still judged");
    }
}
