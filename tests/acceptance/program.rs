//! The program under test: its commands, and servers that end with the test that started them.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::iter;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use tempfile::TempDir;
use terrier_catalog::shipped_classes;

/// How long anything may take before a test gives up; nothing is expected to take so long.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// The program, with nothing of the environment that would change what it does.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_terrier"));
    command
        .env_remove("TERRIER_DATA")
        .env_remove("TERRIER_LOG")
        .env_remove("TERRIER_IDENTITY")
        .env_remove("TERRIER_KEY")
        .env("USER", "tester");
    command
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Done {
    /// The report as JSON.
    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// The same, for a command that must have been done.
    pub(crate) fn expect_done(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the program writes UTF-8");
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

/// Runs `terrier --data FOLDER ARGUMENTS…` to its end.
pub(crate) fn terrier(folder: &Path, arguments: &[&str]) -> Done {
    let mut command = command();
    command.arg("--data").arg(folder).args(arguments).stdin(Stdio::null());
    command.output().expect("the program starts").into()
}

/// Most tests are not about who asks: they read as anybody, and write with the key of the administrator.
const PUBLIC: [&str; 2] = ["--public-collections", "*"];

/// What nobody reads without a key, however public the registry is.
const WANT_KEY: [&str; 3] = ["/audit", "/imports", "/metrics"];

/// A server of a registry.
#[derive(Debug)]
pub(crate) struct Server {
    /// A shell that ends the server when its own input ends, so that no server outlives the tests.
    shell: Child,
    url: String,
    /// The key of the administrator, where the server has made the registry.
    key: Option<String>,
    reads_with_key: bool,
}

impl Server {
    /// Starts a server that clients know by another address, where a proxy listens. It says only
    /// that one, so its port is chosen here: on an address of the machine that nothing else uses.
    pub(crate) fn start_behind(folder: &Path, public_url: &str) -> Self {
        let free = TcpListener::bind("127.0.0.2:0").and_then(|listener| listener.local_addr());
        let address = free.expect("a free port").to_string();
        let arguments = [&PUBLIC[..], &["--public-url", public_url]].concat();
        let mut server = Self::listen(folder, &address, &arguments);
        server.url = format!("http://{address}");
        server
    }

    /// Starts a server of the registry in a folder, on a free port, that shows everything to everybody.
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::listen(folder, "127.0.0.1:0", &[&PUBLIC[..], arguments].concat())
    }

    /// The same, of what the registry says that it shows.
    pub(crate) fn start_as_is(folder: &Path, arguments: &[&str]) -> Self {
        Self::listen(folder, "127.0.0.1:0", arguments)
    }

    fn listen(folder: &Path, address: &str, arguments: &[&str]) -> Self {
        let script = "\"$@\" & child=$!; trap 'kill $child' TERM; read -r _; kill $child 2>/dev/null; \
                      wait $child";
        let program = command();
        let mut shell = Command::new("sh");
        shell.args(["-c", script, "sh"]).arg(program.get_program());
        shell.arg("--data").arg(folder).args(["serve", "--listen", address]).args(arguments);
        let is_new = !folder.join(terrier_store::FILE_NAME).exists();
        shell
            .env_remove("TERRIER_DATA")
            .env_remove("TERRIER_LOG")
            .env_remove("TERRIER_IDENTITY")
            .env_remove("TERRIER_KEY")
            .env("USER", "tester");
        let mut shell = shell
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a shell starts");
        let mut lines = BufReader::new(shell.stderr.take().expect("stderr is piped")).lines();
        let mut said = Vec::new();
        let url = loop {
            let line = lines.next().unwrap_or_else(|| panic!("no server: {said:?}"));
            let line = line.expect("the program writes UTF-8");
            // "serving 60000 assets of `…` at http://127.0.0.1:41234"
            if let (true, Some((_, url))) = (line.starts_with("serving"), line.rsplit_once(" at "))
            {
                break url.to_owned();
            }
            said.push(line);
        };
        // The rest must not fill the pipe, and where the server failed its log says why.
        std::thread::spawn(move || {
            let failed = lines.map_while(Result::ok).filter(|line| line.contains("ERROR"));
            #[expect(clippy::print_stderr, reason = "the test's own output is where one looks")]
            failed.for_each(|line| eprintln!("{line}"));
        });
        let mut shown = String::new();
        if is_new {
            let stdout = shell.stdout.take().expect("stdout is piped");
            BufReader::new(stdout).read_line(&mut shown).expect("the program writes UTF-8");
        }
        let key = shown.trim_end().rsplit_once(": ").map(|(_, key)| key.to_owned());
        Self { shell, url, key, reads_with_key: false }
    }

    /// The key of the administrator, which the server showed when it made the registry.
    pub(crate) fn key(&self) -> &str {
        self.key.as_deref().expect("the server has made the registry")
    }

    /// From now on who writes has a key.
    pub(crate) fn write_with(&mut self, key: &str) {
        self.key = Some(key.into());
    }

    /// From now on who asks has a key, whatever they ask.
    pub(crate) fn ask_with(&mut self, key: &str) {
        (self.key, self.reads_with_key) = (Some(key.into()), true);
    }

    /// The address under which the server knows itself.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The address and port, for a bare connection.
    pub(crate) fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// `GET` a path.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[])
    }

    /// `GET` a path and read the answer as JSON; it must be 200.
    pub(crate) fn json(&self, path: &str) -> Json {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    /// The documents of a list: that at a path, and those to which the `next` links lead.
    pub(crate) fn pages(&self, path: &str) -> Vec<Json> {
        let mut pages = vec![self.json(path)];
        while let Some(next) = link(&pages[pages.len() - 1], "next") {
            let page = self.json(&next);
            pages.push(page);
        }
        pages
    }

    /// All features of a list, page by page.
    pub(crate) fn features(&self, path: &str) -> Vec<Json> {
        self.pages(path).iter().flat_map(|page| list(&page["features"])).cloned().collect()
    }

    /// Asks with a method and headers.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(method, path, headers, "")
    }

    /// Sends a body.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl AsRef<[u8]>,
    ) -> Answer {
        self.try_send(method, path, headers, body).expect("an answer")
    }

    /// Sends a body to a server that may be gone before it answers.
    pub(crate) fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl AsRef<[u8]>,
    ) -> Option<Answer> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE))
            .user_agent("")
            .accept("")
            .build()
            .into();
        // A link may be followed as it is.
        let url =
            if path.starts_with("http") { path.into() } else { format!("{}{path}", self.url) };
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let is_known = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        let writes = matches!(method, "POST" | "PUT" | "PATCH" | "DELETE");
        let below = path.strip_prefix(&*self.url).unwrap_or(path);
        let wants_key = writes || WANT_KEY.iter().any(|start| below.starts_with(start));
        if let Some(key) =
            self.key.as_ref().filter(|_| (wants_key || self.reads_with_key) && !is_known)
        {
            request = request.header("Authorization", format!("Bearer {key}"));
        }
        let body = body.as_ref();
        let response = if body.is_empty() && !matches!(method, "POST" | "PUT" | "PATCH") {
            agent.run(request.body(()).expect("a request"))
        } else {
            agent.run(request.body(body).expect("a request"))
        };
        let mut response = response.ok()?;
        let mut body = Vec::new();
        response.body_mut().as_reader().read_to_end(&mut body).ok()?;
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        Some(Answer { status: response.status().as_u16(), headers, body })
    }

    /// The id of the server's process.
    pub(crate) fn pid(&self) -> u32 {
        let shell = self.shell.id();
        let children = std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children"));
        let children = children.expect("the shell runs");
        children.trim().parse().unwrap_or_else(|error| panic!("{error}: `{children}`"))
    }

    /// Sends SIGKILL.
    pub(crate) fn kill(&self) {
        // The shell's own, for a small machine has no other.
        let kill =
            Command::new("sh").args(["-c", "kill -KILL $0", &self.pid().to_string()]).status();
        assert!(kill.expect("kill starts").success(), "no server to kill");
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&mut self) {
        drop(self.shell.stdin.take());
    }

    /// Ends the server with SIGTERM, waits for its end and answers its exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        self.terminate();
        self.shell.wait().expect("the server ends").code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

/// An answer over HTTP.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The value of a header, when it is there once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "`{name}` comes twice");
        value
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Every header, its name in lower case.
    pub(crate) fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The detail of the problem that the answer is.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{problem}");
        text(&problem["detail"]).to_owned()
    }

    pub(crate) fn json(&self) -> Json {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }
}

/// A value as it may stand in an address.
pub(crate) fn encoded(value: &str) -> String {
    value.bytes().fold(String::new(), |mut text, byte| {
        write!(text, "%{byte:02X}").expect("a string takes whatever is written");
        text
    })
}

/// The items of a JSON list.
pub(crate) fn list(json: &Json) -> &[Json] {
    json.as_array().unwrap_or_else(|| panic!("no list: {json}"))
}

/// The text of a JSON text.
pub(crate) fn text(json: &Json) -> &str {
    json.as_str().unwrap_or_else(|| panic!("no text: {json}"))
}

/// The address to which the document's link of that relation leads.
pub(crate) fn link(document: &Json, rel: &str) -> Option<String> {
    let found = list(&document["links"]).iter().find(|link| link["rel"] == rel);
    found.map(|link| text(&link["href"]).to_owned())
}

/// Imports features, whose properties are named as the collection's fields are.
pub(crate) fn import(folder: &Path, collection: &str, features: &[Json], more: &[&str]) -> Done {
    let mut file = tempfile::NamedTempFile::with_suffix(".geojson").expect("a file");
    let body = serde_json::json!({ "type": "FeatureCollection", "features": features });
    file.write_all(body.to_string().as_bytes()).expect("the file is written");
    let path = file.path().to_str().expect("a plain path");
    let fixed = ["import", path, "--as", collection, "--source", "survey", "--json"];
    terrier(folder, &[&fixed, more].concat())
}

/// Waits until something holds.
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A server of a small demonstration district that no test changes.
pub(crate) fn district() -> &'static Server {
    static DISTRICT: OnceLock<(TempDir, Server)> = OnceLock::new();
    let (_, server) = DISTRICT.get_or_init(|| {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = parent.path().join("district");
        terrier(&folder, &["demo", "--assets", "3000", "--seed", "7"]).expect_done();
        let key = terrier(&folder, &["key", "create", "--administrator"]).expect_done().stdout;
        let mut server = Server::start(&folder, &["--today", "2026-07-01"]);
        server.write_with(key.trim_end());
        (parent, server)
    });
    server
}

/// The collections of which the district has the most features, seventy or more, of each kind of
/// geometry but surfaces.
pub(crate) const PLENTIFUL: [&str; 7] = [
    "assets",
    "drain_pipes",
    "gas_pipes",
    "gas_risers",
    "greenway_segments",
    "light_poles",
    "manholes",
];

/// The collections of every registry: that of all assets, then those of the shipped classes.
pub(crate) fn collections() -> Vec<&'static str> {
    iter::once("assets").chain(shipped_classes().iter().map(|(name, _)| *name)).collect()
}

/// A folder of its own for a test, which goes away with it.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// The text of a file of the repository's `fixtures`.
pub(crate) fn fixture(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(path)
}
