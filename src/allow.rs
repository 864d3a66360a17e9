//! Findings silenced by a comment in the file: `# helm-clas: allow RULE`.

use std::{collections::HashMap, ops::Range};

use crate::{called::Help, finding::Finding, rule::Rule};

/// What the comments of a text allow.
#[derive(Clone, Debug, Default)]
pub(crate) struct Allowances {
    /// In the order of the text.
    all: Vec<Allowance>,
    /// Their numbers, by the rule that they allow.
    by_rule: HashMap<Rule, Vec<usize>>,
    /// Comments that speak to this tool and are not understood.
    not_understood: Vec<Range<usize>>,
}

/// One rule allowed by a comment.
#[derive(Clone, Debug)]
struct Allowance {
    rule: Option<Rule>,
    name: Range<usize>,
    /// The bytes it is about: its own line, and the next one too where the comment has a line of its own; where it is
    /// above everything else, also the file as a whole.
    lines: Range<usize>,
    speaks_of_file: bool,
    is_used: bool,
}

const MARK: &str = "helm-clas";

impl Allowances {
    /// Reads the comments `# helm-clas: allow RULE[, RULE]...` of a text.
    pub(crate) fn read(text: &str) -> Self {
        if !text.contains(MARK) {
            return Self::default();
        }
        let (mut all, mut not_understood) = (Vec::new(), Vec::new());
        let mut at = 0;
        let mut content_seen = false;
        for line in text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let has_own_line = line.trim_start_matches(['\u{feff}', ' ', '\t']).starts_with('#');
            content_seen |= !has_own_line && !line.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']).is_empty();
            let Some(mark) = line.find(MARK).filter(|mark| line[..*mark].trim_end().ends_with('#')) else { continue };
            let next_line = text[at..].find('\n').map_or(text.len(), |feed| at + feed + 1);
            let Some(names) = names_behind(&line[mark + MARK.len()..]) else { continue };
            let spoken = start + mark..start + line.trim_end().len();
            let names = at - names.len();
            let words = words(&text[names..at]);
            if words.is_empty() {
                not_understood.push(spoken);
            }
            for name in words {
                let name = names + name.start..names + name.end;
                all.push(Allowance {
                    rule: Rule::named(&text[name.clone()]),
                    name,
                    lines: start..if has_own_line { next_line } else { at },
                    speaks_of_file: has_own_line && !content_seen,
                    is_used: false,
                });
            }
        }
        let mut by_rule: HashMap<Rule, Vec<usize>> = HashMap::new();
        for (number, Allowance { rule, .. }) in all.iter().enumerate() {
            if let Some(rule) = rule {
                by_rule.entry(*rule).or_default().push(number);
            }
        }
        Self { all, by_rule, not_understood }
    }

    /// Takes out the findings that are allowed.
    pub(crate) fn applied_to(&mut self, findings: Vec<Finding>) -> Vec<Finding> {
        findings.into_iter().filter(|finding| !self.allows(finding)).collect()
    }

    /// Whether a finding is allowed.
    pub(crate) fn speak_of(&self, finding: &Finding) -> bool {
        !self.about(finding).is_empty()
    }

    fn allows(&mut self, finding: &Finding) -> bool {
        let about = self.about(finding).to_vec();
        for number in &about {
            self.all[*number].is_used = true;
        }
        !about.is_empty()
    }

    /// The numbers of what allows a finding.
    fn about(&self, finding: &Finding) -> &[usize] {
        let numbers = self.by_rule.get(&finding.rule).map_or(&[][..], Vec::as_slice);
        let all = &self.all;
        // a comment is about two lines at most, so these are few
        let about = match &finding.span {
            Some(span) => {
                let first = numbers.partition_point(|number| all[*number].lines.end <= span.start);
                let end = numbers.partition_point(|number| all[*number].lines.start <= span.start);
                first..end.max(first)
            }
            None => 0..numbers.partition_point(|number| all[*number].speaks_of_file),
        };
        &numbers[about]
    }

    /// A finding for each rule that is allowed where it does not occur but could have; of very many the first ones, and
    /// how many more there are.
    pub(crate) fn unused(&self, text: &str, could_fire: impl Fn(Rule) -> bool) -> Vec<Finding> {
        const MOST: usize = 1_000;
        let is_unused = |allowance: &&Allowance| !allowance.is_used && allowance.rule.is_none_or(&could_fire);
        let not_understood = self.not_understood.iter().take(MOST).map(|span| {
            Finding::new(Rule::UnusedAllow, "this comment is malformed and has no effect")
                .help("write it as `# helm-clas: allow RULE`")
                .at(span.clone())
        });
        let unused: Vec<&Allowance> = self.all.iter().filter(is_unused).collect();
        let more = unused.len().saturating_sub(MOST) + self.not_understood.len().saturating_sub(MOST);
        let unused = unused.into_iter().take(MOST).map(|allowance| {
            let name = &text[allowance.name.clone()];
            let finding = match allowance.rule {
                Some(_) => Finding::new(
                    Rule::UnusedAllow,
                    format!(
                        "`{name}` does not occur here, so this comment has \
                                                                    no effect"
                    ),
                )
                .help("remove the name from the comment"),
                None => Finding::new(Rule::UnusedAllow, format!("there is no rule `{}`", name.escape_debug())).help(
                    Rule::nearest(name).map_or_else(
                        || Help::naming("`", " rules` lists them"),
                        |near| format!("did you mean `{}`?", near.name()).into(),
                    ),
                ),
            };
            finding.at(allowance.name.clone())
        });
        let mut findings: Vec<Finding> = unused.chain(not_understood).collect();
        if more > 0 {
            let message = format!("{more} more comments have no effect");
            findings.push(Finding::new(Rule::UnusedAllow, message).help("remove the ones that are not needed"));
        }
        findings
    }
}

/// The list of rules in what follows `helm-clas` in a comment: none where that is not `: allow`, nothing where the
/// comment only mentions this tool.
fn names_behind(text: &str) -> Option<&str> {
    const NO_NAMES: &str = "";
    let blanks = [' ', '\t'];
    match text.strip_prefix(':') {
        Some(told) => {
            let names =
                told.strip_prefix(blanks).and_then(|told| told.trim_start_matches(blanks).strip_prefix("allow"));
            Some(names.filter(|names| names.starts_with(blanks)).unwrap_or(NO_NAMES))
        }
        None => (text.split_whitespace().next() == Some("allow")).then_some(NO_NAMES),
    }
}

/// The words of a list, separated by commas and spaces, up to the end of the line or of the list.
fn words(text: &str) -> Vec<Range<usize>> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let mut words = Vec::new();
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start_matches([' ', '\t', ',']).len();
        let length = text[at..].find(|c| !is_name(c)).unwrap_or(text.len() - at);
        if length == 0 {
            return words;
        }
        words.push(at..at + length);
        at += length;
        // a space without a comma ends the list: what follows is a reason
        if !text[at..].trim_start_matches([' ', '\t']).starts_with(',') {
            return words;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, rule: Rule, at: Option<usize>, expected: &[&str]) {
        let mut allowances = Allowances::read(text);
        let finding = Finding::new(rule, "x");
        let finding = match at {
            Some(at) => finding.at(at..at + 1),
            None => finding,
        };
        let left = allowances.applied_to(vec![finding]);
        let said: Vec<String> =
            left.iter().chain(&allowances.unused(text, |_| true)).map(|it| it.message.clone()).collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn a_comment_speaks_of_its_line_and_of_the_next() {
        check("a: 1 # helm-clas: allow wrong-type\n", Rule::WrongType, Some(3), &[]);
        check("# helm-clas: allow wrong-type because of x\na: 1\n", Rule::WrongType, Some(46), &[]);
        check(
            "a: 1 # helm-clas: allow wrong-type\nb: 1\n",
            Rule::WrongType,
            Some(36),
            &["x", "`wrong-type` does not occur here, so this comment has no effect"],
        );
    }

    #[test]
    fn what_speaks_to_this_tool_and_is_not_understood_is_said() {
        let said = ["x", "this comment is malformed and has no effect"];
        for comment in [
            "helm-clas:allow wrong-type",
            "helm-clas: alow wrong-type",
            "helm-clas: allow",
            "helm-clas allow wrong-type",
        ] {
            check(&format!("a: 1 # {comment}\n"), Rule::WrongType, Some(3), &said);
            check(&format!("# {comment}\r\na: 1\r\n"), Rule::WrongType, None, &said);
        }
        check("a: 1 # helm-clas changes this\n", Rule::WrongType, Some(3), &["x"]);
        check("a: 1 # helm-clas:  allow  wrong-type\n", Rule::WrongType, Some(3), &[]);
    }

    #[test]
    fn above_everything_it_speaks_of_the_file() {
        check(
            "# helm-clas: allow missing-value, wrong-typ\na: 1\n",
            Rule::MissingValue,
            None,
            &["there is no rule `wrong-typ`"],
        );
    }
}
