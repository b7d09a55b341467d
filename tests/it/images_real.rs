//! Images that real tools built and pushed: `tests/images/build.sh FOLDER`, then `PLIMSOLL_REAL_IMAGES=FOLDER`.

use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{FORMATS, Run, plimsoll, skipped, write};

pub(crate) const TAG: &str = "20260101-abcdef0";

/// What was built.
pub(crate) struct Built {
    folder: PathBuf,
    /// Address of the registry.
    pub(crate) registry: String,
}

impl Built {
    /// `None`, and a word about it, where nothing was built.
    pub(crate) fn find(test: &str) -> Option<Self> {
        let Some(folder) = std::env::var_os("PLIMSOLL_REAL_IMAGES").map(PathBuf::from) else {
            skipped(&format!("{test}: PLIMSOLL_REAL_IMAGES names no images"));
            return None;
        };
        let registry = fs::read_to_string(folder.join("registry.address")).unwrap().trim().to_owned();
        Some(Self { folder, registry })
    }

    /// A name in the folder: `docker-archive:` and a path below it.
    pub(crate) fn local(&self, form: &str, path: &str) -> String {
        format!("{form}:{}", self.folder.join(path).display())
    }

    /// A path below the folder.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.folder.join(below)
    }

    /// A name in the registry.
    pub(crate) fn pushed(&self, repository: &str) -> String {
        format!("{}/{repository}:{TAG}", self.registry)
    }

    /// Judges images by the plan of the fleet.
    pub(crate) fn judge(&self, arguments: &[&str]) -> Run {
        let run = plimsoll(&self.folder.join("fleet"), &[&["image", "--format", "json"], arguments].concat());
        println!("{arguments:?}: exit {:?}, {:?} of CPU, {} kB", run.code, run.cpu, run.peak_kb);
        run
    }
}

/// Rule and message of each, without those rules.
fn said(results: &[Value], without: &[&str]) -> BTreeSet<String> {
    let text = |result: &Value, key: &str| result[key].as_str().unwrap_or_default().to_owned();
    results
        .iter()
        .filter(|result| !without.contains(&result["rule"].as_str().unwrap_or_default()))
        .map(|result| {
            format!("{} {}: {}", text(result, "severity"), text(result, "rule"), text(result, "message"))
        })
        .collect()
}

fn rules(results: &[Value]) -> BTreeSet<&str> {
    results.iter().filter_map(|result| result["rule"].as_str()).collect()
}

fn open(run: &Run) -> Vec<Value> {
    run.json()["open"].as_array().cloned().unwrap_or_default()
}

/// What only some forms tell: a base, and whether a health check was lost on the way.
const BY_FORM: [&str; 3] = ["health-lost", "base-proof", "base-outdated"];

#[test]
fn one_image_in_five_forms() {
    let Some(built) = Built::find("one image in five forms") else { return };
    for format in ["docker", "oci"] {
        let repository = if format == "docker" { "fleet/stream-relay" } else { "fleet-oci/stream-relay" };
        let mut forms = vec![
            built.local("dir", &format!("{format}/dir")),
            built.pushed(repository),
            built.local("oci", &format!("{format}/layout:{TAG}")),
            built.local("oci-archive", &format!("{format}/oci-archive.tar:{TAG}")),
            built.local("docker-archive", &format!("{format}/docker-archive.tar")),
        ];
        if format == "oci" {
            forms.push(built.local("oci", &format!("odd/zstd:{TAG}")));
        } else if built.folder.join("odd/docker-save.tar").exists() {
            forms.push(built.local("docker-archive", "odd/docker-save.tar"));
        }
        let reports: Vec<(String, Run)> = forms
            .into_iter()
            .map(|name| {
                let run = built.judge(&[&name, "--service", "stream-relay"]);
                assert!(matches!(run.code, Some(0..=1)), "{name}: {}", run.stderr);
                (name, run)
            })
            .collect();
        let (first, all) = &reports[0];
        let health = |results: &[Value]| rules(results).iter().any(|rule| rule.starts_with("health"));
        for (name, run) in &reports {
            let (findings, open) = (run.findings(), open(run));
            let without = |results: &[Value]| {
                let health = rules(results).into_iter().filter(|rule| rule.starts_with("health"));
                said(results, &[&BY_FORM[..], &health.collect::<Vec<_>>()].concat())
            };
            assert_eq!(without(&findings), without(&all.findings()), "{name} and {first}");
            // Docker's config holds a health check; the OCI's has no place for one, so nobody can tell.
            let is_oci = format == "oci" && !name.starts_with("docker-archive:")
                || format == "docker" && name.starts_with("oci");
            if is_oci {
                assert!(!rules(&findings).contains("healthcheck"), "{name}: {findings:?}");
                assert!(rules(&open).contains("healthcheck"), "{name}: {open:?}");
            } else if format == "docker" {
                assert!(!health(&findings) && !health(&open), "{name}: {findings:?} {open:?}");
            }
        }
    }
}

#[test]
fn the_right_image_has_no_error() {
    let Some(built) = Built::find("the right image has no error") else { return };
    let run =
        built.judge(&[&built.pushed("fleet/stream-relay"), "--base", &built.pushed("fleet/family-web")]);
    assert_eq!(run.code, Some(0), "{:?}", run.findings());
    assert_eq!(run.json()["checked"]["files"]["image"], 1);
}

#[test]
fn each_fault_is_found() {
    let Some(built) = Built::find("each fault is found") else { return };
    let right = built.judge(&[&built.local("docker-archive", "base/stream-relay.tar")]).findings();
    for (name, rule) in [
        ("root", "runtime-user"),
        ("no-init", "init-process"),
        ("port", "service-ports"),
        ("no-health", "healthcheck"),
        ("revision", "revision-label"),
        ("env", "env-value"),
        ("secret", "image-secret"),
        ("setuid", "image-setuid"),
        ("git", "image-vcs"),
        ("apt-lists", "image-package-cache"),
        ("hidden-key", "image-secret"),
        ("user-gone", "user-exists"),
        ("labels", "labels"),
    ] {
        let run =
            built.judge(&[&built.local("docker-archive", &format!("wrong/{name}.tar")), "--select", rule]);
        assert!(rules(&run.findings()).contains(rule), "{name}: {:?}", said(&run.findings(), &[]));
        assert!(!rules(&right).contains(rule), "{name}: {right:?}");
    }
}

#[test]
fn the_hierarchy_is_recovered() {
    let Some(built) = Built::find("the hierarchy is recovered") else { return };
    let names = ["stream-relay", "base-utils", "family-web", "base-python", "base-cpu-pydeps"];
    let chain = ["base-python", "base-utils", "base-cpu-pydeps", "family-web", "stream-relay"];
    let archives = names.map(|name| built.local("docker-archive", &format!("base/{name}.tar")));
    for images in [names.map(|name| built.pushed(&format!("fleet/{name}"))), archives] {
        let mut arguments = vec!["graph", "--format", "dot"];
        images.iter().for_each(|image| arguments.extend(["--image", image]));
        let run = plimsoll(&built.folder.join("fleet"), &arguments);
        assert_eq!(run.code, Some(0), "{run:?}");
        for pair in chain.windows(2) {
            let edge = run.stdout.lines().any(|line| {
                let sides =
                    line.split_once("->").map(|(from, to)| (from.contains(pair[0]), to.contains(pair[1])));
                sides == Some((true, true))
                    || line
                        .split_once("->")
                        .is_some_and(|(from, to)| from.contains(pair[1]) && to.contains(pair[0]))
            });
            assert!(edge, "{pair:?}: {}", run.stdout);
        }
        let edges = run.stdout.lines().filter(|line| line.contains("->")).count();
        assert_eq!(edges, 4, "{}", run.stdout);
    }
}

#[test]
fn squashed_and_outdated_are_told_apart() {
    let Some(built) = Built::find("squashed and outdated are told apart") else { return };
    let base = built.local("docker-archive", "base/family-web.tar");
    let judge = |image: &str, base: &str| {
        let image = built.local("docker-archive", image);
        let run = built.judge(&[&image, "--base", base]);
        let results: Vec<Value> = run.findings().into_iter().chain(open(&run)).collect();
        let of_bases = results
            .into_iter()
            .filter(|result| result["rule"].as_str().is_some_and(|rule| rule.starts_with("base-")));
        of_bases.collect::<Vec<_>>()
    };
    let right = judge("base/stream-relay.tar", &base);
    assert!(right.is_empty(), "{right:?}");
    let single = judge("odd/single-layer.tar", &base);
    assert!(single.is_empty(), "{single:?}");
    let squashed = judge("odd/squashed.tar", &base);
    let outdated = judge("base/stream-relay.tar", &built.local("docker-archive", "odd/family-web-new.tar"));
    assert!(!squashed.is_empty() && !outdated.is_empty(), "{squashed:?} {outdated:?}");
    assert!(!rules(&squashed).contains("base-outdated"), "{squashed:?}");
    assert!(rules(&outdated).contains("base-outdated"), "{outdated:?}");
}

#[test]
fn drift_from_the_dockerfiles() {
    let Some(built) = Built::find("drift from the Dockerfiles") else { return };
    let of = |image: &str| {
        let run = built.judge(&[image, "--service", "stream-relay", "--against", "."]);
        let drift = run.findings().into_iter().filter(|finding| finding["rule"] == "drift");
        drift.collect::<Vec<_>>()
    };
    for image in [built.pushed("fleet/stream-relay"), built.local("dir", "oci/dir")] {
        let drift = of(&image);
        assert!(drift.is_empty(), "{image}: {drift:?}");
    }
    for name in ["root", "no-init", "port", "no-health", "revision", "env", "secret"] {
        let drift = of(&built.local("docker-archive", &format!("wrong/{name}.tar")));
        assert!(!drift.is_empty(), "{name}");
    }
}

#[test]
fn a_dead_registry_among_living_ones() {
    let Some(built) = Built::find("a dead registry among living ones") else { return };
    // The kernel takes connections; nobody ever answers.
    let dead = TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = dead.local_addr().unwrap();
    let dead: Vec<String> = (0..20).map(|at| format!("{dead}/fleet/dead-{at}:{TAG}")).collect();
    let living =
        ["stream-relay", "family-web", "base-utils"].map(|name| built.pushed(&format!("fleet/{name}")));
    let mut arguments = vec!["--timeout", "30s", "--deadline", "2s"];
    arguments.extend(dead.iter().chain(&living).map(String::as_str));
    let start = Instant::now();
    let run = built.judge(&arguments);
    let took = start.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(run.code, Some(2), "{run:?}");
    for name in &dead {
        assert!(run.stderr.contains(name), "{name}: {}", run.stderr);
    }
    assert_eq!(run.json()["checked"]["files"]["image"], 3, "{}", run.stderr);
}

#[test]
fn planned_images_are_looked_up() {
    let Some(built) = Built::find("planned images are looked up") else { return };
    let absent = |arguments: &[&str]| {
        let run = built.judge(&[&["--planned"], arguments].concat());
        assert!(matches!(run.code, Some(0..=1)), "{run:?}");
        let absent = run.findings().into_iter().filter(|finding| finding["rule"] == "registry-presence");
        absent.map(|finding| finding["message"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let all = absent(&["--tag", TAG]);
    assert!(all.is_empty(), "{all:?}");
    let none = absent(&["--tag", "20200101-abcdef0"]);
    assert_eq!(none.len(), 5, "{none:?}");
    // Of the images in the OCI's format one is deleted.
    let plan = fs::read_to_string(built.folder.join("fleet/plimsoll.toml")).unwrap();
    let plan = plan.replace("/fleet\"", "/fleet-oci\"");
    write(&built.folder.join("fleet/oci.toml"), plan);
    delete(&built.registry, "fleet-oci/base-utils");
    let one = absent(&["--plan", "oci.toml", "--tag", TAG]);
    assert_eq!(one.len(), 1, "{one:?}");
    assert!(one[0].contains("base-utils"), "{one:?}");
}

/// Deletes what the tag stands for.
fn delete(registry: &str, repository: &str) {
    let url = |what: &str| format!("http://{registry}/v2/{repository}/manifests/{what}");
    let accept = "application/vnd.oci.image.manifest.v1+json";
    // Of an earlier run nothing is left to delete.
    if let Ok(answer) = ureq::head(url(TAG)).header("Accept", accept).call() {
        let digest = answer.headers()["Docker-Content-Digest"].to_str().unwrap().to_owned();
        ureq::delete(url(&digest)).call().unwrap();
    }
}

#[test]
fn no_secret_of_an_image_is_shown() {
    let Some(built) = Built::find("no secret of an image is shown") else { return };
    let images =
        ["secret", "hidden-key"].map(|name| built.local("docker-archive", &format!("wrong/{name}.tar")));
    for format in FORMATS {
        for extra in [&[][..], &["--against", "."], &["--ignore", "image-secret"]] {
            let arguments =
                [&["image", &images[0], &images[1], "--service", "stream-relay", "--format", format], extra]
                    .concat();
            let run = plimsoll(&built.folder.join("fleet"), &arguments);
            assert!(matches!(run.code, Some(0..=1)), "{format}: {}", run.stderr);
            for secret in ["0Aa1Bb2Cc3", "Jj0KkLl"] {
                assert!(
                    !run.stdout.contains(secret) && !run.stderr.contains(secret),
                    "{format} {extra:?}: {}",
                    run.stdout
                );
            }
        }
    }
}

#[test]
fn two_platforms() {
    let Some(built) = Built::find("two platforms") else { return };
    for image in [built.pushed("fleet/two"), built.local("oci", &format!("odd/two-platforms:{TAG}"))] {
        for (platform, count) in [("linux/amd64", 1), ("linux/arm64", 1), ("all", 2)] {
            let run = built.judge(&[&image, "--platform", platform]);
            assert!(matches!(run.code, Some(0..=1)), "{image}: {}", run.stderr);
            assert_eq!(run.json()["checked"]["files"]["image"], count, "{image} {platform}");
        }
        let run = built.judge(&[&image, "--platform", "linux/s390x"]);
        assert_eq!(run.code, Some(2), "{image}: {run:?}");
    }
}

/// Pushes an image of one layer of its own, which nothing compresses.
fn push_one(registry: &str, number: usize) -> String {
    use crate::support::image_fixture::{Entry, Fixture, Kind};
    let mut random = crate::mutation::Random(number as u64 + 1);
    let noise: Vec<u8> = (0..512 << 10).map(|_| random.below(256) as u8).collect();
    let entry = Entry { path: "/noise".into(), kind: Kind::File(noise), mode: 0o644, uid: 0 };
    let config = serde_json::json!({"User": "10001:10001", "Labels": {"number": number.to_string()}});
    let blobs = Fixture::new("x", config).layer("RUN noise", vec![entry]).blobs();
    let root = format!("http://{registry}/v2/fleet/many");
    for blob in [&blobs.config].into_iter().chain(&blobs.layers) {
        let answer = ureq::post(format!("{root}/blobs/uploads/")).send_empty().unwrap();
        let to = answer.headers()["Location"].to_str().unwrap();
        let mark = if to.contains('?') { '&' } else { '?' };
        ureq::put(format!("{to}{mark}digest={}", blob.digest())).send(&blob.bytes[..]).unwrap();
    }
    let tag = format!("20260101-{:07x}", number + 4096);
    let manifest =
        ureq::put(format!("{root}/manifests/{tag}")).header("Content-Type", &blobs.manifest.media_type);
    manifest.send(&blobs.manifest.bytes[..]).unwrap();
    format!("{registry}/fleet/many:{tag}")
}

#[test]
fn two_hundred_images_in_bounded_memory() {
    let Some(built) = Built::find("two hundred images in bounded memory") else { return };
    let images: Vec<String> = (0..200).map(|number| push_one(&built.registry, number)).collect();
    for layers in ["always", "never"] {
        let mut arguments = vec!["--layers", layers];
        arguments.extend(images.iter().map(String::as_str));
        let start = Instant::now();
        let run = built.judge(&arguments);
        println!(
            "200 images, layers {layers}: {:?}, {:?} of CPU, {} kB",
            start.elapsed(),
            run.cpu,
            run.peak_kb
        );
        assert!(matches!(run.code, Some(0..=1)), "{}", run.stderr);
        assert_eq!(run.json()["checked"]["files"]["image"], 200);
        assert!(run.peak_kb < 128 * 1024, "{} kB", run.peak_kb);
    }
}

/// Every image as SARIF, for the validator.
#[test]
fn a_report_for_the_validator() {
    let Some(built) = Built::find("a report for the validator") else { return };
    let names = ["root", "secret", "labels", "setuid", "port"];
    let images = names.map(|name| built.local("docker-archive", &format!("wrong/{name}.tar")));
    let mut arguments = vec!["image", "--service", "stream-relay", "--format", "sarif"];
    arguments.extend(images.iter().map(String::as_str));
    let run = plimsoll(&built.folder.join("fleet"), &arguments);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    write(Path::new(&built.folder.join("report.sarif")), &run.stdout);
}
