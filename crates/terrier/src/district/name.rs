//! Names of Hexi's sub-districts and roads, and names that its communities might have.

use super::plan::Way;

const SUBDISTRICTS: [&str; 14] = [
    "大营门街道",
    "下瓦房街道",
    "桃园街道",
    "挂甲寺街道",
    "马场街道",
    "越秀路街道",
    "友谊路街道",
    "天塔街道",
    "尖山街道",
    "陈塘庄街道",
    "柳林街道",
    "东海街道",
    "梅江街道",
    "太湖路街道",
];

const WIDE_DAO: [&str; 6] = ["围堤道", "黑牛城道", "珠江道", "宾水道", "梅江道", "郁江道"];
const DAO: [&str; 14] = [
    "马场道",
    "绍兴道",
    "永安道",
    "利民道",
    "琼州道",
    "乐园道",
    "平山道",
    "泗水道",
    "浯水道",
    "湘江道",
    "资水道",
    "汉江道",
    "渌水道",
    "绥江道",
];
const WIDE_LU: [&str; 6] = ["友谊路", "解放南路", "大沽南路", "南京路", "洞庭路", "紫金山路"];
const LU: [&str; 14] = [
    "越秀路",
    "隆昌路",
    "太湖路",
    "怒江路",
    "九江路",
    "微山路",
    "枫林路",
    "学苑路",
    "环岛东路",
    "复兴河路",
    "尖山路",
    "台北路",
    "广东路",
    "内江路",
];

const STEMS: [&str; 48] = [
    "尖山", "红星", "光明", "曙光", "爱国", "四季", "安乐", "平安", "景兴", "泰来", "珠江", "友谊",
    "建设", "团结", "跃进", "新安", "永安", "福源", "宝和", "瑞江", "云水", "柳岸", "梅林", "桃源",
    "荣华", "金河", "银河", "东升", "长青", "松江", "龙泉", "凤城", "玉泉", "清和", "明珠", "名都",
    "环湖", "天涛", "育贤", "文苑", "春晖", "华夏", "康宁", "富裕", "恩德", "兴国", "滨河", "望江",
];
const ENDINGS: [&str; 11] =
    ["里", "东里", "西里", "南里", "北里", "新村", "公寓", "花园", "家园", "苑", "大院"];

/// Beyond the fourteen that there are, sub-districts get names with these before them.
const FURTHER: [&str; 4] = ["东", "西", "南", "北"];

/// The sub-district of a block: five blocks by five.
pub(super) fn subdistrict([i, j]: [i32; 2]) -> String {
    let [column, row] = subdistrict_cell([i, j]);
    // Around the centre this is from -7 to 6, a number for each.
    let number = column * 3 + row * 5 + 7;
    let name = SUBDISTRICTS[number.rem_euclid(14) as usize];
    match number.div_euclid(14) {
        0 => name.to_owned(),
        round => format!("{}{name}", FURTHER[round.rem_euclid(4) as usize]),
    }
}

/// Counts the sub-districts to the east and to the north.
pub(super) fn subdistrict_cell([i, j]: [i32; 2]) -> [i32; 2] {
    [(i + 2).div_euclid(5), j.div_euclid(5)]
}

/// The name of the road along a line of the street grid, counted across its direction.
pub(super) fn road(way: Way, line: i32) -> &'static str {
    let (wide, narrow) = match way {
        Way::East => (&WIDE_DAO, &DAO),
        Way::North => (&WIDE_LU, &LU),
    };
    if super::plan::is_arterial(line) {
        wide[line.div_euclid(4).rem_euclid(6) as usize]
    } else {
        narrow[line.rem_euclid(14) as usize]
    }
}

/// The name of the community in a block. Within a district of the size of Hexi hardly any name comes
/// twice.
pub(super) fn community(seed: u64, i: i32, j: i32) -> String {
    // 23 is more than the blocks that lie side by side, and 205 has no divisor in common with 528.
    let place = i64::from(i) + 23 * i64::from(j) + (seed % 528) as i64;
    let name = (place * 205).rem_euclid(528) as usize;
    format!("{}{}", STEMS[name % 48], ENDINGS[name / 48])
}
