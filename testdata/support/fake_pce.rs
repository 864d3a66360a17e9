//! A PCE that the tests play: HTTPS with certificates of our own, and the habits of a real one (login, 500 objects at
//! once, jobs, 429). What it answers beyond that, a test says.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Arc, Mutex, OnceLock},
    thread,
    time::Duration,
};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use serde_json::{Value, json};

pub(crate) const USER: &str = "api_1b2c3d4e5f";
/// What must appear nowhere.
pub(crate) const SECRET: &str = "s3cr3t-0f-the-t3sts";

/// Names for what stands on a PCE.
pub(crate) const CLUSTER: &str = "5a1e0000-0000-4000-8000-0000000000c1";

/// A running PCE; it ends with the test.
pub(crate) struct FakePce {
    /// The name under which it is asked.
    pub(crate) host: String,
    pub(crate) ca_file: PathBuf,
    state: Arc<State>,
}

struct State {
    /// The name in the certificate.
    tls: Arc<ServerConfig>,
    /// Objects and lists by path below `/api/v2`.
    objects: Mutex<BTreeMap<String, Value>>,
    /// What a test wants instead; asked first.
    quirk: Quirk,
    requests: Mutex<Vec<Request>>,
    /// The lists that jobs gathered, by number.
    jobs: Mutex<Vec<Job>>,
}

type Quirk = Box<dyn Fn(&Request, usize) -> Option<Reply> + Send + Sync>;

struct Job {
    data: Value,
    polls: usize,
}

/// What arrived.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    headers: Vec<(String, String)>,
    /// What it carries; nothing with GET.
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// What is sent back.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    /// How long it takes to begin, and the body to end.
    slow: [Duration; 2],
    /// How the connection ends before the answer does.
    breaks: Option<Break>,
}

/// Ways to break an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Break {
    /// The connection ends without an answer.
    BeforeIt,
    /// Only the first half of the body is sent.
    InIt,
    /// It is no HTTP at all.
    NoHttp,
}

impl Reply {
    pub(crate) fn of(status: u16, body: &str) -> Self {
        Self { status, body: body.as_bytes().to_vec(), ..Self::default() }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::of(status, &body.to_string())
    }

    /// A refusal as a PCE words it.
    pub(crate) fn refusal(status: u16, token: &str, message: &str) -> Self {
        Self::json(status, &json!([{ "token": token, "message": message }]))
    }

    pub(crate) fn bytes(status: u16, body: &[u8]) -> Self {
        Self { status, body: body.to_vec(), ..Self::default() }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn breaks(mut self, how: Break) -> Self {
        self.breaks = Some(how);
        self
    }

    pub(crate) fn begins_after(mut self, time: Duration) -> Self {
        self.slow[0] = time;
        self
    }

    pub(crate) fn ends_after(mut self, time: Duration) -> Self {
        self.slow[1] = time;
        self
    }
}

impl FakePce {
    /// One with the habits and objects of a real one.
    pub(crate) fn new() -> Self {
        Self::with(|_, _| None)
    }

    /// The same, but for what `quirk` answers to a request; it is told how many came before.
    pub(crate) fn with(quirk: impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static) -> Self {
        Self::certified("localhost", quirk)
    }

    /// The same with a certificate for this name.
    pub(crate) fn certified(
        name: &str,
        quirk: impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            tls: authority().server(name),
            objects: Mutex::new(objects()),
            quirk: Box::new(quirk),
            requests: Mutex::default(),
            jobs: Mutex::default(),
        });
        let serving = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let state = Arc::clone(&serving);
                // a client that goes away in the middle is no failure of the server
                thread::spawn(move || stream.ok().and_then(|stream| state.serve(stream)));
            }
        });
        Self { host: format!("localhost:{}", address.port()), ca_file: authority().file.clone(), state }
    }

    /// Puts an object or a list on the PCE, or another in its place.
    pub(crate) fn put(&self, path: &str, object: Value) {
        self.state.objects.lock().unwrap().insert(path.to_owned(), object);
    }

    pub(crate) fn remove(&self, path: &str) {
        self.state.objects.lock().unwrap().remove(path);
    }

    /// Everything that was asked; nothing but GET may be among it.
    #[track_caller]
    pub(crate) fn requests(&self) -> Vec<Request> {
        let requests = self.state.requests.lock().unwrap().clone();
        assert!(requests.iter().all(|request| request.method == "GET"), "{requests:?}");
        requests
    }

    /// Everything that was asked and sent, for commands that send something.
    pub(crate) fn all_requests(&self) -> Vec<Request> {
        self.state.requests.lock().unwrap().clone()
    }

    /// The paths that were asked for.
    #[track_caller]
    pub(crate) fn paths(&self) -> Vec<String> {
        self.requests().into_iter().map(|request| request.path).collect()
    }

    /// The program, knowing this PCE and the login.
    pub(crate) fn command(&self) -> Command {
        let mut command = bare_command();
        command
            .env("ILLUMIO_PCE_HOST", &self.host)
            .env("ILLUMIO_PCE_ORG_ID", "3")
            .env("ILLUMIO_API_KEY_USERNAME", USER)
            .env("ILLUMIO_API_KEY_SECRET", SECRET)
            .env("ILLUMIO_CA_FILE", &self.ca_file);
        command
    }
}

/// The program in an environment that holds nothing.
pub(crate) fn bare_command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_helm-clas"));
    command.env_clear();
    command
}

/// What the program did.
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) answer: String,
    pub(crate) remarks: String,
}

/// Runs the program, which must not tell the secret, however it is spelled.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> Ran {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let ran = Ran {
        status: status.code().expect("the program ends by itself"),
        answer: String::from_utf8(stdout).unwrap(),
        remarks: String::from_utf8(stderr).unwrap(),
    };
    for secret in [SECRET.to_owned(), login()] {
        assert!(!ran.answer.contains(&secret), "the secret is in the answer: {}", ran.answer);
        assert!(!ran.remarks.contains(&secret), "the secret is in the remarks: {}", ran.remarks);
    }
    ran
}

impl Ran {
    /// Exit code 2, and these words about it.
    #[track_caller]
    pub(crate) fn fails(&self, words: &[&str]) {
        assert_eq!(self.status, 2, "{}", self.remarks);
        let is_failure = self.answer.starts_with("{\n  \"schema\": \"helm-clas/failure/v1\",\n");
        assert!(self.answer.is_empty() || is_failure, "{}", self.answer);
        self.remarks_have(words);
    }

    #[track_caller]
    pub(crate) fn exits(&self, status: i32) -> &Self {
        assert_eq!(self.status, status, "{}\n{}", self.answer, self.remarks);
        self
    }

    #[track_caller]
    pub(crate) fn remarks_have(&self, words: &[&str]) -> &Self {
        for word in words {
            assert!(self.remarks.contains(word), "no {word:?} in {}", self.remarks);
        }
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.answer).expect(&self.answer)
    }
}

fn login() -> String {
    BASE64_STANDARD.encode(format!("{USER}:{SECRET}"))
}

impl State {
    fn serve(&self, stream: TcpStream) -> Option<()> {
        let mut tls = StreamOwned::new(ServerConnection::new(Arc::clone(&self.tls)).ok()?, stream);
        loop {
            let request = read_request(&mut tls)?;
            let number = {
                let mut requests = self.requests.lock().unwrap();
                requests.push(request.clone());
                requests.len() - 1
            };
            let reply = (self.quirk)(&request, number).unwrap_or_else(|| self.answer(&request));
            send(&mut tls, &reply)?;
        }
    }

    /// What a real PCE answers.
    fn answer(&self, request: &Request) -> Reply {
        const MOST_AT_ONCE: usize = 500;
        if request.header("authorization") != Some(&format!("Basic {}", login())) {
            return Reply::of(401, "");
        }
        let Some(path) = request.path.strip_prefix("/api/v2") else { return Reply::of(404, "<html>not here</html>") };
        if let Some(number) = path.strip_prefix("/orgs/3/jobs/") {
            return self.job(number.parse().unwrap());
        }
        if let Some(number) = path.strip_prefix("/orgs/3/datafiles/") {
            return Reply::json(200, &self.jobs.lock().unwrap()[number.parse::<usize>().unwrap()].data);
        }
        match self.objects.lock().unwrap().get(path) {
            None => Reply::refusal(404, "not_found_error", "Not found"),
            Some(Value::Array(list)) if request.header("prefer") == Some("respond-async") => {
                let mut jobs = self.jobs.lock().unwrap();
                jobs.push(Job { data: Value::Array(list.clone()), polls: 0 });
                let location = format!("/orgs/3/jobs/{}", jobs.len() - 1);
                Reply::of(202, "").header("Location", &location).header("Retry-After", "0")
            }
            Some(Value::Array(list)) => {
                let first: Vec<&Value> = list.iter().take(MOST_AT_ONCE).collect();
                Reply::json(200, &json!(first)).header("X-Total-Count", &list.len().to_string())
            }
            Some(object) => Reply::json(200, object),
        }
    }

    fn job(&self, number: usize) -> Reply {
        let mut jobs = self.jobs.lock().unwrap();
        let job = &mut jobs[number];
        job.polls += 1;
        let href = format!("/orgs/3/jobs/{number}");
        if job.polls == 1 {
            return Reply::json(200, &json!({ "href": href, "status": "running" })).header("Retry-After", "0");
        }
        let result = json!({ "href": format!("/orgs/3/datafiles/{number}") });
        Reply::json(200, &json!({ "href": href, "status": "done", "result": result }))
    }
}

fn read_request(stream: &mut impl Read) -> Option<Request> {
    // the client sends nothing behind a request before it has its answer, so a reader of our own loses nothing
    let mut reader = BufReader::with_capacity(1, stream);
    let mut line = || {
        let mut line = String::new();
        (reader.read_line(&mut line).ok()? > 0).then(|| line.trim_end().to_owned())
    };
    let first = line()?;
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    while let Some((name, value)) = line()?.split_once(':') {
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut request = Request { method, path, headers, body: String::new() };
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    reader.take(length).read_to_string(&mut request.body).ok()?;
    Some(request)
}

fn send(stream: &mut impl Write, reply: &Reply) -> Option<()> {
    thread::sleep(reply.slow[0]);
    let mut head = format!("HTTP/1.1 {} Whatever\r\nContent-Length: {}\r\n", reply.status, reply.body.len());
    head.extend(reply.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")));
    head += "\r\n";
    let half = reply.body.len() / 2;
    match reply.breaks {
        Some(Break::BeforeIt) => return None,
        Some(Break::NoHttp) => {
            let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n").and_then(|()| stream.flush());
            return None;
        }
        Some(Break::InIt) => {
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&reply.body[..half]));
            let _ = stream.flush();
            return None;
        }
        None => {}
    }
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(&reply.body[..half]).ok()?;
    stream.flush().ok()?;
    thread::sleep(reply.slow[1]);
    stream.write_all(&reply.body[half..]).ok()?;
    stream.flush().ok()
}

/// Who signs the certificates of the tests.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    file: PathBuf,
}

fn authority() -> &'static Authority {
    static AUTHORITY: OnceLock<Authority> = OnceLock::new();
    AUTHORITY.get_or_init(|| {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = parameters.self_signed(&key).unwrap();
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("pce-ca-{}.pem", std::process::id()));
        fs::write(&file, pem(certificate.der())).unwrap();
        Authority { issuer: Issuer::new(parameters, key), file }
    })
}

impl Authority {
    fn server(&self, name: &str) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Arc::new(config)
    }
}

/// The PEM file of an authority that nobody asked for.
pub(crate) fn other_authority() -> String {
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    pem(parameters.self_signed(&KeyPair::generate().unwrap()).unwrap().der())
}

fn pem(der: &[u8]) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", BASE64_STANDARD.encode(der))
}

/// What stands on the PCE of the tests: organisation 3 with one cluster.
fn objects() -> BTreeMap<String, Value> {
    let objects: Value = serde_json::from_str(include_str!("../verify/pce.json")).unwrap();
    serde_json::from_value(objects).unwrap()
}
