//! What programs do with the files that they name: the one table of those that only look.

/// What a program does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rendered) enum Does {
    /// It shows its own words.
    Says,
    /// It looks for words in files.
    Searches,
    /// It looks at files, or checks them, and shows nothing of them that another program could take for them.
    Looks,
    /// It shows files, or what it makes of them: what is shown may be written or passed on.
    Shows,
    /// It changes files, and passes none on.
    Edits,
    /// It does more than that, but changes no file that it names, unless an option says so.
    Reads,
}

#[rustfmt::skip] // a table
const PROGRAMS: &[(Does, &[&str])] = &[
    (Does::Says, &["echo", "printf"]),
    (Does::Searches, &["grep", "egrep", "fgrep", "rg"]),
    (Does::Looks, &[
        "kubeconform", "kubeval", "conftest", "kube-linter", "kube-score", "polaris", "pluto", "datree", "trivy", "checkov",
        "kubescape", "yamllint", "ct", "helm-clas", "less", "more", "wc", "diff", "dyff", "ls", "stat", "file", "rm",
        "chmod", "chown", "mkdir", "rmdir", "sha256sum", "md5sum",
    ]),
    (Does::Shows, &["cat", "head", "tail", "yq", "jq", "sed", "awk", "sops", "test", "[", "[["]),
    (Does::Edits, &["prettier", "pre-commit", "helm-docs", "nano", "vim", "code", "touch"]),
    (Does::Reads, &[
        "git", "kubectl", "oc", "helm", "helmfile", "curl", "docker", "perl", "ruby", "python", "python3", "envsubst",
        "source", ".", "cd", "dirname", "basename", "realpath", "readlink", "export", "set", "local", "readonly", "declare",
        "exit", "return", "trap", "if", "for", "while", "case",
    ]),
];

/// What a program does that is known.
pub(in crate::rendered) fn does(program: &str) -> Option<Does> {
    PROGRAMS.iter().find(|(_, names)| names.contains(&program)).map(|(does, _)| *does)
}
