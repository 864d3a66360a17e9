//! `helm clas check` in repositories of a real git: what is compared with what.

use std::{fs, path::PathBuf};

use crate::support::program::{Folder, Ran};

/// A values file long enough for git to know it again when it has another name.
fn values(mode: &str) -> String {
    format!(
        "# cluster 1\ncluster_id: cc4997c1-408b-4f1d-a72b-91495c24c6a0\ncontainerRuntime: containerd\n\
         containerManager: kubernetes\nnetworkType: overlay\nclusterMode: {mode}\n"
    )
}

/// A folder that is a repository.
struct Repository(Folder);

impl Repository {
    fn new() -> Self {
        let folder = Folder::new();
        folder.sh("git init -q -b main . && git config user.name a && git config user.email a@b").exits(0);
        Self(folder)
    }

    /// A repository with one commit of one file, `values.yaml`.
    fn with(mode: &str) -> Self {
        let repository = Self::new();
        repository.write("values.yaml", mode);
        repository.commit();
        repository
    }

    fn write(&self, name: &str, mode: &str) {
        self.0.write(name, values(mode));
    }

    /// The same of another cluster.
    fn write_other(&self, name: &str, mode: &str) {
        self.0.write(name, values(mode).replace("cc4997c1", "dd4997d1"));
    }

    fn commit(&self) {
        self.sh("git add . && git commit -q -m x");
    }

    #[track_caller]
    fn sh(&self, script: &str) {
        self.0.sh(script).exits(0);
    }

    /// Makes a git in the folder `wrapped` that does something else first.
    fn wrap_git(&self, first: &str) {
        let real = self.0.sh("command -v git").stdout;
        fs::create_dir(self.0.path("wrapped")).unwrap();
        self.0.write("wrapped/git", format!("#!/bin/sh\n{first}\nexec {} \"$@\"\n", real.trim()));
        self.sh("chmod +x wrapped/git");
    }

    #[track_caller]
    fn check(&self, options: &str) -> Checked {
        Checked(self.0.run(&format!("check --partial {options}")))
    }

    /// The same with revisions as pre-commit gives them.
    #[track_caller]
    fn check_between(&self, from: &str, to: &str, options: &str) -> Checked {
        let refs = format!("PRE_COMMIT=1 PRE_COMMIT_FROM_REF={from} PRE_COMMIT_TO_REF={to}");
        Checked(self.0.sh(&format!("{refs} helm-clas check --partial --staged {options}")))
    }
}

struct Checked(Ran);

impl Checked {
    /// These errors were found, and no others.
    #[track_caller]
    fn finds(self, rules: &[&str]) -> Ran {
        let titles = self.0.stdout.lines().filter(|line| line.starts_with("error["));
        let found: Vec<&str> = titles.filter_map(|line| line.split(['[', ']']).nth(1)).collect();
        assert_eq!(found, rules, "{}", self.0);
        self.0.exits(i32::from(!rules.is_empty()))
    }

    #[track_caller]
    fn passes(self) {
        self.finds(&[]);
    }
}

const SKIPPED: &[&str] = &["skipped-migration"];

#[test]
fn what_is_staged_is_judged_and_not_the_work_tree() {
    let repository = Repository::with("legacy");
    repository.write("values.yaml", "clas");
    repository.check("--staged values.yaml").passes();
    repository.check("--against HEAD values.yaml").finds(SKIPPED);
    repository.check("values.yaml").passes();

    repository.sh("git add .");
    repository.write("values.yaml", "legacy");
    repository.check("--staged values.yaml").finds(SKIPPED);
    repository.check("--against HEAD values.yaml").passes();
    repository.sh("rm values.yaml");
    repository.check("--staged values.yaml").finds(SKIPPED);

    // under pre-commit, which has taken what is not staged out of the work tree, or means what is there
    repository.write("values.yaml", "migrateLegacyToClas");
    let checked = repository.0.sh("PRE_COMMIT=1 helm-clas check --partial --staged values.yaml");
    Checked(checked).passes();
}

#[test]
fn a_file_that_says_no_mode_any_more_is_told() {
    let lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    for (mode, text, warnings) in
        [("clas", "", 1), ("migrateLegacyToClas", lfs, 1), ("clas", "image: {tag: x}\n", 1), ("legacy", "# moved\n", 0)]
    {
        let repository = Repository::with(mode);
        repository.0.write("values.yaml", text);
        repository.sh("git add .");
        for options in ["--staged", "--against HEAD"] {
            let ran = repository.0.run(&format!("check --partial -o json {options} values.yaml"));
            let summary = &ran.json()["summary"];
            assert_eq!((ran.code, &summary["warnings"]), (Some(0), &warnings.into()), "{mode}, {text:?}: {summary}");
        }
    }
}

#[test]
fn what_is_not_staged_at_all_is_judged_as_it_stands() {
    let repository = Repository::with("legacy");
    repository.write_other("new.yaml", "klas");
    repository.check("--staged new.yaml").finds(&["unknown-mode"]);
    repository.check("--against HEAD new.yaml").finds(&["unknown-mode"]);
}

#[test]
fn before_the_first_commit_everything_is_new() {
    let repository = Repository::new();
    repository.write("values.yaml", "clas");
    repository.sh("git add .");
    repository.check("--staged values.yaml").passes();
    repository.write("values.yaml", "klas");
    repository.check("--staged values.yaml").passes();
    repository.sh("git add .");
    repository.check("--staged values.yaml").finds(&["unknown-mode"]);
    for before in ["HEAD", "000", &"0".repeat(40), &"0".repeat(64)] {
        repository.check(&format!("--against {before} values.yaml")).finds(&["unknown-mode"]);
    }
    repository.check("--against HEAD~1 values.yaml").0.exits(2).says(
        "error: Git does not know the revision \
                                                                      `HEAD~1`\n",
    );
    let range = repository.check("--against HEAD~1...HEAD values.yaml").0.exits(2);
    range.says(
        "error: `HEAD~1...HEAD` is a range of revisions\n  = help: name the one to compare with: --against HEAD~1\n",
    );
}

#[test]
fn a_new_file_begins_in_any_mode_and_a_copy_is_new() {
    let repository = Repository::with("legacy");
    repository.write_other("other.yaml", "clas");
    repository.sh("git add .");
    repository.check("--staged other.yaml values.yaml").passes();
    repository.check("--against HEAD other.yaml values.yaml").passes();
}

#[test]
fn a_renamed_file_is_the_same_file() {
    let repository = Repository::with("legacy");
    repository.sh("mkdir -p 'a b/c' && git mv values.yaml 'a b/c/illumio.yaml'");
    repository.write("a b/c/illumio.yaml", "clas");
    repository.sh("git add .");
    for options in ["--staged", "--against HEAD"] {
        let script = format!("helm-clas check --partial {options} 'a b/c/illumio.yaml'");
        Checked(repository.0.sh(&script)).finds(SKIPPED);
    }
    repository.sh("git commit -q -m x");
    repository.sh("git mv 'a b/c' d");
    repository.check("--staged d/illumio.yaml").passes();
}

#[test]
fn a_merge_is_compared_with_its_first_parent() {
    let repository = Repository::with("legacy");
    repository.sh("git checkout -q -b branch");
    repository.write("values.yaml", "migrateLegacyToClas");
    repository.commit();
    repository.sh("git checkout -q main && echo x >x && git add x && git commit -q -m x");
    repository.sh("git merge -q --no-ff --no-commit branch");
    repository.check("--staged values.yaml").passes();
    repository.sh("git merge --abort && git checkout -q branch");
    repository.write("values.yaml", "clas");
    repository.commit();
    repository.check("--against HEAD~ values.yaml").passes();
    repository.sh("git checkout -q main && git merge -q --no-ff --no-commit branch");
    repository.check("--staged values.yaml").finds(SKIPPED);
}

#[test]
fn a_conflict_is_judged_as_it_stands() {
    let repository = Repository::with("legacy");
    repository.sh("git checkout -q -b branch");
    repository.write("values.yaml", "migrateLegacyToClas");
    repository.commit();
    repository.sh("git checkout -q main");
    repository.write("values.yaml", "unpair");
    repository.commit();
    repository.sh("! git merge -q branch >/dev/null");
    repository.check("--staged values.yaml").finds(&["invalid-yaml"]);
}

#[test]
#[cfg(unix)]
fn names_may_hold_any_bytes() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    let names = [b"a b.yaml".as_slice(), "\u{e9} \u{6f22}.yaml".as_bytes(), b"\xff.yaml", b"\"'$x\\.yaml", b"-x.yaml"];
    let repository = Repository::new();
    let write = |mode| {
        for (number, name) in names.iter().enumerate() {
            let of_its_own = values(mode).replace("cc4997c1", &format!("cc4997d{number}"));
            fs::write(repository.0.path("").join(OsStr::from_bytes(name)), of_its_own).unwrap();
        }
    };
    write("legacy");
    repository.commit();
    write("clas");
    for options in [["--staged"].as_slice(), &["--against", "HEAD"]] {
        repository.sh("git add .");
        let mut command = repository.0.command(["check", "--partial", "-o", "json"].iter().chain(options).copied());
        command.arg("--").args(names.map(OsStr::from_bytes));
        let json = Ran::of(command, "names").exits(1).json();
        assert_eq!(json["summary"]["errors"], names.len(), "{json:#}");
    }
}

#[test]
#[cfg(unix)]
fn a_file_is_found_from_wherever_it_is_named() {
    let repository = Repository::new();
    repository.sh("mkdir -p folder/deeper elsewhere");
    repository.write("folder/values.yaml", "legacy");
    repository.commit();
    repository.write("folder/values.yaml", "clas");
    repository.sh("git add . && ln -s folder/values.yaml link.yaml && ln -s .. elsewhere/up");
    let absolute = repository.0.path("folder/values.yaml").display().to_string();
    for (folder, name) in [
        (".", "folder/values.yaml"),
        (".", "./elsewhere/../folder//values.yaml"),
        (".", "link.yaml"),
        (".", "elsewhere/up/folder/values.yaml"),
        ("folder", "values.yaml"),
        ("folder/deeper", "../values.yaml"),
        ("elsewhere", "../folder/values.yaml"),
        ("elsewhere", &absolute),
    ] {
        let checked = repository.0.sh(&format!("cd {folder} && helm-clas check --partial --staged {name}"));
        Checked(checked).finds(SKIPPED).says("1 file checked");
    }
    let outside = Folder::with("values.yaml", values("klas"));
    let line = format!("--staged folder/values.yaml {}", outside.path("values.yaml").display());
    let checked = repository.check(&line).0.exits(2).says("error: cannot find out how ");
    assert!(checked.stdout.contains("error[skipped-migration]"), "{checked}");
}

#[test]
fn a_linked_work_tree_has_an_index_of_its_own() {
    let repository = Repository::with("legacy");
    repository.sh("git worktree add -q tree");
    repository.write("tree/values.yaml", "clas");
    repository.sh("cd tree && git add .");
    repository.check("--staged values.yaml").passes();
    Checked(repository.0.sh("cd tree && helm-clas check --partial --staged values.yaml")).finds(SKIPPED);
}

#[test]
fn git_tells_its_hook_which_index_it_commits() {
    let repository = Repository::with("legacy");
    repository.write_other("other.yaml", "legacy");
    repository.commit();
    repository.sh("printf '#!/bin/sh\\nexec helm-clas check --partial --staged *.yaml\\n' >.git/hooks/pre-commit && \
         chmod +x .git/hooks/pre-commit");
    repository.write("values.yaml", "clas");
    repository.write_other("other.yaml", "migrateLegacyToClas");
    repository.sh("git add values.yaml");
    // this commit takes one file, and leaves alone what is staged of the other
    repository.sh("git commit -q -m x other.yaml");
    repository.0.sh("git commit -q -m x").exits(1);
    repository.0.sh("git commit -q -a -m x").exits(1);
    repository.write("values.yaml", "migrateLegacyToClas");
    repository.0.sh("git commit -q -m x").exits(1);
    repository.sh("git commit -q -a -m x");
    // with -a from another folder, git names its index by a path that begins at the top
    repository.sh("mkdir folder");
    repository.write("values.yaml", "legacy");
    repository.0.sh("cd folder && git commit -q -a -m x").exits(1);
}

#[test]
fn two_revisions_of_pre_commit_are_compared_with_each_other() {
    let repository = Repository::with("legacy");
    repository.write("values.yaml", "migrateLegacyToClas");
    repository.commit();
    repository.write("values.yaml", "clas");
    repository.commit();
    // whatever is in the work tree
    repository.write("values.yaml", "klas");
    repository.check_between("HEAD~2", "HEAD", "values.yaml").finds(SKIPPED);
    repository.check_between("HEAD~", "HEAD", "values.yaml").passes();
    repository.check_between("HEAD~2", "HEAD~", "values.yaml").passes();
    repository.check_between("HEAD", "HEAD", "values.yaml").passes();
    // the option has precedence
    repository.check_between("HEAD~2", "HEAD", "values.yaml").finds(SKIPPED);
    let line = "PRE_COMMIT_FROM_REF=HEAD~2 PRE_COMMIT_TO_REF=HEAD helm-clas check --partial --against HEAD values.yaml";
    Checked(repository.0.sh(line)).finds(&["unknown-mode"]);
    repository.check_between("nope", "HEAD", "values.yaml").0.exits(2).says(
        "error: Git does not know the revision \
        `nope`",
    );
    repository.check_between("HEAD", "nope", "values.yaml").0.exits(2).says(
        "error: Git does not know the revision \
        `nope`",
    );
    repository.check_between("", "", "--exit-zero values.yaml").0.exits(0);

    // what the other side did since the fork is not this side's doing
    repository.sh("git checkout -q -f -b branch HEAD~2");
    repository.0.write("notes.yaml", "a: 1\n");
    repository.commit();
    repository.check_between("main", "branch", "values.yaml").passes();
    repository.check_between("main", "HEAD", "values.yaml").passes();
    repository.sh("git checkout -q --orphan alone");
    repository.write("values.yaml", "legacy");
    repository.commit();
    repository.check_between("main", "alone", "values.yaml").finds(SKIPPED);
}

#[test]
fn the_mode_and_the_chart_change_one_after_the_other() {
    let repository = Repository::new();
    repository.sh("mkdir a");
    let chart = |version: &str| {
        let dependency = format!("name: illumio, alias: sec, version: {version}, repository: oci://quay.io/illumio");
        let chart = format!("apiVersion: v2\nname: umbrella\nversion: 1.0.0\ndependencies:\n- {{{dependency}}}\n");
        repository.0.write("a/Chart.yaml", chart);
    };
    let set = |mode: &str| {
        let below: String = values(mode).lines().map(|line| format!("  {line}\n")).collect();
        repository.0.write("a/values.yaml", format!("sec:\n{below}"));
    };
    let together: &[&str] = &["mode-and-version-together"];
    chart("5.1.0");
    set("legacy");
    repository.commit();
    chart("5.2.0");
    repository.check("--against HEAD a/values.yaml").passes();
    set("migrateLegacyToClas");
    repository.check("--against HEAD a/values.yaml").finds(together);
    repository.check("--staged a/values.yaml").passes();
    repository.sh("git add a/values.yaml");
    repository.check("--staged a/values.yaml").passes();
    repository.sh("git add .");
    repository.check("--staged a/values.yaml").finds(together);
    repository.sh("git mv a b");
    repository.check("--staged b/values.yaml").finds(together);
    repository.sh("git commit -q -m x");
    repository.check_between("HEAD~", "HEAD", "b/values.yaml").finds(together);
    repository.sh("git reset -q --hard HEAD~");
    set("clas");
    repository.check("--against HEAD a/values.yaml").finds(SKIPPED);
}

#[test]
fn the_chart_beside_a_file_is_the_one_of_its_state() {
    let repository = Repository::new();
    let chart = |alias: &str, version: &str| {
        let dependency = format!("name: illumio, alias: {alias}, version: {version}");
        repository.0.write("Chart.yaml", format!("name: umbrella\ndependencies:\n- {{{dependency}}}\n"));
    };
    chart("sec", "5.1.0");
    repository.0.write("values.yaml", "sec: {clusterMode: klas}\n");
    repository.commit();
    // the index has a version that is not valid, the work tree does not read the values there
    chart("sec", "5.x");
    repository.sh("git add .");
    chart("other", "5.1.0");
    let found: &[&str] = &["unknown-mode", "version-not-exact"];
    let ran = repository.check("--staged values.yaml").finds(found);
    assert!(ran.stdout.contains("--> Chart.yaml:3:40\n"), "{ran}");
    repository.check("--against HEAD values.yaml").passes();
    repository.check_between("HEAD", "HEAD", "values.yaml").finds(&["unknown-mode"]);
    repository.sh("rm Chart.yaml");
    repository.check("--staged values.yaml").finds(found);
}

#[test]
fn a_comment_allows_a_change_and_is_unused_only_where_one_was_judged() {
    let repository = Repository::with("legacy");
    let allowing = format!("{} # helm-clas: allow skipped-migration\n", values("clas").trim_end());
    repository.0.write("values.yaml", &allowing);
    repository.check("--strict --against HEAD values.yaml").passes();
    repository.check("--strict values.yaml").passes();
    repository.commit();
    repository.check("--strict --against HEAD values.yaml").passes();
    repository.0.write("values.yaml", allowing.replace("cluster 1", "cluster one"));
    repository.check("--strict --against HEAD values.yaml").finds(&["unused-allow"]);
}

#[test]
fn what_git_keeps_encrypted_is_judged_in_clear() {
    let repository = Repository::new();
    // as git-crypt does: what git keeps is not text, what is in the work tree is
    repository.sh(
        "git config filter.crypt.clean 'printf \"\\0CRYPT\"; rev' && git config filter.crypt.smudge 'tail -c +7 | rev' && \
         git config filter.crypt.required true && echo '*.yaml filter=crypt' >.gitattributes",
    );
    repository.write("values.yaml", "legacy");
    repository.commit();
    repository.sh("git cat-file blob HEAD:values.yaml | grep -qa CRYPT");
    repository.write("values.yaml", "clas");
    repository.check("--against HEAD values.yaml").finds(SKIPPED);
    repository.sh("git add .");
    repository.write("values.yaml", "legacy");
    repository.check("--staged values.yaml").finds(SKIPPED);
}

#[test]
fn what_is_mended_is_taken_from_the_work_tree() {
    let repository = Repository::with("legacy");
    repository.write("values.yaml", "CLAS");
    repository.sh("git add .");
    repository.0.write("values.yaml", format!("# more\n{}", values("MigrateLegacyToCLAS")));
    let checked = repository.check("--staged --fix values.yaml");
    checked.0.exits(0).says("values.yaml: 1 repaired");
    assert_eq!(repository.0.read("values.yaml"), format!("# more\n{}", values("migrateLegacyToClas")).as_bytes());
}

#[test]
fn a_mode_that_skips_a_step_is_not_mended() {
    let repository = Repository::with("legacy");
    repository.write("values.yaml", "CLAS");
    for options in ["--against HEAD", "--staged"] {
        repository.check(&format!("{options} --fix values.yaml")).finds(SKIPPED);
        assert_eq!(repository.0.read("values.yaml"), values("CLAS").as_bytes());
    }
    repository.write("values.yaml", "MIGRATELegacyToClas");
    repository.check("--against HEAD --fix values.yaml").0.exits(0).says("values.yaml: 1 repaired");
}

#[test]
fn where_git_cannot_help_the_files_are_judged_as_they_are() {
    let repository = Repository::with("klas");
    let judged = |ran: Ran, line: &str| {
        let ran = ran.exits(2).says(line);
        assert!(ran.stdout.contains("error[unknown-mode]"), "{ran}");
        let lines = ran.stderr.lines().filter(|line| !line.starts_with("  = help: "));
        assert_eq!(lines.count(), 2, "the summary and one line: {ran}");
    };
    let good = Repository::with("clas").check("--against nope values.yaml").0.exits(2).prints("");
    good.says_only(
        "error: Git does not know the revision `nope`\n  = help: name a commit, a branch or a tag; a shallow clone, \
         as in many CI \
         jobs, lacks older ones\n",
    );
    judged(repository.check("--against nope values.yaml").0, "error: Git does not know the revision `nope`\n");
    judged(repository.check("--against=-p values.yaml").0, "error: Git does not know the revision `-p`\n");
    judged(
        repository.check("--against HEAD:values.yaml values.yaml").0,
        "error: Git does not know the revision `HEAD:values.yaml`\n",
    );
    let alone = Folder::with("values.yaml", values("klas"));
    judged(alone.run("check --partial --staged values.yaml"), "error: git: not a git repository");
    judged(alone.run("check --partial --against HEAD values.yaml"), "error: git: not a git repository");
    let mut command = repository.0.command(["check", "--partial", "--staged", "values.yaml"]);
    command.env("PATH", "");
    judged(Ran::of(command, "without git"), "error: cannot run git: it is not on the PATH\n");
    // which is nothing that a machine has to read
    let ran = alone.run("check --partial --staged -o json values.yaml").exits(2);
    assert_eq!(ran.json()["summary"]["errors"], 1, "{ran}");

    repository.0.write("other.yaml", values("klas"));
    if let Some(before) = repository.0.bound_by_modes() {
        let ran =
            repository.0.sh(&format!("chmod 0 other.yaml; {before} helm-clas check --partial other.yaml values.yaml"));
        judged(ran, "error: cannot read other.yaml: Permission denied");
    }
    judged(repository.check("--staged absent.yaml values.yaml").0, "error: cannot read absent.yaml: ");
    let bare = repository.0.sh("cd .git && helm-clas check --partial --staged ../values.yaml");
    judged(bare, "error: git: this operation must be run in a work tree");
}

#[test]
fn many_files_are_compared_with_a_handful_of_calls() {
    let repository = Repository::new();
    let names: Vec<String> = (0..300).map(|number| format!("v{number}.yaml")).collect();
    let write = |mode: &str| {
        for (number, name) in names.iter().enumerate() {
            // each of a cluster of its own, as long as the others
            repository.0.write(name, values(mode).replace("c6a0", &format!("{number:04}")));
        }
    };
    write("legacy");
    repository.commit();
    write("clas");
    repository.sh("git add .");
    repository.wrap_git("echo \"$1\" >>\"$CALLS\"");
    let calls: PathBuf = repository.0.path("calls");
    let line =
        format!("PATH=\"$PWD/wrapped:$PATH\" CALLS='{}' helm-clas check --partial --staged *.yaml", calls.display());
    let ran = repository.0.sh(&line).exits(1).says("300 files checked: 300 errors");
    assert_eq!(ran.stdout.matches("error[skipped-migration]").count(), 300);
    let called = String::from_utf8(repository.0.read("calls")).unwrap();
    let cores = std::thread::available_parallelism().unwrap().get();
    assert!(called.lines().count() <= 4 + cores, "{called}");
}

#[test]
fn a_long_work_tells_a_terminal_how_far_it_is() {
    let repository = Repository::with("clas");
    if repository.0.sh("command -v script").code != Some(0) {
        println!("skipped: there is no `script` that plays a terminal");
        return;
    }
    repository.wrap_git("if [ \"$1\" = cat-file ]; then sleep 1; fi");
    let line = "PATH=\"$PWD/wrapped:$PATH\" helm-clas check --partial --staged values.yaml";
    let shown = "\r0 of 1 files";
    let ran = repository.0.sh(&format!("script -qec '{line}' /dev/null")).exits(0);
    assert!(ran.stdout.contains(shown) && ran.stdout.contains("\r            \r1 file checked"), "{ran}");
    repository.0.sh(&format!("script -qec '{line} -q' /dev/null")).exits(0).prints("");
    repository.0.sh(line).exits(0).says_only("1 file checked: nothing found\n");
}

#[test]
fn a_version_that_changes_alone_is_judged_for_what_takes_it() {
    let chart =
        "name: u\nversion: 1.0.0\ndependencies: [{name: illumio, version: 5.1.0, repository: 'oci://quay.io/i'}]\n";
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: illumio, namespace: f}\nspec:\n  \
                   chartRef: {kind: OCIRepository, name: illumio}\n  values: {clusterMode: migrateLegacyToClas}\n";
    let source = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: illumio, namespace: f}\nspec: \
                  {url: 'oci://quay.io/illumio/illumio', ref: {tag: 5.1.0}}\n";
    let values = "illumio: {clusterMode: migrateLegacyToClas}\n";
    for (file, text, taker, of_taker) in
        [("Chart.yaml", chart, "values.yaml", values), ("source.yaml", source, "release.yaml", release)]
    {
        let folder = Folder::with(file, text);
        folder.write(taker, of_taker);
        let commit = "git -c user.name=a -c user.email=a@b commit -qm x";
        folder.sh(&format!("git init -q . && git add -A && {commit}")).exits(0);
        folder.write(file, text.replace("5.1.0", "5.7.0"));
        let ran = folder.run(&format!("check --partial --against HEAD {file}")).exits(1);
        assert!(ran.stdout.contains("error[version-changed-in-migration]"), "{ran}");
        assert!(ran.stdout.contains(&format!("--> {file}:")), "{ran}");
        folder.write(taker, of_taker.replace("migrateLegacyToClas", "clas"));
        folder.sh(&format!("git checkout -q {file} && git add -A && {commit}")).exits(0);
        folder.write(file, text.replace("5.1.0", "5.7.0"));
        folder.run(&format!("check --partial --against HEAD {file}")).exits(0);
    }
}

/// A change of one file, judged when that file alone is named and when the whole checkout is.
#[track_caller]
fn taken(files: &[(&str, &str)], [changed, old, new]: [&str; 3], rule: &str) {
    let repository = Repository::new();
    repository.sh("git remote add origin https://git.example.com/fleet.git");
    for (name, text) in files {
        if let Some((folder, _)) = name.rsplit_once('/') {
            fs::create_dir_all(repository.0.path(folder)).unwrap();
        }
        repository.0.write(name, text);
    }
    repository.commit();
    repository.check(&format!("--staged {changed}")).passes();
    let text = String::from_utf8(repository.0.read(changed)).unwrap();
    assert_ne!(text.replace(old, new), text);
    repository.0.write(changed, text.replace(old, new));
    repository.sh("git add .");
    let alone = repository.check(&format!("--staged {changed}")).finds(&[rule]);
    let all = repository.check("--staged .").finds(&[rule]);
    let findings = |ran: &Ran| ran.stdout.lines().filter(|line| !line.contains("checked")).map(str::to_owned).collect();
    let [alone, all]: [Vec<String>; 2] = [&alone, &all].map(findings);
    assert_eq!(alone, all);
}

const HELM_RELEASE: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: illumio, namespace: illumio-system}\n\
     spec:\n  chart:\n    spec:\n      chart: illumio\n      version: 5.1.0\n      sourceRef: {kind: HelmRepository, name: illumio}\n  \
     values:\n    clusterMode: MODE\n";

#[test]
fn a_file_that_a_release_takes_is_judged_with_that_release() {
    let release = |mode: &str| HELM_RELEASE.replace("MODE", mode);
    let of_patch =
        |name: &str| format!("resources: [release.yaml]\npatches:\n- path: {name}\n  target: {{kind: HelmRelease}}\n");
    let operation = "- op: replace\n  path: /spec/values/clusterMode\n  value: legacy\n";
    let (legacy, moving) = (release("legacy"), release("migrateLegacyToClas"));
    let mode = |file| [file, "legacy", "clas"];
    taken(
        &[("k/release.yaml", &legacy), ("k/kustomization.yaml", &of_patch("p.yaml")), ("k/p.yaml", operation)],
        mode("k/p.yaml"),
        "skipped-migration",
    );
    let json = "[{\"op\": \"replace\", \"path\": \"/spec/values/clusterMode\", \"value\": \"legacy\"}]";
    taken(
        &[("release.yaml", &legacy), ("kustomization.yaml", &of_patch("p.json")), ("p.json", json)],
        mode("p.json"),
        "skipped-migration",
    );
    let version = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: illumio}\n\
                   spec: {chart: {spec: {version: 5.1.0}}}\n";
    let changed = "version-changed-in-migration";
    taken(
        &[("release.yaml", &moving), ("kustomization.yaml", &of_patch("v.yaml")), ("v.yaml", version)],
        ["v.yaml", "5.1.0", "5.2.0"],
        changed,
    );
    let operation = "- {op: replace, path: /spec/chart/spec/version, value: 5.1.0}\n";
    taken(
        &[("release.yaml", &moving), ("kustomization.yaml", &of_patch("v.yaml")), ("v.yaml", operation)],
        ["v.yaml", "5.1.0", "5.2.0"],
        changed,
    );
    let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: illumio}\nspec:\n  generators:\n  \
               - git:\n      repoURL: https://git.example.com/fleet.git\n      revision: HEAD\n      \
               files: [{path: clusters/*.json}]\n  template:\n    metadata: {name: '{{cluster}}'}\n    spec:\n      \
               source:\n        chart: illumio\n        repoURL: quay.io/illumio\n        targetRevision: 5.1.0\n        \
               helm:\n          valuesObject: {clusterMode: '{{mode}}'}\n";
    let element = "{\"cluster\": \"east\", \"mode\": \"legacy\"}\n";
    taken(&[("set.yaml", set), ("clusters/east.json", element)], mode("clusters/east.json"), "skipped-migration");
}

#[test]
fn a_version_that_stands_elsewhere_is_judged_with_the_clusters_that_get_it() {
    let changed = "version-changed-in-migration";
    let chart = "apiVersion: v2\nname: platform\nversion: 1.0.0\ndependencies:\n\
                 - {name: illumio, version: ~5.1.0, repository: oci://quay.io/illumio}\n";
    let lock = "dependencies:\n- name: illumio\n  repository: oci://quay.io/illumio\n  version: 5.1.3\n\
                digest: sha256:0\ngenerated: \"2026-01-01T00:00:00Z\"\n";
    let values = "illumio:\n  clusterMode: migrateLegacyToClas\n";
    taken(
        &[("Chart.yaml", chart), ("Chart.lock", lock), ("values.yaml", values)],
        ["Chart.lock", "5.1.3", "5.1.4"],
        changed,
    );
    let values = "clusterMode: migrateLegacyToClas\n";
    let fleet = "clusters:\n- files: conf/*\n  version: 5.1.0\n";
    taken(&[(".helm-clas.yaml", fleet), ("conf/values.yaml", values)], [".helm-clas.yaml", "5.1.0", "5.2.0"], changed);
    let repository = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\n\
                      metadata: {name: illumio, namespace: illumio-system}\n\
                      spec:\n  url: oci://quay.io/illumio/illumio\n  ref: {tag: 5.1.0}\n";
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n\
                   metadata: {name: illumio, namespace: illumio-system}\nspec:\n  \
                   chartRef: {kind: OCIRepository, name: illumio}\n  values: {clusterMode: migrateLegacyToClas}\n";
    for new in ["tag: 5.2.0", "digest: 'sha256:00'", "tag: 5.1.0, digest: 'sha256:00'", "semver: 5.2.0, tag: 5.1.0"] {
        taken(
            &[("repository.yaml", repository), ("release.yaml", release)],
            ["repository.yaml", "tag: 5.1.0", new],
            changed,
        );
    }
}

#[test]
fn the_id_of_another_cluster_of_the_checkout_is_seen() {
    let repository = Repository::with("legacy");
    repository.write("new.yaml", "legacy");
    repository.sh("git add .");
    let ran = repository.check("--staged new.yaml").finds(&["duplicate-cluster-id"]);
    assert!(ran.stdout.contains("another cluster has the same `cluster_id`: values.yaml"), "{ran}");
    let upper = self::values("legacy").replace("cc4997c1", "CC4997C1");
    repository.0.write("new.yaml", upper);
    repository.sh("git add . && git commit -q -m x");
    let ran = repository.check("--against HEAD~ new.yaml").0;
    assert!(ran.stdout.contains("error[duplicate-cluster-id]"), "{ran}");
    repository.write_other("new.yaml", "legacy");
    repository.check("--against HEAD new.yaml").passes();
}

#[test]
fn a_version_that_is_named_does_not_hide_the_one_that_is_installed() {
    let repository = Repository::new();
    let release = HELM_RELEASE.replace("MODE", "clas").replace("5.1.0", "4.3.0");
    repository.0.write("release.yaml", release);
    repository.0.write(".helm-clas.yaml", "clusters:\n- version: 5.1.0\n");
    let ran = repository.check("release.yaml").finds(&["chart-too-old"]);
    assert!(ran.stdout.contains("warning[mode-and-version-together]"), "{ran}");
    repository.sh("rm .helm-clas.yaml");
    repository.check("--version 5.1.0 release.yaml").finds(&["chart-too-old"]);
}
