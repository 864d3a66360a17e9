//! Files that hold something else in place of their text: a ciphertext, a pointer.

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
        "encrypted by SOPS as a whole",
        is_whole_of_sops,
        "decrypt it where it is deployed, and keep `clusterMode` in a file of its own in plain text",
        "getsops/sops README, Encrypting binary files: the ciphertext is under `data`, and nothing else is beside `sops`",
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
    let text = start_of(bytes);
    SEALED.iter().find(|(_, is_one, ..)| is_one(bytes) || is_one(text)).map(|(title, _, help, _)| (*title, *help))
}

/// Whether a mapping, in YAML or JSON, is what SOPS makes of a file of any kind.
fn is_whole_of_sops(bytes: &[u8]) -> bool {
    let key = |bytes: &[u8], name: &[u8]| {
        let bytes = bytes.trim_ascii_start();
        let quoted = bytes.strip_prefix(b"\"").and_then(|rest| rest.strip_prefix(name)?.strip_prefix(b"\""));
        let rest = quoted.or_else(|| bytes.strip_prefix(name))?.trim_ascii_start();
        rest.strip_prefix(b":").map(|rest| rest.trim_ascii_start().len())
    };
    let start = bytes.strip_prefix(b"{").unwrap_or(bytes);
    let Some(value) = key(start, b"data").map(|length| &start[start.len() - length..]) else { return false };
    let value = value.strip_prefix(b"\"").unwrap_or(value);
    let Some(end) = value.iter().position(|byte| *byte == b']').filter(|_| value.starts_with(b"ENC[")) else {
        return false;
    };
    let rest = value[end + 1..].strip_prefix(b"\"").unwrap_or(&value[end + 1..]);
    let rest = rest.strip_prefix(b",").unwrap_or(rest);
    key(rest, b"sops").is_some()
}

/// Where the text of a file begins: after a byte order mark, empty lines and comments, which the tools that decrypt
/// accept before the ciphertext.
fn start_of(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    loop {
        rest = rest.trim_ascii_start();
        // the start of a document is not text either
        let is_comment = rest.starts_with(b"#") || rest.starts_with(b"---\n") || rest.starts_with(b"---\r");
        let Some(end) = rest.iter().position(|byte| *byte == b'\n').filter(|_| is_comment) else { return rest };
        rest = &rest[end + 1..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_files_are_known_by_how_they_begin() {
        for (bytes, title) in [
            (&b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n"[..], Some("a pointer of Git LFS")),
            (b"\0GITCRYPT\0\x01\x02", Some("encrypted by git-crypt")),
            (b"$ANSIBLE_VAULT;1.1;AES256\n3363\n", Some("encrypted by Ansible Vault")),
            (b"age-encryption.org/v1\n-> X25519 x\n", Some("encrypted by age")),
            (b"-----BEGIN PGP MESSAGE-----\n\nx\n", Some("encrypted by PGP")),
            (b"\xef\xbb\xbf$ANSIBLE_VAULT;1.1;AES256\n3363\n", Some("encrypted by Ansible Vault")),
            (b"\r\n\r\n$ANSIBLE_VAULT;1.2;AES256;east\n3363\n", Some("encrypted by Ansible Vault")),
            (b"\n-----BEGIN PGP MESSAGE-----\n\nx\n", Some("encrypted by PGP")),
            (b"# for east\n\n  # and west\n-----BEGIN PGP MESSAGE-----\n\nx\n", Some("encrypted by PGP")),
            (b"---\n-----BEGIN AGE ENCRYPTED FILE-----\nx\n", Some("encrypted by age")),
            (b"\xef\xbb\xbfversion https://git-lfs.github.com/spec/v1\n", Some("a pointer of Git LFS")),
            (b"{\n\t\"data\": \"ENC[AES256_GCM,data:x]\",\n\t\"sops\": {}}", Some("encrypted by SOPS as a whole")),
            (b"data: ENC[AES256_GCM,data:x]\nsops:\n  mac: x\n", Some("encrypted by SOPS as a whole")),
            (b"data: ENC[AES256_GCM,data:x]\nclusterMode: clas\nsops: {}\n", None),
            (b"data: {token: ENC[x]}\nsops: {}\n", None),
            (b"# -----BEGIN PGP MESSAGE-----\nclusterMode: legacy\n", None),
            (b"a: |\n  -----BEGIN PGP MESSAGE-----\n", None),
            (b"\n# ", None),
            (b"#", None),
            (b"clusterMode: legacy\n", None),
        ] {
            assert_eq!(sealed(bytes).map(|(title, _)| title), title);
        }
    }
}
