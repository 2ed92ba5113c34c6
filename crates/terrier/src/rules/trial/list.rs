//! The list of the work that a pack of rules would change, as a file.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use terrier_catalog::{DueField, DueId, due_fields};
use terrier_exchange::{
    CsvGeometry, CsvOptions, CsvWriter, GeoJsonForm, GeoJsonWriter, Layer, LayerFeature,
    LayerWriter, WriteError,
};
use terrier_model::{CoreField, Field, Kind, Text, ValueRef, core_fields, core_position};
use terrier_store::Retold;

use super::Change;
use crate::cli::due::DueFormat;
use crate::failure::Failure;
use crate::whole_file::WholeFile;

/// What is told of each side.
const OF_SIDE: [DueField; 3] = [DueField::State, DueField::DueOn, DueField::Rule];

/// What is told of the asset.
const OF_ASSET: [CoreField; 3] = [CoreField::Class, CoreField::Code, CoreField::LengthM];

/// A list on its way into a file, which nobody sees before it is whole.
pub(super) struct List {
    file: WholeFile,
    writer: Box<dyn LayerWriter + Send>,
}

impl List {
    pub(super) fn create(path: &Path, format: DueFormat) -> Result<Self, Failure> {
        let file = WholeFile::create(path)?;
        let fault = |error| Failure::because(format!("cannot write `{}`", path.display()), error);
        let out = file.file().try_clone().map_err(fault)?;
        let layer = layer();
        let csv = CsvOptions { geometry: CsvGeometry::None, byte_order_mark: false, raw: false };
        let writer: Box<dyn LayerWriter + Send> = match format {
            DueFormat::Csv => Box::new(CsvWriter::new(out, &layer, csv)?),
            DueFormat::Geojson => {
                Box::new(GeoJsonWriter::new(out, &layer, GeoJsonForm::Collection))
            }
            DueFormat::Table => Box::new(Lines::begin(out)?),
        };
        Ok(Self { file, writer })
    }

    pub(super) fn put(&mut self, work: &Retold<'_>, change: Change) -> Result<(), Failure> {
        let id = DueId { asset: work.asset.id, kind: work.kind }.to_string();
        let mut values: Vec<Option<ValueRef<'_>>> =
            OF_ASSET.map(|field| work.asset.value(core_position(field))).into();
        values.extend([work.kind.code(), change.words().0].map(|text| Some(ValueRef::Text(text))));
        for side in [&work.before, &work.after] {
            let value = |field: DueField| {
                side.as_ref().and_then(|side| field.value(side.item(), side.rule()))
            };
            values.extend(OF_SIDE.map(value));
        }
        let shape = Some(&work.asset.content.shape);
        Ok(self.writer.put(&LayerFeature { id: &id, shape, values: &values })?)
    }

    pub(super) fn finish(self) -> Result<(), Failure> {
        self.writer.finish()?;
        self.file.finish()
    }
}

/// The columns: the asset, the kind of work and what becomes of it, then each side.
fn layer() -> Layer {
    let of_asset = OF_ASSET.map(|field| core_fields()[core_position(field)].clone());
    let of_work = |field: DueField, name: &str| {
        let own = DueField::ALL.iter().position(|other| *other == field);
        let described = &due_fields()[core_fields().len() + own.expect("a field of all")];
        Field { name: name.into(), ..described.clone() }
    };
    let change = Field {
        name: "change".into(),
        kind: Kind::Text,
        title: Text::new("Change", "变化"),
        description: None,
        ..of_work(DueField::Kind, "kind")
    };
    let sides = ["before", "after"].into_iter().flat_map(|side| {
        OF_SIDE.map(|field| (field, side)).into_iter().zip(["state", "due_on", "rule"])
    });
    let sides = sides.map(|((field, side), name)| of_work(field, &format!("{side}_{name}")));
    Layer {
        name: "rules_try".into(),
        title: Text::new("What rules would change", "规则试算"),
        description: Text::new("Work that a pack of rules would change.", "规则包将改变的工作。"),
        geometry: None,
        crs: None,
        fields: of_asset
            .into_iter()
            .chain([of_work(DueField::Kind, "kind"), change])
            .chain(sides)
            .collect(),
    }
}

/// The list as lines to read.
struct Lines(BufWriter<File>);

impl Lines {
    fn begin(file: File) -> Result<Self, WriteError> {
        let mut lines = Self(BufWriter::new(file));
        let heads = ["class", "", "length_m", "kind", "change"].into_iter();
        let side = ["state", "due_on", "rule"];
        lines.write(&heads.chain(side).chain(side).map(str::to_owned).collect::<Vec<_>>())?;
        Ok(lines)
    }

    fn write(&mut self, cells: &[String]) -> Result<(), WriteError> {
        let [class, _, length, kind, change, before @ .., a, b, c] = cells else { return Ok(()) };
        let line = format!(
            "{change:<6} {kind:<8} {class:<18} {length:>10}  {:<9} {:<10} {:<24} {a:<9} {b:<10} {c}",
            before[0], before[1], before[2]
        );
        writeln!(self.0, "{}", line.trim_end()).map_err(|source| WriteError::Out { source })
    }
}

impl LayerWriter for Lines {
    fn put(&mut self, feature: &LayerFeature<'_>) -> Result<(), WriteError> {
        let shown = |value: &Option<ValueRef<'_>>| match value {
            None => "-".to_owned(),
            Some(ValueRef::Number(number)) => format!("{number:.1}"),
            Some(value) => value.to_string(),
        };
        self.write(&feature.values.iter().map(shown).collect::<Vec<_>>())
    }

    fn finish(mut self: Box<Self>) -> Result<(), WriteError> {
        self.0.flush().map_err(|source| WriteError::Out { source })
    }
}
