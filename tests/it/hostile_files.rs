//! Hostile input through the binary: exit 0, 1 or 2, little time and memory, and nothing lost of the other files.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use crate::support::{Run, folder, plimsoll, plimsoll_limited, skipped, write};

/// Processor time that a call may take.
const TIME: Duration = Duration::from_millis(if cfg!(debug_assertions) { 5_000 } else { 1_000 });
/// Address space of a call, in kB. Twice of what one thread and its allocator reserve without using it.
const ADDRESS_SPACE: u64 = 400_000;
/// Memory that a call may really use, in kB, besides eight times its input.
const MEMORY: u64 = 64 * 1024;
/// Of that the program itself, as it is shipped, for one small file.
const PROGRAM: u64 = 14 * 1024;

/// What the program itself takes more than the shipped one: pages of code that no optimiser has made smaller.
fn unoptimised() -> u64 {
    static MORE: OnceLock<u64> = OnceLock::new();
    *MORE.get_or_init(|| match cfg!(debug_assertions) {
        true => {
            let folder = folder("hostile-files-program");
            write(&folder.join("Dockerfile"), NEIGHBOUR);
            let run = plimsoll(&folder, &["check", ".", "--pack", "recommended"]);
            run.peak_kb.saturating_sub(PROGRAM)
        }
        false => 0,
    })
}

/// A Dockerfile whose findings must not be lost: an unknown instruction on line 2.
const NEIGHBOUR: &str = "FROM debian:12\nRUNN true\nUSER 1000\nCMD [\"x\"]\n";

/// Checks a folder that holds the neighbour and what the case puts there.
pub(crate) fn check(name: &str, fill: impl FnOnce(&Path)) -> Run {
    check_by(name, &["--pack", "recommended"], fill)
}

/// The same by another plan.
pub(crate) fn check_by(name: &str, plan: &[&str], fill: impl FnOnce(&Path)) -> Run {
    let folder = folder(&format!("hostile/{name}"));
    fill(&folder);
    write(&folder.join("neighbour/Dockerfile"), NEIGHBOUR);
    let run = plimsoll_limited(
        &folder,
        &[&["check", ".", "--format", "json", "--jobs", "1"], plan].concat(),
        ADDRESS_SPACE,
    );
    let size: u64 = input_size(&folder);
    assert_tame(name, &run, size);
    let kept = run.findings().iter().any(|finding| {
        finding["file"] == "neighbour/Dockerfile"
            && finding["rule"] == "unknown-instruction"
            && finding["line"] == 2
    });
    assert!(kept, "{name}: the finding of the other file is lost: {run:?}");
    run
}

fn input_size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .filter_map(|entry| fs::metadata(entry.path()).ok())
        .filter(|data| data.is_file())
        .map(|data| data.len())
        .sum()
}

/// Prints what it cost, and fails when that is too much.
fn assert_tame(name: &str, run: &Run, size: u64) {
    println!("{name}: exit {:?}, {:?} of CPU, {} kB", run.code, run.cpu, run.peak_kb);
    assert!(matches!(run.code, Some(0..=2)), "{name}: {run:?}");
    assert!(!run.stderr.contains("panicked"), "{name}: {}", run.stderr);
    assert!(!run.stdout.contains('\x1b') && !run.stderr.contains('\x1b'), "{name}: ESC reaches the terminal");
    assert!(run.cpu <= TIME, "{name}: {:?} of CPU", run.cpu);
    let most = MEMORY + unoptimised() + size * 8 / 1024;
    assert!(run.peak_kb <= most, "{name}: {} kB of memory, and {most} are allowed", run.peak_kb);
}

/// Checks one hostile Dockerfile beside the neighbour.
fn check_text(name: &str, text: impl AsRef<[u8]>) -> Run {
    check(name, |folder| write(&folder.join("Dockerfile"), text))
}

/// The rules that speak about the hostile file.
fn rules(run: &Run) -> Vec<String> {
    let own = run.findings().into_iter().filter(|finding| finding["file"] == "Dockerfile");
    own.map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn bytes_that_are_no_text() {
    for (name, bytes) in [
        ("non-utf8", b"FROM debian:12\nLABEL a=\"\xff\xfe\xc3\x28\"\nRUN \x80\x81\n".as_slice()),
        ("nul", b"FROM debian:12\nRUN a\0b\nENV A=\0\n"),
        ("bom", b"\xef\xbb\xbfFROM debian:12\nRUNN x\n"),
        ("utf16", b"\xff\xfeF\0R\0O\0M\0 \0x\0\n\0"),
        ("control", b"FROM debian:12\nRUN \x1b[31mred\x07 \x1b]0;title\x07\nUSSR \x1b[2J\n"),
    ] {
        check_text(name, bytes);
    }
    let bom = check_text("bom-is-skipped", b"\xef\xbb\xbfFROM debian:12\nRUNN x\n");
    assert!(
        rules(&bom).contains(&"unknown-instruction".to_owned())
            && !rules(&bom).contains(&"syntax".to_owned())
    );
}

#[test]
fn line_ends_and_nothing_at_all() {
    let crlf = check_text("crlf", "FROM debian:12\r\nRUN a \\\r\n  b\r\nRUNN x\r\nCMD [\"x\"]\r\n");
    let line = |rule: &str| {
        crlf.findings().iter().find(|f| f["rule"] == rule && f["file"] == "Dockerfile").unwrap()["line"]
            .clone()
    };
    assert_eq!(line("unknown-instruction"), 4);
    for (name, text) in [
        ("empty", ""),
        ("blank", "\n\n  \n"),
        ("comments", "# a\n# b\n"),
        ("cr", "FROM debian:12\rRUN x\r"),
        ("no-from", "RUN x\n"),
        ("only-args", "ARG A=1\n"),
    ] {
        let run = check_text(name, text);
        assert_eq!(run.code, Some(1), "{name}: a Dockerfile that does not parse is a finding");
        assert!(!rules(&run).is_empty(), "{name}");
    }
}

#[test]
fn files_that_cannot_be_read() {
    let is_root = fs::read_to_string("/proc/self/status").is_ok_and(|text| text.contains("\nUid:\t0\t"));
    let run = check("folder-named-dockerfile", |folder| {
        fs::create_dir_all(folder.join("Dockerfile/inner")).unwrap()
    });
    assert_eq!(run.code, Some(2), "a build of that path would fail");
    assert!(run.stderr.contains("Dockerfile"), "{}", run.stderr);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dangling = check("dangling", |folder| symlink("nowhere", folder.join("Dockerfile")).unwrap());
        assert_eq!(dangling.code, Some(2));
        assert!(dangling.stderr.contains("Dockerfile"), "{}", dangling.stderr);
        let cycle = check("cycle", |folder| {
            symlink(".", folder.join("again")).unwrap();
            symlink("Dockerfile", folder.join("Dockerfile")).unwrap();
        });
        assert_eq!(cycle.code, Some(2));
        if is_root {
            skipped("an unreadable file, because root reads everything");
        } else {
            let unreadable = check("unreadable", |folder| {
                write(&folder.join("Dockerfile"), "FROM a\n");
                fs::set_permissions(folder.join("Dockerfile"), fs::Permissions::from_mode(0o000)).unwrap();
            });
            assert_eq!(unreadable.code, Some(2));
        }
    }
}

/// Nobody writes to the pipe, so whoever opens it to read waits for ever.
#[test]
fn a_pipe_is_not_waited_for() {
    let made = std::cell::Cell::new(false);
    let run = check("pipe", |folder| {
        let status = std::process::Command::new("mkfifo").arg(folder.join("Dockerfile")).status();
        made.set(status.is_ok_and(|status| status.success()));
    });
    if !made.get() {
        skipped("a pipe, because there is no mkfifo");
        return;
    }
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("Dockerfile"), "{run:?}");
}

#[test]
fn arguments_that_do_not_exist_keep_the_others() {
    let folder = folder("hostile/missing");
    write(&folder.join("neighbour/Dockerfile"), NEIGHBOUR);
    let run = plimsoll(
        &folder,
        &["check", "neighbour/Dockerfile", "no-such-file", "--pack", "recommended", "--format", "json"],
    );
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("no-such-file"), "{}", run.stderr);
    assert!(run.findings().iter().any(|finding| finding["rule"] == "unknown-instruction"), "{run:?}");
}

#[test]
fn values_that_double() {
    let mut text = "FROM debian:12\nENV A0=0123456789\n".to_owned();
    for at in 1..=30 {
        text += &format!("ENV A{at}=$A{0}$A{0}\n", at - 1);
    }
    check_text("env-doubling", text + "USER $A30\nEXPOSE $A30\nLABEL a=$A30\n");
    let mut args = "ARG A0=a\n".to_owned();
    for at in 1..=30 {
        args += &format!("ARG A{at}=${{A{0}}}${{A{0}}}\n", at - 1);
    }
    check_text("arg-doubling", args + "FROM $A30\n");
    let nested = format!("FROM debian:12\nENV A={}x{}\n", "${A:-".repeat(2_000), "}".repeat(2_000));
    check_text("nested-defaults", nested);
}

#[test]
fn much_of_everything() {
    let many = |piece: &str, count: usize| piece.repeat(count);
    let numbered = |count: usize, piece: fn(usize) -> String| (0..count).map(piece).collect::<String>();
    let cases = [
        ("continuation", format!("FROM debian:12\nRUN a \\\n{} b\n", many("  && echo x \\\n", 20_000))),
        ("megabyte-word", format!("FROM debian:12\nRUN {}\n", many("x", 1_000_000))),
        ("megabyte-words", format!("FROM debian:12\nRUN echo {}\n", many("x ", 500_000))),
        ("megabyte-split", format!("FROM debian:12\nRUN echo {}\n", many("xxxxxxxxxxxxxx \\\n", 60_000))),
        ("substitutions", format!("FROM debian:12\nRUN {}x{}\n", many("$(", 2_000), many(")", 2_000))),
        ("open-substitutions", format!("FROM debian:12\nRUN {}\n", many("$(", 2_000))),
        ("groups", format!("FROM debian:12\nRUN {}x{}\n", many("( ", 20_000), many(" )", 20_000))),
        ("backquotes", format!("FROM debian:12\nRUN {}\n", many("`", 20_001))),
        ("environments", format!("FROM debian:12\n{}", numbered(100_000, |at| format!("ENV A{at}=1\n")))),
        ("one-environment", format!("FROM debian:12\n{}", many("ENV A=$A\n", 100_000))),
        ("json-nesting", format!("FROM debian:12\nCMD {}{}\n", many("[", 50_000), many("]", 50_000))),
        ("json-items", format!("FROM debian:12\nCMD [{}\"x\"]\n", many("\"x\",", 100_000))),
        ("heredoc", format!("FROM debian:12\nRUN <<EOF\n{}EOF\n", many("echo x | cat\n", 100_000))),
        (
            "installs",
            format!("FROM debian:12\nRUN true{}\n", many(" && apt-get install a && pip install b", 1_500)),
        ),
        ("labels", format!("FROM debian:12\n{}", numbered(20_000, |at| format!("LABEL a{at}=b\n")))),
        (
            "users",
            format!("FROM debian:12\n{}USER u1\n", numbered(5_000, |at| format!("RUN useradd -u 1 u{at}\n"))),
        ),
        ("ports", format!("FROM debian:12\nEXPOSE 1-65535 {}\n", many("1-65535 ", 5_000))),
        ("copies", format!("FROM debian:12\n{}", numbered(10_000, |at| format!("COPY f{at} /x\n")))),
        ("sources", format!("FROM debian:12\nCOPY {}/x/\n", many("a*b?[c] ", 5_000))),
        ("suppressions", format!("FROM debian:12\n{}", many("# plimsoll: ignore=syntax\nRUN x\n", 20_000))),
        ("orphans", format!("FROM debian:12\nRUN x\n{}", many(" && y\n", 20_000))),
        ("templates", format!("FROM debian:12\n{}", many("${{ x }}\n", 20_000))),
        (
            "health",
            format!(
                "FROM debian:12\n{}",
                many("HEALTHCHECK CMD curl -f http://localhost:1/h || exit 1\n", 5_000)
            ),
        ),
    ];
    let failed = cases.into_iter().filter(|(name, text)| catch_unwind(|| check_text(name, text)).is_err());
    let failed: Vec<&str> = failed.map(|(name, _)| name).collect();
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn long_chains_of_stages() {
    let mut chain = "FROM debian:12 AS s0\nUSER 1000\n".to_owned();
    for at in 1..5_000 {
        chain += &format!("FROM s{} AS s{at}\nENV A{at}=1\n", at - 1);
    }
    check_text("chain", chain);
    let mut fan = "FROM debian:12 AS s0\n".to_owned();
    for at in 1..5_000 {
        fan += &format!("FROM debian:12 AS s{at}\nCOPY --from=s{} /x /x\n", at - 1);
    }
    check_text("copies-between-stages", fan);
    check_text("own-name", "FROM a AS a\nFROM a AS a\nFROM a\nCOPY --from=a /x /x\n");
}

/// Many files that stand on each other, and two that stand on each other in a ring.
#[test]
fn long_chains_of_files() {
    check("files", |folder| {
        for at in 1..300 {
            write(&folder.join(format!("s{at}/Dockerfile")), format!("FROM s{}\nENV A=1\n", at - 1));
        }
        write(&folder.join("s0/Dockerfile"), "FROM s299\n");
    });
}

/// What a reader of a log may take for a command, or for other text than it is.
#[test]
fn names_and_texts_that_lie() {
    let label = "FROM debian:12\nRUNN ::set-output name=a::b\nLABEL a=\"\u{202e}evil\u{2066}\" \\\n\n\
        MAINTAINER ::error::x\nCMD [\"\u{202e}x\"\nHEALTHCHEK \u{202e}\n";
    let folder = folder("hostile/lies");
    write(&folder.join("Dockerfile"), label);
    #[cfg(unix)]
    write(&folder.join("a\n::error::b\x1b[31m\u{202e}/Dockerfile"), NEIGHBOUR);
    for format in ["text", "concise"] {
        let run = plimsoll(&folder, &["check", ".", "--pack", "recommended", "--format", format]);
        assert_tame(format, &run, 0);
        assert!(!run.stdout.contains(['\u{202e}', '\u{2066}']), "{format}: {}", run.stdout);
        let command = run.stdout.lines().find(|line| line.starts_with("::"));
        assert!(command.is_none(), "{format}: {command:?}");
    }
    let run = plimsoll(&folder, &["check", ".", "--pack", "recommended", "--format", "json"]);
    assert!(run.findings().len() >= 2 && !run.stdout.contains('\x1b'), "{run:?}");
}

/// The other inputs of a call are as hostile: ignore files, requirements, plans and tables.
#[test]
fn files_beside_the_dockerfile() {
    let dockerfile = "FROM python:3.12\nCOPY . /app\nRUN pip install -r /app/requirements.txt\n";
    let cases: [(&str, &str, Vec<u8>); 5] = [
        ("ignore-wildcards", ".dockerignore", format!("{}x\n", "*a".repeat(20_000)).into_bytes()),
        ("ignore-lines", ".dockerignore", "**/a/**/b*\n".repeat(20_000).into_bytes()),
        ("ignore-bytes", ".dockerignore", b"\xff\xfe\0[\n!\n!!\n[z-a]\n\\\n".to_vec()),
        ("requirements-self", "requirements.txt", "-r requirements.txt\n".repeat(1_000).into_bytes()),
        (
            "requirements-long",
            "requirements.txt",
            "a==1 \\\n  --hash=sha256:b \\\n".repeat(20_000).into_bytes(),
        ),
    ];
    for (name, file, bytes) in cases {
        check(name, |folder| {
            write(&folder.join("Dockerfile"), dockerfile);
            write(&folder.join(file), &bytes);
        });
    }
}
