//! What a GeoPackage says of a layer beside its features: titles, code lists and ranges.

use jiff::Timestamp;
use sqlx::{SqliteConnection, query};
use terrier_model::{Field, Kind};
use terrier_spatial::Crs;

use super::statement::{Names, geometry_type};
use crate::layer::{Layer, heading, in_both};

/// The number of WGS 84, which every file has.
const WGS_84: i32 = 4326;

/// By which number the file knows the coordinate system of the layer: EPSG's.
pub(super) fn srs_id(layer: &Layer) -> i32 {
    layer.crs.as_ref().and_then(Crs::epsg).unwrap_or(WGS_84)
}

/// Describes the layer, its coordinate system and its columns.
pub(super) async fn describe(
    connection: &mut SqliteConnection,
    layer: &Layer,
    names: &Names,
    last_change: Timestamp,
) -> Result<(), sqlx::Error> {
    let srs_id = srs_id(layer);
    if let Some(crs) = layer.crs.as_ref().filter(|_| srs_id != WGS_84) {
        query(include_str!("sql/insert_srs.sql"))
            .bind(crs.name())
            .bind(srs_id)
            // The standard has this word for a system without a text.
            .bind(crs.to_wkt().unwrap_or_else(|| "undefined".into()))
            .execute(&mut *connection)
            .await?;
    }
    query(include_str!("sql/insert_contents.sql"))
        .bind(&names.table)
        .bind(in_both(&layer.title))
        .bind(in_both(&layer.description))
        .bind(moment(last_change))
        .bind(srs_id)
        .execute(&mut *connection)
        .await?;
    query(include_str!("sql/insert_geometry_column.sql"))
        .bind(&names.table)
        .bind(geometry_type(layer.geometry))
        .bind(srs_id)
        .execute(&mut *connection)
        .await?;
    query(include_str!("sql/insert_index_extension.sql"))
        .bind(&names.table)
        .execute(&mut *connection)
        .await?;
    for (field, label) in layer.fields.iter().zip(labels(&layer.fields)) {
        describe_column(connection, &names.table, field, &label).await?;
    }
    Ok(())
}

/// What people call each field. The standard wants no label twice, so the second of two tells the
/// name of its field too.
fn labels(fields: &[Field]) -> Vec<String> {
    let mut labels: Vec<String> = Vec::with_capacity(fields.len());
    for field in fields {
        let label = heading(field);
        let is_taken = labels.contains(&label);
        labels.push(if is_taken { format!("{label} [{}]", field.name) } else { label });
    }
    labels
}

async fn describe_column(
    connection: &mut SqliteConnection,
    table: &str,
    field: &Field,
    label: &str,
) -> Result<(), sqlx::Error> {
    let constraint = format!("{table}_{}", field.name);
    let constraint = match (&field.kind, field.range) {
        (Kind::Code(codes), _) => {
            for code in codes {
                query(include_str!("sql/insert_code.sql"))
                    .bind(&constraint)
                    .bind(&*code.code)
                    .bind(in_both(&code.title))
                    .execute(&mut *connection)
                    .await?;
            }
            Some(constraint)
        }
        // A range of the standard has two ends.
        (_, Some((least, greatest))) if greatest < f64::MAX && least > f64::MIN => {
            query(include_str!("sql/insert_range.sql"))
                .bind(&constraint)
                .bind(least)
                .bind(greatest)
                .execute(&mut *connection)
                .await?;
            Some(constraint)
        }
        _ => None,
    };
    query(include_str!("sql/insert_data_column.sql"))
        .bind(table)
        .bind(&*field.name)
        .bind(label)
        .bind(heading(field))
        .bind(field.description.as_ref().map(in_both))
        // A list is a text of JSON; its codes are those of each value, which the standard cannot say.
        .bind(field.kind.is_list().then_some("application/json"))
        .bind(constraint)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

/// A time in the form of the standard, which holds milliseconds.
pub(super) fn moment(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_milliseconds_and_no_more() {
        let check = |text: &str, expected: &str| {
            assert_eq!(moment(text.parse().expect("a time")), expected);
        };
        check("2024-02-29T23:59:59.999999Z", "2024-02-29T23:59:59.999Z");
        check("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z");
        check("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500Z");
    }
}
