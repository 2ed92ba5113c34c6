//! Reads the coordinate system of a mapping: one that is known by its name, or one that the operator
//! defines by the parameters of its datum and plane.

use terrier_spatial::{
    AxisOrder, Base, Bounds, Crs, CrsError, Definition, Ellipsoid, Parameters, Plane,
    TransverseMercator,
};
use toml::{Table, Value};

use super::document::{Entry, MappingError, show};

const PLANE_KEYS: [&str; 4] = ["dx", "dy", "rotation_deg", "scale"];

impl Entry {
    /// Reads the value of the key `crs`.
    pub(super) fn crs(&self, value: &Value) -> Result<Crs, MappingError> {
        let Value::Table(table) = value else {
            return self.found(Crs::find(self.text(value)?));
        };
        self.allow(table, &[&["name", "base", "towgs84", "area"][..], &PLANE_KEYS].concat())?;
        let name = self.of("name").text(self.member(table, "name")?)?.to_owned();
        let towgs84 = match table.get("towgs84") {
            Some(value) => Some(self.of("towgs84").parameters(value)?),
            None => None,
        };
        let area = match table.get("area") {
            Some(value) => Some(self.of("area").area(value)?),
            None => None,
        };
        let here = self.of("base");
        let (base, area) = match self.member(table, "base")? {
            Value::Table(base) => {
                let towgs84 = towgs84.ok_or_else(|| {
                    self.of("towgs84").refuse("nothing", "the parameters of the datum")
                })?;
                let area = area.ok_or_else(|| {
                    self.of("area").refuse("nothing", "west, south, east and north in degrees")
                })?;
                (here.own_base(base, towgs84, area)?, Some(area))
            }
            value => (here.found(Base::of(here.text(value)?, towgs84))?, area),
        };
        let plane = self.plane(table)?;
        // Files name the columns of their axes, or give the easting first.
        let axis_order = AxisOrder::EastNorth;
        self.found(Crs::defined(Definition { name, base, plane, axis_order, area }))
    }

    fn found<T>(&self, found: Result<T, CrsError>) -> Result<T, MappingError> {
        found.map_err(|source| MappingError::Crs { place: self.place.clone(), source })
    }

    fn own_base(
        &self,
        table: &Table,
        towgs84: Parameters,
        area: Bounds,
    ) -> Result<Base, MappingError> {
        let meridian = "central_meridian_deg";
        let others = [
            "latitude_of_origin_deg",
            "scale",
            "false_easting_m",
            "false_northing_m",
            "zone_prefix",
        ];
        self.allow(table, &[&["ellipsoid", meridian][..], &others].concat())?;
        let ellipsoid = self.of("ellipsoid").ellipsoid(self.member(table, "ellipsoid")?)?;
        if !table.contains_key(meridian) {
            // Without a projection, positions are in degrees.
            self.allow(table, &["ellipsoid"])?;
            return Ok(Base::Own { ellipsoid, projection: None, towgs84, area });
        }
        let zone_prefix = match table.get("zone_prefix") {
            None => None,
            Some(value) => {
                let zone = value.as_integer().and_then(|zone| u8::try_from(zone).ok());
                let expected = "the number of a zone, from 0 to 255";
                Some(zone.ok_or_else(|| self.of("zone_prefix").refuse(show(value), expected))?)
            }
        };
        let projection = Some(TransverseMercator {
            central_meridian_deg: self.number(table, meridian, None)?,
            latitude_of_origin_deg: self.number(table, others[0], Some(0.0))?,
            scale: self.number(table, others[1], Some(1.0))?,
            false_easting_m: self.number(table, others[2], Some(500_000.0))?,
            false_northing_m: self.number(table, others[3], Some(0.0))?,
            zone_prefix,
        });
        Ok(Base::Own { ellipsoid, projection, towgs84, area })
    }

    fn ellipsoid(&self, value: &Value) -> Result<Ellipsoid, MappingError> {
        if let Value::Table(table) = value {
            self.allow(table, &["semi_major_m", "inverse_flattening"])?;
            let semi_major_m = self.number(table, "semi_major_m", None)?;
            let inverse_flattening = self.number(table, "inverse_flattening", None)?;
            return Ok(Ellipsoid { semi_major_m, inverse_flattening });
        }
        let name = self.text(value)?;
        let expected = "the name of an ellipsoid, such as Krassowsky, or its two numbers";
        Ellipsoid::find(name).ok_or_else(|| self.refuse(name, expected))
    }

    fn plane(&self, table: &Table) -> Result<Option<Plane>, MappingError> {
        if !PLANE_KEYS.iter().any(|key| table.contains_key(*key)) {
            return Ok(None);
        }
        Ok(Some(Plane {
            dx: self.number(table, "dx", None)?,
            dy: self.number(table, "dy", None)?,
            rotation_deg: self.number(table, "rotation_deg", Some(0.0))?,
            scale: self.number(table, "scale", Some(1.0))?,
        }))
    }

    fn parameters(&self, value: &Value) -> Result<Parameters, MappingError> {
        let expected = "the 3 shifts, or 3 shifts, 3 rotations and the scale";
        match *self.numbers(value, expected)? {
            [x, y, z] => {
                Ok(Parameters { shift_m: [x, y, z], rotation_arcseconds: [0.0; 3], scale_ppm: 0.0 })
            }
            [x, y, z, about_x, about_y, about_z, scale_ppm] => Ok(Parameters {
                shift_m: [x, y, z],
                rotation_arcseconds: [about_x, about_y, about_z],
                scale_ppm,
            }),
            ref others => Err(self.refuse(format!("{} numbers", others.len()), expected)),
        }
    }

    fn area(&self, value: &Value) -> Result<Bounds, MappingError> {
        let expected = "west, south, east and north in degrees";
        match *self.numbers(value, expected)? {
            [west, south, east, north] => Ok(Bounds { west, south, east, north }),
            ref others => Err(self.refuse(format!("{} numbers", others.len()), expected)),
        }
    }

    fn numbers(&self, value: &Value, expected: &str) -> Result<Vec<f64>, MappingError> {
        let Value::Array(values) = value else { return Err(self.refuse(show(value), expected)) };
        let one = |value| number(value).ok_or_else(|| self.refuse(show(value), "a number"));
        values.iter().map(one).collect()
    }

    fn number(
        &self,
        table: &Table,
        key: &str,
        otherwise: Option<f64>,
    ) -> Result<f64, MappingError> {
        let value = match (table.get(key), otherwise) {
            (None, Some(otherwise)) => return Ok(otherwise),
            (None, None) => self.member(table, key)?,
            (Some(value), _) => value,
        };
        number(value).ok_or_else(|| self.of(key).refuse(show(value), "a number"))
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(whole) => Some(*whole as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Mapping;
    use super::super::tests::classes;
    use super::*;

    fn parse(lines: &str) -> Result<Crs, MappingError> {
        let text = format!("source = \"s\"\n{lines}\n[[collection]]\ninto = \"pipes\"\n");
        let mapping = Mapping::parse(&text, &classes())?;
        Ok(mapping.options().crs.clone().expect("a system"))
    }

    fn check_refused(lines: &str, expected: &str) {
        let error = parse(lines).expect_err("no mapping");
        let source = std::error::Error::source(&error);
        let source = source.map(|source| format!(": {source}")).unwrap_or_default();
        assert_eq!(format!("{error}{source}"), format!("the mapping, `crs`{expected}"));
    }

    /// Where a position is within a tenth of a micrometre; expected numbers are those of the base.
    fn check_same(lines: &str, position: [f64; 2], base: &str, in_base: [f64; 2]) {
        let crs = parse(lines).expect("a mapping");
        let base = Crs::find(base).expect("in the table");
        let [found, expected] = [crs.to_wgs84(position), base.to_wgs84(in_base)];
        let [found, expected] = [found.expect("in the area"), expected.expect("in the area")];
        assert!((found[0] - expected[0]).abs() < 1e-12, "{found:?} {expected:?}");
        assert!((found[1] - expected[1]).abs() < 1e-12, "{found:?} {expected:?}");
    }

    #[test]
    fn a_plane_is_brought_onto_a_known_system() {
        check_same(
            "[crs]\nname = \"City grid\"\nbase = \"EPSG:4548\"\ndx = 500000\ndy = 4300000\n",
            [18_199.5, 26_318.25],
            "EPSG:4548",
            [518_199.5, 4_326_318.25],
        );
        check_same(
            "crs = { name = \"g\", base = \"EPSG:4548\", dx = 518000, dy = 4326000, \
             rotation_deg = 90, scale = 1.0001 }",
            [100.0, -200.0],
            "EPSG:4548",
            [518_200.02, 4_326_100.01],
        );
    }

    #[test]
    fn an_older_datum_takes_its_parameters() {
        // The parameters of no shift on the ellipsoid of Beijing 1954.
        let crs = parse("[crs]\nname = \"b54\"\nbase = \"EPSG:2433\"\ntowgs84 = [0, 0, 0]");
        let crs = crs.expect("a mapping");
        assert_eq!(crs.code(), "b54");
        assert!(crs.definition().contains("+a=6378245 +rf=298.3"), "{}", crs.definition());
        let seven = parse(
            "[crs]\nname = \"b54\"\nbase = \"EPSG:2433\"\ntowgs84 = [15.8, -154.4, -82.3, 1, 2, 3, 4]",
        );
        let seven = seven.expect("a mapping");
        assert!(
            seven.definition().contains("=15.8,-154.4,-82.3,1,2,3,4"),
            "{}",
            seven.definition()
        );
        check_refused(
            "[crs]\nname = \"b54\"\nbase = \"EPSG:2433\"",
            ", `base`: cannot take the coordinate system: `EPSG:2433` is on Beijing 1954, whose way \
             to WGS 84 is not published; give the 7 parameters `towgs84`, or a plane transformation \
             (`dx`, `dy`, `rotation_deg`, `scale`) onto a system that Terrier knows",
        );
    }

    #[test]
    fn a_datum_of_ones_own_has_ellipsoid_projection_and_area() {
        let own = |base: &str| {
            format!(
                "[crs]\nname = \"own\"\ntowgs84 = [0, 0, 0]\narea = [116, 38, 118, 40]\nbase = {{ {base} }}"
            )
        };
        let projected = own("ellipsoid = \"GRS 1980\", central_meridian_deg = 117");
        check_same(&projected, [518_199.5, 4_326_318.25], "EPSG:4548", [518_199.5, 4_326_318.25]);
        let prefixed = own("ellipsoid = { semi_major_m = 6378137, inverse_flattening = \
                            298.257222101 }, central_meridian_deg = 117, zone_prefix = 39");
        check_same(&prefixed, [39_518_199.5, 4_326_318.25], "EPSG:4548", [518_199.5, 4_326_318.25]);
        let degrees = own("ellipsoid = \"WGS 84\"");
        check_same(&degrees, [117.2, 39.1], "EPSG:4326", [117.2, 39.1]);
        check_refused(
            &own("ellipsoid = \"WGS 84\", scale = 1"),
            ", `base`: found `scale`, expected one of the keys ellipsoid",
        );
        check_refused(
            &own("ellipsoid = \"egg\""),
            ", `base`, `ellipsoid`: found `egg`, expected the name of an ellipsoid, such as \
             Krassowsky, or its two numbers",
        );
        check_refused(
            &own("ellipsoid = \"WGS 84\", central_meridian_deg = 117, zone_prefix = 256"),
            ", `base`, `zone_prefix`: found `256`, expected the number of a zone, from 0 to 255",
        );
    }

    #[test]
    fn parameters_that_are_none_are_told() {
        let known = "crs = { name = \"g\", base = \"EPSG:4548\"";
        check_refused("crs = {}", ": found `nothing`, expected a key `name`");
        check_refused("crs = { name = \"g\" }", ": found `nothing`, expected a key `base`");
        check_refused(&format!("{known}, dx = 1 }}"), ": found `nothing`, expected a key `dy`");
        check_refused(
            &format!("{known}, dx = \"1\", dy = 2 }}"),
            ", `dx`: found `1`, expected a number",
        );
        check_refused(
            &format!("{known}, dx = 0, dy = 0, scale = 1.2 }}"),
            ": cannot take the coordinate system: cannot define coordinate system `g`: scale is \
             `1.2`, expected a number from 0.9 to 1.1",
        );
        check_refused(
            "crs = { name = \"g\", base = \"EPSG:2433\", towgs84 = [1, 2] }",
            ", `towgs84`: found `2 numbers`, expected the 3 shifts, or 3 shifts, 3 rotations and the \
             scale",
        );
        check_refused(
            &format!("{known}, area = 5 }}"),
            ", `area`: found `5`, expected west, south, east and north in degrees",
        );
    }
}
