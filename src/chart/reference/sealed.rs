//! Files that hold something else in place of their text: a ciphertext, a pointer.

/// What a file is that holds something else in place of its text, and what to do to read it.
type Sealed = (&'static str, fn(&[u8]) -> bool, &'static str, &'static str);

/// The table of these files, with its sources.
const SEALED: &[Sealed] = &[
    (
        "a pointer of Git LFS",
        |bytes| {
            let specs = [&b"version https://git-lfs.github.com/spec/"[..], b"version https://hawser.github.com/spec/"];
            specs.into_iter().any(|spec| bytes.starts_with(spec))
        },
        "fetch the file itself: git lfs pull",
        "git-lfs, docs/spec.md, with the address that the format had before",
    ),
    (
        "a pointer of git-annex",
        |bytes| {
            let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let is_key = |place: &[u8]| memchr::memmem::find(line, place).is_some_and(|at| !line[..at].contains(&b' '));
            line.starts_with(b"/annex/objects/") || is_key(b".git/annex/objects/") && !line.contains(&b':')
        },
        "fetch the file itself: git annex get",
        "git-annex, pointer file format; a link to `.git/annex/objects` where links cannot be made",
    ),
    ("a pointer of DVC", is_pointer_of_dvc, "fetch the file itself: dvc pull", "DVC documentation, .dvc files"),
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
        |bytes| bytes.starts_with(b"-----BEGIN PGP MESSAGE-----") || is_packet_of_pgp(bytes),
        "keep `clusterMode` in a file of its own in plain text",
        "RFC 9580, 6.2, and of the binary form 4.2, 5.1, 5.3 and 5.13",
    ),
    (
        "encrypted by OpenSSL",
        |bytes| bytes.starts_with(b"Salted__") || bytes.starts_with(b"U2FsdGVkX1"),
        "keep `clusterMode` in a file of its own in plain text",
        "OpenSSL, openssl-enc: `Salted__` before the salt, in Base64 with -a",
    ),
];

/// What is there in place of a file's text, and what to do about it; nothing where the text is there.
pub(crate) fn sealed(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let text = start_of(bytes);
    SEALED.iter().find(|(_, is_one, ..)| is_one(bytes) || is_one(text)).map(|(title, _, help, _)| (*title, *help))
}

/// Whether a mapping is what DVC keeps of a file that is elsewhere: its hash, its size and its path.
fn is_pointer_of_dvc(bytes: &[u8]) -> bool {
    let has_line = |name: &[u8]| {
        let of_name = |line: &[u8]| {
            line.trim_ascii_start().strip_prefix(b"- ").unwrap_or(line.trim_ascii_start()).starts_with(name)
        };
        bytes.split(|byte| *byte == b'\n').take(20).any(of_name)
    };
    (bytes.starts_with(b"outs:") || bytes.starts_with(b"md5:"))
        && (has_line(b"md5:") || has_line(b"hash:"))
        && has_line(b"outs:")
        && has_line(b"path:")
}

/// Whether the first packet of some bytes is one that a message of PGP begins with where it is encrypted: a session key
/// for a key or for a password, or the encrypted data. Its header is followed by a version.
fn is_packet_of_pgp(bytes: &[u8]) -> bool {
    const VERSIONS: [(u8, &[u8]); 4] = [(1, &[2, 3, 6]), (3, &[4, 5, 6]), (18, &[1, 2]), (20, &[1])];
    let [header, length, ..] = *bytes else { return false };
    let (tag, size) = match header {
        // the length is in one, two or four bytes, or open
        0x80..=0xbf => ((header >> 2) & 0xf, [1, 2, 4, 0][usize::from(header & 3)]),
        0xc0..=0xff => (
            header & 0x3f,
            if length < 192 {
                1
            } else if length < 224 {
                2
            } else if length < 255 {
                1
            } else {
                5
            },
        ),
        _ => return false,
    };
    let version = bytes.get(1 + size);
    VERSIONS.iter().any(|(known, versions)| *known == tag && version.is_some_and(|version| versions.contains(version)))
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
            (b"version https://hawser.github.com/spec/v1\noid sha256:00\n", Some("a pointer of Git LFS")),
            (b"/annex/objects/SHA256E-s12--ab.yaml\n", Some("a pointer of git-annex")),
            (
                b"../../.git/annex/objects/aB/cD/SHA256E-s12--ab.yaml/SHA256E-s12--ab.yaml",
                Some("a pointer of git-annex"),
            ),
            (b"# see .git/annex/objects/x\nclusterMode: legacy\n", None),
            (
                b"outs:\n- md5: a304afb96060aad9\n  size: 12\n  hash: md5\n  path: values.yaml\n",
                Some("a pointer of DVC"),
            ),
            (b"md5: 00\nouts:\n- md5: 11\n  path: values.yaml\n", Some("a pointer of DVC")),
            (b"outs:\n  path: x\nclusterMode: clas\n", None),
            (b"\x85\x01\x0c\x03\x9d\x02\xff", Some("encrypted by PGP")),
            (b"\x84\x5e\x03\x9d\x02\xff", Some("encrypted by PGP")),
            (b"\xc1\xc0\x4c\x03\x9d\x02\xff", Some("encrypted by PGP")),
            (b"\x8c\x0d\x04\x09\x03\x02", Some("encrypted by PGP")),
            (b"\xc3\x1d\x06\x1b\x09", Some("encrypted by PGP")),
            (b"\xd2\x5a\x01\x44", Some("encrypted by PGP")),
            (b"\xd2\x9f\x01\x44", Some("encrypted by PGP")),
            ("\u{e9}t\u{e9}: 1\nclusterMode: clas\n".as_bytes(), None),
            ("\u{418}: 1\nclusterMode: clas\n".as_bytes(), None),
            (b"\xff\xfec\0l\0", None),
            (b"Salted__\x01\x02", Some("encrypted by OpenSSL")),
            (b"\n# ", None),
            (b"#", None),
            (b"clusterMode: legacy\n", None),
        ] {
            assert_eq!(sealed(bytes).map(|(title, _)| title), title);
        }
    }
}
