//! Classes that a city brings: how they come into the registry and grow there, what a running server
//! shows of it, and what is refused.

mod refused;
mod served;
mod together;

use serde_json::Value as Json;

use crate::program::{Done, Server, wait_until};
use crate::sender::Sender;

/// The head of a class of benches.
const HEAD: &str = r#"
name = "benches"
geometry = "point"
title = { en = "Benches", zh = "座椅" }
description = { en = "Where one sits.", zh = "供人休息的座椅。" }
"#;

const WOOD: &str = r#"
[[field]]
name = "wood"
kind = "code"
title = { en = "Wood", zh = "木材" }
codes = [{ code = "oak", en = "Oak", zh = "橡木" }, { code = "pine", en = "Pine", zh = "松木" }]
"#;

const SEATS: &str = r#"
[[field]]
name = "seats"
kind = "integer"
range = [1, 10]
title = { en = "Seats", zh = "座位数" }
"#;

const COST: &str = r#"
[[field]]
name = "cost"
kind = "number"
sensitivity = "restricted"
title = { en = "Cost", zh = "造价" }
"#;

const COLOUR: &str = r#"
[[field]]
name = "colour"
kind = "text"
title = { en = "Colour", zh = "颜色" }
"#;

/// The class with the fields that all tests begin with.
fn benches() -> String {
    [HEAD, WOOD, SEATS, COST].concat()
}

/// A bench with this key and these properties, as text of JSON without braces.
fn bench(key: &str, properties: &str) -> String {
    crate::sender::light(key, properties)
}

/// Somebody with a registry in which there are benches.
struct City(Sender);

impl City {
    /// A registry with the class alone.
    fn new() -> Self {
        let city = Self(Sender::new());
        city.put(&benches(), &[]).expect_done();
        city
    }

    /// Puts a document in force.
    fn put(&self, document: &str, options: &[&str]) -> Done {
        let path = self.0.file("benches.toml", document);
        self.0.run(&[&["classes", "put", &path], options].concat())
    }

    /// Imports benches; all rows must be taken.
    fn import(&self, rows: &[String]) {
        self.import_with(rows, &[]).expect_done();
    }

    fn import_with(&self, rows: &[String], options: &[&str]) -> Done {
        let path = self.0.file("benches.geojsonl", rows.join("\n"));
        self.0.run(&[&["import", &path, "--as", "benches"], options].concat())
    }

    fn serve(&self) -> Server {
        Server::start(&self.0.registry(), &[])
    }
}

/// Waits until the server has come to the last change of the registry.
fn wait_for_last(server: &Server, city: &City) {
    let last = city.0.last_change();
    wait_until("the server has followed", || {
        server.json("/health/ready")["changeSequence"] == last
    });
}

/// The names of the members of an object, in their order.
fn names(object: &Json) -> Vec<&str> {
    let members = object.as_object().unwrap_or_else(|| panic!("no object: {object}"));
    members.keys().map(String::as_str).collect()
}

/// Which of the fields that benches have of their own are among the names, in their order.
fn own<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let known = ["wood", "seats", "cost", "colour"];
    names.into_iter().filter(|name| known.contains(name)).collect()
}
