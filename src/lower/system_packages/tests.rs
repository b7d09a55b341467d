//! Install commands, one per row.

use super::super::testing::World;
use super::super::words::Words;
use super::*;

fn world() -> World {
    let mut world = World::with(&[("V", "1.2"), ("PKGS", "curl git=2")]);
    world.variables.insert("NONE", None);
    world
}

fn found(text: &str) -> Vec<SystemInstall> {
    let world = world();
    let run = world.run(text);
    let words = Words::new(world.scope(&run));
    let calls = words.calls();
    installs(&words, &calls)
}

/// `name=version`, with `?` behind what is not certain and `!` behind a local file.
fn shown(install: &SystemInstall) -> String {
    let packages = install.packages.iter().map(|package| {
        let version = package.version.as_ref().map(|version| format!("={version}")).unwrap_or_default();
        let unknown = if package.unknown.is_some() { "?" } else { "" };
        format!("{}{version}{unknown}{}", package.name, if package.local { "!" } else { "" })
    });
    packages.collect::<Vec<_>>().join(" ")
}

#[test]
fn packages_and_versions() {
    for (text, wanted) in [
        ("apt-get install -y curl git=1:2.0-1", "curl git=1:2.0-1"),
        ("apt-get -y install curl", "curl"),
        ("apt install -t bookworm-backports -o Dpkg::Use-Pty=0 libc6:amd64 x/stable", "libc6 x"),
        ("apt-get install --target-release=x a b- c+ g++ libstdc++", "a c g++ libstdc++"),
        ("apt-get install -yq ./x.deb /tmp/y.deb", "./x.deb! /tmp/y.deb!"),
        ("apt-get install python3=$V $PKGS", "python3=1.2 curl git=2"),
        ("apt-get install python3=${NONE} $NONE $(cat p)", "python3=${NONE}? $NONE? $(cat p)?"),
        ("apt-get install 'python3-*'", "python3-*?"),
        ("D=\"python3=3.12\" && apt-get install -y $D", "python3=3.12"),
        ("for p in a b; do apt-get install $p; done", "a b"),
        ("sudo apt-get install a", "a"),
        ("DEBIAN_FRONTEND=noninteractive apt-get install a", "a"),
        ("env X=1 apt-get install a", "a"),
        ("sh -c 'apt-get install a'", "a"),
        ("(apt-get update; apt-get install a)", "a"),
        ("cat x | xargs apt-get install -y", "xargs?"),
        ("apk add --no-cache curl=8.5 git~=2.4 'x>1' y=~3 z@edge", "curl=8.5 git=~=2.4 x=>1 y==~3 z"),
        ("apk --no-cache add --virtual .deps gcc -t .b make", "gcc make"),
        ("apk add !x y", "y"),
        (
            "dnf install -y --setopt=install_weak_deps=False python3-3.6.8-1.el8.x86_64",
            "python3=3.6.8-1.el8.x86_64",
        ),
        (
            "yum install -y java-11-openjdk java-1.8.0-openjdk cuda-toolkit-12-1 a-1.5",
            "java-11-openjdk java-1.8.0-openjdk cuda-toolkit-12-1 a=1.5",
        ),
        ("microdnf install -y --enablerepo x a", "a"),
        ("tdnf install -y a https://x/y.rpm", "a https://x/y.rpm!"),
        ("zypper -n in --repo r a=1 'b>=2'", "a=1 b=>=2"),
        ("npm install -g a@1.2 @s/b@^3 c@latest d", "a=1.2 @s/b=^3 c d"),
        ("npm i --location=global a", "a"),
        ("gem install a:1 b -v 2 --no-document", "a=1 b=2"),
    ] {
        let found = found(text);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(shown(&found[0]), wanted, "{text}");
    }
}

#[test]
fn what_is_no_install() {
    for text in [
        "apt-get update",
        "apt-get remove curl",
        "apt-get upgrade -y",
        "npm install",
        "npm install a",
        "echo apt-get install a",
        "apk del a",
        "which apt-get",
        "gem update",
    ] {
        assert_eq!(found(text).len(), 0, "{text}");
    }
}

#[test]
fn options_of_the_whole_command() {
    // text, no recommends, assumes yes, no cache
    for (text, no_recommends, yes, no_cache) in [
        ("apt-get install a", false, false, false),
        ("apt-get install -y --no-install-recommends a", true, true, false),
        ("apt-get -qq install a", false, true, false),
        ("apt-get -q -o APT::Install-Recommends=false install a", true, false, false),
        ("apt-get -oAPT::Install-Recommends=0 install -qy a", true, true, false),
        ("apt-get -o APT::Install-Recommends=true -q=2 install a", false, true, false),
        ("apk add --no-cache a", false, true, true),
        ("apk add a", false, true, false),
        ("dnf --setopt=install_weak_deps=0 install a", true, false, false),
        ("zypper --non-interactive install --no-recommends a", true, true, false),
    ] {
        let found = found(text);
        let install = &found[0];
        assert_eq!(install.no_recommends, no_recommends, "{text}");
        assert_eq!(install.assume_yes, yes, "{text}");
        assert_eq!(install.no_cache, no_cache, "{text}");
    }
}

#[test]
fn places_are_those_of_command_and_word() {
    let found = found("sudo apt-get install -y a  b=1 && x");
    assert_eq!(found[0].place.text(), "apt-get install -y a  b=1");
    assert_eq!(found[0].packages[1].place.text(), "b=1");
    assert_eq!(found[0].at, (0, 0));
}

#[test]
fn exec_form_counts() {
    let world = world();
    let run = world.exec(&["apt-get", "install", "-y", "curl", "$V"]);
    let words = Words::new(world.scope(&run));
    let calls = words.calls();
    let found = installs(&words, &calls);
    assert_eq!(shown(&found[0]), "curl $V");
    assert_eq!(found[0].packages[0].place.text(), "curl");
    assert_eq!(found[0].at, (0, 0));
}
