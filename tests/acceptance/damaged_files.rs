//! Sound files, damaged at random and sent to the program: it ends with a code of its own, in bounded
//! memory, and leaves no half of anything.
//!
//! A run of some seconds has the same cases each time. `tests/fuzz/run` runs it for longer, with other
//! seeds.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use crate::ogr::ogr2ogr;
use crate::program::{self, Done, command};
use crate::random::{self, damage};
use crate::sender::Sender;

/// How long a push tries all formats.
const SECONDS: u64 = 8;

/// The address space that an import may have: several times what one of a sound file takes.
const MEMORY_MAX_BYTES: u64 = 1 << 30;

const WORDS: [&[u8]; 6] =
    [b"\"", b"{\"type\":\"Feature\",", b"\r\n", b"LINESTRING (", b"\0\0\0\0", b"\xb8\xd6"];

/// Runs an import within the memory that it may have.
fn import(sender: &Sender, file: &str, mapping: &str, faults: &str) -> Done {
    let mut import = Command::new("prlimit");
    import.arg(format!("--as={MEMORY_MAX_BYTES}")).arg(command().get_program());
    import.env_remove("TERRIER_DATA").env_remove("TERRIER_LOG").env("USER", "tester");
    import.arg("--data").arg(sender.registry()).args(["import", file, "--mapping", mapping]);
    import.args(["--faults", faults, "--crs", "OGC:CRS84"]);
    import.output().expect("prlimit (Debian: util-linux) is installed").into()
}

#[test]
fn a_damaged_file_ends_an_import_with_a_code_and_with_all_or_nothing() {
    let fixture = |name: &str| {
        let path = program::fixture(&format!("gas-schutterwald/{name}"));
        path.to_str().expect("a path in UTF-8").to_owned()
    };
    let (file, mapping) = (fixture("gas_pipes.geojson"), fixture("gas_pipes.toml"));
    let sender = Arc::new(Sender::new());
    let formats = [
        ("GeoJSON", "geojson"),
        ("CSV", "csv"),
        ("GPKG", "gpkg"),
        ("ESRI Shapefile", "shz"),
        ("FlatGeobuf", "fgb"),
        ("XLSX", "xlsx"),
    ];
    let sound = formats.map(|(format, ending)| {
        let path = sender.path(&format!("gas_pipes.{ending}"));
        let texts = "select *, ST_AsText(geometry) as wkt from gas_pipes";
        let geometry: &[&str] = match ending {
            "csv" => &["-lco", "GEOMETRY=AS_WKT"],
            "xlsx" => &["-dialect", "sqlite", "-sql", texts],
            _ => &[],
        };
        ogr2ogr(
            &[&["-f", format, "-limit", "20", "-nln", "gas_pipes"], geometry, &[&path, &file]]
                .concat(),
        );
        let faults = sender.path("sound.geojson");
        let done = import(&sender, &path, &mapping, &faults);
        assert!(matches!(done.code, Some(0 | 3)), "{ending}: {done:?}");
        (ending, std::fs::read(path).expect("a file"))
    });
    random::run("imports", SECONDS, move |chance| {
        let (ending, sound) = &sound[chance.below(sound.len())];
        let mut bytes = sound.clone();
        damage(&mut bytes, &WORDS, chance);
        let path = sender.file(&format!("damaged.{ending}"), bytes);
        let faults = sender.path("faults.geojson");
        let before = sender.last_change();
        let done = import(&sender, &path, &mapping, &faults);
        let told = format!("{ending}: {done:?}");
        assert!(!Path::new(&format!("{faults}.unfinished")).exists(), "{told}");
        // The registry is sound; where nothing was taken, nothing has changed.
        let change = sender.last_change();
        match done.code {
            Some(0 | 3) => {
                let text = std::fs::read_to_string(&faults).expect("the file of refused rows");
                let rows: serde_json::Value = serde_json::from_str(&text).expect("a whole file");
                let count = rows["features"].as_array().expect("a list of features").len();
                assert_eq!(count > 0, done.code == Some(3), "{told}");
                assert!(change - before <= 1, "{told}");
                std::fs::remove_file(&faults).expect("it was there");
            }
            Some(1) => {
                assert!(!Path::new(&faults).exists() && change == before, "{told}");
                assert!(done.stderr.starts_with("error: ") && done.stdout.is_empty(), "{told}");
            }
            other => panic!("code {other:?}, {told}"),
        }
    });
}
