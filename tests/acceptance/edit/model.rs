//! Random edits beside a plain model of the register: on both time axes the server says what the model
//! says.

use std::collections::BTreeMap;

use super::{Edited, GEOJSON, LIGHTS, light, path};
use crate::program::{list, text};

const EDITS: usize = 220;
const LOOKS: usize = 160;
const ASSETS: usize = 8;

/// Pseudo-random numbers, the same from the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

/// One thing that was once said of an asset: true on days from `valid.0` until before `valid.1`, known to
/// the changes from `known.0` until before `known.1`.
#[derive(Clone, Debug)]
struct Said {
    power: usize,
    valid: (usize, usize),
    known: (u64, u64),
}

const EVER: usize = usize::MAX;
const NOW: u64 = u64::MAX;

/// What was ever said of the assets; never changed but for the end of what is known.
#[derive(Default)]
struct Model(BTreeMap<String, Vec<Said>>);

impl Model {
    fn power(&self, path: &str, day: usize, change: u64) -> Option<usize> {
        let said = self.0.get(path)?.iter().filter(|said| {
            (said.valid.0..said.valid.1).contains(&day)
                && (said.known.0..said.known.1).contains(&change)
        });
        let found: Vec<usize> = said.map(|said| said.power).collect();
        assert!(found.len() < 2, "{path}, day {day}, change {change}: {found:?}");
        found.first().copied()
    }

    /// What is known now and true from some day on without end.
    fn standing(&self, path: &str) -> Option<Said> {
        self.0[path].iter().find(|said| said.known.1 == NOW && said.valid.1 == EVER).cloned()
    }

    /// Says something of an asset from a change on, in the place of what stands.
    fn say(&mut self, path: &str, change: u64, news: impl IntoIterator<Item = Said>) {
        let all = self.0.get_mut(path).expect("an asset");
        let standing = all.iter_mut().find(|said| said.known.1 == NOW && said.valid.1 == EVER);
        standing.expect("something stands").known.1 = change;
        all.extend(news);
    }
}

fn date(day: usize) -> String {
    format!("{}-{:02}-{:02}", 1990 + day / 336, 1 + day / 28 % 12, 1 + day % 28)
}

#[test]
fn on_both_time_axes_the_register_says_what_was_said() {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0x5eed);
    let (mut random, mut model) = (Random(seed), Model::default());
    let edited = Edited::new();
    let mut change = 1;
    for _ in 0..EDITS {
        let paths: Vec<String> = model.0.keys().cloned().collect();
        let power = random.below(400);
        if paths.len() < ASSETS {
            let day = random.below(2000);
            let to = format!("{LIGHTS}?valid_from={}", date(day));
            let answer = edited.server.send(
                "POST",
                &to,
                &[GEOJSON],
                light(&format!(r#""power_w":{power}"#)),
            );
            assert_eq!(answer.status, 201, "{}", answer.text());
            change += 1;
            let path = path(&edited.server, &answer);
            model.0.insert(path, vec![Said { power, valid: (day, EVER), known: (change, NOW) }]);
            continue;
        }
        let path = paths[random.below(paths.len())].clone();
        let Some(standing) = model.standing(&path) else { continue };
        let body = format!(r#"{{"properties":{{"power_w":{power}}}}}"#);
        // Sometimes before what is known begins, so that it contradicts the order.
        let day = (standing.valid.0 + random.below(500)).saturating_sub(60);
        let fits = day > standing.valid.0;
        let (answer, news) = match random.below(10) {
            0..=4 => {
                let answer = edited.patch(&format!("{path}?valid_from={}", date(day)), &[], &body);
                let before = |change| Said {
                    valid: (standing.valid.0, day),
                    known: (change, NOW),
                    ..standing.clone()
                };
                let after = |change| Said { power, valid: (day, EVER), known: (change, NOW) };
                (answer, (fits, vec![before(change + 1), after(change + 1)]))
            }
            5..=7 => {
                let answer = edited.patch(&format!("{path}?verb=correct"), &[], &body);
                (answer, (true, vec![Said { power, known: (change + 1, NOW), ..standing.clone() }]))
            }
            8 => {
                let answer =
                    edited.server.ask("DELETE", &format!("{path}?valid_from={}", date(day)), &[]);
                let ended = Said {
                    valid: (standing.valid.0, day),
                    known: (change + 1, NOW),
                    ..standing.clone()
                };
                (answer, (fits, vec![ended]))
            }
            _ => (
                edited.server.ask("DELETE", &format!("{path}?verb=correct"), &[]),
                (true, Vec::new()),
            ),
        };
        let (fits, news) = news;
        let is_known = answer.status == 200
            && news.iter().any(|said| said.power == standing.power)
            && power == standing.power;
        if is_known {
            continue;
        }
        assert_eq!(
            answer.status < 300,
            fits,
            "SEED={seed} {path} on {}: {}",
            date(day),
            answer.text()
        );
        if fits {
            change += 1;
            model.say(&path, change, news);
            let undone = random.below(4) == 0;
            if undone {
                let answer =
                    edited.server.send("POST", &format!("/change-sets/{change}/revert"), &[], "");
                assert_eq!(answer.status, 200, "{}", answer.text());
                change += 1;
                let all = model.0.get_mut(&path).expect("an asset");
                for said in
                    all.iter_mut().filter(|said| said.known.0 == change - 1 && said.known.1 == NOW)
                {
                    said.known.1 = change;
                }
                all.push(Said { known: (change, NOW), ..standing });
            }
        } else {
            assert_eq!(answer.status, 422, "{}", answer.text());
        }
    }
    look(&edited, &model, &mut random, (change, seed));
    edited.check();
}

/// Compares what the server says of the past with the model, at corners and elsewhere.
fn look(edited: &Edited, model: &Model, random: &mut Random, (last, seed): (u64, u64)) {
    let corners: Vec<usize> =
        model.0.values().flatten().flat_map(|said| [said.valid.0, said.valid.1]).collect();
    for turn in 0..LOOKS {
        let corner = corners[random.below(corners.len())];
        let day = if corner == EVER {
            random.below(4000)
        } else {
            (corner + random.below(3)).saturating_sub(1)
        };
        let known = if turn % 5 == 0 { last } else { 1 + random.below(last as usize) as u64 };
        let at = format!("as-of={}T00:00:00Z&known-at={known}", date(day));
        let page = edited.server.json(&format!("{LIGHTS}?{at}&limit=100"));
        let told: BTreeMap<String, f64> = list(&page["features"])
            .iter()
            .map(|feature| {
                let power = feature["properties"]["power_w"].as_f64().expect("a number");
                (format!("{LIGHTS}/{}", text(&feature["id"])), power)
            })
            .collect();
        let expected: BTreeMap<String, f64> = model
            .0
            .keys()
            .filter_map(|path| Some((path.clone(), model.power(path, day, known)? as f64)))
            .collect();
        assert_eq!(told, expected, "SEED={seed} {at}");
        let path = model.0.keys().nth(random.below(model.0.len())).expect("an asset");
        let one = edited.server.get(&format!("{path}?{at}"));
        let power = expected.get(path);
        assert_eq!(one.status, if power.is_some() { 200 } else { 404 }, "{path}?{at}");
    }
    for path in model.0.keys() {
        let now = edited.server.get(path);
        let power = model.standing(path).map(|said| said.power as f64);
        match power {
            Some(power) => assert_eq!(now.json()["properties"]["power_w"], power, "{path}"),
            None => assert_eq!(now.status, 410, "{path}"),
        }
    }
}
