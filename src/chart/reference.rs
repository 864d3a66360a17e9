//! References: what stands in a value's place until a tool fills the value in. They are no values to be judged, and no
//! placeholders that somebody forgot.

/// A form of references, and the tool that fills them in.
#[derive(Debug)]
pub(crate) struct Reference {
    /// Who fills it in.
    pub(crate) title: &'static str,
    /// Whether a text is one. The text of the whole file tells some.
    is_one: fn(&str, &str) -> bool,
    /// Where the form is documented.
    #[allow(dead_code, reason = "for the reader of the table")]
    source: &'static str,
}

/// The table.
const REFERENCES: &[Reference] = &[
    Reference {
        title: "Argo CD Vault Plugin",
        is_one: |text, file| text.contains("<path:") || is_bracketed(text) && file.contains("<path:"),
        source: "argocd-vault-plugin documentation, How it Works: inline-path and generic placeholders",
    },
    Reference {
        title: "vals",
        is_one: |text, _| text.contains("ref+") && text.contains("://") || text.starts_with("secretref+"),
        source: "vals README, Expression Syntax",
    },
    Reference {
        title: "helm-secrets",
        is_one: |text, _| is_url_of(text, "secrets"),
        source: "helm-secrets documentation, Usage, downloader protocol",
    },
    Reference {
        title: "bank-vaults",
        is_one: |text, _| ["vault:", ">>vault:"].iter().any(|start| text.starts_with(start)),
        source: "bank-vaults documentation, secret injection webhook, Provide secrets",
    },
    Reference {
        title: "1Password",
        is_one: |text, _| text.contains("op://"),
        source: "1Password CLI documentation, Secret reference syntax",
    },
    Reference {
        title: "Sealed Secrets",
        is_one: |text, _| text.len() > 200 && text.starts_with("Ag") && text.bytes().all(is_base64),
        source: "sealed-secrets README: what kubeseal --raw prints",
    },
    Reference {
        title: "External Secrets",
        is_one: |text, _| text.contains("remoteRef:") || text.contains("secretStoreRef:"),
        source: "External Secrets documentation, ExternalSecret",
    },
    Reference {
        title: "a release pipeline",
        is_one: |text, _| is_around(text, "#{", "}#") || is_around(text, "#{", "}") || is_around(text, "__", "__"),
        source: "Azure DevOps, Replace Tokens task, tokenPattern; Octopus documentation, variable substitution",
    },
    Reference {
        title: "Flux or envsubst",
        is_one: |text, _| text.split("${").skip(1).any(|rest| rest.contains('}')),
        source: "Flux documentation, Kustomization, postBuild variable substitution",
    },
];

/// The form of reference that a value is, or holds; nothing where it is a value. `file` is the text around it.
pub(crate) fn of(text: &str, file: &str) -> Option<&'static Reference> {
    REFERENCES.iter().find(|reference| (reference.is_one)(text, file))
}

/// Whether what is named is no file but an address, which Helm or a plugin of it reads.
#[must_use]
pub fn is_address(name: &str) -> bool {
    let scheme = name.split_once("://").map(|(scheme, _)| scheme);
    let is_scheme = |scheme: &str| {
        scheme.len() > 1 && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte))
    };
    scheme.is_some_and(|scheme| scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && is_scheme(scheme))
}

fn is_url_of(text: &str, scheme: &str) -> bool {
    let rest = text.strip_prefix(scheme);
    rest.is_some_and(|rest| rest.starts_with("://") || rest.starts_with('+') && rest.contains("://"))
}

/// `<name>`: letters, digits and a few marks.
fn is_bracketed(text: &str) -> bool {
    let inside = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or_default();
    !inside.is_empty() && inside.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.|".contains(&byte))
}

/// The tokens of pipelines hold a name, and a text may hold several.
fn is_around(text: &str, open: &str, close: &str) -> bool {
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once(open) {
        let Some((name, after)) = behind.split_once(close) else { return false };
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-. ".contains(&byte);
        if !name.trim().is_empty() && name.bytes().all(is_name) {
            return true;
        }
        rest = after;
    }
    false
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)
}

/// What a file is that holds something else in place of its text, and what to do to read it.
type Sealed = (&'static str, fn(&[u8]) -> bool, &'static str, &'static str);

/// The table of such files, with its sources.
const SEALED: &[Sealed] = &[
    (
        "a pointer of Git LFS",
        |bytes| bytes.starts_with(b"version https://git-lfs.github.com/spec/"),
        "fetch the file itself: git lfs pull",
        "git-lfs, docs/spec.md",
    ),
    (
        "encrypted by git-crypt",
        |bytes| bytes.starts_with(b"\0GITCRYPT\0"),
        "unlock the checkout: git-crypt unlock",
        "git-crypt, commands.cpp",
    ),
    (
        "encrypted by Ansible Vault",
        |bytes| bytes.starts_with(b"$ANSIBLE_VAULT;"),
        "decrypt it where it is deployed, and keep `clusterMode` in a file of its own in plain text",
        "Ansible documentation, Vault, Format of files encrypted with Ansible Vault",
    ),
    (
        "encrypted by age",
        |bytes| bytes.starts_with(b"age-encryption.org/v1") || bytes.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----"),
        "keep `clusterMode` in a file of its own in plain text",
        "age, the file format v1",
    ),
    (
        "encrypted by PGP",
        |bytes| bytes.starts_with(b"-----BEGIN PGP MESSAGE-----"),
        "keep `clusterMode` in a file of its own in plain text",
        "RFC 9580, 6.2",
    ),
];

/// What stands in place of a file's text, and what to do about it; nothing where the text is there.
pub(crate) fn sealed(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    SEALED.iter().find(|(_, is_one, ..)| is_one(bytes)).map(|(title, _, help, _)| (*title, *help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, title: Option<&str>) {
        assert_eq!(of(text, text).map(|reference| reference.title), title, "{text}");
    }

    #[test]
    fn references_are_known_by_their_form() {
        check("<path:secret/data/illumio/east#token>", Some("Argo CD Vault Plugin"));
        check("x<path:kv/a#b | base64encode>y", Some("Argo CD Vault Plugin"));
        check("ref+vault://secret/illumio#/token", Some("vals"));
        check("host-ref+awssm://a/b+:443", Some("vals"));
        check("secretref+sops://a.yaml#/b", Some("vals"));
        check("secrets://secrets.yaml", Some("helm-secrets"));
        check("secrets+age-import:///keys.txt?secrets.yaml", Some("helm-secrets"));
        check("vault:secret/data/illumio#token", Some("bank-vaults"));
        check(">>vault:secret/data/illumio#token", Some("bank-vaults"));
        check("op://vault/illumio/token", Some("1Password"));
        check("${pce_url}", Some("Flux or envsubst"));
        check("${PCE:=pce.example.com}:8443", Some("Flux or envsubst"));
        check("#{pce.url}#", Some("a release pipeline"));
        check("#{PceUrl}:8443", Some("a release pipeline"));
        check("__PCE_URL__", Some("a release pipeline"));
        check(&format!("AgB{}", "a1+/".repeat(80)), Some("Sealed Secrets"));
    }

    #[test]
    fn values_and_placeholders_are_none() {
        for text in
            ["pce.example.com:8443", "<your PCE>", "<pce_url>", "$PCE", "$(pce)", "CHANGE_ME", "a__b", "#{}", "AgB", ""]
        {
            check(text, None);
        }
        // beside inline paths, a word in brackets is the plugin's as well
        assert!(of("<pce_url>", "a: <path:x#y>\n").is_some());
        assert!(of("<your PCE>", "a: <path:x#y>\n").is_none());
    }

    #[test]
    fn an_address_is_no_file() {
        for name in ["secrets://a.yaml", "secrets+gpg-import://k?a", "https://x/y.yaml", "s3://b/c"] {
            assert!(is_address(name), "{name}");
        }
        for name in ["a.yaml", "C://a.yaml", "./a://b", "-", "://x"] {
            assert!(!is_address(name), "{name}");
        }
    }

    #[test]
    fn sealed_files_are_known_by_how_they_begin() {
        for (bytes, title) in [
            (&b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n"[..], Some("a pointer of Git LFS")),
            (b"\0GITCRYPT\0\x01\x02", Some("encrypted by git-crypt")),
            (b"$ANSIBLE_VAULT;1.1;AES256\n3363\n", Some("encrypted by Ansible Vault")),
            (b"age-encryption.org/v1\n-> X25519 x\n", Some("encrypted by age")),
            (b"-----BEGIN PGP MESSAGE-----\n\nx\n", Some("encrypted by PGP")),
            (b"clusterMode: legacy\n", None),
        ] {
            assert_eq!(sealed(bytes).map(|(title, _)| title), title);
        }
    }
}
