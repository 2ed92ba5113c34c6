//! How much is taken, and of whom: bounds, slow senders, and senders that leave.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use super::Taken;
use crate::program::{PATIENCE, folder, text, wait_until};
use crate::sender::light;

/// The most bytes of a file.
const MOST: u64 = 256 * 1024 * 1024;

/// The most files that are on their way at once.
const AT_ONCE: usize = 6;

/// Begins to send a file of so many bytes, and sends some of it.
fn begin(taken: &Taken, bytes: u64, first: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(taken.server.address()).expect("the server listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let head = format!(
        "POST /imports?as=light_poles&name=x.geojson HTTP/1.1\r\nHost: x\r\nAuthorization: \
         Bearer {}\r\nContent-Length: {bytes}\r\nConnection: close\r\n\r\n",
        taken.server.key()
    );
    stream.write_all(head.as_bytes()).expect("the head is sent");
    stream.write_all(first).expect("the beginning is sent");
    stream
}

/// The first line of the answer, and the rest of it.
fn answer(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    // A server that does not want the rest may end the connection.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_file_that_says_that_it_is_too_large_is_refused_before_it_comes() {
    let taken = Taken::new();
    let answer = answer(begin(&taken, MOST + 1, b""));
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("at most 268435456 bytes"), "{answer}");
    assert_eq!(taken.left(), Vec::<String>::new());
}

#[test]
fn a_file_may_have_so_many_bytes_and_not_one_more() {
    let taken = Taken::new();
    let sent = |bytes: u64| {
        let mut stream = TcpStream::connect(taken.server.address()).expect("the server listens");
        let head = format!(
            "POST /imports?as=light_poles&name=x.geojson HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \
             {}\r\nPrefer: wait=60\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
            taken.server.key()
        );
        stream.write_all(head.as_bytes()).expect("the head is sent");
        let row = light("1", r#""code":"1""#).into_bytes();
        let blank = vec![b'\n'; 1024 * 1024];
        let mut left = bytes - row.len() as u64;
        let mut piece = |piece: &[u8]| {
            let _ = write!(stream, "{:x}\r\n", piece.len());
            let _ = stream.write_all(piece);
            let _ = stream.write_all(b"\r\n");
        };
        piece(&row);
        while left > 0 {
            let next = left.min(blank.len() as u64);
            piece(&blank[..next as usize]);
            left -= next;
        }
        let _ = stream.write_all(b"0\r\n\r\n");
        answer(stream)
    };
    let most = sent(MOST);
    assert!(most.starts_with("HTTP/1.1 200 "), "{most}");
    assert_eq!(taken.count("light_poles"), 1);
    let more = sent(MOST + 1);
    assert!(more.is_empty() || more.starts_with("HTTP/1.1 413 "), "{more}");
    wait_until("nothing is left of it", || taken.left() == ["import.json", "report.json"]);
}

#[test]
fn of_a_sender_that_leaves_nothing_is_kept() {
    let taken = Taken::new();
    let first = vec![b' '; 3 * 1024 * 1024];
    let stream = begin(&taken, 100 * 1024 * 1024, &first);
    wait_until("the file begins to come", || taken.left() == ["file"]);
    drop(stream);
    wait_until("nothing is left of it", || {
        let folder = std::fs::read_dir(taken.registry().join("imports")).expect("a folder");
        folder.count() == 0
    });
    let told = taken.server.json("/imports");
    assert_eq!(told["imports"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_sender_that_stops_in_the_middle_is_told_so() {
    let taken = Taken::new();
    let answer = answer(begin(&taken, 100, b"{"));
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("nothing came of the body for 10 seconds"), "{answer}");
}

#[test]
fn one_file_too_many_at_once_is_told_to_come_back() {
    let taken = Taken::new();
    let streams: Vec<TcpStream> = (0..AT_ONCE)
        .map(|_| begin(&taken, 4 * 1024 * 1024, &vec![b' '; 2 * 1024 * 1024]))
        .collect();
    wait_until("all are coming", || taken.left().len() == AT_ONCE);
    let refused = taken.send("as=light_poles&name=x.geojson", light("1", ""));
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert!(refused.header("retry-after").is_some());
    assert!(refused.problem().contains("6 files are on their way already"));
    drop(streams);
    wait_until("one is taken again", || {
        taken.send("as=light_poles&name=x.geojson", light("1", "")).status == 200
    });
}

#[test]
fn a_mapping_has_a_bound_of_its_own() {
    let taken = Taken::new();
    let sent = |bytes: usize| {
        let text = "source = \"s\"\n[[collection]]\ninto = \"light_poles\"\n[collection.fields]\ncode = \
                    \"code\"\n";
        let mapping = format!("{text}#{}", "x".repeat(bytes - text.len() - 1));
        let file = light("1", r#""code":"1""#);
        let parts =
            [("mapping", None, mapping.as_bytes()), ("file", Some("x.geojson"), file.as_bytes())];
        taken.parts("", &parts).status
    };
    assert_eq!(sent(1024 * 1024), 200);
    assert_eq!(sent(1024 * 1024 + 1), 413);
}

/// Writes an archive whose entries have 300 million zeros each.
const BOMB: &str = "\
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as archive:
    for name in sys.argv[2:]:
        archive.writestr(name, bytes(300_000_000))
";

#[test]
fn a_file_that_swells_beyond_measure_when_it_is_unpacked_is_refused_and_leaves_nothing() {
    let taken = Taken::new();
    let files = folder();
    let shapefile = &["bomb.shp", "bomb.shx", "bomb.dbf"][..];
    let workbook = &["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"][..];
    for (name, entries) in [("bomb.shp.zip", shapefile), ("bomb.xlsx", workbook)] {
        let bomb = files.path().join(name);
        let mut python = Command::new("/usr/bin/python3");
        python.args(["-c", BOMB]).arg(&bomb).args(entries);
        assert!(python.status().expect("Debian's Python starts").success());
        let bomb = std::fs::read(&bomb).expect("a file");
        assert!(bomb.len() < 1_000_000, "{name} has {} bytes", bomb.len());
        let answer = taken.send(&format!("as=light_poles&source=s&name={name}"), &bomb);
        let told = answer.json();
        assert_eq!(answer.status, 422, "{name}: {told}");
        assert_eq!(text(&told["import"]["state"]), "failed", "{told}");
        assert!(answer.text().contains("expected at most"), "{told}");
    }
    assert_eq!(taken.count("light_poles"), 0);
    wait_until("the files are gone", || taken.left() == ["import.json", "import.json"]);
    taken.check();
}
