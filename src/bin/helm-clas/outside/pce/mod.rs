//! [`Pce`]: the Policy Compute Engine. It is read with GET, asked about traffic with a query (`traffic`), and written
//! to with PUT by [`change`] alone; only over HTTPS, only the host that was named, with its certificate verified.

mod broken;
pub(crate) mod change;
mod collection;
mod connection;
mod enforced;
pub(crate) mod export;
mod facts;
mod http;
mod pace;
mod proxy;
mod role;
mod settings;
mod tls;
mod traffic;
mod trust;
mod version;

use std::{
    cell::RefCell,
    thread,
    time::{Duration, Instant},
};

use serde::de::DeserializeOwned;

pub(crate) use self::{
    collection::{Collection, Found},
    settings::{Settings, authority, several},
    version::resolved,
};
use self::{
    connection::Connection,
    http::{Answer, Ask},
    pace::Pace,
};
use crate::{failure::Failure, output::Output, waiting::Waiting};

/// A PCE, and the login with which it is asked.
pub(crate) struct Pce {
    connection: Connection,
    org: Option<String>,
    waiting: Waiting,
    pace: RefCell<Pace>,
}

/// How often a question is asked, the first time included.
const TRIES: u32 = 4;

/// The longest that is waited because the PCE asks for it.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// How the PCE should give a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prefer {
    /// At once, at most 500 objects.
    Now,
    /// As a job that gathers all of them.
    Job,
}

impl Pce {
    /// Makes ready to ask; nothing is sent yet.
    pub(crate) fn new(settings: Settings, output: &mut Output) -> Result<Self, Failure> {
        for remark in &settings.remarks {
            output.remark(remark);
        }
        let org = settings.org.clone();
        Ok(Self { connection: Connection::new(settings)?, org, waiting: output.waiting(), pace: RefCell::default() })
    }

    /// The host as it is shown.
    pub(crate) fn host(&self) -> &str {
        self.connection.host()
    }

    /// Whether it is the one that a value `pce_url` names.
    pub(crate) fn is_at(&self, pce_url: &str) -> bool {
        authority(pce_url).is_ok_and(|host| host.eq_ignore_ascii_case(self.host()))
    }

    /// The number of the organisation, where one was named.
    pub(crate) fn org(&self) -> Option<&str> {
        self.org.as_deref()
    }

    /// A path of the organisation.
    pub(crate) fn in_org(&self, path: &str) -> Result<String, Failure> {
        let org = self.org.as_ref().ok_or_else(|| {
            Failure::new("no organisation of the PCE is given").help(
                "pass its number with --pce-org or ILLUMIO_PCE_ORG_ID, or the values file with -f (it is in \
                       cluster_token)",
            )
        })?;
        Ok(format!("/orgs/{org}/{path}"))
    }

    /// The path of a container cluster, by its id.
    pub(crate) fn cluster(&self, id: Option<&str>) -> Result<String, Failure> {
        let id = id.ok_or_else(|| {
            Failure::new("no cluster is given: there is no --cluster-id, and no values file with `cluster_id`")
                .help("pass its id on the PCE with --cluster-id, or its values file with -f")
        })?;
        if !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err(Failure::new(format!("`{}` is not a cluster id", id.escape_debug())).help(
                "it is the last part of the cluster's address on the PCE, such as 5a1e0000-0000-4000-8000-0000000000c1",
            ));
        }
        self.in_org(&format!("container_clusters/{id}"))
    }

    /// An object, as the text that the PCE sent; `path` is what follows `/api/v2`.
    pub(crate) fn text(&self, path: &str) -> Result<String, Failure> {
        let answer = self.asked(path, Prefer::Now)?;
        self.connection.accepted(path, &answer)?;
        self.json_text(path, answer.body)
    }

    /// The same; nothing where the PCE has no such object.
    pub(crate) fn text_if_any(&self, path: &str) -> Result<Option<String>, Failure> {
        let answer = self.asked(path, Prefer::Now)?;
        if answer.status == 404 {
            return Ok(None);
        }
        self.connection.accepted(path, &answer)?;
        self.json_text(path, answer.body).map(Some)
    }

    /// An object.
    pub(crate) fn object<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        self.read(path, &self.text(path)?)
    }

    /// What a text of the PCE means.
    pub(crate) fn read<T: DeserializeOwned>(&self, path: &str, text: &str) -> Result<T, Failure> {
        serde_json::from_str(text).map_err(|error| {
            let error = self.connection.clean(&error.to_string());
            Failure::new(format!("unexpected answer of the PCE {} to {path}: {error}", self.host()))
                .help("is this host and port the PCE's API?")
        })
    }

    fn json_text(&self, path: &str, body: Vec<u8>) -> Result<String, Failure> {
        String::from_utf8(body).map_err(|_| {
            Failure::new(format!("the answer of the PCE {} to {path} is not text", self.host()))
                .help("is this host and port the PCE's API?")
        })
    }

    /// Asks, and asks again where the PCE is busy or the connection broke. The answer may still be a refusal.
    fn asked(&self, path: &str, prefer: Prefer) -> Result<Answer, Failure> {
        self.sent(path, &Ask::Get(prefer))
    }

    /// Sends, and sends again where the PCE is busy or the connection broke. To send the same fields twice is to send
    /// them once.
    fn sent(&self, path: &str, request: &Ask<'_>) -> Result<Answer, Failure> {
        let mut attempt = 1;
        loop {
            self.paced();
            if let Some(answer) = self.once(path, request, attempt)? {
                return Ok(answer);
            }
            attempt += 1;
        }
    }

    /// Waits until the PCE takes another request; whether that took time.
    fn paced(&self) -> bool {
        let wait = self.pace.borrow_mut().wait(Instant::now());
        if !wait.is_zero() {
            self.wait("waiting, because the PCE answers 500 requests per minute", wait);
        }
        !wait.is_zero()
    }

    /// Sends. The answer; or nothing after a pause, where it is to be sent again.
    fn once(&self, path: &str, request: &Ask<'_>, attempt: u32) -> Result<Option<Answer>, Failure> {
        let outcome = self.connection.send(path, request);
        let (reason, wait) = match &outcome {
            Ok(answer) if answer.is_busy() => (format!("busy ({})", answer.status), answer.wait(attempt)),
            Err(broken) if broken.may_pass => ("not answering".to_owned(), pause(attempt)),
            _ => return outcome.map(Some).map_err(|broken| broken.failure),
        };
        if attempt == TRIES || wait > LONGEST_WAIT {
            return outcome.map(Some).map_err(|broken| broken.failure);
        }
        self.wait(&format!("the PCE is {reason}; asking again in {} s", wait.as_secs()), wait);
        Ok(None)
    }

    fn wait(&self, reason: &str, time: Duration) {
        self.waiting.show(reason);
        thread::sleep(time);
        self.waiting.clear();
    }
}

/// The pause behind an attempt where the PCE asks for none: a quarter of a second, then twice as long each time.
fn pause(attempt: u32) -> Duration {
    Duration::from_millis(250) * 2_u32.pow(attempt - 1)
}
