//! Real images that real servers give: a Docker Engine, and a registry as companies run them (`tests/images/secure.sh`).

use std::collections::BTreeSet;
use std::fs;

use crate::images_real::{Built, TAG};
use crate::support::{Run, plimsoll_with_env, skipped};

/// Judges an image by the plan of the fleet.
fn judge(built: &Built, arguments: &[&str], environment: &[(&str, &str)]) -> Run {
    let arguments = [&["image", "--format", "json"], arguments].concat();
    plimsoll_with_env(&built.path("fleet"), &arguments, environment)
}

/// Rule, message and line of all that is found, or open.
fn said(run: &Run) -> BTreeSet<String> {
    let open = run.json()["open"].as_array().cloned().unwrap_or_default();
    run.findings()
        .iter()
        .chain(&open)
        .map(|one| format!("{} {} {}", one["rule"], one["message"], one["line"]))
        .collect()
}

#[test]
fn an_engine_gives_what_its_archive_holds() {
    let Some(built) = Built::find("an image of an engine") else { return };
    if !built.path("odd/docker-save.tar").exists() {
        skipped("an image of an engine: no engine ran");
        return;
    }
    let host = format!("unix://{}", built.path("engine.sock").display());
    let name = format!("docker-daemon:{}", built.pushed("fleet/stream-relay"));
    let of_archive = judge(&built, &[&built.local("docker-archive", "odd/docker-save.tar")], &[]);
    let of_engine = judge(&built, &[&name], &[("DOCKER_HOST", &host)]);
    assert_eq!((of_engine.code, said(&of_engine)), (of_archive.code, said(&of_archive)), "{of_engine:?}");
    // The API's history has to fit its layers, whatever it leaves out.
    let without =
        judge(&built, &[&name, "--select", "image-config", "--layers", "never"], &[("DOCKER_HOST", &host)]);
    assert_eq!((without.code, without.findings().len()), (Some(0), 0), "{without:?}");
}

#[test]
fn a_registry_of_a_company_is_trusted_by_its_authority_alone() {
    let Some(built) = Built::find("a registry with TLS and a login") else { return };
    let Ok(address) = fs::read_to_string(built.path("secure/address")) else {
        skipped("a registry with TLS and a login: no openssl");
        return;
    };
    let name = format!("{}/fleet/stream-relay:{TAG}", address.trim());
    let (authority, certificate) = (built.path("secure/ca.pem"), built.path("secure/key.pem"));
    let authority = ["--registry-ca", authority.to_str().unwrap()];
    let docker = built.path("secure/docker");
    let call = |more: &[&str]| {
        judge(&built, &[&[name.as_str()], more].concat(), &[("DOCKER_CONFIG", docker.to_str().unwrap())])
    };
    let login = ["--docker-config-auth"];
    let run = call(&[&authority[..], &login].concat());
    assert!(run.code == Some(0) && run.json()["checked"]["files"]["image"] == 1, "{run:?}");
    for (arguments, words) in [
        (&login[..], "answers only in TLS. Name the certificate of its authority with --registry-ca FILE"),
        (&authority, "denies fleet/stream-relay without a login"),
        (&["--registry-ca", certificate.to_str().unwrap()], "holds no certificate"),
    ] {
        let run = call(arguments);
        assert!(run.code == Some(2) && run.stderr.contains(words), "{arguments:?}: {run:?}");
        assert!(!format!("{run:?}").contains("hunter2"), "{run:?}");
    }
    // Another authority vouches for nobody here.
    let other = built.path("secure/other.pem");
    let text = fs::read_to_string(built.path("secure/certificate.pem")).unwrap();
    fs::write(&other, text).unwrap();
    let run = call(&["--registry-ca", other.to_str().unwrap(), login[0]]);
    assert!(run.code == Some(2) && run.stderr.contains("no TLS connection"), "{run:?}");
}
