//! The commands that the pages show, run as a reader would run them, one after the other.
//!
//! In a `console` block a command stands behind `$ ` and what it says below it; `…` stands for
//! anything, and so does a time of day that has a fraction. A command without an answer has to be
//! done. A block with the name of a file behind its language is that file. A server shows what the
//! command before has written a moment later, so it is asked again for a while.

use std::cell::OnceCell;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::page::{Block, Page, root};
use crate::issuer::LocalIssuer;
use crate::program::{self, Server, terrier};

/// The address in the pages.
const ADDRESS: &str = "127.0.0.1:8080";

/// The issuer of tokens in the pages.
const ISSUER: &str = "https://login.example.cn/realms/city";

/// The file of a page that says whose tokens its server takes.
const LOGIN: &str = "login.toml";

/// For how long a server is asked until it answers as shown.
const SERVER_WAIT: Duration = Duration::from_secs(10);

/// What a page shows: a command, its line in the page, and the answer.
pub(super) struct Shown {
    pub(super) line: usize,
    pub(super) command: String,
    answer: String,
}

/// The commands of a block with their answers.
pub(super) fn commands(block: &Block<'_>) -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    let mut goes_on = false;
    for (line, text) in (block.line..).zip(&block.lines) {
        if let Some(command) = text.strip_prefix("$ ") {
            shown.push(Shown { line, command: command.into(), answer: String::new() });
        } else if let Some(last) = shown.last_mut() {
            let end = if goes_on { &mut last.command } else { &mut last.answer };
            if !end.is_empty() {
                end.push('\n');
            }
            end.push_str(text);
        }
        let asks = text.starts_with("$ ") || goes_on;
        goes_on = asks && text.ends_with('\\');
    }
    shown
}

/// Runs the commands of a page in a folder of their own and adds what is not as shown; answers how
/// many commands there are.
pub(super) fn run(page: &Page, wrong: &mut Vec<String>) -> usize {
    let mut reader = Reader::new();
    let mut count = 0;
    for block in page.blocks() {
        if let Some(file) = block.file {
            let text = reader.as_here(&(block.lines.join("\n") + "\n"));
            fs::write(reader.folder.path().join(file), text).expect("the file is written");
        }
        if block.language == "console" {
            for shown in commands(&block) {
                let difference = reader.difference(&shown);
                let place = format!("{}:{}: {}", page.name(), shown.line, shown.command);
                wrong.extend(difference.map(|difference| format!("{place}\n{difference}")));
                count += 1;
            }
        }
    }
    count
}

/// Somebody who reads a page and does as it says.
struct Reader {
    folder: TempDir,
    server: Option<Server>,
    /// The issuer, once a page names it.
    issuer: OnceCell<LocalIssuer>,
    code: i32,
}

impl Reader {
    fn new() -> Self {
        let folder = program::folder();
        let fixtures = folder.path().join("fixtures");
        std::os::unix::fs::symlink(root().join("fixtures"), fixtures).expect("a link");
        Self { folder, server: None, issuer: OnceCell::new(), code: 0 }
    }

    /// Runs a command and tells what it said when that is not as shown.
    fn difference(&mut self, shown: &Shown) -> Option<String> {
        if shown.command == "echo $?" {
            let code = self.code.to_string();
            return (shown.answer != code).then_some(code);
        }
        let command = self.as_here(&shown.command);
        if !command.contains(ADDRESS) {
            return self.once(&command, &shown.answer, ADDRESS);
        }
        let address = self.server().address().to_owned();
        let command = command.replace(ADDRESS, &address);
        let started = Instant::now();
        loop {
            let difference = self.once(&command, &shown.answer, &address);
            if difference.is_none() || started.elapsed() > SERVER_WAIT {
                return difference;
            }
            std::thread::sleep(SERVER_WAIT / 50);
        }
    }

    /// A text of a page with an issuer of this machine in the place of that of the pages.
    fn as_here(&self, text: &str) -> String {
        if !text.contains(ISSUER) {
            return text.to_owned();
        }
        let issuer = self.issuer.get_or_init(|| LocalIssuer::of_logins("wang.li", "gis-editors"));
        text.replace(ISSUER, &issuer.name())
    }

    /// Runs a command once; the address in what it says is that of the pages then.
    fn once(&mut self, command: &str, answer: &str, address: &str) -> Option<String> {
        let done = self.shell(command);
        self.code = done.code.unwrap_or(-1);
        let (out, error) = (&done.stdout, &done.stderr);
        let said = [format!("{error}{out}"), format!("{out}{error}")]
            .map(|text| tidy(&text.replace(address, ADDRESS)));
        let is_so = if answer.is_empty() {
            self.code == 0
        } else {
            said.iter().any(|said| is_like(said, &tidy(answer)))
        };
        (!is_so).then(|| said[0].clone())
    }

    /// A server of the registry that the page has made, or of the demonstration district.
    fn server(&mut self) -> &Server {
        let own = self.folder.path().join("terrier-data");
        if self.server.is_none() && own.exists() {
            let login = self.folder.path().join(LOGIN);
            let mut options = vec!["--today", "2026-07-01"];
            if login.exists() {
                options.extend(["--identity", login.to_str().expect("a plain path")]);
            }
            self.server = Some(Server::start(&own, &options));
        }
        self.server.as_ref().unwrap_or_else(|| demonstration())
    }

    fn shell(&self, line: &str) -> program::Done {
        let program = Path::new(env!("CARGO_BIN_EXE_terrier"));
        let path = std::env::var("PATH").unwrap_or_default();
        let path = format!("{}:{path}", program.parent().expect("a folder").display());
        let mut shell = Command::new("sh");
        shell.args(["-c", line]).current_dir(&self.folder).stdin(Stdio::null());
        shell.env("PATH", path).env("USER", "tester");
        shell
            .env_remove("TERRIER_DATA")
            .env_remove("TERRIER_LOG")
            .env_remove("TERRIER_IDENTITY")
            .env_remove("TERRIER_KEY");
        shell.output().expect("a shell starts").into()
    }
}

/// A server of the district that `terrier serve --demo` makes.
fn demonstration() -> &'static Server {
    static DEMONSTRATION: OnceLock<(TempDir, Server)> = OnceLock::new();
    let (_, server) = DEMONSTRATION.get_or_init(|| {
        let parent = program::folder();
        let folder = parent.path().join("terrier-demo");
        terrier(&folder, &["demo"]).expect_done();
        let server = Server::start(&folder, &["--today", "2026-07-01"]);
        (parent, server)
    });
    server
}

/// The text without space at the ends of its lines and at its own end.
fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_end().to_owned()
}

/// Whether a text is as shown, where `…` and times with a fraction stand for anything.
fn is_like(text: &str, shown: &str) -> bool {
    let shown = without_times(shown);
    let mut pieces = shown.split('…');
    let Some(mut rest) = text.strip_prefix(pieces.next().unwrap_or_default()) else {
        return false;
    };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

/// The text with `…` for each time such as `2026-11-25T10:25:53.525Z`.
fn without_times(text: &str) -> String {
    const FORM: &[u8] = b"0000-00-00T00:00:00.000Z";
    let is_time = |at: usize| {
        text.as_bytes().get(at..at + FORM.len()).is_some_and(|found| {
            found.iter().zip(FORM).all(|(byte, form)| match form {
                b'0' => byte.is_ascii_digit(),
                other => byte == other,
            })
        })
    };
    let mut out = String::new();
    let mut end = 0;
    for (at, c) in text.char_indices().filter(|(at, _)| text.is_char_boundary(*at)) {
        if at < end {
            continue;
        }
        if is_time(at) {
            out.push('…');
            end = at + FORM.len();
        } else {
            out.push(c);
        }
    }
    out
}

#[test]
fn an_answer_is_compared_but_for_what_it_leaves_open() {
    let check = |text: &str, shown: &str, expected: bool| {
        assert_eq!(is_like(text, shown), expected, "`{text}` as `{shown}`");
    };
    check("change 2", "change 2", true);
    check("change 2", "change 3", false);
    check("change 2 of 3", "change 2", false);
    check("a b c", "a … c", true);
    check("a b c", "a …", true);
    check("a b c", "… b …", true);
    check("a b c", "a … d", false);
    check("at 2026-11-25T10:25:53Z by x", "at 2024-01-01T00:00:00.525Z by x", true);
    check("at 2024-01-01T00:00:00Z by x", "at 2025-01-01T00:00:00Z by x", false);
}
