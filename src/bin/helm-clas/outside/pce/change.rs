//! [`Pce::change`]: the one way to change something on a PCE. `helm clas enforcement lower --write` and `restore --write`
//! are the only ones that call it.

use serde::Deserialize;
use serde_json::Value;

use super::{Ask, Pce};
use crate::failure::Failure;

/// The most objects that a PCE takes in one request. (Core 23.5, REST API limits)
pub(crate) const MOST_AT_ONCE: usize = 1_000;

/// What a PCE says of one object of a request for many.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Item {
    href: Option<String>,
    status: Option<String>,
    token: Option<String>,
    message: Option<String>,
    errors: Vec<Word>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Word {
    token: String,
    message: String,
}

impl Pce {
    /// Sends fields of an object, or of many; `path` is what follows `/api/v2`. The answer has the hrefs of those that
    /// were refused, each with the PCE's words. Fields that are not sent stay as they are.
    ///
    /// Just before they are sent, `fields` says which, by whether that had to wait; nothing where there is nothing left to
    /// send.
    pub(crate) fn change(
        &self,
        path: &str,
        mut fields: impl FnMut(bool) -> Result<Option<Value>, Failure>,
    ) -> Result<Vec<(String, String)>, Failure> {
        let mut attempt = 1;
        let answer = loop {
            let has_waited = self.paced() || attempt > 1;
            let Some(fields) = fields(has_waited)? else { return Ok(Vec::new()) };
            if let Some(answer) = self.once(path, &Ask::Put(&fields.to_string()), attempt)? {
                break answer;
            }
            attempt += 1;
        };
        self.connection.taken(path, &answer)?;
        // an answer that says nothing about single objects is the whole answer
        let items: Vec<Item> = serde_json::from_slice(&answer.body).unwrap_or_default();
        let refused = items.into_iter().filter(|item| !item.is_taken());
        Ok(refused.map(|item| (item.href.clone().unwrap_or_default(), self.connection.clean(&item.words()))).collect())
    }
}

impl Item {
    /// Whether the object was changed, as far as the answer says.
    fn is_taken(&self) -> bool {
        let says_so = self.status.as_deref().is_none_or(|status| ["updated", "success"].contains(&status));
        says_so && self.token.is_none() && self.errors.is_empty()
    }

    fn words(&self) -> String {
        let of_item = [self.token.as_deref(), self.message.as_deref()].into_iter().flatten().map(str::to_owned);
        let of_errors = self.errors.iter().map(|word| format!("{}: {}", word.token, word.message));
        let words: Vec<String> = of_item.chain(of_errors).collect();
        if words.is_empty() { self.status.clone().unwrap_or_default() } else { words.join(": ") }
    }
}
