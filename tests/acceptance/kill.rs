//! Imports that are killed without warning: the registry has all of it or nothing.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value as Json;

use crate::program::{Server, command, wait_until};
use crate::random;
use crate::sender::{Sender, lights};

/// How often an import is killed.
const ROUNDS: u32 = 50;

/// How many street lights each file has.
const ROWS: usize = 3_000;

/// Numbers by chance, from a seed that is printed and that `TERRIER_SEED` repeats.
struct Chance(random::Chance);

impl Chance {
    #[expect(clippy::print_stdout, reason = "whoever repeats a failure needs the seed")]
    fn new() -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
        let given = std::env::var("TERRIER_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or(now.as_nanos() as u64);
        println!("TERRIER_SEED={seed}");
        Self(random::Chance::of(seed, 0))
    }

    /// A number from 0 to 1.
    fn share(&mut self) -> f64 {
        self.0.next() as f64 / u64::MAX as f64
    }

    /// A moment of an import that takes so long: half of them near its end, where it is committed.
    fn moment(&mut self, took: Duration) -> Duration {
        let from = if self.share() < 0.5 { 0.0 } else { 0.7 };
        took.mul_f64(from + (1.0 - from) * self.share())
    }
}

/// An import of a file that gives all lights this power, and says of each tenth one that it was
/// inspected on a day.
fn import(sender: &Sender, power: u32) -> Command {
    let given = format!("\"power_w\":{power}");
    let inspected = format!("{given},\"inspected_on\":\"{}\"", day(f64::from(power)));
    let mut rows = lights(ROWS, &given);
    let with_events = lights(ROWS, &inspected).into_iter();
    rows.iter_mut().zip(with_events).step_by(10).for_each(|(row, with_event)| *row = with_event);
    let rows = rows.join("\n");
    let path = sender.file("lights.geojsonl", rows);
    let mut import = command();
    import.arg("--data").arg(sender.registry()).args(["import", &path, "--as", "light_poles"]);
    import.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    import
}

/// The day on which lights of a power were inspected, a later one for a greater power.
fn day(power: f64) -> String {
    let first = jiff::civil::date(2024, 1, 1);
    (first + jiff::Span::new().days(power as i32)).to_string()
}

fn kill_after(mut import: Child, moment: Duration) {
    std::thread::sleep(moment);
    // SIGKILL; the import may have ended by itself.
    let _ = import.kill();
    import.wait().expect("the import ends");
}

/// The last change and the power that all lights have; the registry must be sound.
fn state(sender: &Sender) -> (u64, Option<f64>) {
    let change = sender.last_change();
    let features = sender.export("light_poles");
    let power = |feature: &Json| feature["properties"]["power_w"].as_f64();
    let first = features.first().and_then(power);
    let has_whole_change = features.iter().all(|feature| power(feature) == first);
    let day = day(first.unwrap_or_default());
    let is_inspected = |feature: &&Json| feature["properties"]["inspected_on"] == day;
    assert_eq!(features.iter().filter(is_inspected).count(), features.len() / 10);
    assert!(has_whole_change, "some lights have {first:?} W and others have not");
    assert!([0, ROWS].contains(&features.len()), "{} lights", features.len());
    (change, first)
}

fn run(mut import: Command) -> Duration {
    let start = Instant::now();
    assert!(import.status().expect("the program starts").success());
    start.elapsed()
}

#[test]
fn a_killed_import_is_taken_whole_or_not_at_all() {
    let mut chance = Chance::new();
    let sender = Sender::new();
    run(import(&sender, 1));
    let mut server = Some(Server::start(&sender.registry(), &[]));
    let mut took = run(import(&sender, 2));
    let (mut sequence, mut lost) = (3, 0);
    for power in 3..3 + ROUNDS {
        // In the second half, nobody has the registry open when the import dies.
        if power == 3 + ROUNDS / 2 {
            server = None;
        }
        let child = import(&sender, power).spawn().expect("the program starts");
        kill_after(child, chance.moment(took));
        let (before, after) =
            ((sequence, Some(f64::from(power - 1))), (sequence + 1, Some(f64::from(power))));
        let found = state(&sender);
        assert!(found == before || found == after, "{found:?} after {before:?}");
        // Sent again, it is taken, or changes nothing: the next round begins with what it left.
        let again = run(import(&sender, power));
        if found == before {
            took = again;
            lost += 1;
        }
        sequence += 1;
        if let Some(server) = &server {
            wait_until("the server shows what the ledger has", || {
                let path = format!("/collections/light_poles/items?limit=1&power_w={power}");
                server.json(&path)["numberMatched"] == ROWS
            });
        }
    }
    assert_eq!(state(&sender), (sequence, Some(f64::from(2 + ROUNDS))));
    assert!(lost > 0, "none of {ROUNDS} imports was killed in time");
}

#[test]
fn an_import_that_is_killed_while_it_makes_the_registry_leaves_none_or_a_whole_one() {
    let mut chance = Chance::new();
    let took = run(import(&Sender::new(), 1));
    for _ in 0..10 {
        let sender = Sender::new();
        for _ in 0..3 {
            let child = import(&sender, 1).spawn().expect("the program starts");
            kill_after(child, took.mul_f64(chance.share()));
            if sender.registry().join("terrier.sqlite").exists() {
                state(&sender);
            }
        }
        run(import(&sender, 1));
        assert_eq!(state(&sender), (2, Some(1.0)));
    }
}
