//! References: what stands in a value's place until a tool fills the value in. They are not values to be judged, and no
//! placeholders that were forgotten.

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

/// The table. The first row that knows a text names its tool.
const REFERENCES: &[Reference] = &[
    Reference {
        title: "Argo CD Vault Plugin",
        is_one: |text, file| text.contains("<path:") || is_bracketed(text) && file.contains("<path:"),
        source: "argocd-vault-plugin documentation, How it Works: inline-path and generic placeholders",
    },
    Reference {
        title: "a plugin of Argo CD",
        is_one: |text, _| ["<secret:", "<vault:", "<sops:"].iter().any(|start| is_opened(text, start, ">")),
        source: "README of argocd-secret-replacer and of argocd-vault-replacer, placeholders",
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
        title: "a tool that reads AWS",
        is_one: |text, _| {
            has_scheme(text, &["awssm", "awsssm", "awssecrets", "ssm", "aws-sm", "aws-ssm"])
                || ["ssm:/", "arn:aws:ssm:", "arn:aws:secretsmanager:"].iter().any(|start| text.starts_with(start))
        },
        source: "README of helmfile, vals and external-secrets: Secrets Manager and Parameter Store; AWS, ARN format",
    },
    Reference {
        title: "a tool that reads Google Secret Manager",
        is_one: |text, _| has_scheme(text, &["sm", "berglas", "gcpsm", "gcpsecrets", "gcpsecretmanager", "gsm"]),
        source: "Berglas README, Reference syntax: `sm://` and `berglas://`; vals README, Google Secret Manager",
    },
    Reference {
        title: "a tool that reads Azure Key Vault",
        is_one: |text, _| has_scheme(text, &["azkv", "azurekeyvault", "akv", "keyvault", "azure-kv"]),
        source: "vals README, Azure Key Vault; Azure documentation, Key Vault references",
    },
    Reference {
        title: "a tool that reads HashiCorp Vault",
        is_one: |text, _| has_scheme(text, &["vault", "hcp-vault", "hcpvault", "openbao", "bao"]),
        source: "vals README, Vault; HashiCorp documentation, Vault Secrets",
    },
    Reference {
        title: "a tool that reads Kubernetes Secrets",
        is_one: |text, _| has_scheme(text, &["k8s", "kubernetes", "secret", "configmap"]),
        source: "vals README, Kubernetes",
    },
    Reference { title: "Doppler", is_one: |text, _| has_scheme(text, &["doppler"]), source: "vals README, Doppler" },
    Reference {
        title: "Bitwarden",
        is_one: |text, _| has_scheme(text, &["bws", "bw", "bitwarden"]),
        source: "vals README, Bitwarden; Bitwarden documentation, Secrets Manager CLI",
    },
    Reference {
        title: "a tool of that scheme",
        is_one: |text, _| is_of_foreign_scheme(text),
        source: "RFC 3986, 3.1: what begins with a scheme is read by who knows it, and no value of the chart is of another \
                 than http and https (the chart's values.yaml)",
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
        title: "GitHub Actions or Azure Pipelines",
        is_one: |text, _| is_opened(text, "${{", "}}"),
        source: "GitHub documentation, Expressions; Azure Pipelines documentation, Template expressions",
    },
    Reference {
        title: "Terraform",
        is_one: |text, _| {
            ["${var.", "${local.", "${module.", "${data.", "${each."].iter().any(|start| is_opened(text, start, "}"))
        },
        source: "Terraform documentation, References to Named Values",
    },
    Reference {
        title: "a release pipeline",
        is_one: |text, _| {
            let pairs =
                [("#{", "}#"), ("#{", "}"), ("__", "__"), ("@@", "@@"), ("%%", "%%"), ("!!", "!!"), ("~{", "}~")];
            pairs.iter().any(|(open, close)| is_around(text, open, close)) || is_token(text, '@') || is_token(text, '%')
        },
        source: "Azure DevOps, Replace Tokens task, tokenPattern; Octopus documentation, variable substitution; Maven \
                 documentation, resource filtering (`@name@`); GNU Autoconf manual, Setting Output Variables",
    },
    Reference {
        title: "Spruce",
        is_one: |text, _| is_opened(text, "(( ", "))"),
        source: "Spruce documentation, Operators",
    },
    Reference {
        title: "Concourse or Cloud Foundry",
        is_one: |text, _| is_opened(text, "((", "))"),
        source: "Concourse documentation, Vars; Cloud Foundry documentation, variables in manifests",
    },
    Reference {
        title: "ERB (Puppet, Chef)",
        is_one: |text, _| is_opened(text, "<%", "%>"),
        source: "Ruby documentation, ERB, Recognized Tags",
    },
    Reference {
        title: "Jinja (Ansible, Salt)",
        is_one: |text, _| is_opened(text, "{%", "%}"),
        source: "Jinja documentation, Template Designer",
    },
    Reference {
        title: "Terraform's `templatefile`",
        is_one: |text, _| is_opened(text, "%{", "}"),
        source: "Terraform documentation, Strings and Templates, Directives; Puppet documentation, Hiera interpolation",
    },
    Reference {
        title: "Flux Operator or CircleCI",
        is_one: |text, _| is_opened(text, "<<", ">>"),
        source: "Flux Operator documentation, ResourceSet, inputs; CircleCI documentation, pipeline values",
    },
    Reference {
        title: "Levant, or another tool with `[[ ]]`",
        is_one: |text, _| is_opened(text, "[[", "]]"),
        source: "HashiCorp Levant documentation, templates: the delimiters are `[[` and `]]`",
    },
    Reference {
        title: "Flux or envsubst",
        is_one: |text, _| text.split("${").skip(1).any(|rest| rest.contains('}')),
        source: "Flux documentation, Kustomization, postBuild variable substitution",
    },
    Reference {
        title: "Azure Pipelines or a shell",
        is_one: |text, _| is_opened(text, "$(", ")"),
        source: "Azure Pipelines documentation, Define variables, macro syntax; POSIX, Shell Command Language, 2.6.3",
    },
    Reference {
        title: "envsubst or a shell",
        is_one: |text, _| is_variable(text),
        source: "GNU gettext manual, envsubst; POSIX, Shell Command Language, 2.6.2",
    },
];

/// The form of reference that a value is, or holds; nothing where it is a value. `file` is the text around it.
pub(crate) fn of(text: &str, file: &str) -> Option<&'static Reference> {
    REFERENCES.iter().find(|reference| (reference.is_one)(text, file))
}

/// Whether what is named is not a file but an address, which Helm or a plugin of it reads.
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

/// Whether something stands between two marks.
fn is_opened(text: &str, open: &str, close: &str) -> bool {
    let inside = text.split_once(open).and_then(|(_, rest)| rest.split_once(close));
    inside.is_some_and(|(inside, _)| !inside.trim_matches([' ', '-', '=']).is_empty())
}

/// Whether a text begins with one of these schemes.
fn has_scheme(text: &str, schemes: &[&str]) -> bool {
    scheme_of(text).is_some_and(|own| schemes.iter().any(|scheme| own.eq_ignore_ascii_case(scheme)))
}

/// The scheme that an address begins with.
fn scheme_of(text: &str) -> Option<&str> {
    is_address(text).then(|| text.split_once("://").map(|(scheme, _)| scheme)).flatten()
}

/// Whether a text begins with a scheme that is not one of the network's, and not one of those misspelled.
fn is_of_foreign_scheme(text: &str) -> bool {
    const NETWORK: [&str; 16] = [
        "http", "https", "tcp", "tls", "ssl", "udp", "ftp", "ftps", "ssh", "git", "oci", "file", "socks", "socks4",
        "socks5", "ws",
    ];
    let Some(scheme) = scheme_of(text).map(str::to_ascii_lowercase) else { return false };
    let is_slip = ["http", "https"].iter().any(|usual| crate::spelling::distance(usual, &scheme) <= 2);
    !NETWORK.contains(&&*scheme) && !is_slip
}

/// A name between two equal marks: all of the text, or in capitals within it. What a percent sign stands before in an
/// address has two letters.
fn is_token(text: &str, mark: char) -> bool {
    let is_name = |name: &str, is_letter: fn(char) -> bool| {
        let is_rest = |c: char| is_letter(c) || c.is_ascii_digit() || "_-.".contains(c);
        name.starts_with(|c: char| is_letter(c) || c == '_') && name.chars().all(is_rest)
    };
    let whole = text.strip_prefix(mark).and_then(|text| text.strip_suffix(mark));
    if whole.is_some_and(|name| is_name(name, |c| c.is_ascii_alphabetic())) {
        return true;
    }
    let parts: Vec<&str> = text.split(mark).collect();
    parts.len() > 2
        && parts[1..parts.len() - 1].iter().any(|name| name.len() > 2 && is_name(name, |c| c.is_ascii_uppercase()))
}

/// `$NAME`, as all of a text or beside the marks of an address; in capitals wherever it stands.
fn is_variable(text: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices('$').any(|(at, _)| {
        let (before, behind) = (&text[..at], &text[at + 1..]);
        let end = behind.find(|c| !is_name(c)).unwrap_or(behind.len());
        let (name, after) = behind.split_at(end);
        let is_loud = name.len() > 1 && !name.contains(|c: char| c.is_ascii_lowercase());
        let is_alone = (before.is_empty() || before.ends_with(['/', ':', '@', '.', '-']))
            && (after.is_empty() || after.starts_with(['/', ':', '@', '.', '-']));
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && (is_loud || is_alone)
    })
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
    fn each_tool_is_named_wherever_its_form_stands() {
        for (text, title) in [
            ("<secret:illumio#token>", "a plugin of Argo CD"),
            ("https://<vault:kv/a~host>:8443", "a plugin of Argo CD"),
            ("awssm://a/b", "a tool that reads AWS"),
            ("awsssm://a/b", "a tool that reads AWS"),
            ("ssm:/illumio/token", "a tool that reads AWS"),
            ("arn:aws:secretsmanager:eu-west-1:1:secret:a", "a tool that reads AWS"),
            ("sm://project/a", "a tool that reads Google Secret Manager"),
            ("gcpsecretmanager://a", "a tool that reads Google Secret Manager"),
            ("berglas://bucket/a", "a tool that reads Google Secret Manager"),
            ("azkv://vault/a", "a tool that reads Azure Key Vault"),
            ("hcp-vault://a/b", "a tool that reads HashiCorp Vault"),
            ("k8s://ns/secret/key", "a tool that reads Kubernetes Secrets"),
            ("doppler://project/a", "Doppler"),
            ("bws://0000", "Bitwarden"),
            ("infisical://a/b", "a tool of that scheme"),
            ("${{ secrets.TOKEN }}:8443", "GitHub Actions or Azure Pipelines"),
            ("${var.token}", "Terraform"),
            ("@@TOKEN@@", "a release pipeline"),
            ("@token@", "a release pipeline"),
            ("@x@", "a release pipeline"),
            ("%x%", "a release pipeline"),
            ("@PCE_HOST@:8443", "a release pipeline"),
            ("%TOKEN%", "a release pipeline"),
            ("((token))", "Concourse or Cloud Foundry"),
            ("(( grab meta.token ))", "Spruce"),
            ("(( vault \"secret/x:y\" )):8443", "Spruce"),
            ("<%= token %>", "ERB (Puppet, Chef)"),
            ("%{TOKEN}", "Terraform's `templatefile`"),
            ("<< inputs.token >>", "Flux Operator or CircleCI"),
            ("[[ .mode ]]", "Levant, or another tool with `[[ ]]`"),
            ("$ILLUMIO_X", "envsubst or a shell"),
            ("$pce", "envsubst or a shell"),
            ("https://$host:8443", "envsubst or a shell"),
            ("$(Token)", "Azure Pipelines or a shell"),
        ] {
            check(text, Some(title));
        }
    }

    #[test]
    fn values_and_placeholders_are_none() {
        let not_these = [
            "pce.example.com:8443",
            "https://pce.example.com:8443",
            "htps://pce.example.com",
            "http//x",
            "<your PCE>",
            "<pce_url>",
            "CHANGE_ME",
            "a__b",
            "#{}",
            "AgB",
            "",
            "[::1]:8443",
            "[from the PCE]",
            "me:p@ss@host",
            "a%2Fb%2Fc",
            "100%",
            "pa$$word",
            "a$b",
            "5$",
            "(a)",
            "()",
            "socks5://proxy:1080",
            "tcp://proxy:3128",
            "me@example.com",
        ];
        for text in not_these {
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
