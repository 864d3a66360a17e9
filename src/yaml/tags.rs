//! The tags of tools that decrypt a value, or fill it in, before Helm reads the file.

use std::ops::Range;

use crate::{finding::Finding, rule::Rule};

/// What happens to a value with one of these tags.
enum Becomes {
    /// Its text is a ciphertext.
    Decrypted,
    /// Its text says what the value is made of.
    FilledIn,
}

use Becomes::{Decrypted, FilledIn};

/// Tags, without the `!`; whose they are; what becomes of the value; who says so.
type Row = (&'static [&'static str], &'static str, Becomes, &'static str);

/// A name that ends with `/` or `:` matches every tag that begins with it.
#[rustfmt::skip] // a table
const TAGS: &[Row] = &[
    (&["vault", "vault-encrypted"], "Ansible", Decrypted, "Ansible documentation, Encrypting individual variables"),
    (&["yaml-crypt", "yaml-crypt/", "yaml-crypt:"], "yaml-crypt", Decrypted, "yaml-crypt README"),
    (&["encrypted", "encrypted/", "encrypted:", "Encrypted", "decrypt", "secure"], "a tool that decrypts it", Decrypted,
        "no one tool's; the name says it (inferred)"),
    (&["secret", "Secret"], "Home Assistant, or another tool", FilledIn, "Home Assistant documentation, Storing secrets"),
    (&["include", "include_dir_merge_named", "inc"], "Home Assistant, or another tool", FilledIn,
        "Home Assistant documentation, Splitting the configuration; pyyaml-include README"),
    (&["env", "ENV", "env_var", "Env"], "a tool that reads the environment", FilledIn,
        "Home Assistant documentation, YAML; pyaml-env README; authentik documentation, Blueprints"),
    (&["var", "var:", "file", "str"], "Summon or Sceptre", FilledIn,
        "cyberark/summon README, secrets.yml Flags; Sceptre documentation, Resolvers"),
    (&["stack_output", "stack_output_external", "stack_attr", "environment_variable", "ssm", "aws", "rcmd"], "Sceptre",
        FilledIn, "Sceptre documentation, Resolvers"),
    (&["reference"], "GitLab CI", FilledIn, "GitLab documentation, CI/CD YAML syntax, `!reference` tags"),
    (&["Ref", "Sub", "GetAtt", "GetAZs", "ImportValue", "Join", "Select", "Split", "FindInMap", "If", "Base64", "Cidr",
        "Transform", "And", "Or", "Not", "Equals", "Condition", "ToJsonString", "Length"], "CloudFormation", FilledIn,
        "AWS CloudFormation documentation, Intrinsic function reference"),
    (&["KeyOf", "Find", "Context", "Format", "Enumerate"], "authentik", FilledIn,
        "authentik documentation, Blueprints, YAML Tags"),
    (&["fn", "lookup", "hiera"], "a tool that looks it up", FilledIn, "no one tool's; the name says it (inferred)"),
];

/// The finding about a value that has a tag of another tool. `written` is the tag as the file has it.
pub(super) fn foreign(written: &str, range: &Range<usize>) -> Option<Finding> {
    let name = written.trim_start_matches('!').trim_start_matches('<').trim_start_matches('!').trim_end_matches('>');
    let is_it = |known: &&str| *known == name || known.ends_with(['/', ':']) && name.starts_with(known);
    let (_, tool, becomes, _) = TAGS.iter().find(|(names, ..)| names.iter().any(is_it))?;
    let shown = written.escape_debug();
    let what = match becomes {
        Decrypted => format!("is for {tool}: the value is encrypted, and Helm does not decrypt it"),
        FilledIn => format!("is for {tool}, which fills in the value; Helm does not"),
    };
    let help = "check the file that is deployed; keep `clusterMode` in a file of its own, without such tags";
    Some(Finding::new(Rule::OutsideDialect, format!("the tag `{shown}` {what}")).help(help).at(range.clone()))
}

#[cfg(test)]
mod tests {
    use crate::yaml::Document;

    #[track_caller]
    fn check(value: &str, words: &str) {
        let text = format!("a: {value}\n");
        let finding = Document::read(&text).expect_err("a tag is refused");
        assert!(finding.message.contains(words), "{value}: {}", finding.message);
        let help = finding.help.unwrap_or_default();
        assert_eq!(help.contains("remove the tag"), words == "a tag may change", "{value}: {help}");
    }

    #[test]
    fn the_tag_of_a_tool_is_named() {
        check("!vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3363", "is for Ansible: the value is encrypted");
        check("!vault-encrypted x", "is for Ansible: the value is encrypted");
        check("!<!yaml-crypt> x", "is for yaml-crypt: the value is encrypted");
        check("!yaml-crypt/v1 x", "is for yaml-crypt: the value is encrypted");
        check("!encrypted:aes x", "the value is encrypted");
        check("!Ref Token", "is for CloudFormation, which fills in the value");
        check("!GetAtt [a, b]", "is for CloudFormation, which fills in the value");
        check("!Sub {a: b}", "is for CloudFormation");
        check("!reference [a, b]", "is for GitLab CI");
        check("!secret token", "is for Home Assistant, or another tool");
        check("!var:file illumio/token", "is for Summon or Sceptre");
        check("!ENV ${TOKEN}", "is for a tool that reads the environment");
    }

    #[test]
    fn another_tag_is_no_one_s() {
        for value in ["!Abc", "!vaults x", "!!binary YQ==", "!ref x", "!variable x"] {
            check(value, "a tag may change");
        }
    }
}
