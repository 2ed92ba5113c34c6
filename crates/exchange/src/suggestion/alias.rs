//! Usual names: of fields, classes, keys and positions, as records and surveys have them beside the
//! names and titles of the classes.

use terrier_model::{Class, Field};

/// Usual names of fields, with `|` between them, by the name of the field or by the part of an event
/// that it shows.
const FIELDS: &[(&str, &str)] = &[
    (
        "code",
        "编号|编码|资产编号|设施编号|设备编号|管线编号|管段编号|管道编号|点号|管线点号|\
         物探点号|杆号|灯杆编号|路灯编号|井号|井编号|检查井编号|立管编号|标识码|\
         asset code|asset id|asset no|facility id|facilityid|pipe no|pipe id|pole no|\
         pole id|pole number|ref|id|no|nr|number|exp no",
    ),
    ("lifecycle_status", "status|state|lifecycle|in service|状态|现状|使用状态|运行状态|设备状态"),
    (
        "installed_on",
        "敷设日期|敷设年代|敷设时间|敷设年份|建设日期|建设年代|建设时间|建设年份|\
         建成日期|建成年代|建成时间|建成年份|安装日期|安装时间|安装年份|埋设日期|\
         埋设年代|投运日期|投用日期|投入使用日期|竣工日期|installed|install date|\
         installdate|date installed|installation date|install year|year installed|\
         installation year|year of construction|construction year|construction date|\
         year built|built|built date|builtdate|laid|laid on|date laid|year laid|mdate|\
         commissioned|commissioned on|start date",
    ),
    (
        "decommissioned_on",
        "停用日期|废弃日期|报废日期|abandoned on|decommissioned|removed on|end date",
    ),
    ("length_m", "长度|管长|管段长度|管道长度|pipe length|length|len"),
    ("area_m2", "面积|占地面积|area"),
    ("count", "数量|件数|quantity|qty"),
    ("owner", "权属|权属单位|产权单位|所有权人|owner|ownership|belong"),
    ("community", "小区|小区名称|所属小区|所在小区"),
    ("street", "街道|所属街道|街道办|街道办事处|乡镇街道|subdistrict|sub district"),
    ("road", "道路|所在道路|道路名称|路名|所属道路|road|road name|street name"),
    ("households", "户数|居民户数|供气户数|供热户数|用户数|customers"),
    ("remarks", "备注|说明|附注|remark|note|notes|comment|comments|memo"),
    ("name", "名称|name"),
    ("material", "材质|材料|管材|管道材质|管线材料|pipe material|mat"),
    (
        "diameter_mm",
        "管径|公称直径|直径|口径|管径或断面|断面尺寸|规格|inner diameter|outer diameter|\
         nominal diameter|diam|dia|dn|pipe size",
    ),
    ("width_mm", "断面宽|管宽|宽|宽度"),
    ("height_mm", "断面高|管高|高|高度"),
    (
        "from_node",
        "起点|起点编号|起点点号|起始点号|上游井号|上游井编号|起始井号|from junction|\
         start node|us node|upstream node|upstream manhole|from manhole",
    ),
    (
        "to_node",
        "终点|终点编号|终点点号|终止点号|下游井号|下游井编号|终止井号|to junction|\
         end node|ds node|downstream node|downstream manhole|to manhole",
    ),
    ("depth_start_m", "起点埋深|起始埋深|start depth"),
    ("depth_end_m", "终点埋深|终止埋深|end depth"),
    ("invert_start_m", "起点管底高程|起点管底标高|上游管底高程|upstream invert|us invert"),
    ("invert_end_m", "终点管底高程|终点管底标高|下游管底高程|downstream invert|ds invert"),
    ("pressure_class", "压力级制|压力等级|压力级别|pressure level"),
    ("operating_pressure_mpa", "运行压力|工作压力|operating pressure"),
    ("laying_method", "敷设方式|埋设方式|敷设形式"),
    ("joint", "接口方式|接口形式|连接方式|接头形式"),
    ("coating", "防腐层|防腐方式|防腐形式"),
    ("pipe_role", "管道类别|管线类别|管段类型"),
    ("position", "敷设位置|安装位置"),
    ("system", "排水性质|排水体制|排水类型|管道性质|雨污类型|雨污性质|sewer type"),
    ("section", "断面形式|断面形状|断面类型|shape|section shape|cross section"),
    ("ground_level_m", "地面高程|地面标高|ground elevation"),
    ("cover_level_m", "井盖高程|井口高程|井面高程|地面高程|地面标高|rim elevation|ground level"),
    ("pipe_top_level_m", "管顶高程|管顶标高"),
    ("invert_m", "井底高程|井底标高|底高程|invert elev|invert elevation|invert level"),
    ("depth_m", "井深|埋深|max depth"),
    ("function", "井类型|井类别|检查井类型|检查井类别"),
    ("cover_material", "井盖材质|井盖材料"),
    ("cover_diameter_mm", "井盖尺寸|井盖直径|井盖规格"),
    ("fall_net", "防坠网|防坠落装置|防坠装置"),
    ("height_m", "杆高|灯杆高度|pole height"),
    ("pole_kind", "灯杆类型|杆型|pole type"),
    ("power_w", "功率|额定功率|灯具功率|wattage|lamp wattage|watt|power"),
    ("lamp_kind", "光源|光源类型|灯具类型|灯型|lamp type|light source|luminaire type"),
    ("lamp_count", "灯具数|灯头数|光源数|灯盏数|number of lamps"),
    ("manufacturer", "生产厂家|厂家|灯具厂家|manufacturer|lamp manufacturer|make"),
    ("cabinet_code", "控制箱|控制箱编号|配电箱编号|controller id|cabinet id"),
    ("circuit_code", "回路|回路编号|circuit|controller circuit"),
    ("corrosion_grade", "锈蚀|锈蚀程度|腐蚀程度"),
    ("building", "楼栋|楼号|楼门号"),
    ("entrance", "单元|单元号|门栋"),
    ("floors", "楼层数|层数"),
    ("surface", "铺装|铺装材料|面层"),
    ("pavement", "路面|路面类型|路面材料|surface"),
    ("lane_count", "车道|车道数|lanes"),
    ("width_m", "宽度|宽"),
    ("lit", "照明|有照明"),
    ("barrier_free", "无障碍|wheelchair"),
    ("committee", "社区|居委会"),
    ("property_manager", "物业|物业公司|物业单位"),
    ("building_count", "楼栋数|楼数"),
    ("community_kind", "小区类型|小区类别"),
    ("drainage_regime", "现状体制|排水体制"),
    ("drainage_regime_planned", "规划体制"),
    ("separation_status", "分流状态|雨污分流"),
    ("gas_riser_status", "立管改造|立管改造状态"),
    ("heating", "供热|供暖"),
    (
        "inspected.on",
        "上次检查|上次检查日期|最近检查|最近检查日期|检查日期|检查时间|上次巡检|\
         上次巡检日期|最近巡检|巡检日期|巡检时间|巡查日期|上次检测|上次检测日期|最近检测|\
         检测日期|泄漏检测日期|inspected|inspection date|last inspected|\
         last inspected on|last inspected date|last inspection|last inspection date|\
         date inspected|last checked|field verified date|fieldverifieddate",
    ),
    (
        "cleaned.on",
        "上次清疏|上次清疏日期|最近清疏|清疏日期|上次清掏|上次清掏日期|最近清掏|清掏日期|\
         清淤日期|疏通日期|cleaned|cleaning date|date cleaned|last cleaned|\
         last cleaned on|last cleaned date|last jetted",
    ),
    (
        "repaired.on",
        "上次维修|上次维修日期|最近维修|维修日期|修复日期|repaired|repair date|\
         last repaired|last repair|last repair date|last repaired date",
    ),
    ("renewed.on", "改造日期|更新改造日期|更换日期|renewed|renewal date|replaced on"),
    ("assessed.on", "评估日期|评估时间|上次评估|assessed|assessment date|last assessed"),
    ("assessed.result", "评估结果|评估结论|assessment result"),
    ("assessed.next_on", "下次评估|下次评估日期|next assessment|next assessment date"),
    ("graded.on", "评定日期|评级日期|grading date|grade date"),
    ("graded.grade", "状况等级|评定等级|缺陷等级|condition grade"),
];

/// Words by which a class is known, beside its name and titles: in the name of a file or layer, or
/// in what its rows say.
const CLASSES: &[(&str, &str)] = &[
    ("communities", "小区"),
    ("drain_pipes", "排水管|雨水管|污水管|drain|drains|sewer|sewers"),
    ("drain_structures", "泵站|pump station"),
    ("gas_nodes", "燃气管点|燃气点|gas junctions"),
    ("gas_pipes", "燃气管|燃气管线|煤气管|天然气管|gas main|gas mains"),
    ("gas_regulators", "调压站|调压箱|调压柜"),
    ("gas_risers", "立管|riser|risers"),
    ("gas_valves", "燃气阀|燃气阀门"),
    ("greenway_segments", "绿道|greenway|greenways|footway|cycleway|paths"),
    ("gullies", "雨水口|雨水篦|gully|inlet|catch basin"),
    ("heat_pipes", "供热管|热力管|heat pipe"),
    ("heat_stations", "换热站|热力站"),
    ("light_cabinets", "控制箱|配电箱|cabinet"),
    (
        "light_poles",
        "路灯|灯杆|street lamp|street lamps|streetlight|streetlights|lamp post|lights|\
         poles",
    ),
    ("manholes", "检查井|窨井|井盖|manhole"),
    ("outfalls", "排放口|排口|outfall"),
    ("pocket_parks", "口袋公园|pocket park|parks"),
    ("road_sections", "道路|路段|roads"),
    ("streets", "街道"),
];

/// Names of keys, the best first. A name that ends so is one, too.
pub(super) const KEYS: [&str; 17] = [
    "编号",
    "编码",
    "点号",
    "杆号",
    "井号",
    "标识码",
    "代码",
    "uuid",
    "guid",
    "globalid",
    "code",
    "number",
    "no",
    "nr",
    "ref",
    "key",
    "id",
];

/// Names of what may be a key where there is nothing better: what people call a thing, and numbers
/// that a program gave to its rows.
pub(super) const WEAK_KEYS: [&str; 6] = ["小区名称", "名称", "name", "序号", "objectid", "fid"];

/// Names of columns with a longitude or easting beside those with a latitude or northing, which
/// cannot be taken for each other.
pub(super) const AXES: [(&[&str], &[&str]); 2] = [
    (
        &["lon", "lng", "long", "longitude", "经度", "gpslon", "gpslng", "东经"],
        &["lat", "latitude", "纬度", "gpslat", "北纬"],
    ),
    (
        &["easting", "east", "e", "东坐标", "横坐标", "横坐标y", "y坐标横", "东方向"],
        &["northing", "north", "n", "北坐标", "纵坐标", "纵坐标x", "x坐标纵", "北方向"],
    ),
];

/// Names of two columns of which nobody knows which one goes to the east: surveyors call the
/// northing X.
pub(super) const XY: (&[&str], &[&str]) = (
    &["x", "x坐标", "坐标x", "xcoord", "coordx", "xcoordinate", "pointx", "posx", "gisx"],
    &["y", "y坐标", "坐标y", "ycoord", "coordy", "ycoordinate", "pointy", "posy", "gisy"],
);

/// Words that name a property of anything, so that they tell no class.
pub(super) const GENERAL: [&str; 8] =
    ["name", "kind", "type", "from", "to", "名称", "类型", "类别"];

/// Usual names of a field.
pub(super) fn aliases_of(field: &Field) -> impl Iterator<Item = &str> {
    let part = field.event.map(terrier_model::EventPart::name);
    let key = part.unwrap_or_else(|| field.name.to_string());
    let found = FIELDS.iter().filter(move |(name, _)| *name == key);
    found.flat_map(|(_, names)| names.split('|'))
}

/// Words by which a class is known, beside its name and titles.
pub(super) fn words_of(class: &Class) -> impl Iterator<Item = &str> {
    let found = CLASSES.iter().filter(|(name, _)| *name == class.name());
    found.flat_map(|(_, words)| words.split('|'))
}

#[cfg(test)]
mod tests {
    use terrier_catalog::{class_from_toml, shipped_classes};

    use super::*;

    fn classes() -> Vec<Class> {
        let parse = |(_, text): &(&str, &str)| class_from_toml(text).expect("a shipped class");
        shipped_classes().iter().map(parse).collect()
    }

    #[test]
    fn every_usual_name_is_that_of_something_shipped() {
        let classes = classes();
        for (name, _) in FIELDS {
            let is_it = |field: &Field| {
                field.event.map_or_else(|| field.name.to_string(), terrier_model::EventPart::name)
                    == *name
            };
            let found = classes.iter().any(|class| class.fields().iter().any(is_it));
            assert!(found, "no field {name}");
        }
        for (name, _) in CLASSES {
            assert!(classes.iter().any(|class| class.name() == *name), "no class {name}");
        }
        for class in &classes {
            assert!(words_of(class).count() > 0, "no words for {}", class.name());
        }
    }
}
