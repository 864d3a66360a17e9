//! The static program of a release, in a folder with nothing beside it: no shell, no C library, no `/proc`, no `/tmp`. A
//! container made `FROM scratch` has no more.

use std::{
    env, fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use crate::{
    plugin::on_the_path,
    support::fake_pce::{FakePce, Ran, run},
};

const STEP: [&str; 7] = ["migrate", "-f", "/wörk dir/values.yaml", "--version", "5.1.0", "--pce-version", "24.2.20"];

/// The program that `.ci/release` built for this machine, or the one that is named.
fn static_program() -> Option<PathBuf> {
    let named = env::var_os("HELM_CLAS_STATIC_PROGRAM").map(PathBuf::from);
    let target = Path::new(env!("CARGO_BIN_EXE_helm-clas")).ancestors().nth(2)?;
    let built = target.join(format!("{}-unknown-linux-musl/dist/helm-clas", env::consts::ARCH));
    let found = named.or_else(|| built.exists().then_some(built));
    if found.is_none() {
        println!("skipped: there is no static program; `.ci/release` builds one");
    }
    found
}

/// A folder that is the whole file system of the program.
struct Root(TempDir);

impl Root {
    fn with(program: &Path) -> Self {
        let root = Self(tempfile::tempdir().unwrap());
        fs::set_permissions(root.path(""), fs::Permissions::from_mode(0o755)).unwrap();
        // another process writes it, as in `plugin::script`: what this one has open for writing cannot be run
        let copied = Command::new("cp").arg(program).arg(root.path("helm-clas")).status().expect("cp starts");
        assert!(copied.success());
        let values = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/cli/in/illumio-values.yaml");
        fs::create_dir(root.path("wörk dir")).unwrap();
        fs::copy(values, root.path("wörk dir/values.yaml")).unwrap();
        root
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// The program as the container's user would run it; root alone may choose one.
    fn command(&self, words: &[&str], user: Option<&str>) -> Command {
        let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
        let mut command = Command::new(on_the_path(if is_root { "chroot" } else { "unshare" }));
        if is_root {
            command.args(user.map(|user| format!("--userspec={user}")));
        } else {
            command.args(["--user", "--map-root-user"]).arg(on_the_path("chroot"));
        }
        command.env_clear().arg(self.0.path()).arg("/helm-clas").args(words);
        command
    }

    fn run(&self, words: &[&str]) -> Ran {
        run(&mut self.command(words, None))
    }
}

#[test]
fn a_static_program_needs_nothing_beside_it() {
    let Some(program) = static_program() else { return };
    let root = Root::with(&program);
    let version = root.run(&["version"]);
    let wanted = concat!("helm-clas ", env!("CARGO_PKG_VERSION"));
    assert!(version.exits(0).answer.trim_end().starts_with(wanted), "{}", version.answer);

    let shown = root.run(&STEP);
    assert!(shown.exits(0).answer.contains("\n+clusterMode: migrateLegacyToClas"), "{}", shown.answer);
    root.run(&["status", "/wörk dir"]).exits(0);
    root.run(&[&STEP[..], &["--write"]].concat()).exits(0);
    let written = fs::read_to_string(root.path("wörk dir/values.yaml")).unwrap();
    assert!(written.contains("\nclusterMode: migrateLegacyToClas"), "{written}");
    assert_eq!(root.names("wörk dir"), ["values.yaml"], "nothing is left beside the file");

    let checked = run(&mut root.command(&["check", "/wörk dir/values.yaml"], Some("65534:65534")));
    checked.exits(0);
    root.run(&["explain", "wrong-step"]).exits(0);
    root.run(&["man", "migrate"]).exits(0);
}

#[test]
fn a_static_program_asks_the_pce_with_certificates_that_are_brought_in() {
    let Some(program) = static_program() else { return };
    let root = Root::with(&program);
    let pce = FakePce::new();
    let ask = || {
        let mut command = root.command(&["compat", "--version", "5.1.0", "--pce-version=auto"], None);
        let known = pce.command();
        let known = known.get_envs().filter_map(|(name, value)| Some((name, value?)));
        command.envs(known.filter(|(name, _)| *name != "ILLUMIO_CA_FILE"));
        run(&mut command)
    };
    // what a container's engine writes
    fs::create_dir_all(root.path("etc/ssl/certs")).unwrap();
    fs::write(root.path("etc/hosts"), "127.0.0.1 localhost\n").unwrap();
    ask().exits(2);
    fs::copy(&pce.ca_file, root.path("etc/ssl/certs/ca-certificates.crt")).unwrap();
    ask().exits(0);
}
