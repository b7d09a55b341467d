//! A job of GitHub Actions: the files of a runner, and action.sh called as action.yml calls it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{BINARY, folder, repository, write};

/// A runner's files, and a fleet to check.
pub(crate) struct Job {
    /// The working tree.
    pub(crate) fleet: PathBuf,
    /// `RUNNER_TEMP`, and the files of steps.
    pub(crate) runner: PathBuf,
}

/// What a step did.
pub(crate) struct Step {
    pub(crate) code: Option<i32>,
    pub(crate) log: String,
    pub(crate) outputs: String,
    pub(crate) summary: String,
}

impl Step {
    pub(crate) fn output(&self, name: &str) -> &str {
        let found = self.outputs.lines().find_map(|line| line.strip_prefix(&format!("{name}=")));
        found.unwrap_or_else(|| panic!("no output {name}: {}", self.outputs))
    }
}

impl Job {
    /// An empty fleet with a small plan.
    pub(crate) fn new(name: &str) -> Self {
        let job = Self {
            fleet: folder(&format!("action/{name}/fleet")),
            runner: folder(&format!("action/{name}/runner")),
        };
        write(&job.fleet.join("plimsoll.toml"), "extends = [\"recommended\"]\n[user]\nuid = 10001\n");
        job
    }

    /// Calls git in the working tree.
    pub(crate) fn git(&self, arguments: &[&str]) {
        let user = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"];
        let run = Command::new("git").args(user).args(arguments).current_dir(&self.fleet).output().unwrap();
        assert!(run.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
    }

    /// Commits everything.
    pub(crate) fn commit(&self) {
        self.git(&["add", "-A", "-f"]);
        self.git(&["commit", "-qm", "x", "--allow-empty"]);
    }

    /// Runs a step with the inputs of the action's defaults and these.
    pub(crate) fn step(&self, step: &str, inputs: &[(&str, &str)]) -> Step {
        let file = |name: &str| self.runner.join(format!("{step}-{name}"));
        let defaults = [
            ("PATHS", "."),
            ("PLAN", ""),
            ("FAIL_ON", "error"),
            ("BASELINE", ""),
            ("SINCE", ""),
            ("CATEGORY", ""),
            ("ANNOTATIONS", "true"),
            ("SUMMARY", "true"),
            ("ARGS", ""),
            ("WORKING_DIRECTORY", "."),
            ("BINARY", BINARY),
        ];
        for name in ["output", "summary"] {
            write(&file(name), "");
        }
        let all = defaults.iter().chain(inputs).map(|(name, value)| (format!("PLIMSOLL_{name}"), *value));
        let run = Command::new("bash")
            .arg(repository("action.sh"))
            .arg(step)
            .current_dir(&self.fleet)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("GITHUB_ACTION_PATH", repository(""))
            .env("GITHUB_OUTPUT", file("output"))
            .env("GITHUB_STEP_SUMMARY", file("summary"))
            .env("RUNNER_TEMP", &self.runner)
            .envs(all)
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Step {
            code: run.status.code(),
            log: text(&run.stdout) + &text(&run.stderr),
            outputs: fs::read_to_string(file("output")).unwrap(),
            summary: fs::read_to_string(file("summary")).unwrap(),
        }
    }
}

/// The commands of a log that a runner would obey: those outside of `stop-commands`.
pub(crate) fn commands(log: &str) -> Vec<&str> {
    let mut stopped: Option<String> = None;
    let mut obeyed = Vec::new();
    for line in log.lines() {
        let line = line.trim_start();
        match &stopped {
            Some(word) if line == format!("::{word}::") => stopped = None,
            Some(_) => {}
            None => match line.strip_prefix("::stop-commands::") {
                Some(word) => stopped = Some(word.to_owned()),
                None if line.starts_with("::") => obeyed.push(line),
                None => {}
            },
        }
    }
    assert!(stopped.is_none(), "commands stay off: {log}");
    obeyed
}
