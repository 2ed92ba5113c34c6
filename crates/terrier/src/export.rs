//! `terrier export`

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use terrier_catalog::{Collection, FeatureQuery, Fragments};
use terrier_model::{Asset, Scope};
use terrier_store::Ledger;

use crate::cli::ExportOptions;
use crate::failure::Failure;
use crate::output::say;

pub(crate) async fn run(folder: &Path, options: ExportOptions) -> Result<ExitCode, Failure> {
    let ledger = Ledger::open(folder).await?;
    let query = question(&ledger, &options).await?;
    let exported = match &options.output {
        None => write(&ledger, &query, std::io::stdout().lock()).await?,
        Some(path) => write_file(&ledger, &query, path).await?,
    };
    say(format!("{exported} features"));
    ledger.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Writes a file, which has another name until it is whole. What is no file, such as a pipe or a
/// link, is written as it is.
async fn write_file(ledger: &Ledger, query: &FeatureQuery, path: &Path) -> Result<u64, Failure> {
    let fault = |error| Failure::because(format!("cannot write `{}`", path.display()), error);
    if std::fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
        let out = File::options().write(true).truncate(true).open(path).map_err(fault)?;
        return write(ledger, query, &out).await;
    }
    let unfinished = PathBuf::from([path.as_os_str(), ".unfinished".as_ref()].join("".as_ref()));
    let file = File::create(&unfinished).map_err(fault)?;
    let done = match write(ledger, query, &file).await {
        Ok(count) => file
            .sync_all()
            .and_then(|()| std::fs::rename(&unfinished, path))
            .map(|()| count)
            .map_err(fault),
        Err(failure) => Err(failure),
    };
    if done.is_err() {
        let _ = std::fs::remove_file(&unfinished);
    }
    done
}

async fn question(ledger: &Ledger, options: &ExportOptions) -> Result<FeatureQuery, Failure> {
    let classes = ledger.classes().await?;
    let name = &options.collection;
    let collection = Collection::find(name, &classes).ok_or_else(|| {
        let names: Vec<&str> = classes.iter().map(|class| class.name()).collect();
        Failure::usage(format!("no collection `{name}`, expected assets, {}", names.join(", ")))
    })?;
    let windows = options.bbox.as_deref().map(|bbox| ("bbox", bbox));
    let times = options.datetime.as_deref().map(|time| ("datetime", time));
    let filters = options.filter.as_deref().map(|filter| ("filter", filter));
    let fields = options.fields.iter().map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let pairs = windows.into_iter().chain(times).chain(filters).chain(fields);
    // What is given to a page of an answer is nothing that an export takes.
    let of_page = ["limit", "offset", "token", "f"];
    let pairs: Vec<(&str, &str)> = pairs.collect();
    if let Some((name, _)) = pairs.iter().find(|(name, _)| of_page.contains(name)) {
        return Err(Failure::usage(format!("an export takes no --{name}")));
    }
    FeatureQuery::parse(collection, Scope::Everything, pairs)
        .map(|(query, _)| query)
        .map_err(|error| Failure::usage(error.to_string()))
}

async fn write(ledger: &Ledger, query: &FeatureQuery, out: impl Write) -> Result<u64, Failure> {
    let mut writer = Writer {
        out: BufWriter::with_capacity(1 << 20, out),
        fragments: Fragments::default(),
        text: Vec::new(),
        count: 0,
    };
    let fault = |error| Failure::because("cannot write the features", error);
    let mut written =
        writer.out.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[").map_err(fault);
    ledger
        .for_each(query, |asset| {
            written = writer.put(query.collection(), asset).map_err(fault);
            written.is_ok()
        })
        .await?;
    written?;
    writer.out.write_all(b"\n]}\n").and_then(|()| writer.out.flush()).map_err(fault)?;
    Ok(writer.count)
}

struct Writer<W: Write> {
    out: BufWriter<W>,
    fragments: Fragments,
    text: Vec<u8>,
    count: u64,
}

impl<W: Write> Writer<W> {
    fn put(&mut self, collection: &Collection, asset: &Asset) -> std::io::Result<()> {
        self.fragments.clear();
        self.fragments.push(asset);
        self.text.clear();
        self.text.extend(if self.count == 0 { &b"\n"[..] } else { b",\n" });
        self.fragments.write_feature(collection, true, &mut self.text);
        self.count += 1;
        self.out.write_all(&self.text)
    }
}
