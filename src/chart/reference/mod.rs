//! References: what is written in a value's place until a tool fills the value in. They are not values to be judged,
//! nor placeholders that were forgotten.

mod forms;
mod sealed;
mod table;

use self::table::REFERENCES;
pub(crate) use self::{forms::is_shaded, sealed::sealed};

/// A form of references, and the tool that fills them in.
#[derive(Debug)]
pub(crate) struct Reference {
    /// Who fills it in.
    pub(crate) title: &'static str,
    /// Whether a text is one. Some need the text of the whole file.
    is_one: fn(&str, &str) -> bool,
    /// Where the form is documented.
    #[allow(dead_code, reason = "for the reader of the table")]
    source: &'static str,
}

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
        check("${pce_url}", Some("Flux, Terraform or envsubst"));
        check("${PCE:=pce.example.com}:8443", Some("Flux, Terraform or envsubst"));
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
            ("bao:secret/data/illumio#token", "bank-vaults"),
            (">>bao:secret/data/illumio#token", "bank-vaults"),
            ("gcp:secretmanager:projects/a/secrets/b/versions/1", "bank-vaults"),
            ("azure:keyvault:token/1", "bank-vaults"),
            ("@Microsoft.KeyVault(SecretUri=https://a.vault.azure.net/secrets/b)", "a tool that reads Azure Key Vault"),
            ("@Microsoft.AppConfiguration(Endpoint=https://a; Key=b)", "a tool that reads Azure Key Vault"),
            ("token@azurekeyvault", "a tool that reads Azure Key Vault"),
            ("token@azurekeyvault?key", "a tool that reads Azure Key Vault"),
            ("{{resolve:secretsmanager:a:SecretString:b}}", "a tool that reads AWS"),
            ("{{resolve:ssm-secure:/illumio/token:1}}", "a tool that reads AWS"),
            ("{{ op://vault/illumio/token }}", "1Password"),
            ("{{ with secret \"kv/a\" }}{{ .Data.data.b }}{{ end }}", "a tool that reads HashiCorp Vault"),
            ("{vault://hcv/illumio/token}", "Kong"),
            ("akeyless:/illumio/token", "Akeyless"),
            ("?{vaultkv:illumio/token:a}", "Kapitan"),
            ("$__file{/etc/token}", "Grafana"),
            ("###ZARF_VAR_TOKEN###", "Zarf"),
            ("{cipher}68a1b2", "a tool that decrypts it"),
            ("ENC(68a1b2)", "a tool that decrypts it"),
            ("ENC[PKCS7,MIIB]", "a tool that decrypts it"),
            ("$ANSIBLE_VAULT;1.1;AES256\n3363", "a tool that decrypts it"),
            ("-----BEGIN PGP MESSAGE-----\n\nx", "a tool that decrypts it"),
            ("${{ secrets.TOKEN }}:8443", "GitHub Actions or Azure Pipelines"),
            ("${var.token}", "Terraform"),
            ("@@TOKEN@@", "a release pipeline"),
            ("@token@", "a release pipeline"),
            ("@x@", "a release pipeline"),
            ("%x%", "a release pipeline"),
            ("@PCE_HOST@:8443", "a release pipeline"),
            ("%TOKEN%", "a release pipeline"),
            ("(@= data.values.x @)", "ytt"),
            ("(@- data.values.x -@):8443", "ytt"),
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
            "azurekeyvault",
            "bao:",
            "###",
            "?x",
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
}
