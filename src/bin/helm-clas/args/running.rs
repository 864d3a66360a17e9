//! The options of what is done on the live release at once.

use std::time::Duration;

use clap::Args;
use helm_clas::{AskPce, Run};

// What `migrate`, `revert` and `upgrade` do on the cluster.
#[derive(Debug, Args)]
pub(crate) struct Running {
    /// Change the file, run `helm upgrade`, and wait until Kubelink and the C-VENs have restarted
    #[arg(long)]
    pub(crate) run: bool,
    /// How long --run waits for Kubelink and the C-VENs; pass Helm's own --wait after `--`
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = humantime::parse_duration)]
    pub(crate) wait: Duration,
    /// With --run, take the step even if this check failed or had no answer; repeat it for several
    #[arg(long, value_name = "ID", requires = "run")]
    pub(crate) despite: Vec<String>,
    /// With --run, skip the checks that need the PCE
    #[arg(long, requires = "run")]
    pub(crate) without_pce: bool,
    /// How many clusters of one PCE may be between two modes at once
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) at_once: usize,
    /// Options after `--`, which --run passes to `helm upgrade`
    #[arg(last = true, value_name = "OPTION", requires = "run")]
    pub(crate) more: Vec<String>,
}

impl Running {
    /// How it is done at once; nothing where it is only shown or written.
    pub(crate) fn how(&self) -> Option<Run<'_>> {
        let pce = if self.without_pce { AskPce::LeftToUser } else { AskPce::Yes };
        self.run.then_some(Run { appended: &self.more, despite: &self.despite, pce, at_once: self.at_once })
    }
}
