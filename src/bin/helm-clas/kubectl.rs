//! [`Kubectl`]: reads objects of the cluster, and does nothing else with it.

use std::{
    env,
    process::{Command, Stdio},
};

use helm_clas::verify::Answer;
use serde::de::DeserializeOwned;

use crate::failure::{Failure, complaint};

/// The program, as everybody calls it.
const PROGRAM: &str = "kubectl";

/// How long one answer of the cluster may take.
const TIMEOUT: &str = "--request-timeout=20s";

/// How much of its complaints is told, in characters.
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
            return Err(Failure::new("Helm's --kube-token cannot be handed on to kubectl").help(
                "kubectl takes a token only on its command line, where others can read it; put it into a kubeconfig",
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
    /// That the cluster refuses one answer is an answer. That it cannot be asked at all is a failure.
    pub(crate) fn get<T: DeserializeOwned>(&self, words: &[&str]) -> Result<Answer<Option<T>>, Failure> {
        let output = Command::new(PROGRAM)
            .arg("get")
            .args(words)
            .args(["-n", &self.namespace, "-o", "json", "--ignore-not-found", TIMEOUT])
            .args(&self.options)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| {
                Failure::new(format!("cannot run {PROGRAM}: {error}"))
                    .help("install kubectl, or put it on the PATH; it reads the pods of the cluster")
            })?;
        if !output.status.success() {
            let said: String = complaint(&output.stderr).chars().take(LONGEST).collect();
            if said.starts_with("Error from server") {
                return Ok(Err(format!("kubectl says: {said}")));
            }
            return Err(Failure::new(format!("{PROGRAM} cannot ask the cluster: {said}"))
                .help("see that `kubectl get pods` works with the same kube context; Helm's --kube-context and --kubeconfig are handed on"));
        }
        if output.stdout.iter().all(u8::is_ascii_whitespace) {
            return Ok(Ok(None));
        }
        Ok(serde_json::from_slice(&output.stdout)
            .map(Some)
            .map_err(|error| format!("kubectl prints something unexpected for {}: {error}", words.join(" "))))
    }
}
