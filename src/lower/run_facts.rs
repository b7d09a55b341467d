//! All that the commands of one RUN say about the image, read in one go.

use super::requirements::RequirementsCache;
use super::scope::RunScope;
use super::words::Words;
use super::{accounts, pip, provides, system_packages};
use crate::model::{Account, PipInstall, Provided, Spanned, SystemInstall};

/// What one RUN installs, creates and provides.
#[derive(Debug)]
pub struct RunFacts {
    /// System packages.
    pub installs: Vec<SystemInstall>,
    /// Python packages.
    pub pip_installs: Vec<PipInstall>,
    /// Users and groups created or changed, in order.
    pub accounts: Vec<Spanned<Account>>,
    /// Programs and packages that are there afterwards.
    pub provided: Provided,
}

/// Reads a RUN. `at` in the installs is the index of text and command in [`crate::model::Run::texts`]; of an exec form,
/// the text's index is the number of texts.
#[must_use]
pub fn run_facts(scope: &RunScope, cache: &RequirementsCache) -> RunFacts {
    let words = Words::new(*scope);
    let calls = words.calls();
    let installs = system_packages::installs(&words, &calls);
    let pip_installs = pip::installs(&words, &calls, cache);
    let provided = provides::provides(&words, &calls, &installs, &pip_installs);
    RunFacts { accounts: accounts::accounts(&words, &calls), installs, pip_installs, provided }
}

#[cfg(test)]
mod tests {
    use super::super::testing::World;
    use std::time::{Duration, Instant};

    /// Texts that repeat what looks back, splits or multiplies.
    fn hostile(size: usize) -> Vec<String> {
        let times = |part: &str| part.repeat(size / part.len());
        vec![
            times("A=$A$A;"),
            times("A+=aaaaaaaa;x $A;"),
            times("t && A=1; pip install a==$A;"),
            times("{ t; } && A=1; apt install $A;"),
            times("(A=1); apt install $A;"),
            times("cd a; pip install -r r.txt;"),
            times("pip install -r r.txt;"),
            format!("tee {}; pip install {}", "r.txt ".repeat(size / 12), "-r r.txt ".repeat(size / 18)),
            format!("pip install {} {}", ">=1 ".repeat(size / 8), "a ".repeat(size / 4)),
            format!("for p in {}; do apt install {}; done", times("a "), times("x$p ")),
            times("apk add -t v a; apk del v w;"),
            format!("apk add -t v {}; apk del {}", times("a "), times("v ")),
            times("x{a,b,c,d,e,f} "),
            format!("apt install {}", times("x{a,b,c,d,e,f} ")),
            format!("useradd -{}", times("m")),
            format!("B=a/b; apt install {}", times("${B//a/aaaaaaaa} ")),
            times("echo a:b:1:1:: >> /etc/passwd;"),
            times("sh -c 'pip install $A';"),
        ]
    }

    /// Bytes of each text.
    const SIZE: usize = 100_000;

    #[test]
    fn hostile_texts_are_read_in_linear_time() {
        for bash in [false, true] {
            for text in hostile(SIZE) {
                let mut world = World::holding(&[("/app/r.txt", "a==1\n-r s.txt\n"), ("/app/s.txt", "b\n")]);
                world.bash = bash;
                let start = Instant::now();
                let facts = world.facts(&text);
                let shown = &text[..text.len().min(60)];
                assert!(start.elapsed() < Duration::from_secs(10), "{shown}: {:?}", start.elapsed());
                assert!(facts.installs.len() + facts.pip_installs.len() <= text.len(), "{shown}");
            }
        }
    }
}
