//! [`Shop`]: a folder on the loopback interface, as the place where a forge keeps the files of a release.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    thread,
};

/// Serves the files of a folder over HTTP, below any path.
pub(crate) struct Shop {
    address: SocketAddr,
}

impl Shop {
    /// Serves the folder until the tests end.
    pub(crate) fn of(folder: &Path) -> Self {
        Self::serving(folder, answer)
    }

    /// The same, but it says of every file only that it is bytes, as GitHub does.
    pub(crate) fn of_bytes(folder: &Path) -> Self {
        Self::serving(folder, |stream, file| answer_as(stream, file, "application/octet-stream"))
    }

    /// The same, but every file breaks off in the middle.
    pub(crate) fn breaking_off(folder: &Path) -> Self {
        Self::serving(folder, |stream, file| {
            let whole = fs::read(file).unwrap_or_default();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", whole.len());
            let _ = stream.write_all(&[head.as_bytes(), &whole[..whole.len() / 2]].concat());
        })
    }

    fn serving(folder: &Path, answer: fn(&mut TcpStream, &Path)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let folder = folder.to_path_buf();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &folder, answer);
            }
        });
        Self { address }
    }

    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    /// The address of a shop that is closed.
    pub(crate) fn closed() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    }
}

fn serve(mut stream: TcpStream, folder: &Path, answer: fn(&mut TcpStream, &Path)) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let Some(request) = lines.next() else { return };
    lines.take_while(|line| !line.is_empty()).for_each(drop);
    let path = request.split(' ').nth(1).unwrap_or_default();
    answer(&mut stream, &file_of(folder, path));
}

/// The last part of the path names the file.
fn file_of(folder: &Path, path: &str) -> PathBuf {
    folder.join(path.rsplit('/').next().unwrap_or_default())
}

fn answer(stream: &mut TcpStream, file: &Path) {
    let is_plugin = file.extension().is_some_and(|ending| ending == "tgz");
    answer_as(stream, file, if is_plugin { "application/gzip" } else { "text/plain" });
}

fn answer_as(stream: &mut TcpStream, file: &Path, media_type: &str) {
    let (status, body) = match fs::read(file) {
        Ok(body) => ("200 OK", body),
        Err(_) => ("404 Not Found", b"no such file\n".to_vec()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(&[head.as_bytes(), &body].concat());
}
