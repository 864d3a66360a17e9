//! What is on the played PCE, and what it does with a request: the habits of a real one (login, 500 objects at once,
//! filters, jobs, single fields that are sent, refusals of single objects).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    fake_pce::{CLUSTER, Reply, Request},
    vendor,
};

/// The most objects that are answered at once.
const MOST_AT_ONCE: usize = 500;

/// The most objects that are taken at once.
const MOST_TAKEN: usize = 1_000;

/// The user that the key of the tests belongs to, and someone else.
pub(crate) const OURSELVES: &str = "/users/1";
pub(crate) const ANOTHER: &str = "/users/7";

/// Objects and lists by path below `/api/v2`, and what happened to them.
pub(crate) struct Played {
    pub(crate) objects: BTreeMap<String, Value>,
    /// The lists that jobs gathered, by number.
    jobs: Vec<Job>,
    /// Seconds since the first change.
    clock: usize,
    /// What the vendor's schemas say of the bodies that were sent.
    pub(crate) complaints: Vec<String>,
}

struct Job {
    data: Value,
    polls: usize,
}

impl Played {
    /// Organisation 3 with one cluster.
    pub(crate) fn new() -> Self {
        let objects: Value = serde_json::from_str(include_str!("../verify/pce.json")).unwrap();
        let objects = serde_json::from_value(objects).unwrap();
        Self { objects, jobs: Vec::new(), clock: 0, complaints: Vec::new() }
    }

    /// What a real PCE answers, once the login is right.
    pub(crate) fn answer(&mut self, request: &Request) -> Reply {
        let Some(path) = request.path.strip_prefix("/api/v2") else { return Reply::of(404, "<html>not here</html>") };
        match request.method.as_str() {
            "GET" => self.get(path, request.header("prefer") == Some("respond-async")),
            "PUT" => self.put(path, &request.body),
            _ => Reply::refusal(405, "method_not_allowed_error", "Method not allowed"),
        }
    }

    fn get(&mut self, path: &str, as_job: bool) -> Reply {
        if let Some(number) = path.strip_prefix("/orgs/3/jobs/") {
            return self.job(number.parse().unwrap());
        }
        if let Some(number) = path.strip_prefix("/orgs/3/datafiles/") {
            return Reply::json(200, &self.jobs[number.parse::<usize>().unwrap()].data);
        }
        let (bare, query) = path.split_once('?').unwrap_or((path, ""));
        match self.objects.get(bare) {
            None => match self.object(bare) {
                Some(object) => Reply::json(200, object),
                None => Reply::refusal(404, "not_found_error", "Not found"),
            },
            Some(Value::Array(list)) => {
                let found: Vec<Value> = list.iter().filter(|object| is_asked_for(object, query)).cloned().collect();
                // with a filter, too, the total is that of the whole list
                self.list(found, list.len(), as_job)
            }
            Some(object) => Reply::json(200, object),
        }
    }

    fn list(&mut self, found: Vec<Value>, total: usize, as_job: bool) -> Reply {
        if as_job {
            self.jobs.push(Job { data: Value::Array(found), polls: 0 });
            let location = format!("/orgs/3/jobs/{}", self.jobs.len() - 1);
            return Reply::of(202, "").header("Location", &location).header("Retry-After", "0");
        }
        let first: Vec<&Value> = found.iter().take(MOST_AT_ONCE).collect();
        Reply::json(200, &json!(first)).header("X-Total-Count", &total.to_string())
    }

    fn job(&mut self, number: usize) -> Reply {
        let job = &mut self.jobs[number];
        job.polls += 1;
        Reply::json(200, &job_answer(number, job.polls > 1)).header("Retry-After", "0")
    }

    /// An object of a list, by its own address.
    fn object(&self, href: &str) -> Option<&Value> {
        let list = self.objects.get(href.rsplit_once('/')?.0)?.as_array()?;
        list.iter().find(|object| object["href"] == href)
    }

    /// Takes an object or a list away, from the list that it is in as well.
    pub(crate) fn remove(&mut self, path: &str) {
        self.objects.remove(path);
        let list = path.rsplit_once('/').and_then(|(folder, _)| self.objects.get_mut(folder));
        if let Some(list) = list.and_then(Value::as_array_mut) {
            list.retain(|object| object["href"] != path);
        }
    }

    fn object_mut(&mut self, href: &str) -> Option<&mut Value> {
        let list = self.objects.get_mut(href.rsplit_once('/')?.0)?.as_array_mut()?;
        list.iter_mut().find(|object| object["href"] == href)
    }

    fn put(&mut self, path: &str, body: &[u8]) -> Reply {
        let Ok(body) = serde_json::from_slice::<Value>(body) else {
            return Reply::refusal(406, "invalid_json", "Invalid JSON");
        };
        if path == "/orgs/3/workloads/bulk_update" {
            return self.bulk_update(&body);
        }
        self.complaints.extend(vendor::complaints(
            "container_clusters_container_workload_profiles_put",
            std::slice::from_ref(&body),
        ));
        match self.update(path, &body) {
            Ok(()) => Reply::of(204, ""),
            Err(token) => Reply::refusal(if token == "not_found_error" { 404 } else { 406 }, token, "refused"),
        }
    }

    fn bulk_update(&mut self, body: &Value) -> Reply {
        let items = body.as_array().cloned().unwrap_or_default();
        self.complaints.extend(vendor::complaints("workloads_bulk_update_put", std::slice::from_ref(body)));
        self.complaints.extend(vendor::complaints("workloads_with_ven_put", &items[..items.len().min(3)]));
        if items.len() > MOST_TAKEN {
            return Reply::refusal(406, "too_many_items", "at most 1000");
        }
        let results = items.iter().map(|item| {
            let href = item["href"].as_str().unwrap_or_default();
            match self.update(href, item) {
                Ok(()) => json!({ "href": href, "status": "updated" }),
                Err(token) => json!({ "href": href, "status": "error", "token": token, "message": "refused" }),
            }
        });
        Reply::json(200, &results.collect())
    }

    /// Takes the fields that were sent, and no others.
    fn update(&mut self, href: &str, fields: &Value) -> Result<(), &'static str> {
        let object = self.object_mut(href).ok_or("not_found_error")?;
        if object["managed"] == true && fields["enforcement_mode"] == "idle" {
            return Err("container_workload_profile_invalid_managed_idle");
        }
        if object["locked"] == true {
            return Err("locked_error");
        }
        for (name, value) in fields.as_object().ok_or("invalid_json")? {
            object[name] = value.clone();
        }
        self.touch(href, OURSELVES);
        Ok(())
    }

    /// Someone sets a mode in the console.
    pub(crate) fn set_mode(&mut self, href: &str, mode: &str, user: &str) {
        self.object_mut(href).expect(href)["enforcement_mode"] = json!(mode);
        self.touch(href, user);
    }

    fn touch(&mut self, href: &str, user: &str) {
        self.clock += 1;
        let time =
            format!("2025-06-02T{:02}:{:02}:{:02}.000Z", self.clock / 3600, self.clock / 60 % 60, self.clock % 60);
        let object = self.object_mut(href).expect(href);
        object["updated_at"] = json!(time);
        object["updated_by"] = json!({ "href": user });
    }

    /// The mode of every profile and every workload, by address.
    pub(crate) fn modes(&self) -> BTreeMap<String, String> {
        let lists = self
            .objects
            .iter()
            .filter(|(path, _)| path.ends_with("/workloads") || path.ends_with("/container_workload_profiles"));
        let objects = lists.flat_map(|(_, list)| list.as_array().unwrap());
        let mode = |object: &Value| {
            let text = |name: &str| object[name].as_str().unwrap_or_default().to_owned();
            (text("href"), text("enforcement_mode"))
        };
        objects.map(mode).collect()
    }
}

/// Whether an object passes the filter by clusters or by the type of events, where there is one.
fn is_asked_for(object: &Value, query: &str) -> bool {
    if let Some(rest) = query.strip_prefix("event_type=") {
        return object["event_type"] == rest.split('&').next().unwrap_or_default();
    }
    let Some(list) = query.strip_prefix("container_clusters=") else { return query.is_empty() };
    let list = list.replace("%5B", "[").replace("%5D", "]").replace("%22", "\"");
    let clusters: Vec<String> = serde_json::from_str(&list).unwrap();
    let cluster = object["container_cluster"]["href"].as_str();
    cluster.is_some_and(|cluster| clusters.iter().any(|asked| asked == cluster))
}

/// What a job says of itself.
pub(crate) fn job_answer(number: usize, is_done: bool) -> Value {
    let result = if is_done { json!({ "href": format!("/orgs/3/datafiles/{number}") }) } else { Value::Null };
    json!({
        "href": format!("/orgs/3/jobs/{number}"),
        "job_type": "collection_get",
        "status": if is_done { "done" } else { "running" },
        "result": result,
    })
}

/// The workload of a node, as a PCE answers it.
pub(crate) fn node(id: &str, cluster: &str, mode: &str) -> Value {
    json!({
        "href": format!("/orgs/3/workloads/{id}"),
        "deleted": false,
        "name": id,
        "description": "",
        "managed": true,
        "hostname": id,
        "service_principal_name": "",
        "public_ip": "203.0.113.1",
        "interfaces": [],
        "service_provider": "",
        "data_center": "",
        "data_center_zone": "",
        "os_id": "linux-x86_64",
        "os_detail": "",
        "online": true,
        "labels": [{ "href": "/orgs/3/labels/21", "key": "role", "value": "web" }],
        "services": {},
        "agent": {},
        "enforcement_mode": mode,
        "created_at": "2025-01-01T08:00:00.000Z",
        "updated_at": "2025-01-01T08:00:00.000Z",
        "updated_by": { "href": OURSELVES },
        "container_cluster": { "href": cluster, "name": "k8s-a" },
    })
}

/// The path of the cluster of the tests.
pub(crate) fn cluster() -> String {
    format!("/orgs/3/container_clusters/{CLUSTER}")
}

/// The address of the profile of illumio-system on it.
pub(crate) fn own_profile() -> String {
    format!("{}/container_workload_profiles/9d000000-0000-4000-8000-000000000011", cluster())
}
