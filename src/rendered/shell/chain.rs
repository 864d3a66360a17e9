//! [`Chain`]: which of the commands that `&&` and `||` join may not run, though the script goes on behind them.

use super::Part;

/// The commands of one chain so far.
#[derive(Default)]
pub(in crate::rendered) struct Chain {
    joined: Joined,
    is_unsure: bool,
    may_fail: bool,
}

/// How the command that was taken last is joined to the one before it.
#[derive(Default, PartialEq, Eq)]
enum Joined {
    #[default]
    No,
    Yes,
    /// The one on the next line is, too.
    Open,
}

/// The programs behind which a script goes on only where they succeed: what `&&` joins to them runs.
const SUCCEED: &[&str] = &[
    "cd", "pushd", "popd", "mkdir", "cp", "mv", "rm", "ln", "touch", "chmod", "tar", "unzip", "git", "curl", "wget",
    "set", "export", "source", ".", "echo", "printf", "sudo", "true", ":", "helm", "make", "npm", "apk", "apt-get",
    "pip", "aws", "az", "gcloud", "docker",
];

impl Chain {
    /// Takes a command, and returns whether it need not run.
    pub(in crate::rendered) fn take(&mut self, part: &Part<'_>, program: Option<&str>) -> bool {
        let is_joined = |signs: &str| part.before.contains(signs);
        let goes_on = part.before.is_empty() && self.joined == Joined::Open;
        self.joined = if !is_joined("&&") && !is_joined("||") && !goes_on {
            Joined::No
        } else if part.tokens.is_empty() {
            Joined::Open
        } else {
            Joined::Yes
        };
        self.is_unsure = self.is_joined() && (self.is_unsure || self.may_fail || is_joined("||"));
        if let Some(program) = program {
            let program = program.trim_start_matches('@');
            self.may_fail = !SUCCEED.contains(&program) && !program.contains('=');
        }
        self.is_unsure
    }

    /// Whether the command that was taken last is joined to the one before it.
    pub(super) fn is_joined(&self) -> bool {
        self.joined != Joined::No
    }
}
