//! The hooks of `.pre-commit-hooks.yaml`, run by a real pre-commit at real commits and pushes.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use crate::{
    release::Release,
    support::program::{Folder, Ran},
};

/// Git commits in this name, always at the same time, so that the same content has the same revision.
const COMMIT: &str = "GIT_AUTHOR_DATE='2026-01-01T00:00:00Z' GIT_COMMITTER_DATE='2026-01-01T00:00:00Z' \
                      git -c user.name=a -c user.email=a@b commit -q -m x";

/// The pre-commit that is run.
const VERSION: &str = "4.7.0";

/// Where it is kept, and everything else that takes long to make.
fn cache() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target")
}

/// Python with pre-commit, which is fetched when it is not there yet.
///
/// # Panics
///
/// When it cannot be had.
fn python() -> &'static str {
    static PYTHON: OnceLock<String> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let python = output(Command::new("python3").args(["-c", "import sys; print(sys.executable)"]));
        let place = packages();
        if !place.exists() {
            fs::create_dir_all(cache()).unwrap();
            let draft = tempfile::tempdir_in(cache()).unwrap();
            let mut pip = Command::new(&python);
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]);
            output(pip.arg(draft.path()).arg(format!("pre-commit=={VERSION}")));
            fs::rename(draft.keep(), place).unwrap();
        }
        python
    })
}

fn packages() -> PathBuf {
    cache().join("pre-commit")
}

/// What a command prints that the tests need.
fn output(command: &mut Command) -> String {
    let failure = match command.output() {
        Ok(output) if output.status.success() => return String::from_utf8(output.stdout).unwrap().trim().to_owned(),
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => error.to_string(),
    };
    panic!(
        "these tests run a real pre-commit, for which they need Python with pip, git, cargo and PyPI\n{command:?}: {}",
        failure.trim()
    );
}

fn values(mode: &str) -> String {
    format!(
        "# cluster 1\ncluster_id: cc4997c1-408b-4f1d-a72b-91495c24c6a0\ncontainerRuntime: containerd\n\
         containerManager: kubernetes\nnetworkType: overlay\nclusterMode: {mode}\n"
    )
}

/// A repository in which a hook of ours is installed.
struct Repository {
    folder: Folder,
    /// The environments of pre-commit.
    home: PathBuf,
    _own: Option<Folder>,
}

impl Repository {
    /// With the program on the PATH; `hook` is a hook's entry in the configuration, without its braces.
    fn new(hook: &str) -> Self {
        let own = Folder::new();
        fs::create_dir(own.path("hooks")).unwrap();
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
        fs::copy(manifest, own.path("hooks/.pre-commit-hooks.yaml")).unwrap();
        own.sh(&format!("cd hooks && git init -q . && git add . && {COMMIT}")).exits(0);
        let home = own.path("home");
        let repository = Self::with_hooks_of(&own.path("hooks"), home, hook);
        Self { _own: Some(own), ..repository }
    }

    fn with_hooks_of(hooks: &Path, home: PathBuf, hook: &str) -> Self {
        let repository = Self { folder: Folder::new(), home, _own: None };
        let revision = output(Command::new("git").args(["rev-parse", "HEAD"]).current_dir(hooks));
        repository.folder.write(
            ".pre-commit-config.yaml",
            format!("repos:\n- repo: {}\n  rev: {revision}\n  hooks:\n  - {{{hook}}}\n", hooks.display()),
        );
        repository.sh("git init -q -b main . && git config user.name a && git config user.email a@b").exits(0);
        repository.sh("pre_commit install -t pre-commit -t pre-push").exits(0);
        repository
    }

    /// The hook that most tests run, in a repository with one commit of one file.
    fn with(mode: &str) -> Self {
        let repository = Self::new("id: helm-clas-system, args: [--partial]");
        repository.write("values.yaml", mode);
        repository.sh("git add . && git commit -q -m x").exits(0);
        repository
    }

    fn write(&self, name: &str, mode: &str) {
        self.folder.write(name, values(mode));
    }

    /// Runs a shell script that knows pre-commit as `pre_commit`.
    fn sh(&self, script: &str) -> Ran {
        Ran::of(self.shell(script), script)
    }

    fn shell(&self, script: &str) -> Command {
        let known = format!("pre_commit() {{ '{}' -m pre_commit \"$@\"; }}\n{script}", python());
        let mut command = self.folder.shell(&known);
        command.env("PRE_COMMIT_HOME", &self.home).env("PYTHONPATH", packages());
        // cargo finds its toolchain and its registry where it finds them outside
        for (name, usual) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            let folder = env::var_os(name).map(PathBuf::from);
            command.envs(folder.or_else(|| Some(env::home_dir()?.join(usual))).map(|folder| (name, folder)));
        }
        command.envs(env::var_os("RUSTUP_TOOLCHAIN").map(|toolchain| ("RUSTUP_TOOLCHAIN", toolchain)));
        command
    }

    /// Git with everything in the work tree, which the hook lets pass.
    #[track_caller]
    fn commits(&self) {
        self.sh("git add . && git commit -q -m x").exits(0);
    }

    /// The hook stops this with an error of this rule.
    #[track_caller]
    fn refuses(&self, script: &str, rule: &str) -> Ran {
        let ran = self.sh(script).exits(1);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(said.contains(&format!("error[{rule}]")), "{ran}");
        ran
    }
}

#[test]
fn the_manifest_is_one() {
    let repository = Repository::with("legacy");
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
    repository.sh(&format!("pre_commit validate-manifest '{}'", manifest.display())).exits(0).prints("");
}

#[test]
fn a_commit_takes_one_step() {
    let repository = Repository::with("legacy");
    repository.write("values.yaml", "clas");
    let refused = repository.refuses("git commit -q -a -m x", "skipped-migration");
    assert!(refused.stderr.contains("--> values.yaml:6:14"), "{refused}");
    repository.write("values.yaml", "migrateLegacyToClas");
    repository.commits();
    repository.write("values.yaml", "clas");
    repository.commits();
    repository.write("values.yaml", "legacy");
    repository.refuses("git commit -q -a -m x", "skipped-migration");
}

#[test]
fn what_is_staged_is_judged_and_not_the_work_tree() {
    let repository = Repository::with("legacy");
    repository.write("values.yaml", "clas");
    repository.sh("git add .").exits(0);
    repository.write("values.yaml", "legacy");
    repository.refuses("git commit -q -m x", "skipped-migration");

    repository.folder.write("values.yaml", values("legacy").replace("cluster 1", "cluster one"));
    repository.sh("git add .").exits(0);
    repository.write("values.yaml", "clas");
    repository.sh("git commit -q -m x").exits(0);
    assert_eq!(repository.folder.read("values.yaml"), values("clas").as_bytes());
    // of one file, whatever is staged of others
    repository.folder.write("other-values.yaml", values("clas").replace("cc4997c1", "dd4997d1"));
    repository.sh("git add . && git commit -q -m x other-values.yaml").exits(0);
    repository.refuses("git commit -q -m x", "skipped-migration");
}

#[test]
fn the_first_commit_is_new() {
    let repository = Repository::new("id: helm-clas-system, args: [--partial]");
    repository.write("values.yaml", "klas");
    repository.refuses("git add . && git commit -q -m x", "unknown-mode");
    repository.write("values.yaml", "clas");
    repository.commits();
}

#[test]
fn a_renamed_file_and_names_of_any_kind() {
    let repository = Repository::with("legacy");
    repository.sh("mkdir 'a b' && git mv values.yaml 'a b/\u{e9} values.yaml'").exits(0);
    repository.write("a b/\u{e9} values.yaml", "clas");
    let refused = repository.refuses("git add . && git commit -q -m x", "skipped-migration");
    assert!(refused.stderr.contains("--> a b/\u{e9} values.yaml:6:14"), "{refused}");
    repository.write("a b/\u{e9} values.yaml", "legacy");
    repository.commits();
    // from a folder below the top
    repository.write("a b/\u{e9} values.yaml", "clas");
    repository.refuses("cd 'a b' && git commit -q -a -m x", "skipped-migration");
}

#[test]
fn a_merge_is_compared_with_its_first_parent() {
    let repository = Repository::with("legacy");
    repository.sh("git checkout -q -b branch").exits(0);
    repository.write("values.yaml", "migrateLegacyToClas");
    repository.commits();
    repository.sh("git checkout -q main").exits(0);
    repository.write("values.yaml", "legacy # for now");
    repository.commits();
    repository.sh("git merge branch").exits(1);
    repository.write("values.yaml", "clas");
    repository.refuses("git commit -q -a -m x", "skipped-migration");
    repository.write("values.yaml", "migrateLegacyToClas");
    repository.commits();
}

#[test]
fn other_charts_pass() {
    let repository = Repository::with("legacy");
    repository.folder.write("other-values.yaml", "a: [\n");
    repository.folder.write("cluster-values.yaml", "cluster: {{ .Values.x }}\n");
    repository.folder.write("notes.txt", "clusterMode: klas\n");
    let ran = repository.sh("git add . && pre_commit run --verbose").exits(0);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines[0].starts_with("helm clas check") && lines[0].ends_with("Passed"), "{ran}");
    let said = lines[1..].iter().filter(|line| !line.starts_with("- ") && !line.is_empty()).collect::<Vec<_>>();
    assert_eq!(said, [&"0 files checked, 2 skipped (no key of this chart; --no-skip judges them)"], "{ran}");
    repository.commits();
}

#[test]
fn all_files_are_judged_as_they_stand() {
    let repository = Repository::with("legacy");
    fs::create_dir(repository.folder.path("illumio")).unwrap();
    let names = ["a-values.yml", "illumio-k8s.yaml", "illumio.yaml", "illumio/cluster.yaml"];
    let write = |mode| {
        for (number, name) in names.iter().enumerate() {
            repository.folder.write(name, values(mode).replace("cc4997c1", &format!("cc4997d{number}")));
        }
    };
    write("klas");
    let ran = repository.refuses("git add . && pre_commit run --all-files", "unknown-mode");
    assert!(ran.stdout.matches("files checked").count() == 1 && ran.stdout.contains("4 errors"), "one report: {ran}");
    write("clas");
    repository.sh("pre_commit run --all-files").exits(0);
    repository.write("values.yaml", "clas");
    repository.refuses("pre_commit run --files values.yaml", "skipped-migration");
}

#[test]
fn a_push_is_judged_as_one_change() {
    let repository = Repository::with("legacy");
    repository.sh("git init -q --bare .git/remote && git remote add origin \"$PWD/.git/remote\"").exits(0);
    repository.sh("git push -q origin main").exits(0);
    for mode in ["migrateLegacyToClas", "clas"] {
        repository.write("values.yaml", mode);
        repository.commits();
    }
    repository.refuses("git push -q origin main", "skipped-migration");
    repository.refuses("pre_commit run --from-ref HEAD~2 --to-ref HEAD", "skipped-migration");
    repository.sh("pre_commit run --from-ref HEAD~ --to-ref HEAD").exits(0);
    // what is pushed is judged, whatever is in the work tree
    repository.sh("git push -q origin HEAD~:main && git checkout -q HEAD~2").exits(0);
    repository.sh("git push -q origin main").exits(0);
    // a branch begins where it left what the remote has
    repository.sh("git checkout -q -b branch main").exits(0);
    repository.write("values.yaml", "migrateClasToLegacy");
    repository.commits();
    repository.sh("git push -q origin branch").exits(0);
    repository.write("values.yaml", "clas");
    repository.sh("git commit -q -n -a -m x").exits(0);
    repository.refuses("git push -q origin branch", "wrong-step");
}

#[test]
fn what_is_certain_is_mended_by_a_hook_of_its_own() {
    let repository = Repository::new("id: helm-clas-fix, language: system, args: [--partial]");
    repository.write("values.yaml", "CLAS");
    let ran = repository.sh("git add . && git commit -q -m x").exits(1).says("files were modified by this hook");
    assert_eq!(repository.folder.read("values.yaml"), values("clas").as_bytes(), "{ran}");
    repository.commits();
    repository.write("values.yaml", "MigrateClasToLegacy");
    repository.sh("git commit -q -a -m x").exits(1).says("values.yaml: 1 repaired");
    repository.commits();
}

/// The project's own files, committed to a repository that has the same revision whenever they are the same.
fn own_sources() -> PathBuf {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let copy = cache().join("pre-commit-sources");
    if copy.exists() {
        fs::remove_dir_all(&copy).unwrap();
    }
    let mut list = Command::new("git");
    let files =
        output(list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(project));
    for file in files.split_terminator('\0').filter(|file| project.join(file).is_file()) {
        fs::create_dir_all(copy.join(file).parent().unwrap()).unwrap();
        fs::copy(project.join(file), copy.join(file)).unwrap();
    }
    output(Command::new("sh").args(["-c", &format!("git init -q . && git add -A . && {COMMIT}")]).current_dir(&copy));
    copy
}

/// Lets pre-commit build the hook from these sources, and returns its home.
fn built(sources: &Path) -> PathBuf {
    let home = cache().join("pre-commit-home");
    let revision = output(Command::new("git").args(["rev-parse", "HEAD"]).current_dir(sources));
    let note = home.join("built-of");
    if fs::read_to_string(&note).is_ok_and(|built| built == revision) {
        return home;
    }
    if home.exists() {
        fs::remove_dir_all(&home).unwrap();
    }
    let repository = Repository::with_hooks_of(sources, home.clone(), "id: helm-clas");
    let own = Folder::new();
    // whether it builds is the question: without optimisation it takes what the tests have built already
    let cargo = output(Command::new("sh").args(["-c", "command -v cargo"]));
    own.write("cargo", format!("#!/bin/sh\n[ \"$1\" = install ] && set -- \"$@\" --debug\nexec '{cargo}' \"$@\"\n"));
    own.sh("chmod +x cargo").exits(0);
    let of_tests = Path::new(env!("CARGO_BIN_EXE_helm-clas")).ancestors().nth(2).unwrap();
    let mut command =
        repository.shell(&format!("export PATH=\"{}:$PATH\"; pre_commit install-hooks", own.path(".").display()));
    command.env("CARGO_BUILD_BUILD_DIR", of_tests).env("CARGO_TARGET_DIR", cache().join("pre-commit-build"));
    output(command.envs(env::var_os("CARGO_INCREMENTAL").map(|it| ("CARGO_INCREMENTAL", it))));
    fs::write(note, revision).unwrap();
    home
}

#[test]
fn pre_commit_builds_the_hook_from_source() {
    let sources = own_sources();
    let home = built(&sources);
    let repository = Repository::with_hooks_of(&sources, home, "id: helm-clas, args: [--partial]");
    repository.write("values.yaml", "legacy");
    repository.commits();
    repository.write("values.yaml", "clas");
    repository.refuses("git commit -q -a -m x", "skipped-migration");
    repository.write("values.yaml", "migrateLegacyToClas");
    repository.commits();
}

#[test]
fn pre_commit_installs_the_wheel_of_a_release() {
    let own = Folder::new();
    fs::create_dir_all(own.path("hooks/src/plugin")).unwrap();
    let backend = "src/plugin/wheel_of_this_version.py";
    for name in [".pre-commit-hooks.yaml", "pyproject.toml", "plugin.yaml", backend] {
        fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join(name), own.path("hooks").join(name)).unwrap();
    }
    own.sh(&format!("cd hooks && git init -q . && git add . && {COMMIT}")).exits(0);
    let home = own.path("home");
    let repository = Repository::with_hooks_of(&own.path("hooks"), home, "id: helm-clas-wheel, args: [--partial]");
    // pip takes its time on a busy machine
    let install = |place: &str| {
        let mut command = repository.shell("export PATH=/usr/bin:/bin; pre_commit install-hooks");
        let output = command.env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", place).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, said) = install("/nowhere");
    assert!(code == Some(3) && said.contains("helm-clas=="), "it names what is missing: {code:?} {said}");
    let (code, said) = install(Release::shipped().files.to_str().unwrap());
    assert_eq!(code, Some(0), "{said}");
    repository.write("values.yaml", "legacy");
    let ran = repository.sh("git add values.yaml && pre_commit run --verbose").exits(0);
    assert!(ran.stdout.contains("<check>\n<--staged>\n<--partial>\n<values.yaml>"), "{ran}");
}
