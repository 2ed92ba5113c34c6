//! `terrier export`

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use terrier_catalog::{Collection, FeatureQuery, Presentation};
use terrier_exchange::{
    CsvGeometry, CsvOptions, CsvWriter, FlatGeobufWriter, GeoJsonForm, GeoJsonWriter,
    GeoPackageWriter, Layer, LayerFeature, LayerFormat, LayerWriter, WriteError,
};
use terrier_model::{Field, Scope, Text};
use terrier_spatial::GeometryKind;
use terrier_store::Ledger;

use crate::audit;
use crate::cli::ExportOptions;
use crate::clock;
use crate::failure::Failure;
use crate::output::say;
use crate::question;
use crate::whole_file::{WholeFile, beside};

pub(crate) async fn run(folder: &Path, options: ExportOptions) -> Result<ExitCode, Failure> {
    let format = format(&options)?;
    let ledger = Ledger::open(folder).await?;
    let query = asked(&ledger, &options).await?;
    let shown = question::shown(query.collection(), options.crs.as_deref())?;
    let export = Export::new(&ledger, &query, shown, format, csv_options(&options, format)?)?;
    let exported = match &options.output {
        None => export.write_to(std::io::stdout().lock(), &std::env::temp_dir()).await?,
        Some(path) => export.write_file(path).await?,
    };
    say(format!("{} features", exported.features));
    if exported.elsewhere > 0 {
        say(question::elsewhere(exported.elsewhere, &export.shown));
    }
    let pairs = question::pairs("an export", &options.conditions)?;
    audit::keep_read(&ledger, "export", query.collection(), &pairs, exported.features).await?;
    ledger.close().await;
    Ok(ExitCode::SUCCESS)
}

/// The format that was named, that which the file's ending tells, or GeoJSON where neither is.
fn format(options: &ExportOptions) -> Result<LayerFormat, Failure> {
    let by_ending = |path: &PathBuf| match (LayerFormat::by_ending(path), path.extension()) {
        (Some(format), _) => Ok(format),
        (None, None) => Ok(LayerFormat::GeoJson),
        (None, Some(ending)) => Err(Failure::usage(format!(
            "no format has the ending `.{}`, expected another one or --format",
            ending.to_string_lossy()
        ))),
    };
    let told = options.output.as_ref().map_or(Ok(LayerFormat::GeoJson), by_ending);
    let format = options.format.map_or(told, Ok)?;
    if format == LayerFormat::GeoPackage && options.output.is_none() {
        return Err(Failure::usage("a GeoPackage is a file of SQLite, expected -o FILE"));
    }
    Ok(format)
}

fn csv_options(options: &ExportOptions, format: LayerFormat) -> Result<CsvOptions, Failure> {
    let ExportOptions { geometry, bom, raw, .. } = options;
    let given = [("--geometry", geometry.is_some()), ("--bom", *bom), ("--raw", *raw)];
    if let Some((name, _)) = given.iter().find(|(_, given)| *given && format != LayerFormat::Csv) {
        return Err(Failure::usage(format!("{name} is for CSV, and the format is {format}")));
    }
    Ok(CsvOptions { geometry: geometry.unwrap_or_default(), byte_order_mark: *bom, raw: *raw })
}

async fn asked(ledger: &Ledger, options: &ExportOptions) -> Result<FeatureQuery, Failure> {
    let classes = ledger.classes().await?;
    let collection = question::collection(&options.collection, &classes)?;
    let pairs = question::pairs("an export", &options.conditions)?;
    let today = clock::today(&ledger.time_zone().await?);
    FeatureQuery::parse(collection, &Scope::everything(), today, pairs)
        .map(|(query, _)| query)
        .map_err(|error| Failure::usage(error.to_string()))
}

/// The layer of a collection, and the places of its fields in those of the collection.
fn layer(collection: &Collection, shown: &Presentation) -> (Layer, Vec<usize>) {
    let everything = Scope::everything();
    let fields = collection.seen_fields(&everything);
    let (places, fields): (Vec<usize>, Vec<Field>) =
        fields.map(|(place, field)| (place, field.clone())).unzip();
    let crs = shown.crs().cloned();
    let layer = match collection.class() {
        Some(class) => Layer {
            name: class.name().into(),
            title: class.title().clone(),
            description: class.description().clone(),
            geometry: Some(class.geometry()),
            crs,
            fields,
        },
        None => Layer {
            name: collection.name().into(),
            title: Text::new("All assets", "全部资产"),
            description: Text::new(
                "Assets of every class, with the fields that all of them have.",
                "各类资产及其共有字段。",
            ),
            geometry: None,
            crs,
            fields,
        },
    };
    (layer, places)
}

/// What has been written.
#[derive(Clone, Copy, Debug, Default)]
struct Exported {
    features: u64,
    /// How many of them have no position in the coordinate system, and so no geometry.
    elsewhere: u64,
}

/// Assets on their way into a file.
struct Export<'a> {
    ledger: &'a Ledger,
    query: &'a FeatureQuery,
    shown: Presentation,
    layer: Layer,
    places: Vec<usize>,
    format: LayerFormat,
    csv: CsvOptions,
}

impl<'a> Export<'a> {
    fn new(
        ledger: &'a Ledger,
        query: &'a FeatureQuery,
        shown: Presentation,
        format: LayerFormat,
        csv: CsvOptions,
    ) -> Result<Self, Failure> {
        let (layer, places) = layer(query.collection(), &shown);
        if csv.geometry == CsvGeometry::Positions && layer.geometry != Some(GeometryKind::Point) {
            let name = &layer.name;
            let message = format!("--geometry xy is for points, which {name} need not be");
            return Err(Failure::usage(message));
        }
        Ok(Self { ledger, query, shown, layer, places, format, csv })
    }

    /// Writes a file, which nobody sees before it is whole.
    async fn write_file(&self, path: &Path) -> Result<Exported, Failure> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let is_package = self.format == LayerFormat::GeoPackage;
        let is_other = std::fs::symlink_metadata(path).is_ok_and(|found| !found.is_file());
        if is_package {
            if is_other {
                let message = format!("cannot write a GeoPackage to `{}`", path.display());
                return Err(Failure::new(format!("{message}: it is there and is no file")));
            }
            check_unused(path)?;
        }
        let file = WholeFile::create(path)?;
        let exported = if is_package {
            self.write_package(file.unfinished()).await?
        } else {
            // What is no file may lie where nothing else can be written.
            let temporary = if is_other { &std::env::temp_dir() } else { folder };
            self.write_to(file.file(), temporary).await?
        };
        file.finish()?;
        Ok(exported)
    }

    async fn write_package(&self, file: &Path) -> Result<Exported, Failure> {
        self.put_all(Box::new(GeoPackageWriter::create(file, &self.layer, clock::now())?)).await
    }

    /// Writes bytes, with temporary files in a folder where the format wants such.
    async fn write_to(&self, out: impl Write, folder: &Path) -> Result<Exported, Failure> {
        let layer = &self.layer;
        let geojson = |out, form| Box::new(GeoJsonWriter::new(out, layer, form));
        let writer: Box<dyn LayerWriter + '_> = match self.format {
            LayerFormat::GeoJson => geojson(out, GeoJsonForm::Collection),
            LayerFormat::GeoJsonLines => geojson(out, GeoJsonForm::Lines),
            LayerFormat::GeoJsonSequence => geojson(out, GeoJsonForm::Sequence),
            LayerFormat::Csv => Box::new(CsvWriter::new(out, layer, self.csv)?),
            LayerFormat::FlatGeobuf => Box::new(FlatGeobufWriter::new(out, layer, folder)?),
            LayerFormat::GeoPackage => {
                return Err(Failure::new("a GeoPackage cannot be written as a stream of bytes"));
            }
        };
        self.put_all(writer).await
    }

    async fn put_all(&self, mut writer: Box<dyn LayerWriter + '_>) -> Result<Exported, Failure> {
        let mut exported = Exported::default();
        let mut written = Ok::<(), WriteError>(());
        self.ledger
            .for_each(self.query, |asset| {
                let values: Vec<_> = self.places.iter().map(|place| asset.value(*place)).collect();
                let shape = self.shown.shape(&asset.content.shape);
                written = writer.put(&LayerFeature {
                    id: asset.id.encode(&mut [0; 36]),
                    shape: shape.as_deref(),
                    values: &values,
                });
                exported.features += 1;
                exported.elsewhere += u64::from(shape.is_none());
                written.is_ok()
            })
            .await?;
        written?;
        writer.finish()?;
        Ok(exported)
    }
}

/// Refuses to replace a file that another program of SQLite may have open: what it left beside the
/// file would be taken for a part of the new one.
fn check_unused(path: &Path) -> Result<(), Failure> {
    for left in ["-wal", "-journal"].map(|ending| beside(path, ending)) {
        if left.exists() {
            return Err(Failure::new(format!(
                "`{}` is there, so another program has the file open or did not close it: close \
                 it there, or write to another file",
                left.display()
            )));
        }
    }
    Ok(())
}
