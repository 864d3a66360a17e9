//! A [`Collection`] of the PCE, whole.
//!
//! Asked at once, a PCE gives at most 500 objects and says nothing of those it leaves out. Then it is asked for a job
//! that gathers all of them. What may be incomplete is a failure and never an answer.

use std::time::{Duration, Instant};

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

/// A list of objects.
pub(crate) struct Collection {
    /// The list as the PCE sent it: a valid JSON array.
    pub(crate) text: String,
    /// How many objects it has.
    pub(crate) count: usize,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Job {
    status: String,
    result: JobResult,
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

    /// The same; nothing where the PCE has no such collection.
    pub(crate) fn collection_if_any(&self, path: &str) -> Result<Option<Collection>, Failure> {
        let answer = self.asked(path, Prefer::Now)?;
        if answer.status == 404 {
            return Ok(None);
        }
        self.connection.accepted(path, &answer)?;
        self.whole(path, answer).map(Some)
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
            Failure::new(format!("the PCE {} gives {} of {all} objects of {path}: {why}", self.host(), first.count))
                .help("an incomplete answer is not used; ask again later, or with a key that may read the whole organisation")
        };
        let answer = self.asked(path, Prefer::Job)?;
        let whole = match answer.status {
            202 => self.gathered(path, &answer)?,
            200 => self.counted(path, answer)?,
            _ => {
                return Err(match self.connection.accepted(path, &answer) {
                    Err(failure) => incomplete(&format!("asked for all of them, {failure}")),
                    Ok(()) => incomplete("it offers no job"),
                });
            }
        };
        let is_shorter = total.map_or(whole.count <= first.count, |total| whole.count < total);
        if whole.count <= first.count && is_shorter {
            return Err(incomplete("the job brought no more"));
        }
        Ok(whole)
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
        let started = Instant::now();
        loop {
            self.wait(&format!("the PCE gathers {path}"), wait.unwrap_or(Duration::from_secs(1)).min(LONGEST_JOB));
            let answer = self.asked(&job_path, Prefer::Now)?;
            self.connection.accepted(&job_path, &answer)?;
            wait = answer.retry_after;
            let job: Job = self.read(&job_path, &self.json_text(&job_path, answer.body)?)?;
            match job.status.as_str() {
                "done" => {
                    let data_path = self.own_path(job.result.href.as_deref().unwrap_or_default())?;
                    let answer = self.asked(&data_path, Prefer::Now)?;
                    self.connection.accepted(&data_path, &answer)?;
                    return self.counted(&data_path, answer);
                }
                "failed" => {
                    let message = job.result.message.unwrap_or_else(|| "it does not say why".to_owned());
                    let message = self.connection.clean(&message);
                    return Err(Failure::new(format!("the PCE {host} could not gather {path}: {message}"))
                        .help("ask again later; if it stays so, the PCE's support needs to know"));
                }
                status if started.elapsed() > LONGEST_JOB => {
                    let status = self.connection.clean(status);
                    return Err(Failure::new(format!(
                        "the PCE {host} has not gathered {path} in ten minutes (`{status}`)"
                    ))
                    .help("ask again later"));
                }
                _ => {}
            }
        }
    }

    /// The path below `/api/v2` that an address of the PCE stands for. Nobody else is asked, whatever the PCE says.
    pub(crate) fn own_path(&self, address: &str) -> Result<String, Failure> {
        let origin = format!("https://{}", self.host());
        let path = address.strip_prefix(&origin).unwrap_or(address);
        let path = path.strip_prefix("/api/v2").unwrap_or(path);
        if path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(path.to_owned());
        }
        let address = self.connection.clean(address);
        Err(Failure::new(format!("the PCE {} names `{address}` as the place of its answer", self.host()))
            .help("the API key is only sent to the PCE itself"))
    }
}
