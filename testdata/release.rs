//! The files of a release, as `.ci/release` makes them and as people without Rust install them.

use std::{
    env, fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use serde_json::Value;

use crate::{
    plugin::{Home, Outcome, on_the_path, repository, script},
    support::{helm::helms, shop::Shop},
};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A release of stand-ins for the program, signed by a key of its own.
pub(crate) struct Release {
    /// Where its files are.
    pub(crate) files: PathBuf,
    /// The public key, in the form that Helm reads.
    keyring: PathBuf,
    gnupg: PathBuf,
    stand_ins: Vec<String>,
}

impl Release {
    /// Made once for all tests.
    pub(crate) fn shipped() -> &'static Self {
        static RELEASE: OnceLock<Release> = OnceLock::new();
        RELEASE.get_or_init(Self::made)
    }

    fn made() -> Self {
        // what lives as long as the program is never dropped, so the next run clears it away
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("release");
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir_all(&folder).unwrap();
        let path = |name: &str| folder.join(name);
        let echo = format!(
            "[ \"$1\" = version ] && echo 'helm-clas {VERSION} (0123abc 2026-01-01)' && exit\nfor word; do echo \"<$word>\"; done"
        );
        script(&path("stand-in"), &echo);
        let targets = fs::read_to_string(repository().join(".ci/releasing/program.py")).unwrap();
        let targets = targets.lines().filter_map(|line| line.trim().strip_prefix("Target(\"")?.split('"').next());
        let stand_ins: Vec<String> = targets
            .flat_map(|triple| ["--program".to_owned(), format!("{triple}={}", path("stand-in").display())])
            .collect();
        assert_eq!(stand_ins.len(), 10, "five targets: {stand_ins:?}");

        let gnupg = path("gnupg");
        make_key("test@example.com", &gnupg, &path("keyring"));
        let release = Self { files: path("files"), keyring: path("keyring"), gnupg, stand_ins };
        let gnupg = release.gnupg.to_str().unwrap();
        release.make(&release.files, &["--sign", gnupg, "test@example.com"]);
        end_agent(&release.gnupg);
        release
    }

    /// Makes the release again, elsewhere; returns the output of the script.
    fn make(&self, files: &Path, options: &[&str]) -> String {
        let mut command = Command::new(repository().join(".ci/release"));
        command.arg(VERSION).arg("--to").arg(files).args(&self.stand_ins).args(options);
        said(&mut command)
    }

    fn archive(&self, name: &str) -> PathBuf {
        self.files.join(name)
    }
}

/// Makes a key in a home of `GnuPG`'s, and puts its public half where Helm can read it.
fn make_key(name: &str, gnupg: &Path, keyring: &Path) {
    sh(&format!(
        "mkdir -m 700 '{0}' && gpg --homedir '{0}' --batch --quiet --passphrase '' --quick-generate-key {name} rsa2048 \
         sign never && gpg --homedir '{0}' --export >'{1}'",
        gnupg.display(),
        keyring.display(),
    ));
    end_agent(gnupg);
}

/// gpg starts an agent and leaves it running.
fn end_agent(gnupg: &Path) {
    sh(&format!("gpgconf --homedir '{}' --kill gpg-agent", gnupg.display()));
}

fn sh(text: &str) -> String {
    said(Command::new("sh").args(["-c", text]))
}

#[track_caller]
fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What the hook takes to download and unpack; cargo is not among it.
fn with_downloads(home: &Home) -> &Home {
    for tool in ["uname", "curl", "tar", "gzip", "sha256sum", "mktemp"] {
        let _ = symlink(on_the_path(tool), home.programs.join(tool));
    }
    home
}

/// Installs from the checkout, with the releases at this place.
fn install_from(home: &Home, releases: &str) -> Outcome {
    home.run(home.install_command().env("HELM_CLAS_RELEASES", releases))
}

fn is_helm_3(version: &str) -> bool {
    version == "3.17"
}

// The files.

#[test]
fn made_twice_it_has_the_same_bytes() {
    let release = Release::shipped();
    let again = tempfile::tempdir().unwrap();
    release.make(&again.path().join("files"), &[]);
    for entry in fs::read_dir(again.path().join("files")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        // the list has one line less for each signature
        if name != "SHA256SUMS" {
            assert!(fs::read(&path).unwrap() == fs::read(release.archive(name)).unwrap(), "{name} differs");
        }
    }
}

#[test]
fn what_is_not_made_is_listed() {
    let release = Release::shipped();
    let again = tempfile::tempdir().unwrap();
    let said = release.make(&again.path().join("files"), &[]);
    let (_, missing) = said.split_once("Not made, or not tried here:").unwrap();
    assert!(missing.contains("signatures: no key was given"), "{said}");
    assert!(missing.contains("aarch64-apple-darwin: this machine is another"), "{said}");

    let mut wrong = Command::new(repository().join(".ci/release"));
    let output = wrong.arg("99.0.0").args(&release.stand_ins).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("does not say that this is version 99.0.0"));
}

#[test]
fn the_container_holds_the_program_and_nothing_else() {
    if !on_path("buildah") {
        println!("skipped: there is no buildah, which makes the container");
        assert!(env::var_os("CI").is_none(), "buildah is missing");
        return;
    }
    let release = Release::shipped();
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().display();
    let context = release.archive(&format!("helm-clas-{VERSION}-container.tar.gz"));
    sh(&format!("mkdir '{folder}/context' && tar xzf '{}' -C '{folder}/context'", context.display()));
    let store = format!("--root '{folder}/root' --runroot '{folder}/run' --storage-driver vfs");
    for platform in ["linux/amd64", "linux/arm64"] {
        sh(&format!(
            "buildah {store} bud --isolation chroot --platform {platform} --tag helm-clas '{folder}/context' 2>&1"
        ));
        let about: Value =
            serde_json::from_str(&sh(&format!("buildah {store} inspect --type image helm-clas"))).unwrap();
        let config = &about["OCIv1"]["config"];
        assert_eq!(config["Entrypoint"], serde_json::json!(["/helm-clas"]));
        assert_eq!(config["User"], "65534:65534", "not root");
        let container = sh(&format!("buildah {store} from --pull-never helm-clas"));
        let mounted = sh(&format!("buildah {store} mount {container}"));
        let root = Path::new(mounted.trim());
        let mut names: Vec<_> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["LICENSE", "helm-clas", "work"], "{platform}");
        let program = fs::read(root.join("helm-clas")).unwrap();
        assert_eq!(program, fs::read(release.stand_ins[1].split_once('=').unwrap().1).unwrap());
        sh(&format!("buildah {store} rm --all"));
    }
    sh(&format!("buildah {store} rmi --all --force"));
}

#[test]
fn the_hashes_and_their_signature_hold() {
    let release = Release::shipped();
    let files = release.files.display();
    sh(&format!("cd '{files}' && sha256sum --quiet --check SHA256SUMS"));
    sh(&format!("cd '{files}' && gpg --homedir '{}' --verify SHA256SUMS.asc SHA256SUMS", release.gnupg.display()));
    let listed = fs::read_to_string(release.archive("SHA256SUMS")).unwrap().lines().count();
    assert_eq!(listed, fs::read_dir(&release.files).unwrap().count() - 2, "all but the list and its signature");
}

#[test]
fn the_bill_names_what_the_program_is_made_of() {
    let text = fs::read_to_string(Release::shipped().archive(&format!("helm-clas-{VERSION}.cdx.json"))).unwrap();
    let bill: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(bill["specVersion"], "1.5");
    let components = bill["components"].as_array().unwrap();
    let names: Vec<&str> = components.iter().map(|component| component["name"].as_str().unwrap()).collect();
    for linked in ["ring", "clap", "granit-parser"] {
        assert!(names.contains(&linked), "{names:?}");
    }
    assert!(!names.contains(&"proptest"), "the tests are not in it");
    for component in components {
        assert!(component["purl"].as_str().unwrap().starts_with("pkg:cargo/"), "{component}");
        assert_eq!(component["hashes"][0]["content"].as_str().unwrap().len(), 64, "{component}");
        assert!(component["licenses"][0]["expression"].is_string(), "{component}");
    }
    let known: Vec<&Value> = components.iter().map(|component| &component["bom-ref"]).collect();
    for dependency in bill["dependencies"].as_array().unwrap() {
        assert!(dependency["dependsOn"].as_array().unwrap().iter().all(|below| known.contains(&below)), "{dependency}");
    }
}

// A plugin with the program in it.

#[test]
fn one_archive_serves_every_helm_and_is_signed() {
    let release = Release::shipped();
    let shop = Shop::of(&release.files);
    for helm in helms() {
        for name in [format!("clas-{VERSION}.tgz"), format!("clas-{VERSION}-linux-amd64.tgz")] {
            let home = Home::new(helm);
            home.trusts(&release.keyring);
            home.helm(&["plugin", "install", &shop.url(&name)]).exits(0);
            home.helm(&["clas", "version"]).exits(0).prints(&format!("helm-clas {VERSION} (0123abc 2026-01-01)\n"));
            home.helm(&["clas", "a b", "ü"]).exits(0).prints("<a b>\n<ü>\n");
            let offered = home.helm(&["__complete", "clas", "mig"]).exits(0);
            assert!(offered.stdout.contains("migrate"), "{offered}");
            if !is_helm_3(helm.version) && name == format!("clas-{VERSION}.tgz") {
                let list = home.helm(&["plugin", "list"]);
                assert!(list.stdout.contains("signed"), "{list}");
                assert!(!list.stdout.contains("unsigned"), "{list}");
            }
        }
    }
}

#[test]
fn helm_3_takes_an_archive_by_its_media_type_and_else_unpacked() {
    let release = Release::shipped();
    let shop = Shop::of_bytes(&release.files);
    let name = format!("clas-{VERSION}.tgz");
    for helm in helms() {
        let home = Home::new(helm);
        home.trusts(&release.keyring);
        let install = home.helm(&["plugin", "install", &shop.url(&name)]);
        if !is_helm_3(helm.version) {
            install.exits(0);
            continue;
        }
        install.exits(1).says("Cannot detect VCS");
        sh(&format!(
            "cd '{}' && mkdir clas && tar xzf '{}' -C clas",
            home.work.display(),
            release.archive(&name).display()
        ));
        home.helm(&["plugin", "install", "./clas"]).exits(0);
        home.helm(&["clas", "a b"]).exits(0).prints("<a b>");
    }
}

#[test]
fn an_archive_on_the_disk_is_verified() {
    let release = Release::shipped();
    let name = format!("clas-{VERSION}.tgz");
    for helm in helms().iter().filter(|helm| !is_helm_3(helm.version)) {
        let home = Home::new(helm);
        let local = home.work.join(&name);
        let provenance = format!("{name}.prov");
        fs::copy(release.archive(&provenance), home.work.join(&provenance)).unwrap();
        let install = |keyring: &Path| {
            home.trusts(keyring);
            home.run(home.command().args(["plugin", "install"]).arg(&local))
        };

        let mut tampered = fs::read(release.archive(&name)).unwrap();
        *tampered.last_mut().unwrap() ^= 1;
        fs::write(&local, tampered).unwrap();
        install(&release.keyring).exits(1).says("sha256");
        home.helm(&["clas", "version"]).exits(1);

        fs::copy(release.archive(&name), &local).unwrap();
        let strange = home.work.join("strange");
        let gnupg = home.root.path().join("gnupg");
        make_key("other@example.com", &gnupg, &strange);
        install(&strange).exits(1);
        home.helm(&["clas", "version"]).exits(1);

        install(&release.keyring).exits(0);
        home.helm(&["clas", "version"]).exits(0);
    }
}

// The hook of a checkout.

#[test]
fn a_checkout_takes_the_program_of_the_release() {
    let release = Release::shipped();
    let shop = Shop::of(&release.files);
    for helm in helms() {
        let home = Home::new(helm);
        install_from(with_downloads(&home), &shop.url("releases/download"))
            .exits(0)
            .says(&format!("version {VERSION} from http://"));
        home.helm(&["clas", "here"]).exits(0).prints("<here>");
        home.has_no_litter();
    }
}

#[test]
fn a_git_repository_takes_it_from_its_own_forge() {
    let release = Release::shipped();
    let shop = Shop::of(&release.files);
    let home = Home::new(&helms()[0]);
    with_downloads(&home);
    let origin = shop.url("owner/repository.git").replace("//", "//user:secret@");
    sh(&format!("cd '{}' && git init -q && git remote add origin '{origin}'", home.source.display()));
    let install = home.install().exits(0).says("/owner/repository/releases/download");
    assert!(!install.stderr.contains("secret"), "{install}");
    home.helm(&["clas", "here"]).exits(0).prints("<here>");
}

#[test]
fn what_lies_beside_the_manifest_needs_no_network() {
    let release = Release::shipped();
    let archive = format!("helm-clas-{VERSION}-x86_64-unknown-linux-musl.tar.gz");
    let home = Home::new(&helms()[2]);
    with_downloads(&home);
    fs::copy(release.archive(&archive), home.source.join(&archive)).unwrap();
    home.install().exits(1).says("but not SHA256SUMS");
    assert!(!home.program().exists());

    home.helm(&["plugin", "uninstall", "clas"]).exits(0);
    fs::copy(release.archive("SHA256SUMS"), home.source.join("SHA256SUMS")).unwrap();
    fs::remove_file(home.programs.join("curl")).unwrap();
    home.install().exits(0);
    home.helm(&["clas", "here"]).exits(0).prints("<here>");

    // a folder of releases, as on a shared disk
    let home = Home::new(&helms()[2]);
    with_downloads(&home);
    let folder = home.root.path().join("releäses");
    fs::create_dir(&folder).unwrap();
    symlink(&release.files, folder.join(format!("v{VERSION}"))).unwrap();
    install_from(&home, folder.to_str().unwrap()).exits(0);
    home.helm(&["clas", "here"]).exits(0).prints("<here>");
}

#[test]
fn what_is_not_whole_or_not_right_is_not_unpacked() {
    let release = Release::shipped();
    let archive = format!("helm-clas-{VERSION}-x86_64-unknown-linux-musl.tar.gz");
    for helm in helms() {
        let wrong = tempfile::tempdir().unwrap();
        fs::copy(release.archive("SHA256SUMS"), wrong.path().join("SHA256SUMS")).unwrap();
        let whole = fs::read(release.archive(&archive)).unwrap();
        let cases: [(&str, Vec<u8>, &str); 3] = [
            ("another byte", [&whole[..whole.len() - 1], b"!"].concat(), "is not what SHA256SUMS says"),
            ("half of it", whole[..whole.len() / 2].to_vec(), "is not what SHA256SUMS says"),
            ("a page of the forge", b"<html>".to_vec(), "is not what SHA256SUMS says"),
        ];
        let home = Home::new(helm);
        with_downloads(&home);
        home.put_program(&home.stand_in("0.0.1"));
        for (what, content, said) in cases {
            fs::write(wrong.path().join(&archive), content).unwrap();
            let shop = Shop::of(wrong.path());
            install_from(&home, &shop.url("")).exits(1).says(said);
            home.helm(&["clas", "version"]).exits(0).prints("helm-clas 0.0.1");
            home.has_no_litter();
            home.helm(&["plugin", "uninstall", "clas"]).exits(0);
            println!("{what}: refused");
        }
    }
}

#[test]
fn without_a_release_cargo_builds() {
    let release = Release::shipped();
    let empty = tempfile::tempdir().unwrap();
    let places = [
        ("404", Shop::of(empty.path()).url("")),
        ("broken off", Shop::breaking_off(&release.files).url("")),
        ("no network", Shop::closed()),
        ("no folder", "/nowhere".to_owned()),
    ];
    for (what, place) in &places {
        let home = Home::new(&helms()[2]);
        with_downloads(&home);
        install_from(&home, place).exits(1).says("cannot get").says("no cargo to build one");
        home.has_no_program();
        home.helm(&["plugin", "uninstall", "clas"]).exits(0);
        home.have_cargo();
        install_from(&home, place).exits(0).says("building version").says("about");
        home.helm(&["clas", "here"]).exits(0).prints("<here>");
        println!("{what}: built");
    }

    let home = Home::new(&helms()[2]);
    home.have_cargo();
    install_from(with_downloads(&home), "none").exits(0).says("building version");
}

#[test]
fn changes_of_ones_own_are_built() {
    let shop = Shop::of(&Release::shipped().files);
    let home = Home::new(&helms()[0]);
    with_downloads(&home).have_cargo();
    let commit = "git -c user.name=a -c user.email=a@b commit -q -a -m x";
    sh(&format!(
        "cd '{}' && git init -q && git add . && {commit} && git tag v{VERSION} && git remote add origin '{}' \
         && echo '# mine' >>src/plugin/helm-clas.sh",
        home.source.display(),
        shop.url("owner/repository"),
    ));
    home.install().exits(0).says("building version");
    home.helm(&["plugin", "uninstall", "clas"]).exits(0);
    fs::remove_file(home.program()).unwrap();
    sh(&format!("cd '{}' && git checkout -q src", home.source.display()));
    home.install().exits(0).says(&format!("version {VERSION} from http://"));
}

#[test]
fn a_folder_that_cannot_be_written_to_is_left_alone() {
    let shop = Shop::of(&Release::shipped().files);
    let home = Home::new(&helms()[1]);
    with_downloads(&home);
    // root writes everywhere but where a file is in the way of the folder
    fs::write(home.source.join("bin"), "in the way").unwrap();
    install_from(&home, &shop.url("")).exits(1);
    assert_eq!(fs::read_to_string(home.source.join("bin")).unwrap(), "in the way");
    home.has_no_litter();

    let before = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--"];
    if on_path("setpriv") {
        fs::remove_file(home.source.join("bin")).unwrap();
        sh(&format!("chmod a-w '{}'", home.source.display()));
        let mut hook = Command::new(on_the_path(before[0]));
        hook.args(&before[1..]).arg("sh").arg(home.source.join("src/plugin/install.sh"));
        let output = hook.env("HELM_CLAS_RELEASES", shop.url("")).env("PATH", &home.programs).output().unwrap();
        sh(&format!("chmod u+w '{}'", home.source.display()));
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stderr).contains("cannot be written to"), "{output:?}");
    }
}

fn on_path(program: &str) -> bool {
    env::split_paths(&env::var_os("PATH").unwrap()).any(|folder| folder.join(program).exists())
}
