//! A PCE that the tests play: HTTPS with certificates of our own, and the habits of a real one (see `played`). What it
//! answers beyond that, a test says.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Command, Output},
    sync::{Arc, Mutex, MutexGuard},
    thread,
    time::Duration,
};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

use super::{
    certificates::{Certified, authority},
    helm::BRIEF,
    played::Played,
};

pub(crate) const USER: &str = "api_1b2c3d4e5f";
/// What must appear nowhere.
pub(crate) const SECRET: &str = "s3cr3t-0f-the-t3sts";

/// Names for what is on a PCE.
pub(crate) const CLUSTER: &str = "5a1e0000-0000-4000-8000-0000000000c1";

/// A running PCE; it ends with the test.
pub(crate) struct FakePce {
    /// The name under which it is asked.
    pub(crate) host: String,
    pub(crate) ca_file: PathBuf,
    state: Arc<State>,
}

struct State {
    tls: Arc<ServerConfig>,
    /// What is on it.
    played: Mutex<Played>,
    /// What a test wants instead; asked first.
    quirk: Quirk,
    requests: Mutex<Vec<Request>>,
    /// The request at which it falls silent, and whether it has.
    silence: Mutex<Option<(usize, Silence, bool)>>,
}

type Quirk = Box<dyn Fn(&Request, usize) -> Option<Reply> + Send + Sync>;

/// When the PCE falls silent over a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Silence {
    /// Before it does what it is asked.
    Before,
    /// After it.
    After,
}

/// What arrived.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
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
    /// It is not HTTP at all.
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

    /// The same, but for what `quirk` answers to a request; it gets the number of requests before.
    pub(crate) fn with(quirk: impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static) -> Self {
        Self::certified("localhost", quirk)
    }

    /// The same with a certificate for this name.
    pub(crate) fn certified(
        name: &str,
        quirk: impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        Self::start(Certified::For(name).server_and_pem().0, quirk)
    }

    /// One with another certificate, and the file that names it.
    pub(crate) fn with_certificate(certified: Certified<'_>) -> (Self, String) {
        let (tls, pem) = certified.server_and_pem();
        (Self::start(tls, |_, _| None), pem)
    }

    fn start(tls: Arc<ServerConfig>, quirk: impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            tls,
            played: Mutex::new(Played::new()),
            quirk: Box::new(quirk),
            requests: Mutex::default(),
            silence: Mutex::default(),
        });
        let serving = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let state = Arc::clone(&serving);
                // a client that goes away in the middle is not a failure of the server
                thread::spawn(move || stream.ok().and_then(|stream| state.serve(stream)));
            }
        });
        Self { host: format!("localhost:{}", address.port()), ca_file: authority().file.clone(), state }
    }

    /// What is on it.
    pub(crate) fn played(&self) -> MutexGuard<'_, Played> {
        self.state.played.lock().unwrap()
    }

    /// Puts an object or a list on the PCE, or another in its place.
    pub(crate) fn put(&self, path: &str, object: Value) {
        self.played().objects.insert(path.to_owned(), object);
    }

    /// Takes an object or a list from the PCE.
    pub(crate) fn remove(&self, path: &str) {
        self.played().remove(path);
    }

    /// Falls silent over one of the requests to come.
    pub(crate) fn fall_silent(&self, after: usize, silence: Silence) {
        let number = self.state.requests.lock().unwrap().len() + after;
        *self.state.silence.lock().unwrap() = Some((number, silence, false));
    }

    /// Whether it has fallen silent.
    pub(crate) fn is_silent(&self) -> bool {
        self.state.silence.lock().unwrap().is_some_and(|(_, _, is_silent)| is_silent)
    }

    /// Answers again.
    pub(crate) fn speak(&self) {
        *self.state.silence.lock().unwrap() = None;
    }

    /// The bodies that were sent, each with its path.
    pub(crate) fn changes(&self) -> Vec<(String, Value)> {
        let requests = self.state.requests.lock().unwrap();
        let changes = requests.iter().filter(|request| request.method == "PUT");
        changes.map(|request| (request.path.clone(), serde_json::from_slice(&request.body).unwrap())).collect()
    }

    /// Everything that was asked, changes too.
    pub(crate) fn all_requests(&self) -> Vec<Request> {
        self.state.requests.lock().unwrap().clone()
    }

    /// Everything that was asked; nothing but GET may be among it.
    #[track_caller]
    pub(crate) fn requests(&self) -> Vec<Request> {
        let requests = self.all_requests();
        assert!(requests.iter().all(|request| request.method == "GET"), "{requests:?}");
        requests
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

/// The program in an environment that holds nothing but what Helm says to a plugin.
pub(crate) fn bare_command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_helm-clas"));
    command.env_clear().envs(BRIEF).env("HELM_PLUGIN_DIR", "/plugins/clas");
    command
}

/// What the program did.
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) answer: String,
    pub(crate) remarks: String,
}

/// Runs the program, which must not reveal the secret, however it is spelled.
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
            let reply = self.reply(&request, number)?;
            send(&mut tls, &reply)?;
        }
    }

    /// The answer; nothing where it stays silent.
    fn reply(&self, request: &Request, number: usize) -> Option<Reply> {
        let silence = self.silence.lock().unwrap().filter(|(at, _, _)| *at == number).map(|(_, silence, _)| silence);
        let reply = (silence != Some(Silence::Before))
            .then(|| (self.quirk)(request, number).unwrap_or_else(|| self.answer(request)));
        if silence.is_some() {
            *self.silence.lock().unwrap() = Some((number, Silence::After, true));
            thread::sleep(Duration::from_secs(60));
            return None;
        }
        reply
    }

    fn answer(&self, request: &Request) -> Reply {
        if request.header("authorization") != Some(&format!("Basic {}", login())) {
            return Reply::of(401, "");
        }
        self.played.lock().unwrap().answer(request)
    }
}

impl Drop for FakePce {
    /// Whatever was sent is what the vendor's schemas take.
    fn drop(&mut self) {
        if !thread::panicking() {
            let complaints = &self.played().complaints;
            assert!(complaints.is_empty(), "{complaints:#?}");
        }
    }
}

fn read_request(stream: &mut impl Read) -> Option<Request> {
    // the client sends nothing behind a request before it has its answer, so a reader of our own loses nothing
    let mut reader = BufReader::with_capacity(1, stream);
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
        Some(line.trim_end().to_owned())
    };
    let first = line()?;
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    while let Some((name, value)) = line()?.split_once(':') {
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut request = Request { method, path, headers, body: Vec::new() };
    let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    request.body = vec![0; length];
    reader.read_exact(&mut request.body).ok()?;
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
