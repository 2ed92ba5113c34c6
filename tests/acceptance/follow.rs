//! Commands beside a running server: what they write is shown soon and never by half, and what they
//! do does not disturb each other.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::MetadataExt;
use std::process::Child;

use serde_json::Value as Json;

use crate::program::{Server, terrier, wait_until};
use crate::sender::{Sender, light, lights};

/// How many assets a path of the server matches.
fn matched(server: &Server, path: &str) -> u64 {
    server.json(path)["numberMatched"].as_u64().expect("a count")
}

const ALL: &str = "/collections/light_poles/items?limit=1";

/// Writes rows to an import that has been started.
fn write(import: &mut Child, rows: &[String]) {
    let pipe = import.stdin.as_mut().expect("stdin is piped");
    pipe.write_all((rows.join("\n") + "\n").as_bytes()).expect("the import reads");
}

/// Ends the rows of an import; it must be done.
fn finish(mut import: Child) -> String {
    drop(import.stdin.take());
    let done = import.wait_with_output().expect("the import ends");
    assert!(done.status.success(), "{done:?}");
    String::from_utf8(done.stdout).expect("a report")
}

/// Waits until an import keeps other writers away: it holds the lock for writers of SQLite's
/// write-ahead log, byte 120 of the file beside it.
fn wait_until_it_writes(sender: &Sender, import: &Child) {
    let owner = format!(" WRITE {} ", import.id());
    let file = sender.registry().join("terrier.sqlite-shm");
    wait_until("the import has begun to write", || {
        let locks = std::fs::read_to_string("/proc/locks").expect("the locks of the machine");
        std::fs::metadata(&file).is_ok_and(|file| {
            let place = format!(":{} 120 120", file.ino());
            locks.lines().any(|line| line.contains(&owner) && line.ends_with(&place))
        })
    });
}

#[test]
fn what_a_command_imports_is_shown_without_a_restart() {
    let sender = Sender::new();
    let server = Server::start(&sender.registry(), &[]);
    assert_eq!(matched(&server, ALL), 0);
    for power in [70, 85, 90] {
        sender.import(&lights(3, &format!("\"power_w\":{power}")), &[]).expect_done();
        wait_until("the change is shown", || {
            let path = format!("/collections/light_poles/items?power_w={power}");
            matched(&server, &path) == 3
        });
        assert_eq!(matched(&server, ALL), 3);
    }
}

/// What one page of the server says of an import that makes 2,000 lamps brighter and brings 2,000.
fn state(server: &Server) -> (u64, usize, usize) {
    let page = server.json("/collections/light_poles/items?limit=10000");
    let features = page["features"].as_array().expect("features");
    let count = |power: f64| {
        let is_it = |feature: &&Json| feature["properties"]["power_w"] == power;
        features.iter().filter(is_it).count()
    };
    (page["numberMatched"].as_u64().expect("a count"), count(70.0), count(85.0))
}

#[test]
fn a_reader_sees_an_import_whole_or_not_at_all() {
    const BEFORE: (u64, usize, usize) = (2000, 2000, 0);
    const AFTER: (u64, usize, usize) = (4000, 0, 4000);
    let sender = Sender::new();
    sender.import(&lights(2000, "\"power_w\":70"), &[]).expect_done();
    let server = Server::start(&sender.registry(), &[]);
    let rows = lights(4000, "\"power_w\":85");
    let mut import = sender.start_import();
    write(&mut import, &rows[..3000]);
    wait_until_it_writes(&sender, &import);
    // Half of it has been read; a server that starts now sees nothing of it either.
    let late = Server::start(&sender.registry(), &[]);
    for _ in 0..5 {
        assert_eq!((state(&server), state(&late)), (BEFORE, BEFORE));
    }
    write(&mut import, &rows[3000..]);
    let finishing = std::thread::spawn(|| finish(import));
    for server in [&server, &late] {
        wait_until("the import is shown", || {
            let state = state(server);
            assert!(state == BEFORE || state == AFTER, "{state:?}");
            state == AFTER
        });
    }
    let report = finishing.join().expect("the import is done");
    assert!(report.starts_with("4000 rows: 2000 new, 2000 changed"), "{report}");
}

#[test]
fn a_second_import_waits_for_the_first_and_readers_do_not() {
    let sender = Sender::new();
    sender.import(&lights(10, "\"power_w\":70"), &[]).expect_done();
    let mut first = sender.start_import();
    write(&mut first, &lights(700, "\"power_w\":85"));
    wait_until_it_writes(&sender, &first);
    let registry = sender.registry();
    let path = sender.file("second.geojsonl", light("k0", "\"power_w\":90"));
    let second = std::thread::spawn(move || {
        let options = ["import", &path, "--as", "light_poles", "--source", "lights"];
        terrier(&registry, &options).expect_done().stdout
    });
    for _ in 0..5 {
        assert_eq!(sender.last_change(), 2);
        assert_eq!(sender.export("assets").len(), 10);
        assert_eq!(sender.coded("light_poles", "L0")["properties"]["power_w"], 70.0);
        assert!(!second.is_finished());
    }
    assert!(finish(first).contains("690 new, 10 changed"));
    let report = second.join().expect("the second import is done");
    assert!(report.contains("0 new, 1 changed") && report.contains("(change 4)"), "{report}");
    assert_eq!(sender.coded("light_poles", "L0")["properties"]["power_w"], 90.0);
}

#[test]
fn imports_that_all_make_the_registry_at_once_are_all_taken() {
    for _ in 0..5 {
        let sender = Sender::new();
        let mut imports: Vec<Child> = (0..4).map(|_| sender.start_import()).collect();
        for (number, import) in imports.iter_mut().enumerate() {
            write(import, &[light(&number.to_string(), "")]);
        }
        let done: Vec<_> =
            imports.into_iter().map(|import| std::thread::spawn(|| finish(import))).collect();
        for done in done {
            assert!(done.join().expect("the import is done").contains("1 new"));
        }
        assert_eq!(sender.last_change(), 5);
        assert_eq!(sender.export("assets").len(), 4);
    }
}

#[test]
fn an_import_that_waits_in_vain_says_that_the_registry_is_busy() {
    let sender = Sender::new();
    let mut first = sender.start_import();
    // So many that the beginning tells the format before the end is there.
    write(&mut first, &lights(10, "\"power_w\":70"));
    wait_until_it_writes(&sender, &first);
    let second = sender.import(&lights(3, "\"power_w\":85"), &[]);
    let expected = "error: the registry is busy: another import or edit is under way; try again \
                    when it is done\n";
    assert_eq!((second.code, &*second.stderr, &*second.stdout), (Some(5), expected, ""));
    assert!(finish(first).contains("10 new"));
    sender.import(&lights(3, "\"power_w\":85"), &[]).expect_done();
}

/// Asks for a large page and reads its beginning; the rest waits in the server.
fn begin_to_read(server: &Server) -> TcpStream {
    let mut client = TcpStream::connect(server.address()).expect("the server listens");
    let request = "GET /collections/light_poles/items?limit=10000 HTTP/1.1\r\nHost: x\r\n\r\n";
    client.write_all(request.as_bytes()).expect("a request");
    let mut beginning = [0; 15];
    client.read_exact(&mut beginning).expect("the beginning of the answer");
    assert_eq!(&beginning, b"HTTP/1.1 200 OK");
    client
}

/// A server of so many lights that a page of them fills no buffer on its way.
fn server_of_many() -> (Sender, Server) {
    let sender = Sender::new();
    let long = "灯".repeat(200);
    sender.import(&lights(10_000, &format!("\"remarks\":\"{long}\"")), &[]).expect_done();
    let server = Server::start(&sender.registry(), &[]);
    (sender, server)
}

#[test]
fn a_server_that_is_told_to_end_finishes_its_answers() {
    let (sender, mut server) = server_of_many();
    let mut client = begin_to_read(&server);
    server.terminate();
    wait_until("nobody new is let in", || TcpStream::connect(server.address()).is_err());
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).expect("the rest of the answer");
    let text = String::from_utf8(rest).expect("UTF-8");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    let length = format!("Content-Length: {}", body.len());
    assert!(head.lines().any(|line| line == length), "{head}");
    let page: Json = serde_json::from_str(body).expect("a whole document");
    assert_eq!(page["numberReturned"], 10_000);
    assert_eq!(server.stop(), Some(0));
    assert_eq!(sender.last_change(), 2);
}

#[test]
fn clients_that_say_and_read_nothing_do_not_keep_a_server_alive() {
    let (_sender, server) = server_of_many();
    let silent = TcpStream::connect(server.address()).expect("the server listens");
    let slow = begin_to_read(&server);
    assert_eq!(server.stop(), Some(0));
    drop((silent, slow));
}

#[test]
fn a_server_starts_again_where_it_ended() {
    let sender = Sender::new();
    sender.import(&lights(50, "\"power_w\":70"), &[]).expect_done();
    let read =
        |server: &Server| server.json("/collections/assets/items?limit=100")["features"].clone();
    let server = Server::start(&sender.registry(), &[]);
    let first = read(&server);
    assert_eq!(server.stop(), Some(0));
    let server = Server::start(&sender.registry(), &[]);
    assert_eq!(read(&server), first);
    assert_eq!(server.stop(), Some(0));
    let left: Vec<_> = std::fs::read_dir(sender.registry()).expect("the registry").collect();
    assert_eq!(left.len(), 1, "all of it is in one file: {left:?}");
}
