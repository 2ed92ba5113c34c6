//! Editors beside each other, and a server that is killed between them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::{Edited, GEOJSON, LIGHTS, light, path, properties};
use crate::program::Server;

const CLIENTS: usize = 32;
const ASSETS: usize = 10;
const EDITS_A_CLIENT: usize = 12;

#[test]
fn of_many_who_have_seen_one_version_one_wins_and_no_update_is_lost() {
    let edited = Edited::new();
    let paths: Vec<String> = (0..ASSETS).map(|_| edited.light(r#""power_w":0"#)).collect();
    let (won, lost) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (edited, paths, won, lost) = (&edited, &paths, &won, &lost);
            scope.spawn(move || {
                for turn in 0..EDITS_A_CLIENT {
                    let path = &paths[(client + turn) % ASSETS];
                    let seen = edited.server.get(path);
                    let tag = seen.header("etag").expect("a tag").to_owned();
                    let power = properties(&seen)["power_w"].as_f64().expect("a number");
                    // Each adds one to what it has seen: were an update lost, the sum would tell.
                    let body = format!(r#"{{"properties":{{"power_w":{}}}}}"#, power + 1.0);
                    let answer = edited.patch(path, &[("If-Match", &tag)], &body);
                    match answer.status {
                        200 => won.fetch_add(1, Ordering::Relaxed),
                        412 => lost.fetch_add(1, Ordering::Relaxed),
                        other => panic!("{other}: {}", answer.text()),
                    };
                    // What was acknowledged is there for the next question, on another connection.
                    if answer.status == 200 {
                        let now = edited.server.get(path);
                        assert!(properties(&now)["power_w"].as_f64().expect("a number") > power);
                    }
                }
            });
        }
    });
    let (won, lost) = (won.into_inner(), lost.into_inner());
    assert_eq!(won + lost, CLIENTS * EDITS_A_CLIENT);
    assert!(lost > 0, "nobody met another");
    let powers = paths.iter().map(|path| properties(&edited.server.get(path))["power_w"].clone());
    let sum: f64 = powers.map(|power| power.as_f64().expect("a number")).sum();
    assert_eq!(sum as usize, won);
    for path in &paths {
        let told = edited.told(path, "power_w");
        for (number, line) in told.iter().enumerate() {
            let state = if number + 1 == told.len() { "valid" } else { "ended" };
            assert_eq!(*line, format!("{} {state} known {number}.0", number + 1), "{path}");
        }
    }
    edited.check();
}

#[test]
fn what_is_acknowledged_survives_a_server_that_is_killed() {
    // `tests/kill-rounds` has more of them.
    let rounds = std::env::var("KILL_ROUNDS").map_or(4, |text| text.parse().expect("a number"));
    let folder = crate::program::folder();
    let registry = folder.path().join("registry");
    let mut acknowledged = BTreeMap::new();
    let mut key: Option<String> = None;
    for round in 0..rounds {
        let mut server = Server::start(&registry, &[]);
        // Only the server that makes the registry shows a key.
        let key = key.get_or_insert_with(|| server.key().to_owned());
        server.ask_with(key);
        thread::scope(|scope| {
            let clients: Vec<_> = (0..4)
                .map(|client| {
                    let server = &server;
                    scope.spawn(move || {
                        let mut made = Vec::new();
                        for number in 0.. {
                            let code = format!("{round}-{client}-{number}");
                            let body = light(&format!(r#""code":"{code}""#));
                            let Some(answer) = server.try_send("POST", LIGHTS, &[GEOJSON], &body)
                            else {
                                return made;
                            };
                            assert_eq!(answer.status, 201, "{}", answer.text());
                            made.push((path(server, &answer), code));
                        }
                        made
                    })
                })
                .collect();
            thread::sleep(std::time::Duration::from_millis(150 + 70 * (round % 7)));
            server.kill();
            for client in clients {
                acknowledged.extend(client.join().expect("a client"));
            }
        });
    }
    assert!(acknowledged.len() as u64 >= rounds, "{} edits", acknowledged.len());
    let server = Server::start(&registry, &[]);
    for (path, code) in &acknowledged {
        assert_eq!(properties(&server.get(path))["code"], code.as_str(), "{path}");
    }
    server.stop();
    crate::program::terrier(&registry, &["check"]).expect_done();
}
