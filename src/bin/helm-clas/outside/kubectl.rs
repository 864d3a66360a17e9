//! [`Kubectl`]: reads objects of the cluster, and does nothing else with it.

use std::{
    env,
    process::{Command, Output, Stdio},
};

use helm_clas::verify::{Moment, Silence};
use serde::de::DeserializeOwned;

use crate::{
    failure::{Failure, complaint},
    outside,
};

/// The program, as everybody calls it.
const PROGRAM: &str = "kubectl";

/// How long one answer of the cluster may take.
const TIMEOUT: &str = "--request-timeout=20s";

/// The field of every object that says when it was created.
const CREATED: &str = "jsonpath={.metadata.creationTimestamp}";

/// How much of its complaints is shown, in characters.
const LONGEST: usize = 300;

/// `kubectl` for one namespace, talking to the cluster that Helm talks to.
pub(crate) struct Kubectl {
    options: Vec<String>,
    namespace: String,
}

/// How Helm's global options reach a plugin, and the option of kubectl that means the same. `--kubeconfig` comes as
/// `KUBECONFIG`, which kubectl reads by itself, and the context is an option here as well.
const FROM_HELM: &[(&str, &str)] = &[
    ("HELM_KUBEAPISERVER", "--server"),
    ("HELM_KUBECAFILE", "--certificate-authority"),
    ("HELM_KUBETLS_SERVER_NAME", "--tls-server-name"),
    ("HELM_KUBEASUSER", "--as"),
    ("HELM_KUBEINSECURE_SKIP_TLS_VERIFY", "--insecure-skip-tls-verify"),
];

impl Kubectl {
    pub(crate) fn new(namespace: &str, kube_context: Option<&str>) -> Result<Self, Failure> {
        let given = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        if given("HELM_KUBETOKEN").is_some() {
            return Err(Failure::new("Helm's --kube-token cannot be passed on to kubectl").help(
                "kubectl accepts a token only on its command line, where others can read it; put it into a kubeconfig",
            ));
        }
        let of_helm = FROM_HELM.iter().filter_map(|(name, option)| Some(format!("{option}={}", given(name)?)));
        let context = kube_context.map(|context| format!("--context={context}"));
        let mut options: Vec<String> = context.into_iter().chain(of_helm).collect();
        let groups = given("HELM_KUBEASGROUPS").unwrap_or_default();
        options.extend(groups.split(',').filter(|group| !group.is_empty()).map(|group| format!("--as-group={group}")));
        Ok(Self { options, namespace: namespace.to_owned() })
    }

    /// What `kubectl get` prints for these words; nothing where there is no such object.
    ///
    /// That the cluster gives no answer to one question is an answer. That it cannot be asked at all is a failure.
    pub(crate) fn get<T: DeserializeOwned>(&self, words: &[&str]) -> Result<Result<Option<T>, Silence>, Failure> {
        let output = self.asked(&[words, &["-n", &self.namespace, "-o", "json", "--ignore-not-found"]].concat())?;
        if !output.status.success() {
            let said: String = complaint(&output.stderr).chars().take(LONGEST).collect();
            let words = format!("kubectl says: {said}");
            // a kind that the server does not have, and rights that the user does not have
            return if said.starts_with("Error from server (Forbidden)") {
                Ok(Err(Silence::Refused(words)))
            } else if said.starts_with("Error from server") || said.contains("doesn't have a resource type") {
                Ok(Err(Silence::Unanswered(words)))
            } else {
                Err(Failure::new(format!("{PROGRAM} cannot ask the cluster: {said}")).help(
                    "check that `kubectl get pods` works with the same kube context; Helm's --kube-context and \
                           --kubeconfig are passed on",
                ))
            };
        }
        if output.stdout.iter().all(u8::is_ascii_whitespace) {
            return Ok(Ok(None));
        }
        Ok(serde_json::from_slice(&output.stdout).map(Some).map_err(|error| {
            Silence::Unanswered(format!("unexpected output of kubectl for {}: {error}", words.join(" ")))
        }))
    }

    /// When an object was created, by the clock of the API server; nothing where that is not known.
    pub(crate) fn created(&self, kind: &str, name: &str) -> Option<Moment> {
        let words = [kind, name, "-n", &self.namespace, "--ignore-not-found", "-o", CREATED];
        let output = self.asked(&words).ok().filter(|output| output.status.success())?;
        Moment::read(String::from_utf8_lossy(&output.stdout).trim())
    }

    /// The current time by the clock of the API server, from the header of each of its answers, which kubectl logs at
    /// this level.
    pub(crate) fn now(&self) -> Option<Moment> {
        let output = self.asked(&["--raw", "/version", "--v=8"]).ok()?;
        let log = String::from_utf8_lossy(&output.stderr);
        log.lines().find_map(|line| Moment::of_http(line.split_once("Date: ")?.1.trim().trim_matches('"')))
    }

    fn asked(&self, words: &[&str]) -> Result<Output, Failure> {
        let mut command = Command::new(PROGRAM);
        command.arg("get").args(words).arg(TIMEOUT).args(&self.options).stdin(Stdio::null());
        outside::asked(&mut command).map_err(|error| {
            Failure::new(format!("cannot run {PROGRAM}: {error}"))
                .help("install kubectl, or put it on the PATH; it reads the pods of the cluster")
        })
    }
}
