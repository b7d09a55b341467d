//! Running the built binary: a scrubbed environment, folders of its own, and what it cost.

#[cfg(unix)]
#[path = "support/action_job.rs"]
pub(crate) mod action_job;
#[cfg(all(unix, feature = "registry"))]
#[path = "support/engine_server.rs"]
pub(crate) mod engine_server;
#[path = "support/fleet_call.rs"]
pub(crate) mod fleet_call;
#[path = "support/image_fixture.rs"]
pub(crate) mod image_fixture;
#[cfg(feature = "registry")]
#[path = "support/live_server.rs"]
pub(crate) mod live_server;
#[path = "support/played_fleet.rs"]
pub(crate) mod played_fleet;
#[cfg(feature = "registry")]
#[path = "support/registry_server.rs"]
pub(crate) mod registry_server;

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_plimsoll");

/// Every format of a report.
pub(crate) const FORMATS: [&str; 11] = [
    "text",
    "concise",
    "json",
    "jsonl",
    "sarif",
    "github",
    "gitlab",
    "junit",
    "checkstyle",
    "markdown",
    "html",
];

/// A file of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// An empty folder that no other test uses.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Writes a file and the folders above it.
pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// What a call printed, and what it cost.
#[derive(Debug)]
pub(crate) struct Run {
    /// Exit code; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// Processor time (user and system); wall time where `/proc` does not tell.
    pub(crate) cpu: Duration,
    /// The most memory that was seen, in kB; 0 where `/proc` does not tell.
    pub(crate) peak_kb: u64,
}

impl Run {
    /// Standard output as one JSON document.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The findings of a `--format json` report.
    pub(crate) fn findings(&self) -> Vec<Value> {
        self.json()["findings"].as_array().unwrap_or_else(|| panic!("{self:?}")).clone()
    }
}

/// Runs the binary in a folder with no environment.
pub(crate) fn plimsoll(folder: &Path, arguments: &[&str]) -> Run {
    run(folder, arguments, None, None, &[])
}

/// The same with a text on standard input.
pub(crate) fn plimsoll_with_input(folder: &Path, arguments: &[&str], input: &[u8]) -> Run {
    run(folder, arguments, Some(input), None, &[])
}

/// The same with a limit of the address space, in kB, where `sh` can set one.
pub(crate) fn plimsoll_limited(folder: &Path, arguments: &[&str], limit_kb: u64) -> Run {
    run(folder, arguments, None, Some(limit_kb), &[])
}

/// The same with variables of the environment.
pub(crate) fn plimsoll_with_env(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Run {
    run(folder, arguments, None, None, environment)
}

/// Longer than any call may take on a busy machine; what is slower is broken.
const PATIENCE: Duration = Duration::from_secs(60);

fn run(
    folder: &Path,
    arguments: &[&str],
    input: Option<&[u8]>,
    limit_kb: Option<u64>,
    environment: &[(&str, &str)],
) -> Run {
    let mut command = match limit_kb.filter(|_| cfg!(target_os = "linux")) {
        Some(limit) => {
            let mut shell = Command::new("/bin/sh");
            shell.args(["-c", &format!("ulimit -v {limit}; exec \"$0\" \"$@\""), BINARY]);
            shell
        }
        None => Command::new(BINARY),
    };
    // Files instead of pipes: nobody has to read while the call runs, so it can be watched.
    let name = std::thread::current().name().unwrap_or("main").replace("::", ".");
    let outputs = Path::new(env!("CARGO_TARGET_TMPDIR")).join("outputs");
    fs::create_dir_all(&outputs).unwrap();
    let (stdout, stderr) = (outputs.join(format!("{name}.out")), outputs.join(format!("{name}.err")));
    let start = Instant::now();
    let mut child = command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(environment.iter().copied())
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(File::create(&stdout).unwrap())
        .stderr(File::create(&stderr).unwrap())
        .spawn()
        .unwrap();
    if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
        stdin.write_all(input).unwrap();
    }
    let (mut cpu, mut peak_kb) = (None, 0);
    let status = loop {
        let process = format!("/proc/{}", child.id());
        peak_kb = peak_kb.max(peak_memory(&process));
        // The times of an ended process can be read until it is waited for.
        cpu = processor_time(&process).or(cpu);
        if has_ended(&process)
            && let Some(status) = child.try_wait().unwrap()
        {
            break status;
        }
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{arguments:?} in {} is still running after {PATIENCE:?}", folder.display());
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    let text = |path: &Path| String::from_utf8(fs::read(path).unwrap()).unwrap();
    Run {
        code: status.code(),
        stdout: text(&stdout),
        stderr: text(&stderr),
        cpu: cpu.unwrap_or_else(|| start.elapsed()),
        peak_kb,
    }
}

fn peak_memory(process: &str) -> u64 {
    let status = fs::read_to_string(format!("{process}/status")).unwrap_or_default();
    // Before it becomes another program, the child shows the memory of this one.
    if !["Name:\tplimsoll\n", "Name:\tsh\n"].iter().any(|name| status.starts_with(name)) {
        return 0;
    }
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
}

/// The fields behind the name of `/proc/<id>/stat`, which may itself hold blanks and brackets.
fn stat(process: &str) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("{process}/stat")).ok()?;
    Some(text.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect())
}

/// Linux counts in hundredths of a second here, whatever its clock does.
fn processor_time(process: &str) -> Option<Duration> {
    let fields = stat(process)?;
    let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Duration::from_millis((ticks(11)? + ticks(12)?) * 10))
}

/// Whether it waits to be waited for, or nobody can tell.
fn has_ended(process: &str) -> bool {
    stat(process).is_none_or(|fields| fields[0] == "Z")
}

/// Says what a test did not look at.
#[allow(
    clippy::explicit_write,
    reason = "past the capture of the test harness, so that the counts of a run can tell"
)]
pub(crate) fn skipped(what: &str) {
    writeln!(std::io::stderr(), "skipped: {what}").unwrap();
}

/// Whether expected output is written anew instead of compared.
pub(crate) fn bless() -> bool {
    std::env::var_os("BLESS").is_some_and(|value| value == "1")
}

/// Compares a text with a blessed file, or writes it under `BLESS=1`.
pub(crate) fn assert_blessed(path: &Path, text: &str) {
    if bless() {
        write(path, text);
        return;
    }
    let blessed = fs::read_to_string(path)
        .unwrap_or_else(|error| panic!("{}: {error}; BLESS=1 writes it", path.display()));
    if blessed != text {
        let line = blessed.lines().zip(text.lines()).take_while(|(old, new)| old == new).count();
        let shown = |text: &str| text.lines().skip(line).take(5).collect::<Vec<_>>().join("\n");
        panic!(
            "{} differs from line {}; BLESS=1 writes it\n--- blessed\n{}\n--- printed\n{}",
            path.display(),
            line + 1,
            shown(&blessed),
            shown(text)
        );
    }
}
