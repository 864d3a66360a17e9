//! A [`Collection`] of the PCE, whole.
//!
//! Asked at once, a PCE gives at most 500 objects and says nothing of those it leaves out. Then it is asked for a job
//! that gathers all of them. What may be incomplete is a failure and never an answer.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};

use super::{Pce, Prefer, http::Answer};
use crate::failure::Failure;

/// The most objects that a PCE gives at once.
const MOST_AT_ONCE: usize = 500;

/// The longest that a job may take.
const LONGEST_JOB: Duration = Duration::from_secs(600);

/// How long is waited between two questions about a job, whatever the PCE says: longer each time.
const SHORTEST_POLL: Duration = Duration::from_millis(50);
const LONGEST_POLL: Duration = Duration::from_secs(5);

/// A list of objects.
pub(crate) struct Collection {
    /// The list as the PCE sent it: a valid JSON array.
    pub(crate) text: String,
    /// How many objects it has.
    pub(crate) count: usize,
}

/// A collection that may be missing.
pub(crate) enum Found {
    /// It is this.
    There(Collection),
    /// The PCE has no such collection.
    Absent,
    /// The API key may not read it; in words, with the role that it needs.
    Refused(String),
}

/// A job. While it runs, its result is `null`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Job {
    status: Option<String>,
    result: Option<JobResult>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct JobResult {
    href: Option<String>,
    message: Option<String>,
}

impl Pce {
    /// All objects of a collection; `path` is what follows `/api/v2`.
    pub(crate) fn collection(&self, path: &str) -> Result<Collection, Failure> {
        let answer = self.asked(path, Prefer::Now)?;
        self.connection.accepted(path, &answer)?;
        self.whole(path, answer)
    }

    /// The same of a collection that not every PCE has, and not every key may read.
    pub(crate) fn collection_if_any(&self, path: &str) -> Result<Found, Failure> {
        let answer = self.asked(path, Prefer::Now)?;
        if answer.status == 404 {
            return Ok(Found::Absent);
        }
        match self.connection.accepted(path, &answer) {
            Err(failure) if answer.status == 403 => Ok(Found::Refused(failure.what().to_owned())),
            Err(failure) => Err(failure),
            Ok(()) => self.whole(path, answer).map(Found::There),
        }
    }

    /// The objects of a collection that belong to a container cluster; `href` is its path.
    ///
    /// A PCE that does not know the filter answers 406 and is asked for all; one that ignores it returns all. So the
    /// caller that counts checks the cluster of each object.
    pub(crate) fn collection_of(&self, path: &str, href: &str) -> Result<Collection, Failure> {
        let filtered = format!("{path}?container_clusters={}", encoded(&format!("[\"{href}\"]")));
        let answer = self.asked(&filtered, Prefer::Now)?;
        if answer.status == 406 {
            return self.collection(path);
        }
        self.connection.accepted(&filtered, &answer)?;
        // the total of a filtered list counts all objects (Core 25.2.40)
        self.whole(&filtered, Answer { total: None, ..answer })
    }

    /// The same, read.
    pub(crate) fn list_of<T: DeserializeOwned>(&self, path: &str, href: &str) -> Result<Vec<T>, Failure> {
        self.read(path, &self.collection_of(path, href)?.text)
    }

    /// All objects of a list whose beginning is there.
    fn whole(&self, path: &str, answer: Answer) -> Result<Collection, Failure> {
        let total = answer.total;
        let first = self.counted(path, answer)?;
        // without a filter the total is that of the list; with less than 500 objects and no total there are no more
        let is_whole = total.map_or(first.count < MOST_AT_ONCE, |total| first.count >= total);
        if is_whole {
            return Ok(first);
        }
        let incomplete = |why: &str| {
            let all = total.map_or_else(|| "more".to_owned(), |total| total.to_string());
            Failure::new(format!("the PCE {} returned {} of {all} objects of {path}: {why}", self.host(), first.count))
                .help(
                    "an incomplete answer is not used; try again later, or with a key that may read the whole \
                       organisation",
                )
        };
        let answer = self.asked(path, Prefer::Job)?;
        let whole = match answer.status {
            // what a job gathers is whole by itself
            202 => {
                let whole = self.gathered(path, &answer)?;
                return if whole.count < first.count { Err(incomplete("the job returned fewer")) } else { Ok(whole) };
            }
            200 => self.counted(path, answer)?,
            _ => {
                return Err(match self.connection.accepted(path, &answer) {
                    Err(failure) => incomplete(&format!("asked for all of them, {failure}")),
                    Ok(()) => incomplete("it offers no job"),
                });
            }
        };
        let is_whole = total.map_or(whole.count > first.count, |total| whole.count >= total);
        if is_whole { Ok(whole) } else { Err(incomplete("a job returns no more")) }
    }

    /// All objects of a collection, read.
    pub(crate) fn list<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, Failure> {
        self.read(path, &self.collection(path)?.text)
    }

    fn counted(&self, path: &str, answer: Answer) -> Result<Collection, Failure> {
        let text = self.json_text(path, answer.body)?;
        let objects: Vec<IgnoredAny> = self.read(path, &text)?;
        Ok(Collection { text, count: objects.len() })
    }

    /// Waits for a job, and gets what it gathered.
    fn gathered(&self, path: &str, accepted: &Answer) -> Result<Collection, Failure> {
        let host = self.host().to_owned();
        let location = accepted.location.as_deref().unwrap_or_default();
        let job_path = self.own_path(location)?;
        let mut wait = accepted.retry_after;
        let mut patience = Duration::ZERO;
        let started = Instant::now();
        loop {
            let asked = wait.unwrap_or(Duration::from_secs(1)).min(LONGEST_JOB);
            self.wait(&format!("the PCE collects {path}"), asked.max(patience));
            patience = (patience * 2).clamp(SHORTEST_POLL, LONGEST_POLL);
            let answer = self.asked(&job_path, Prefer::Now)?;
            self.connection.accepted(&job_path, &answer)?;
            wait = answer.retry_after;
            let job: Job = self.read(&job_path, &self.json_text(&job_path, answer.body)?)?;
            let result = job.result.unwrap_or_default();
            match job.status.as_deref().unwrap_or_default() {
                "done" => {
                    let data_path = self.own_path(result.href.as_deref().unwrap_or_default())?;
                    let answer = self.asked(&data_path, Prefer::Now)?;
                    self.connection.accepted(&data_path, &answer)?;
                    return self.counted(&data_path, answer);
                }
                "failed" => {
                    let message = result.message.unwrap_or_else(|| "it does not say why".to_owned());
                    let message = self.connection.clean(&message);
                    return Err(Failure::new(format!("the PCE {host} could not collect {path}: {message}"))
                        .help("try again later; if it happens again, report it to the PCE's support"));
                }
                status if started.elapsed() > LONGEST_JOB => {
                    let status = self.connection.clean(status);
                    return Err(Failure::new(format!(
                        "the PCE {host} has not collected {path} within ten minutes (`{status}`)"
                    ))
                    .help("try again later"));
                }
                _ => {}
            }
        }
    }

    /// The path below `/api/v2` that an address of the PCE means. No other host is asked, whatever the PCE says.
    pub(crate) fn own_path(&self, address: &str) -> Result<String, Failure> {
        let origin = format!("https://{}", self.host());
        let path = address.strip_prefix(&origin).unwrap_or(address);
        let path = path.strip_prefix("/api/v2").unwrap_or(path);
        if path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(path.to_owned());
        }
        let address = self.connection.clean(address);
        Err(Failure::new(format!("the PCE {} names `{address}` as the place of its answer", self.host()))
            .help("the API key is sent only to the PCE itself"))
    }
}

/// A text as it is written in the query of an address.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
