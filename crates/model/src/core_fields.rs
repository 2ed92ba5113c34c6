//! The fields that every asset has, described as the fields of a class are.

use std::sync::LazyLock;

use crate::{Code, DateSource, Field, Kind, Lifecycle, Precision, Sensitivity, Text};

/// A field of the core.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "the titles and descriptions below say what each means")]
pub enum CoreField {
    Class,
    Code,
    LifecycleStatus,
    InstalledOn,
    InstalledLatestOn,
    InstalledPrecision,
    InstalledSource,
    InstalledWritten,
    DecommissionedOn,
    LengthM,
    AreaM2,
    Count,
    Owner,
    Community,
    Street,
    Road,
    GeomLengthM,
    GeomAreaM2,
    ValidFrom,
    ValidTo,
    Households,
}

impl CoreField {
    /// Whether the register computes the field, so that nobody can give it.
    pub fn is_read_only(self) -> bool {
        match self {
            Self::Class
            | Self::InstalledPrecision
            | Self::GeomLengthM
            | Self::GeomAreaM2
            | Self::ValidFrom
            | Self::ValidTo => true,
            Self::Code
            | Self::LifecycleStatus
            | Self::InstalledOn
            | Self::InstalledLatestOn
            | Self::InstalledSource
            | Self::InstalledWritten
            | Self::DecommissionedOn
            | Self::LengthM
            | Self::AreaM2
            | Self::Count
            | Self::Owner
            | Self::Community
            | Self::Street
            | Self::Road
            | Self::Households => false,
        }
    }
}

/// The core in the order in which it is served. A field's place in this list is its place in
/// [`crate::Class::fields`] of every class.
pub fn core_fields() -> &'static [Field] {
    static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(describe);
    &FIELDS
}

/// The place of a field in [`core_fields`].
pub fn core_position(core: CoreField) -> usize {
    let place = core_fields().iter().position(|field| field.core == Some(core));
    place.expect("the list has every field of the core")
}

#[expect(clippy::too_many_lines, reason = "one table, a line or two for each field")]
fn describe() -> Vec<Field> {
    use CoreField as C;
    let not_negative = Some((0.0, f64::MAX));
    let plain = |core, name: &str, kind, en: &str, zh: &str| Field {
        name: name.into(),
        kind,
        unit: None,
        title: Text::new(en, zh),
        description: None,
        sensitivity: Sensitivity::Public,
        range: None,
        core: Some(core),
        event: None,
        retired: false,
    };
    let measure = |core, name: &str, unit: &str, en: &str, zh: &str| Field {
        unit: Some(unit.into()),
        range: not_negative,
        ..plain(core, name, Kind::Number, en, zh)
    };
    let explained =
        |field: Field, en: &str, zh: &str| Field { description: Some(Text::new(en, zh)), ..field };
    vec![
        explained(
            plain(C::Class, "class", Kind::Text, "Class", "类别"),
            "The class, which is also the name of its collection.",
            "资产类别，即其数据集的名称。",
        ),
        explained(
            plain(C::Code, "code", Kind::Text, "Code", "编号"),
            "The owner's own number for the asset, such as the one painted on a pole.",
            "权属单位的编号，如灯杆上的杆号。",
        ),
        plain(C::LifecycleStatus, "lifecycle_status", lifecycle_kind(), "Status", "状态"),
        explained(
            plain(C::InstalledOn, "installed_on", Kind::Date, "Installed on", "敷设日期"),
            "The first day on which it may have been installed; null when that is not known.",
            "可能敷设的最早日期；不明时为空。",
        ),
        explained(
            plain(
                C::InstalledLatestOn,
                "installed_latest_on",
                Kind::Date,
                "Installed by",
                "最迟敷设日期",
            ),
            "The last day on which it may have been installed; the same as installed_on when \
             the day is known.",
            "可能敷设的最迟日期；日期确知时与敷设日期相同。",
        ),
        plain(
            C::InstalledPrecision,
            "installed_precision",
            precision_kind(),
            "Precision of installation date",
            "敷设日期精度",
        ),
        explained(
            plain(
                C::InstalledSource,
                "installed_source",
                source_kind(),
                "Source of installation date",
                "敷设日期来源",
            ),
            "Where the installation date comes from; placeholder where a record has a date that only \
             stands for an unknown one.",
            "敷设日期的依据；档案中的日期仅为占位时为占位日期。",
        ),
        explained(
            plain(
                C::InstalledWritten,
                "installed_written",
                Kind::Text,
                "Installation date as written",
                "敷设日期原文",
            ),
            "What the record says where that is no date, such as a placeholder.",
            "档案所写而非日期的原文，如占位日期。",
        ),
        plain(
            C::DecommissionedOn,
            "decommissioned_on",
            Kind::Date,
            "Decommissioned on",
            "停用日期",
        ),
        explained(
            measure(C::LengthM, "length_m", "m", "Recorded length", "登记长度"),
            "The length that the records give, which may be that of a slope or of a riser.",
            "档案登记的长度，可为坡长或立管长度。",
        ),
        measure(C::AreaM2, "area_m2", "m2", "Recorded area", "登记面积"),
        Field {
            range: not_negative,
            ..explained(
                plain(C::Count, "count", Kind::Integer, "Recorded count", "登记数量"),
                "How many pieces the asset stands for.",
                "该资产所代表的件数。",
            )
        },
        plain(C::Owner, "owner", Kind::Text, "Owner", "权属单位"),
        plain(C::Community, "community", Kind::Text, "Community", "小区"),
        explained(
            plain(C::Street, "street", Kind::Text, "Street", "街道"),
            "The street in the sense of Chinese administration: the sub-district whose office is in \
             charge. The road is in road.",
            "所属街道（办事处辖区）；道路名称见道路字段。",
        ),
        plain(C::Road, "road", Kind::Text, "Road", "道路"),
        explained(
            measure(C::GeomLengthM, "geom_length_m", "m", "Length of geometry", "图形长度"),
            "The length of the geometry on the WGS 84 ellipsoid; null for points and surfaces.",
            "图形在WGS 84椭球面上的长度；点和面为空。",
        ),
        explained(
            measure(C::GeomAreaM2, "geom_area_m2", "m2", "Area of geometry", "图形面积"),
            "The area of the geometry on the WGS 84 ellipsoid; null for points and lines.",
            "图形在WGS 84椭球面上的面积；点和线为空。",
        ),
        explained(
            plain(C::ValidFrom, "valid_from", Kind::Instant, "Valid from", "生效时间"),
            "Since when the asset has been in the street as it is described here.",
            "资产以所述状态存在的起始时间。",
        ),
        explained(
            plain(C::ValidTo, "valid_to", Kind::Instant, "Valid to", "失效时间"),
            "Until when it was so, this moment excluded; null while it is.",
            "所述状态的终止时间（不含）；仍然有效时为空。",
        ),
        Field {
            sensitivity: Sensitivity::Restricted,
            range: not_negative,
            ..explained(
                plain(C::Households, "households", Kind::Integer, "Households", "户数"),
                "How many households it serves.",
                "服务户数。",
            )
        },
    ]
}

fn lifecycle_kind() -> Kind {
    let code = |status: &Lifecycle| {
        let (code, en, zh) = status.words();
        Code { code: code.into(), title: Text::new(en, zh), retired: false }
    };
    Kind::Code(Lifecycle::ALL.iter().map(code).collect())
}

fn source_kind() -> Kind {
    let code = |source: &DateSource| {
        let (code, en, zh) = source.words();
        Code { code: code.into(), title: Text::new(en, zh), retired: false }
    };
    Kind::Code(DateSource::ALL.iter().map(code).collect())
}

fn precision_kind() -> Kind {
    let title = |precision| match precision {
        Precision::Day => Text::new("To the day", "精确到日"),
        Precision::Month => Text::new("To the month", "精确到月"),
        Precision::Year => Text::new("To the year", "精确到年"),
        Precision::Decade => Text::new("To the decade", "精确到年代"),
        Precision::Before => Text::new("Not after a day", "不晚于某日"),
        Precision::Range => Text::new("Between two days", "区间"),
        Precision::Unknown => Text::new("Not known", "不明"),
    };
    let code = |(precision, code): &(Precision, &str)| Code {
        code: (*code).into(),
        title: title(*precision),
        retired: false,
    };
    Kind::Code(Precision::CODES.iter().map(code).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_core_comes_before_the_restricted() {
        let restricted = |field: &Field| field.sensitivity == Sensitivity::Restricted;
        let first = core_fields().iter().position(restricted).expect("households are restricted");
        assert!(core_fields()[first..].iter().all(restricted));
    }
}
