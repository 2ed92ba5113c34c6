//! The demonstration district: made from a number of assets and a seed.

use std::collections::HashSet;

use serde_json::Value as Json;

use crate::program::{Server, folder, terrier};
use crate::sender::{Sender, id};

/// All assets of a district.
fn district(assets: &str, seed: &str) -> Vec<Json> {
    let sender = Sender::new();
    let done = sender.run(&["demo", "--assets", assets, "--seed", seed]).expect_done();
    assert!(done.stdout.starts_with(&format!("{assets} assets in `")), "{}", done.stdout);
    let features = sender.export("assets");
    assert_eq!(features.len().to_string(), assets);
    features
}

#[test]
fn a_district_has_as_many_assets_as_one_wants() {
    for assets in ["0", "1", "100"] {
        district(assets, "1");
    }
    let sender = Sender::new();
    let done = sender.run(&["demo", "--assets", "5", "--json"]).expect_done();
    assert_eq!(done.json()["assets"], 5);
}

#[test]
fn a_district_is_put_into_no_registry_that_is_there() {
    let sender = Sender::new();
    sender.run(&["demo", "--assets", "5"]).expect_done();
    let done = sender.run(&["demo", "--assets", "5"]);
    let folder = sender.registry();
    let expected = format!("error: there is a registry in `{}` already\n", folder.display());
    assert_eq!((done.code, done.stderr), (Some(1), expected));
    assert_eq!(sender.export("assets").len(), 5);
}

#[test]
fn the_same_seed_makes_the_same_bytes_and_another_seed_others() {
    let export = |seed: &str| {
        let sender = Sender::new();
        sender.run(&["demo", "--assets", "500", "--seed", seed]).expect_done();
        let classes = ["gas_pipes", "drain_pipes", "light_poles", "communities", "assets"];
        classes.map(|class| sender.run(&["export", class]).expect_done().stdout)
    };
    let first = export("7");
    assert!(first == export("7"), "the same seed made another district");
    for (one, other) in first.iter().zip(export("8")) {
        assert_ne!(*one, other);
    }
}

#[test]
fn a_greater_district_holds_a_smaller_one() {
    let all: HashSet<String> = district("300", "3").iter().map(Json::to_string).collect();
    assert!(district("100", "3").iter().all(|feature| all.contains(&feature.to_string())));
}

#[test]
fn a_district_has_all_classes_on_the_ground_of_hexi() {
    let features = district("1000", "5");
    let count = |class: &str| {
        features.iter().filter(|feature| feature["properties"]["class"] == class).count()
    };
    for class in ["gas_pipes", "drain_pipes", "light_poles", "greenway_segments"] {
        assert!(count(class) >= 10, "{} of {class}", count(class));
    }
    let ids: HashSet<&str> = features.iter().map(id).collect();
    assert_eq!(ids.len(), 1000);
    let sender = Sender::new();
    sender.run(&["demo", "--assets", "1000", "--seed", "5"]).expect_done();
    let inside = ["export", "assets", "--bbox=117.1728,39.0321,117.2861,39.1165"];
    assert_eq!(sender.run(&inside).expect_done().stderr, "1000 features\n");
}

#[test]
fn the_first_start_makes_the_district_and_the_second_uses_it() {
    let parent = folder();
    let registry = parent.path().join("district");
    let server = Server::start(&registry, &["--demo"]);
    let count =
        |server: &Server| server.json("/collections/assets/items?limit=1")["numberMatched"].clone();
    assert_eq!(count(&server), 60_000);
    assert_eq!(server.stop(), Some(0));
    let check = || terrier(&registry, &["check"]).expect_done().stdout;
    assert!(check().ends_with("\n60000 assets at change 2: all is well\n"));
    let server = Server::start(&registry, &["--demo"]);
    assert_eq!(count(&server), 60_000);
    assert!(check().ends_with("\n60000 assets at change 2: all is well\n"));
}
