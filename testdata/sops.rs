//! Files that the real SOPS encrypts: what is refused there would have broken the checksum, the command that is named in
//! its place does the step, and what is edited is still read by SOPS.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use helm_clas::{Outcome, Rule, Status, Verb};

use crate::support::{
    reading::{self, Ask},
    tool::tool,
};
use tempfile::TempDir;

/// A key that encrypts nothing but the files of these tests.
const SECRET_KEY: &str = "AGE-SECRET-KEY-120QHLLWS70DQR8PQTGUAG3M0YECV7J6ZJ9X9V8JLCD7QANYZJEAQ4JZ72A";
const PUBLIC_KEY: &str = "age14gaakjaumvrlx4hpyxszvleswnccl4gau03aquj76j4xvcg8y5ss2mkmk2";

/// As SOPS lays them out.
const VALUES: &str = "\
# of the cluster east
pce_url: pce.example.com:8443
cluster_token: not-a-real-token
# for now
clusterMode: legacy
storage:
    sizeGi: 2
";

/// The real SOPS.
fn program() -> PathBuf {
    tool("sops").expect("these tests run a real SOPS")
}

/// A folder with an encrypted file.
struct Encrypted {
    folder: TempDir,
}

impl Encrypted {
    /// One that is made by a rule with these settings in `.sops.yaml`.
    fn with(settings: &[&str]) -> Self {
        Self::of("values.yaml", VALUES, settings)
    }

    fn of(name: &str, text: &str, settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings.iter().map(|setting| ["    ", setting, "\n"].concat()).collect::<Vec<_>>().concat();
        let rules = format!("creation_rules:\n  - age: {PUBLIC_KEY}\n{settings}");
        fs::write(folder.path().join(".sops.yaml"), rules).unwrap();
        fs::write(folder.path().join(name), text).unwrap();
        let encrypted = Self { folder };
        let output = encrypted.sops(&["encrypt", "--in-place", name]);
        assert!(output.status.success(), "{output:?}");
        encrypted
    }

    fn sops(&self, arguments: &[&str]) -> Output {
        Command::new(program())
            .args(arguments)
            .current_dir(self.folder.path())
            .env("SOPS_AGE_KEY", SECRET_KEY)
            .output()
            .unwrap()
    }

    fn text(&self) -> String {
        fs::read_to_string(self.folder.path().join("values.yaml")).unwrap()
    }

    /// What SOPS makes of the file with this text; nothing where it finds it broken.
    fn decrypted(&self, text: &str) -> Option<String> {
        fs::write(self.folder.path().join("values.yaml"), text).unwrap();
        let output = self.sops(&["decrypt", "values.yaml"]);
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    }
}

fn migrated(text: &str) -> Outcome {
    reading::outcome(&[("values.yaml", text)], &Ask::of(Verb::Migrate))
}

fn help_of_refusal(outcome: &Outcome) -> String {
    assert!(matches!(outcome.status, Status::Refused));
    let finding = outcome.findings.iter().find(|finding| finding.rule == Rule::EncryptedFile).unwrap();
    finding.help.as_deref().unwrap().to_owned()
}

fn in_clas_migration() -> String {
    VALUES.replace("clusterMode: legacy", "clusterMode: migrateLegacyToClas")
}

#[test]
fn a_plain_mode_below_a_checksum_is_changed_by_the_command_that_is_named() {
    let encrypted = Encrypted::with(&["unencrypted_regex: ^clusterMode$"]);
    let text = encrypted.text();
    assert!(text.contains("clusterMode: legacy") && !text.contains("not-a-real-token"), "{text}");
    let help = help_of_refusal(&migrated(&text));
    // by hand it would have been broken
    assert_eq!(encrypted.decrypted(&text.replace("legacy", "migrateLegacyToClas")), None);
    fs::write(encrypted.folder.path().join("values.yaml"), &text).unwrap();
    let command = help.split_once("sops set ").unwrap().1;
    let words: Vec<String> = command.split(' ').map(|word| word.trim_matches('\'').to_owned()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let output = encrypted.sops(&[&["set"], &words[..]].concat());
    assert!(output.status.success(), "{command}: {output:?}");
    let after = encrypted.decrypted(&encrypted.text()).unwrap();
    assert_eq!(after, in_clas_migration());
}

#[test]
fn a_plain_mode_outside_the_checksum_is_edited() {
    let encrypted = Encrypted::with(&["unencrypted_regex: ^clusterMode$", "mac_only_encrypted: true"]);
    let text = encrypted.text();
    let Status::Step(edited) = migrated(&text).status else { panic!("{text}") };
    assert_eq!(edited.text, text.replace("clusterMode: legacy", "clusterMode: migrateLegacyToClas"));
    assert_eq!(encrypted.decrypted(&edited.text).unwrap(), in_clas_migration());
}

#[test]
fn an_encrypted_mode_cannot_be_read() {
    for settings in [&[][..], &["mac_only_encrypted: true"]] {
        let encrypted = Encrypted::with(settings);
        let outcome = migrated(&encrypted.text());
        assert!(outcome.from.is_none() && matches!(outcome.status, Status::Refused));
        assert!(outcome.findings.iter().any(|finding| finding.message.contains("the mode is encrypted")));
        assert_eq!(encrypted.decrypted(&encrypted.text()).unwrap(), VALUES);
    }
}

/// Runs the command that a refusal names, as a shell takes it apart, and returns what SOPS decrypts then.
fn after_command(encrypted: &Encrypted, name: &str) -> String {
    let text = fs::read_to_string(encrypted.folder.path().join(name)).unwrap();
    let outcome = reading::outcome(&[(name, &text)], &Ask::of(Verb::Migrate));
    let help = help_of_refusal(&outcome);
    let command = help.strip_prefix("change it through SOPS: sops ").unwrap_or_else(|| panic!("{help}"));
    let script = format!("'{}' {command}", program().display());
    let folder = encrypted.folder.path();
    let run = Command::new("sh").args(["-c", &script]).current_dir(folder).env("SOPS_AGE_KEY", SECRET_KEY).output();
    let run = run.unwrap();
    assert!(run.status.success(), "{script}: {run:?}");
    let output = encrypted.sops(&["decrypt", name]);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Items of lists go by their numbers, keys by their names, also those that look like numbers, and files whatever they are
/// called.
#[test]
fn each_form_of_the_command_does_the_step() {
    for (name, text) in [
        (
            "helmfile.yaml",
            "releases:\n    - name: illumio\n      chart: q/illumio\n      version: 5.1.0\n      values:\n        - pce_url: \
             pce.example.com:8443\n          clusterMode: legacy\n",
        ),
        (
            "MODE FILE's.yaml",
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n    name: legacy\nspec:\n    source:\n        \
             chart: illumio\n        targetRevision: 5.1.0\n        helm:\n            valuesObject:\n                \
             clusterMode: legacy\n                pce_url: pce.example.com:8443\n",
        ),
        (
            "fleet.yaml",
            "defaultNamespace: illumio-system\nhelm:\n    chart: illumio\n    version: 5.1.0\n    values:\n        clusterMode: \
             legacy\n        pce_url: pce.example.com:8443\n",
        ),
    ] {
        let encrypted = Encrypted::of(name, text, &["encrypted_regex: ^pce_url$"]);
        let expected = text.replace("clusterMode: legacy", "clusterMode: migrateLegacyToClas");
        assert_eq!(after_command(&encrypted, name), expected, "{name}");
    }
}

/// `sops set` would replace a whole text, and where no mode is, no command writes one.
#[test]
fn a_text_is_edited_by_hand_and_an_object_of_another_kind_not_at_all() {
    let text = "apiVersion: v1\nkind: Secret\nmetadata:\n    name: illumio\nstringData:\n    values.yaml: |\n        \
                clusterMode: legacy\n        pce_url: pce.example.com:8443\n";
    let encrypted = Encrypted::of("secret.yaml", text, &["encrypted_regex: ^password$"]);
    let read = || fs::read_to_string(encrypted.folder.path().join("secret.yaml")).unwrap();
    let outcome = reading::outcome(&[("secret.yaml", read())], &Ask::of(Verb::Migrate));
    assert_eq!(help_of_refusal(&outcome), "change it through SOPS: sops edit secret.yaml");
    let hidden = Encrypted::of("secret.yaml", text, &["encrypted_regex: ^stringData$"]);
    let read = fs::read_to_string(hidden.folder.path().join("secret.yaml")).unwrap();
    let outcome = reading::outcome(&[("secret.yaml", read)], &Ask::of(Verb::Migrate));
    assert!(matches!(outcome.status, Status::Refused));
    let helps: Vec<_> = outcome.findings.iter().filter_map(|finding| finding.help.as_deref()).collect();
    assert!(!helps.is_empty() && helps.iter().all(|help| !help.contains("sops set")), "{helps:?}");
}
