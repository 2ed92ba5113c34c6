//! The command line: what it says, where it says it, and how it fails.

use std::fs::Permissions;
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value as Json, json};

use crate::program::{Done, collections, command, folder, terrier};
use crate::sender::{Sender, light, lights};

/// The SQLite file of a folder, changed by statements while nobody has it open.
pub(crate) fn sqlite(folder: &Path, statements: &str) {
    let file = folder.join("terrier.sqlite");
    let done = Command::new("sqlite3").arg(file).arg(statements).output().expect("sqlite3 starts");
    assert!(done.status.success() && done.stderr.is_empty(), "{done:?}");
}

/// The command fails with a code and one sentence, in which `FOLDER` stands for the registry's.
fn check(folder: &Path, arguments: &[&str], code: i32, sentence: &str) {
    check_done(&terrier(folder, arguments), folder, code, sentence);
}

fn check_done(done: &Done, folder: &Path, code: i32, sentence: &str) {
    let folder = folder.to_str().expect("the folder has a name in UTF-8");
    let expected = format!("error: {}\n", sentence.replace("FOLDER", folder));
    assert_eq!((done.code, &*done.stderr, &*done.stdout), (Some(code), &*expected, ""));
}

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

#[test]
fn a_port_in_use_is_told_before_anything_is_made() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address");
    let folder = folder();
    let registry = folder.path().join("registry");
    for demo in [&[][..], &["--demo"]] {
        let listen = address.to_string();
        let arguments = [&["serve", "--listen", &listen], demo].concat();
        let sentence = format!(
            "port {} of 127.0.0.1 is in use by another program: Address already in use (os error \
             98)",
            address.port()
        );
        check(&registry, &arguments, 1, &sentence);
    }
    assert!(!registry.exists());
}

#[test]
fn a_folder_without_a_registry_is_told() {
    let parent = folder();
    let none = parent.path().join("none");
    let sentence = "no registry in `FOLDER`: there is no `terrier.sqlite` in it";
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    for arguments in [&["check"][..], &["export", "assets"], &["history", id]] {
        check(&none, arguments, 1, sentence);
        assert!(!none.exists(), "{arguments:?} made it");
    }
    std::fs::write(parent.path().join("letter.txt"), "Dear Sir").expect("a file");
    let full = "`FOLDER` is no registry and is not empty, expected a registry, an empty folder or \
                none";
    check(parent.path(), &SERVE, 1, full);
    let file = parent.path().join("lights.json");
    std::fs::write(&file, light("7", "")).expect("a file");
    let import = ["import", file.to_str().expect("UTF-8"), "--as", "light_poles"];
    check(parent.path(), &import, 1, full);
    check(parent.path(), &[&import[..], &["--dry-run"]].concat(), 1, full);
    check(parent.path(), &["check"], 1, sentence);
    check(parent.path(), &["demo"], 1, full);
    check(&file, &["check"], 1, "cannot use the folder `FOLDER`: Not a directory (os error 20)");
    check(&file, &SERVE, 1, "cannot use the folder `FOLDER`: File exists (os error 17)");
    assert_eq!(std::fs::read_dir(parent.path()).expect("the folder").count(), 2);
}

#[test]
fn a_file_that_is_no_registry_is_told() {
    for content in ["", &"This is no database at all. ".repeat(100)] {
        let folder = folder();
        std::fs::write(folder.path().join("terrier.sqlite"), content).expect("a file");
        for arguments in [&SERVE[..], &["check"]] {
            let sentence = "`FOLDER/terrier.sqlite` is not a registry of Terrier";
            check(folder.path(), arguments, 1, sentence);
        }
    }
    let folder = folder();
    sqlite(folder.path(), "create table assets (name text)");
    check(folder.path(), &SERVE, 1, "`FOLDER/terrier.sqlite` is not a registry of Terrier");
}

#[test]
fn a_registry_of_a_newer_program_is_told_and_left_alone() {
    let sender = Sender::new();
    sender.import(&[light("7", "")], &[]).expect_done();
    sqlite(&sender.registry(), "update _sqlx_migrations set version = version + 98");
    let before = std::fs::read(sender.registry().join("terrier.sqlite")).expect("the file");
    let forms =
        std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/sqlite"));
    let forms = forms.expect("the forms").count();
    let sentence = format!(
        "the registry in `FOLDER` was written by a newer Terrier (form 99, this program knows up to \
         {forms}): use that program, or a newer one"
    );
    let file = sender.path("lights.geojsonl");
    for arguments in [&SERVE[..], &["check"], &["import", &file, "--as", "light_poles"]] {
        check(&sender.registry(), arguments, 1, &sentence);
    }
    let after = std::fs::read(sender.registry().join("terrier.sqlite")).expect("the file");
    assert!(before == after, "the file was written");
}

/// Runs the program without the power of root to write where nobody may.
fn as_user(folder: &Path, arguments: &[&str]) -> Done {
    let is_root = std::fs::metadata("/proc/self").expect("this process").uid() == 0;
    let program = command();
    let mut user = if is_root {
        let mut user = Command::new("setpriv");
        user.args(["--bounding-set", "-dac_override,-dac_read_search"]).arg(program.get_program());
        user
    } else {
        program
    };
    user.env_remove("TERRIER_DATA").arg("--data").arg(folder).args(arguments);
    user.output().expect("the program starts").into()
}

#[test]
fn a_folder_that_may_not_be_written_is_told() {
    let sender = Sender::new();
    sender.import(&[light("7", "")], &[]).expect_done();
    let registry = sender.registry();
    let allow = |path: &Path, mode: u32| {
        std::fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
    };
    allow(&registry, 0o555);
    allow(&registry.join("terrier.sqlite"), 0o444);
    let sentence = "cannot open `FOLDER/terrier.sqlite` for reading and writing: error returned \
                    from database: (code: 1544) attempt to write a readonly database";
    for arguments in [&SERVE[..], &["check"], &["export", "assets"]] {
        check_done(&as_user(&registry, arguments), &registry, 1, sentence);
    }
    allow(&registry, 0o000);
    for arguments in [&SERVE[..], &["check"]] {
        let sentence = "cannot use the folder `FOLDER`: Permission denied (os error 13)";
        check_done(&as_user(&registry, arguments), &registry, 1, sentence);
    }
    allow(&registry, 0o755);
    let parent = folder();
    allow(parent.path(), 0o555);
    let none = parent.path().join("registry");
    let sentence = "cannot use the folder `FOLDER`: Permission denied (os error 13)";
    check_done(&as_user(&none, &SERVE), &none, 1, sentence);
}

/// The help of a command names these options.
fn check_help(command: &str, options: &str) {
    for arguments in [&[command, "--help"][..], &["help", command]] {
        let done = terrier(Path::new("none"), arguments);
        assert_eq!((done.code, &*done.stderr), (Some(0), ""));
        for option in options.split(' ') {
            let is_named = |line: &str| line.trim().split([',', ' ']).any(|word| word == option);
            assert!(done.stdout.lines().any(is_named), "{command} {option}: {}", done.stdout);
        }
    }
}

#[test]
fn the_help_of_each_command_names_its_options() {
    check_help("serve", "--demo --data --listen --public-url --today");
    check_help(
        "import",
        "<FILE> --as --mapping --source --crs --layer --sheet --encoding --delimiter --decimal \
         --dry-run --strict --faults --correct --valid-from --actor --reason --json --data",
    );
    check_help(
        "export",
        "<COLLECTION> --bbox --datetime --filter --FIELD -o --output --format --geometry --bom \
         --raw --data",
    );
    check_help("history", "<ID> --json --data");
    check_help("check", "--json --data");
    check_help("demo", "--assets --seed --json --data");
    check_help("classes", "[NAME] --json --data");
    check_help("crs", "[CODE] --to-wgs84 --from-wgs84 --json --data");
    let help = terrier(Path::new("none"), &["--help"]).expect_done().stdout;
    for code in ["0 done", "1 failed", "2 the", "3 rows", "4 check", "5 the"] {
        assert!(help.contains(code), "{help}");
    }
    let version = terrier(Path::new("none"), &["--version"]).expect_done().stdout;
    assert_eq!(version, format!("terrier {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_command_line_that_makes_no_sense_has_its_own_exit_code() {
    let sender = Sender::new();
    sender.import(&[light("7", "")], &[]).expect_done();
    for arguments in [
        &[][..],
        &["sell"],
        &["serve", "--listen", "somewhere"],
        &["serve", "--today", "tomorrow"],
        &["serve", "--public-url", "gis.example.cn"],
        &["import"],
        &["import", "x", "--as", "light_poles", "--valid-from", "yesterday"],
        &["export"],
        &["export", "benches"],
        &["export", "light_poles", "--colour=red"],
        &["export", "light_poles", "--bbox=1,2,3"],
        &["export", "light_poles", "--limit=3"],
        &["history", "7"],
        &["demo", "--assets", "-1"],
        &["classes", "benches"],
        &["crs", "EPSG:9999"],
        &["crs", "--to-wgs84", "1,2"],
        &["crs", "4326", "--to-wgs84", "1;2"],
        &["crs", "4326", "--to-wgs84", "1,2", "--from-wgs84", "1,2"],
    ] {
        let done = sender.run(arguments);
        assert_eq!((done.code, &*done.stdout), (Some(2), ""), "{arguments:?}: {done:?}");
        assert!(!done.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn data_goes_to_stdout_and_everything_else_to_stderr() {
    let sender = Sender::new();
    sender.import(&lights(3, "\"power_w\":70"), &[]).expect_done();
    let mut export = command();
    export.env("TERRIER_LOG", "debug").arg("--data").arg(sender.registry());
    let done: Done = export.args(["export", "assets"]).output().expect("it starts").into();
    assert_eq!(done.json()["features"].as_array().map(Vec::len), Some(3));
    assert!(done.stderr.ends_with("3 features\n"), "{}", done.stderr);

    let path = sender.path("out.geojson");
    let done = sender.run(&["export", "assets", "-o", &path]).expect_done();
    assert_eq!((&*done.stdout, &*done.stderr), ("", "3 features\n"));
    let text = std::fs::read(&path).expect("the file");
    let stdout = sender.run(&["export", "assets"]).stdout;
    assert!(text == stdout.as_bytes() && !Path::new(&format!("{path}.unfinished")).exists());

    // Not a file, and so not replaced by one.
    let null = |path: &str| std::fs::metadata(path).expect("it is there").file_type();
    sender.run(&["export", "assets", "-o", "/dev/null"]).expect_done();
    sender.import(&[light("8", "\"count\":-1")], &["--faults", "/dev/null"]);
    assert!(null("/dev/null").is_char_device());
}

#[test]
fn an_export_whose_reader_goes_away_ends() {
    let sender = Sender::new();
    sender.import(&lights(5000, "\"power_w\":70"), &[]).expect_done();
    let mut export = command();
    export.arg("--data").arg(sender.registry()).args(["export", "assets"]);
    export.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut export = export.spawn().expect("the program starts");
    let mut pipe = export.stdout.take().expect("stdout is piped");
    pipe.read_exact(&mut [0; 10]).expect("the beginning");
    drop(pipe);
    let Output { status, stderr, .. } = export.wait_with_output().expect("it ends");
    let expected = "error: cannot write the features: Broken pipe (os error 32)\n";
    assert_eq!((status.code(), &*String::from_utf8_lossy(&stderr)), (Some(1), expected));
}

#[test]
fn the_folder_is_named_on_the_command_line_or_in_the_environment() {
    let (sender, other) = (Sender::new(), folder());
    sender.import(&lights(3, "\"power_w\":70"), &[]).expect_done();
    let count = |arguments: &[&str]| {
        let mut export = command();
        export.env("TERRIER_DATA", sender.registry()).args(arguments);
        export.current_dir(other.path());
        let done: Done = export.args(["export", "assets"]).output().expect("it starts").into();
        (done.code, done.stderr)
    };
    assert_eq!(count(&[]), (Some(0), "3 features\n".into()));
    let (code, stderr) = count(&["--data", "none"]);
    assert_eq!((code, stderr.contains("no registry in `none`")), (Some(1), true));
    // Without either, it lies where the command is given.
    let mut import = command();
    import.current_dir(other.path()).args(["import", &sender.path("lights.geojsonl")]);
    let done: Done = import.args(["--as", "light_poles"]).output().expect("it starts").into();
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(other.path().join("terrier-data/terrier.sqlite").exists());
}

#[test]
fn classes_are_listed_and_described() {
    let sender = Sender::new();
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../catalog/packs/classes");
    for is_made in [false, true] {
        if is_made {
            sender.import(&[light("7", "")], &[]).expect_done();
        }
        let list = sender.run(&["classes"]).expect_done().stdout;
        let names: Vec<&str> = list.lines().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(names, collections()[1..]);
        assert!(list.contains("Street lights 路灯"), "{list}");
        for name in names {
            let described = sender.run(&["classes", name]).expect_done().stdout;
            let pack = std::fs::read_to_string(packs.join(format!("{name}.toml")));
            assert_eq!(described, pack.expect("a shipped class"));
        }
        let list = sender.run(&["classes", "--json"]).expect_done().json();
        let is_lights = |class: &&Json| class["name"] == "light_poles";
        let lights = list.as_array().and_then(|all| all.iter().find(is_lights)).expect("lights");
        assert_eq!(
            (&lights["name"], &lights["geometry"], &lights["title"]),
            (
                &json!("light_poles"),
                &json!("Point"),
                &json!({ "en": "Street lights", "zh": "路灯" })
            )
        );
        let schema = sender.run(&["classes", "gas_pipes", "--json"]).expect_done().json();
        let fields = &schema["properties"]["properties"]["properties"];
        assert!(fields["operating_pressure_mpa"].is_object(), "{schema}");
    }
    let names = collections()[1..].join(", ");
    let sentence = format!("no class `benches`, expected one of {names}");
    check(&sender.registry(), &["classes", "benches"], 2, &sentence);
}
