//! Collecting from real folders, hostile ones included.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::lower::{FileKind, Files};

/// A folder of its own below the system's folder for temporary files, removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(files: &[&str]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("plimsoll-collect-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let root = fs::canonicalize(std::env::temp_dir()).unwrap().join(name);
        fs::create_dir_all(&root).unwrap();
        let folder = Self(root);
        for file in files {
            folder.write(file, file.as_bytes());
        }
        folder
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn collect(&self, paths: &[&str]) -> Collected {
        self.collect_from(".", paths)
    }

    fn collect_from(&self, base: &str, paths: &[&str]) -> Collected {
        let base = if base == "." { self.0.clone() } else { self.0.join(base) };
        collect(&paths.iter().map(PathBuf::from).collect::<Vec<_>>(), &Options { base })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn names(collected: &Collected) -> Vec<&str> {
    collected.dockerfiles.iter().map(|it| it.display.as_str()).collect()
}

fn problems(collected: &Collected) -> Vec<(&str, &str)> {
    collected.problems.iter().map(|it| (it.path.as_str(), it.message.as_str())).collect()
}

#[test]
fn folders_are_walked_in_one_order() {
    let folder = Folder::new(&[
        "b/Dockerfile",
        "a/web.Dockerfile",
        "Dockerfile",
        "a/Dockerfile.j2",
        "compose.yml",
        "k8s/pod.yaml",
        "k8s/list.json",
        "requirements.txt",
        "ignored/Dockerfile",
        "node_modules/x/Dockerfile",
        "target/Dockerfile",
        ".venv/Dockerfile",
        ".git/Dockerfile",
        "a/Dockerfile.dockerignore",
    ]);
    folder.write(".gitignore", b"ignored/\n");
    let all = folder.collect(&["."]);
    assert_eq!(names(&all), ["Dockerfile", "a/web.Dockerfile", "b/Dockerfile"]);
    let compose: Vec<&str> = all.compose.iter().map(|input| input.display.as_str()).collect();
    assert_eq!(compose, ["compose.yml"]);
    assert_eq!(all.others.templates, ["a/Dockerfile.j2"]);
    assert_eq!((all.yaml.len(), all.others.requirements), (2, 1));
    assert_eq!(problems(&all), []);
    // Data is no manifest, and no error either.
    folder.write("k8s/data.json", &vec![b' '; MAX_FILE as usize + 1]);
    let with_data = folder.collect(&["."]);
    assert_eq!((with_data.yaml.len(), problems(&with_data)), (2, vec![]));
    let same = folder.collect(&["b", "./a/../b/Dockerfile", folder.0.to_str().unwrap(), "a"]);
    assert_eq!(same.dockerfiles, all.dockerfiles);
    assert_eq!(all.dockerfiles[1].read().unwrap().bytes(), b"a/web.Dockerfile");
}

#[test]
fn ignore_files_above_count_inside_a_repository_only() {
    let folder =
        Folder::new(&["plain/a/Dockerfile", "repo/a/Dockerfile", "repo/b/Dockerfile", "repo/.git/HEAD"]);
    folder.write(".gitignore", b"*\n");
    folder.write("repo/.gitignore", b"b/\n");
    assert_eq!(names(&folder.collect(&["plain"])), ["plain/a/Dockerfile"]);
    assert_eq!(names(&folder.collect(&["repo"])), ["repo/a/Dockerfile"]);
    assert_eq!(names(&folder.collect(&["repo/a"])), ["repo/a/Dockerfile"]);
    // Who names a folder wants it.
    assert_eq!(names(&folder.collect(&["repo/b"])), ["repo/b/Dockerfile"]);
}

#[test]
fn named_files_are_dockerfiles_unless_their_name_says_else() {
    let folder = Folder::new(&["x.txt", "ignored", "compose.yaml", "Dockerfile.tmpl", "p.yml"]);
    folder.write(".gitignore", b"ignored\n");
    let named = folder.collect(&["x.txt", "ignored", "compose.yaml", "Dockerfile.tmpl", "p.yml"]);
    assert_eq!(names(&named), ["ignored", "x.txt"]);
    assert_eq!((named.compose.len(), named.others.templates.len(), named.by_content.len()), (1, 1, 1));
}

#[test]
fn paths_outside_are_shown_as_given() {
    let folder = Folder::new(&["in/x/Dockerfile", "out/Dockerfile", "out/sub/Dockerfile"]);
    let given = folder.collect_from("in", &["../out"]);
    assert_eq!(names(&given), ["../out/Dockerfile", "../out/sub/Dockerfile"]);
    let absolute = folder.0.join("out").to_string_lossy().into_owned();
    let given = folder.collect_from("in", &[absolute.as_str()]);
    assert_eq!(names(&given)[0], format!("{absolute}/Dockerfile"));
    let files = DiskFiles::new(&folder.0.join("in"), &[PathBuf::from("../out")]);
    assert_eq!(files.kind("../out/sub/Dockerfile"), Some(FileKind::File));
    assert_eq!(files.kind("../in/x/Dockerfile"), None);
    assert_eq!(files.read("../out/Dockerfile").unwrap().path(), "../out/Dockerfile");
}

#[test]
fn what_cannot_be_read_is_a_problem_and_hides_nothing() {
    let folder = Folder::new(&["good/Dockerfile"]);
    fs::create_dir_all(folder.0.join("empty")).unwrap();
    fs::create_dir_all(folder.0.join("odd/Dockerfile")).unwrap();
    folder.write("big/Dockerfile", &vec![b'#'; 5 << 20]);
    let all = folder.collect(&["good", "empty", "odd", "big/Dockerfile", "gone", "big"]);
    assert_eq!(names(&all), ["big/Dockerfile", "good/Dockerfile"]);
    let wanted = [
        ("big/Dockerfile", "is larger than 4 MiB and was not read"),
        ("empty", "is an empty folder, or all in it is hidden or ignored"),
        ("gone", "does not exist"),
        ("odd/Dockerfile", "is a folder and no file"),
    ];
    assert_eq!(problems(&all), wanted);
    assert_eq!(all.dockerfiles[0].read().unwrap_err().message, "is larger than 4 MiB and was not read");
}

#[test]
fn a_folder_named_like_a_dockerfile_may_hold_some() {
    let folder = Folder::new(&["dockerfile/a/Dockerfile"]);
    assert_eq!(problems(&folder.collect(&["."])), []);
    assert_eq!(names(&folder.collect(&["dockerfile"])), ["dockerfile/a/Dockerfile"]);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn links_stay_inside() {
        let folder = Folder::new(&["in/a/Dockerfile", "in/real.txt", "out/Dockerfile", "out/secret"]);
        symlink("nowhere", folder.0.join("in/Dockerfile.dangling")).unwrap();
        symlink("a/Dockerfile", folder.0.join("in/Dockerfile")).unwrap();
        symlink("real.txt", folder.0.join("in/Dockerfile.real")).unwrap();
        symlink("../out/Dockerfile", folder.0.join("in/Dockerfile.out")).unwrap();
        symlink("../out", folder.0.join("in/folder")).unwrap();
        symlink(".", folder.0.join("in/loop")).unwrap();
        let all = folder.collect_from("in", &["."]);
        assert_eq!(names(&all), ["Dockerfile.real", "a/Dockerfile"]);
        let wanted = [
            ("Dockerfile.dangling", "is a link that leads nowhere"),
            ("Dockerfile.out", "is a link that leads out of the folders that are checked"),
        ];
        assert_eq!(problems(&all), wanted);
        let named = folder.collect_from("in", &["Dockerfile.out", "Dockerfile.dangling"]);
        assert_eq!(names(&named), ["Dockerfile.out"]);
        assert_eq!(problems(&named), [("Dockerfile.dangling", "is a link that leads nowhere")]);

        let files = DiskFiles::new(&folder.0.join("in"), &[]);
        assert_eq!(files.kind("folder"), Some(FileKind::Other));
        assert_eq!(files.kind("folder/secret"), None);
        assert!(files.read("folder/secret").is_none());
        assert!(files.read("Dockerfile.out").is_none());
        assert_eq!(files.kind("Dockerfile.dangling"), Some(FileKind::Other));
        assert_eq!(files.read("Dockerfile.real").unwrap().bytes(), b"in/real.txt");
        assert_eq!(files.kind("loop/loop/a"), Some(FileKind::Folder));
    }

    #[test]
    fn pipes_are_not_opened() {
        let folder = Folder::new(&["a/Dockerfile"]);
        let pipe = folder.0.join("Dockerfile");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        if !made.is_ok_and(|status| status.success()) {
            println!("skipped: this system has no mkfifo");
            return;
        }
        let all = folder.collect(&[".", "Dockerfile"]);
        assert_eq!(names(&all), ["a/Dockerfile"]);
        assert_eq!(problems(&all), [("Dockerfile", "is no regular file")]);
        let files = DiskFiles::new(&folder.0, &[]);
        assert_eq!(files.kind("Dockerfile"), Some(FileKind::Other));
        assert!(files.read("Dockerfile").is_none());
        assert!(Input { display: "Dockerfile".into(), path: pipe }.read().is_err());
    }

    #[test]
    fn files_without_permission() {
        let folder = Folder::new(&["a/Dockerfile", "locked/Dockerfile"]);
        let file = folder.0.join("a/Dockerfile");
        let locked = folder.0.join("locked");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o0)).unwrap();
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o0)).unwrap();
        let is_root = fs::read(&file).is_ok();
        let all = folder.collect(&["."]);
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o755)).unwrap();
        if is_root {
            println!("skipped: the superuser may read everything");
            return;
        }
        assert_eq!(problems(&all), [("locked", "cannot be read: permission denied")]);
        let read = all.dockerfiles[0].read().unwrap_err();
        assert_eq!(read.message, "cannot be read: permission denied");
    }

    #[test]
    fn names_that_are_no_text_are_shown_lossily() {
        let folder = Folder::new(&[]);
        let name = std::ffi::OsStr::from_bytes(b"Dockerfile.\xFF");
        if fs::write(folder.0.join(name), "x").is_err() {
            println!("skipped: the file system takes no such name");
            return;
        }
        let all = folder.collect(&["."]);
        assert_eq!(names(&all), ["Dockerfile.\u{FFFD}"]);
        assert_eq!(all.dockerfiles[0].read().unwrap().bytes(), b"x");
    }
}

#[test]
fn disk_files_look_up_with_case() {
    let folder = Folder::new(&["A/b.txt", "A/c/d"]);
    let files = DiskFiles::new(&folder.0, &[]);
    assert_eq!(files.kind("A/b.txt"), Some(FileKind::File));
    assert_eq!(files.kind("a/b.txt"), None);
    assert_eq!(files.kind("A/b.txt/x"), None);
    assert_eq!(files.kind("../"), None);
    assert_eq!(files.kind("/etc/passwd"), None);
    assert_eq!(files.kind("."), Some(FileKind::Folder));
    assert_eq!(
        *files.list("./A/"),
        [("b.txt".to_owned(), FileKind::File), ("c".to_owned(), FileKind::Folder)]
    );
    assert_eq!(*files.list("A/b.txt"), []);
    assert!(files.read("A/../../x").is_none());
    folder.write("big", &vec![0; 5 << 20]);
    assert!(DiskFiles::new(Path::new(&folder.0), &[]).read("big").is_none());
}

#[test]
fn the_content_of_named_yaml_and_json_tells() {
    let files = ["stack.yml", "pod.json", ".github/workflows/build.yml", "compose.yaml"];
    let folder = Folder::new(&files);
    let named = folder.collect(&files);
    let shown = |list: &[Input]| list.iter().map(|input| input.display.clone()).collect::<Vec<_>>();
    assert_eq!(shown(&named.by_content), ["pod.json", "stack.yml"]);
    assert_eq!(shown(&named.workflows), [".github/workflows/build.yml"]);
    assert_eq!(shown(&named.compose), ["compose.yaml"]);
    let walked = folder.collect(&["."]);
    assert_eq!(shown(&walked.yaml), ["pod.json", "stack.yml"], "nobody names them");
    assert!(walked.by_content.is_empty() && walked.dockerfiles.is_empty());
}
