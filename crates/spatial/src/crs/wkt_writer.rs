//! The well-known text of a system, in the old form (OGC 01-009), which files and other programs ask for.

use std::fmt::Write;

use super::{AxisOrder, Crs, CrsUnit};

/// A datum with its degrees: how the names of the systems on it begin, its name, that of its degrees,
/// its ellipsoid with the semi-major axis in metres and the inverse flattening, and the code of its
/// degrees.
struct Ground {
    begins: &'static str,
    datum: &'static str,
    degrees: &'static str,
    ellipsoid: &'static str,
    axis_m: f64,
    flattening: f64,
    epsg: u32,
}

const GRS_80: (&str, f64, f64) = ("GRS 1980", 6_378_137.0, 298.257_222_101);
const BESSEL: (&str, f64, f64) = ("Bessel 1841", 6_377_397.155, 299.152_812_8);

const fn ground(
    begins: &'static str,
    datum: &'static str,
    degrees: &'static str,
    (ellipsoid, axis_m, flattening): (&'static str, f64, f64),
    epsg: u32,
) -> Ground {
    Ground { begins, datum, degrees, ellipsoid, axis_m, flattening, epsg }
}

/// Names and numbers of the EPSG data set.
const GROUNDS: [Ground; 8] = [
    ground("WGS 84", "WGS_1984", "WGS 84", ("WGS 84", 6_378_137.0, 298.257_223_563), 4326),
    ground("CGCS2000", "China_2000", CHINA, ("CGCS2000", GRS_80.1, GRS_80.2), 4490),
    ground(CHINA, "China_2000", CHINA, ("CGCS2000", GRS_80.1, GRS_80.2), 4490),
    ground("ETRS89", "European_Terrestrial_Reference_System_1989", "ETRS89", GRS_80, 4258),
    ground("NAD83", "North_American_Datum_1983", "NAD83", GRS_80, 4269),
    ground("DHDN", "Deutsches_Hauptdreiecksnetz", "DHDN", BESSEL, 4314),
    ground("CH1903+", "CH1903+", "CH1903+", BESSEL, 4150),
    ground(
        "Hong Kong 1980",
        "Hong_Kong_1980",
        "Hong Kong 1980",
        ("International 1924", 6_378_388.0, 297.0),
        4611,
    ),
];

const CHINA: &str = "China Geodetic Coordinate System 2000";

impl Crs {
    /// The number that EPSG gave the system; `None` of one that has none.
    pub fn epsg(&self) -> Option<i32> {
        self.code().strip_prefix("EPSG:")?.parse().ok()
    }

    /// The system as well-known text after OGC 01-009, with the axes in the order of the authority.
    /// `None` of one that EPSG has not numbered or the table does not hold.
    pub fn to_wkt(&self) -> Option<String> {
        self.epsg()?;
        let ground = GROUNDS.iter().find(|ground| self.name().starts_with(ground.begins))?;
        if !self.is_projected() {
            return Some(self.degrees_of(ground, true));
        }
        let (projection, parameters) = self.projection()?;
        let mut text = format!("PROJCS[\"{}\",{}", self.name(), self.degrees_of(ground, false));
        let mut put = |part: std::fmt::Arguments<'_>| {
            text.write_fmt(part).expect("a text takes it");
        };
        put(format_args!(",PROJECTION[\"{projection}\"]"));
        for (name, value) in parameters {
            put(format_args!(",PARAMETER[\"{name}\",{value}]"));
        }
        match self.unit() {
            CrsUnit::UsSurveyFoot => put(format_args!(
                ",UNIT[\"US survey foot\",0.304800609601219,AUTHORITY[\"EPSG\",\"9003\"]]"
            )),
            _ => put(format_args!(",UNIT[\"metre\",1,AUTHORITY[\"EPSG\",\"9001\"]]")),
        }
        let axes = [r#"AXIS["Easting",EAST]"#, r#"AXIS["Northing",NORTH]"#];
        let [first, second] = in_order(self.axis_order(), axes);
        put(format_args!(",{first},{second}"));
        if self.key("proj") == Some("merc") {
            // No projection of this form is on a sphere beside its ellipsoid.
            put(format_args!(",EXTENSION[\"PROJ4\",\"{}\"]", self.definition()));
        }
        put(format_args!(",{}]", authority(&self.code()["EPSG:".len()..])));
        Some(text)
    }

    /// The degrees on a datum, with their axes where they are the system.
    fn degrees_of(&self, ground: &Ground, is_system: bool) -> String {
        let Ground { datum, degrees, ellipsoid, axis_m, flattening, epsg, .. } = ground;
        let shift = self.key("towgs84").map(|shift| format!(",TOWGS84[{shift}]"));
        let axes = [r#"AXIS["Longitude",EAST]"#, r#"AXIS["Latitude",NORTH]"#];
        let [first, second] = in_order(self.axis_order(), axes);
        let axes = if is_system { format!(",{first},{second}") } else { String::new() };
        format!(
            "GEOGCS[\"{degrees}\",DATUM[\"{datum}\",SPHEROID[\"{ellipsoid}\",{axis_m},{flattening}]{}],\
             PRIMEM[\"Greenwich\",0,AUTHORITY[\"EPSG\",\"8901\"]],\
             UNIT[\"degree\",0.0174532925199433,AUTHORITY[\"EPSG\",\"9122\"]]{axes},{}]",
            shift.unwrap_or_default(),
            authority(&epsg.to_string()),
        )
    }

    /// The name of the projection, and its parameters in degrees and in the unit of the system.
    fn projection(&self) -> Option<(&'static str, Vec<(&'static str, f64)>)> {
        let number = |key: &str| self.key(key)?.parse::<f64>().ok();
        let unit_m = self.unit().metres()?;
        // The definition has metres to a billionth, so a round number of feet is not round there.
        let length = |key: &str| Some((number(key)? / unit_m * 1e6).round() / 1e6);
        let scale = number("k").or_else(|| number("k_0"));
        let (name, own) = match self.key("proj")? {
            "tmerc" => (
                "Transverse_Mercator",
                vec![
                    ("latitude_of_origin", number("lat_0")?),
                    ("central_meridian", number("lon_0")?),
                    ("scale_factor", scale?),
                ],
            ),
            "merc" => (
                "Mercator_1SP",
                vec![("central_meridian", number("lon_0")?), ("scale_factor", scale?)],
            ),
            "lcc" => (
                "Lambert_Conformal_Conic_2SP",
                vec![
                    ("latitude_of_origin", number("lat_0")?),
                    ("central_meridian", number("lon_0")?),
                    ("standard_parallel_1", number("lat_1")?),
                    ("standard_parallel_2", number("lat_2")?),
                ],
            ),
            "somerc" => (
                "Hotine_Oblique_Mercator_Azimuth_Center",
                vec![
                    ("latitude_of_center", number("lat_0")?),
                    ("longitude_of_center", number("lon_0")?),
                    ("azimuth", 90.0),
                    ("rectified_grid_angle", 90.0),
                    ("scale_factor", scale?),
                ],
            ),
            _ => return None,
        };
        let falls = [("false_easting", length("x_0")?), ("false_northing", length("y_0")?)];
        Some((name, own.into_iter().chain(falls).collect()))
    }

    /// The value of a word of the definition, such as `+lon_0=117`.
    fn key(&self, name: &str) -> Option<&str> {
        let words = self.definition().split(' ');
        words
            .filter_map(|word| word.strip_prefix('+')?.split_once('='))
            .find_map(|(key, value)| (key == name).then_some(value))
    }
}

fn authority(number: &str) -> String {
    format!("AUTHORITY[\"EPSG\",\"{number}\"]")
}

/// Easting and northing in the order of the authority.
fn in_order<T>(order: AxisOrder, [east, north]: [T; 2]) -> [T; 2] {
    match order {
        AxisOrder::EastNorth => [east, north],
        AxisOrder::NorthEast => [north, east],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_numbered_system_is_told_in_a_text_that_names_it() {
        for crs in Crs::all() {
            let found = crs.to_wkt().map(|text| Crs::from_wkt(&text).expect("well-known text"));
            assert_eq!(found.is_some(), crs.epsg().is_some(), "{}", crs.code());
            assert!(found.is_none_or(|found| found == crs), "{}", crs.code());
        }
    }

    #[test]
    fn parameters_are_in_the_unit_of_the_system_and_axes_in_its_order() {
        let check = |code: &str, part: &str| {
            let text = Crs::find(code).ok().and_then(|crs| crs.to_wkt()).expect("a text");
            assert!(text.contains(part), "{part} in {text}");
        };
        check("EPSG:3435", "PARAMETER[\"false_easting\",984250]");
        check("EPSG:2264", "PARAMETER[\"false_easting\",2000000]");
        check("EPSG:4548", "AXIS[\"Northing\",NORTH],AXIS[\"Easting\",EAST]");
        check("EPSG:32650", "AXIS[\"Easting\",EAST],AXIS[\"Northing\",NORTH]");
        check("EPSG:31467", "TOWGS84[598.1,73.7,418.2,0.202,0.045,-2.455,6.7]");
    }
}
