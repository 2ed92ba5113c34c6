//! The columns that survey tables have, and the names by which surveyors call them (after CJJ 61 and the
//! tables of several cities).

/// What a column of a survey table tells.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Told {
    /// Of which point a row is.
    Point,
    /// In a table of lines, the point at which one begins.
    From,
    /// The point that a line goes to.
    To,
    /// The northing, which surveyors call X.
    X,
    /// The easting.
    Y,
    Feature,
    Facility,
    Ground,
    WellDepth,
    Top,
    Invert,
    Depth,
    TopStart,
    TopEnd,
    InvertStart,
    InvertEnd,
    DepthStart,
    DepthEnd,
    Material,
    Size,
    Laying,
    Flow,
    Pressure,
    Voltage,
    Cables,
    Owner,
    Installed,
    Road,
}

/// A column: what it tells, its name in a mapping (there behind `@`), and what it is called in tables,
/// the likeliest first.
pub(crate) struct Alias {
    pub(crate) told: Told,
    pub(crate) name: &'static str,
    pub(crate) called: &'static [&'static str],
}

const fn alias(told: Told, name: &'static str, called: &'static [&'static str]) -> Alias {
    Alias { told, name, called }
}

/// All of them, in the order in which their values come.
pub(crate) const ALIASES: [Alias; 28] = [
    alias(
        Told::Point,
        "point",
        &[
            "管线点预编号",
            "物探点号",
            "管线点编号",
            "管线点号",
            "图上点号",
            "点号",
            "点编号",
            "EXP_NO",
        ],
    ),
    alias(
        Told::From,
        "from",
        &["起点点号", "起点编号", "起点物探点号", "起始点号", "起点号", "起点", "S_POINT"],
    ),
    alias(
        Told::To,
        "to",
        &[
            "连接点号",
            "连接方向",
            "连接点编号",
            "连接点",
            "终点点号",
            "终点编号",
            "终点物探点号",
            "终止点号",
            "终点号",
            "终点",
            "上点号",
            "E_POINT",
        ],
    ),
    alias(Told::X, "x", &["X", "X坐标", "坐标X", "纵坐标X", "纵坐标"]),
    alias(Told::Y, "y", &["Y", "Y坐标", "坐标Y", "横坐标Y", "横坐标"]),
    alias(Told::Feature, "feature", &["特征", "特征点", "管线点特征", "点特征", "FEATURE"]),
    alias(Told::Facility, "facility", &["附属物", "附属物名称", "附属设施", "SUBSID"]),
    alias(Told::Ground, "ground_m", &["地面高程", "地面标高", "地面", "高程", "HIGH"]),
    alias(Told::WellDepth, "well_depth_m", &["井底深", "井深", "井底埋深", "WELLDEEP"]),
    alias(Told::Top, "top_m", &["管顶高程", "管顶标高", "管顶"]),
    alias(Told::Invert, "invert_m", &["管底高程", "管底标高", "管内底高程", "沟底高程", "管底"]),
    alias(Told::Depth, "depth_m", &["埋深", "管线埋深", "埋设深度"]),
    alias(Told::TopStart, "top_start_m", &["起点管顶高程", "起点管顶"]),
    alias(Told::TopEnd, "top_end_m", &["终点管顶高程", "终点管顶"]),
    alias(Told::InvertStart, "invert_start_m", &["起点管底高程", "起点管内底高程", "起点管底"]),
    alias(Told::InvertEnd, "invert_end_m", &["终点管底高程", "终点管内底高程", "终点管底"]),
    alias(Told::DepthStart, "depth_start_m", &["起点埋深", "S_DEEP"]),
    alias(Told::DepthEnd, "depth_end_m", &["终点埋深", "E_DEEP"]),
    alias(
        Told::Material,
        "material",
        &["管线材料", "管线材质", "材质", "管材", "材料", "MATERIAL"],
    ),
    alias(
        Told::Size,
        "size",
        &["管径或断面", "管径或断面尺寸", "管径断面", "管径", "断面尺寸", "规格", "D_S"],
    ),
    alias(Told::Laying, "laying", &["埋设方式", "埋设类型", "敷设方式", "敷设类型", "EMBED"]),
    alias(Told::Flow, "flow", &["流向", "排水流向", "FLOWDIRECT"]),
    alias(Told::Pressure, "pressure", &["压力", "压力值", "压力等级", "压力级制"]),
    alias(Told::Voltage, "voltage", &["电压", "电压值", "电压等级"]),
    alias(Told::Cables, "cables", &["电缆条数", "电缆根数", "光缆条数", "条数"]),
    alias(Told::Owner, "owner", &["权属单位", "权属", "产权单位", "BELONG"]),
    alias(
        Told::Installed,
        "installed",
        &[
            "建设年代",
            "建设日期",
            "建设时间",
            "埋设日期",
            "埋设年代",
            "敷设日期",
            "敷设年代",
            "MDATE",
        ],
    ),
    alias(Told::Road, "road", &["所在道路", "道路名称", "道路", "路名", "ROAD"]),
];

impl Told {
    /// What a name in a mapping means.
    pub(crate) fn find(name: &str) -> Option<Self> {
        ALIASES.iter().find(|alias| alias.name == name).map(|alias| alias.told)
    }

    pub(crate) fn alias(self) -> &'static Alias {
        ALIASES.iter().find(|alias| alias.told == self).expect("each has one")
    }
}

/// A name as it is compared: without white space, without a unit in brackets, in capitals.
pub(crate) fn compared(name: &str) -> String {
    let name = name.split(['(', '（', '[', '［', '/']).next().unwrap_or_default();
    name.chars().filter(|sign| !sign.is_whitespace()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_one_thing() {
        let mut called: Vec<&str> =
            ALIASES.iter().flat_map(|alias| alias.called).copied().collect();
        for name in &called {
            assert_eq!(compared(name), **name);
        }
        called.sort_unstable();
        for two in called.windows(2) {
            assert_ne!(two[0], two[1]);
        }
        for alias in &ALIASES {
            assert_eq!(Told::find(alias.name), Some(alias.told));
        }
    }

    #[test]
    fn white_space_units_and_small_letters_make_no_difference() {
        for name in ["x", " X (m)", "Ｘ", "X（米）", "X/m"] {
            let expected = if name == "Ｘ" { "Ｘ" } else { "X" };
            assert_eq!(compared(name), expected);
        }
        assert_eq!(compared("管径 或断面(mm)"), "管径或断面");
    }
}
