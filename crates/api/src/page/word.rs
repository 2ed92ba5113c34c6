//! The words of pages, each in both languages. What classes, fields and codes are called is no word of
//! these: their own titles say it.

use terrier_catalog::Language;

/// Makes the words: the name of each, then English, then Chinese. `{0}` and `{1}` stand for what is put
/// there.
macro_rules! words {
    ($($name:ident: $en:literal, $zh:literal;)*) => {
        /// A word, or a sentence, of a page.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(crate) enum Word { $($name),* }

        impl Word {
            /// The word in a language.
            pub(crate) fn of(self, language: Language) -> &'static str {
                let [en, zh] = match self { $(Self::$name => [$en, $zh]),* };
                match language {
                    Language::English => en,
                    Language::Chinese => zh,
                }
            }

            #[cfg(test)]
            const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

words! {
    // The frame.
    Tagline: "The register of what a city has in its streets.", "城市道路设施登记册。";
    Collections: "Collections", "数据集";
    DueWork: "Due work", "到期工作";
    Api: "API", "接口";
    OtherForms: "Other forms of this page", "本页的其他格式";
    Skip: "Skip to the content", "跳到正文";

    // The first page.
    Assets: "{0} assets", "{0} 项资产";
    AllOfThem: "All of them, with what every class has:", "全部资产及其共有字段：";
    WhatFallsDue: "What falls due on them, and why:", "到期工作及其理由：";
    List: "list", "列表";
    Sums: "summary", "汇总";
    About: "about it", "说明";
    Fields: "Fields", "字段";
    Summary: "Summary", "汇总";
    Class: "Class", "类别";
    AssetCount: "Assets", "资产数";
    Old: "Old", "老旧";
    DateNotKnown: "Date not known", "日期不明";
    Data: "Data", "数据";
    FiguresNote: "As of {0}, change {1}. Old: installed 30 years ago or more, whatever the record leaves open; \
                  where no date is known, age is not known either.",
                 "截至{0}，变更序号{1}。老旧：按已知日期至少已敷设30年；日期不明的，年限亦不明。";
    Where: "Where", "位置";
    SomeOfEach: "Some assets of each class, north up.", "每类部分资产，上北。";
    OpenInQgis: "Open it in QGIS", "在QGIS中打开";
    QgisSteps: "Layer › Add Layer › Add WFS / OGC API – Features Layer › New, paste this address, and choose \
                version OGC API – Features:",
               "图层 › 添加图层 › 添加WFS / OGC API - Features图层 › 新建，粘贴此地址，版本选OGC API - Features：";
    InTerminal: "In a terminal with GDAL:", "在装有GDAL的终端中：";
    TheApi: "The API", "接口";
    ApiDocument: "API document (OpenAPI 3.0)", "接口文档（OpenAPI 3.0）";
    Conformance: "Conformance", "符合的标准";
    Functions: "Functions of filters", "筛选函数";
    AsJson: "This page as JSON", "本页的JSON";
    FirstInWindow: "The first assets in a window, of all classes:", "窗口内各类资产的前几项：";

    // Collections.
    Name: "Name", "名称";
    Features: "Features", "要素数";
    Extent: "Extent", "范围";
    Since: "Since", "起始";
    FieldName: "Name in questions", "查询用名";
    Kind: "Values", "取值";
    Unit: "Unit", "单位";
    AllValues: "values", "取值统计";
    Queryables: "What can be asked for", "可查询字段";
    Sortables: "What can be sorted by", "可排序字段";
    Schema: "Fields as JSON Schema", "字段（JSON Schema）";
    FeatureSchema: "A feature as JSON Schema", "要素（JSON Schema）";
    ShowList: "Show the list", "查看列表";
    Nothing: "There is nothing in it.", "其中没有数据。";
    Text: "text", "文本";
    Code: "one of a list", "代码";
    Integer: "a whole number", "整数";
    Number: "a number", "数值";
    Boolean: "yes or no", "是或否";
    Date: "a day", "日期";
    Instant: "a time", "时间";
    Texts: "several texts", "多个文本";
    SeveralCodes: "several of a list", "多个代码";

    // A list of features.
    Found: "{0} found", "共{0}项";
    Shown: "{0} to {1} are shown here.", "此处显示第{0}至{1}项。";
    ShownSome: "{0} of them are shown here.", "此处显示其中{0}项。";
    NothingFound: "Nothing was found.", "没有找到。";
    NothingFoundHint: "Take away a condition, or look at a larger window.", "请去掉一个条件，或放大窗口。";
    WithoutConditions: "All without conditions", "去掉全部条件";
    Conditions: "Asked for", "查询条件";
    TakeAway: "take away", "去掉";
    Search: "Search", "搜索";
    SearchHint: "code, name, road, community", "编号、名称、道路、小区";
    Filter: "Filter (CQL2)", "筛选（CQL2）";
    SortBy: "Sort by", "排序";
    ByPlace: "place", "位置";
    PerPage: "On a page", "每页";
    Window: "Window", "窗口";
    WindowHint: "west,south,east,north", "西,南,东,北";
    Ask: "Show", "查询";
    Time: "Valid in", "有效时间";
    AsOf: "As of", "截至";
    KnownAt: "As known at", "当时所知";
    AsItWas: "As it was in the street at {0}, by all that was known at change {1}.",
             "{0}的实地状况，以变更{1}时所知为准。";
    ShownThen: "{0} are shown here, in the order of places.", "此处显示{0}项，按位置排序。";
    Near: "Near", "附近";
    Rising: "{0}, rising", "{0}，升序";
    Falling: "{0}, falling", "{0}，降序";
    First: "First page of the list", "第一页";
    Previous: "Previous", "上一页";
    Next: "Next", "下一页";
    Pages: "Pages", "翻页";
    LeftOut: "Fields without a value on this page, and some about the record itself, are left out here; the page \
              of a feature has all of them, and properties names those to show.",
             "本页无值的字段及部分档案字段未列出；要素页列出全部字段，也可用properties指定字段。";
    Drawing: "The features of this page, north up.", "本页要素，上北。";
    NotAllDrawn: "Not all are drawn.", "未全部绘出。";
    SumUp: "Sum these up", "汇总这些要素";
    PastDay: "The assets as they are known today, with the events up to that day and by the rules as they are \
              written today and were in force then.",
             "资产以今日所知为准，事件截至该日，规则以今日文本且当时有效者为准。";

    // One feature.
    Asset: "The asset", "资产";
    Measured: "Measured on the ground", "实地量算";
    Length: "Length", "长度";
    Area: "Area", "面积";
    Perimeter: "Length of the edges", "边界长度";
    Position: "Position", "坐标";
    Id: "Id", "标识";
    Version: "Version", "版本";
    History: "History", "历史";
    FallsDue: "What falls due on it", "该资产的到期工作";
    NothingDue: "No rule wants anything of it.", "没有规则要求对其开展工作。";
    NotKnown: "not known", "不明";
    InForceSince: "Rule in force since", "规则施行日期";
    Yes: "yes", "是";
    No: "no", "否";
    WithoutValue: "Not recorded:", "未登记：";
    DrawingOfOne: "Where it lies, north up.", "所在位置，上北。";

    // A history.
    Versions: "Versions", "版本";
    Events: "Events", "事件";
    Event: "Event", "事件类型";
    Day: "Day", "日期";
    Recorded: "Recorded", "登记";
    Imports: "Imports", "导入";
    File: "File", "文件";
    State: "State", "状态";
    Rows: "Rows", "行数";
    RefusedRows: "Refused rows", "未接受的行";
    Changed: "What changed", "变更内容";
    Geometry: "Geometry", "图形";

    NoMore: "no more since then", "此后已不存在";
    SinceCorrected: "since corrected", "已更正";
    SinceWithdrawn: "since withdrawn: it never was so", "已撤回：从未如此";

    // Changes.
    Changes: "Changes", "变更";
    Change: "Change", "变更";
    ChangesLead: "What was recorded, the newest first: by whom, why, and what became of which assets.",
                 "登记记录，最新在前：由谁登记、因何登记、涉及哪些资产。";
    Actor: "By", "登记人";
    Audit: "Audit", "审计";
    AuditLead: "Who changed what, and who read what of restricted collections, the newest first.",
               "何人作出变更、何人查阅受限数据集，最新在前。";
    Entry: "Entry", "条目";
    WhatWasDone: "What", "内容";
    FeaturesGiven: "Features", "要素数";
    Anybody: "anybody", "未署名";
    Verb: "Meant as", "性质";
    Update: "update: the street changed", "更新：现场变化";
    Correction: "correction: the record was wrong", "更正：记录有误";
    Reason: "Reason", "原因";
    Source: "Source", "来源";
    Origin: "Through", "途径";
    Edits: "One by one", "逐项";
    Created: "registered", "新登记";
    Retired: "no more", "已注销";
    CountCreated: "{0} registered", "新登记{0}项";
    CountChanged: "{0} changed", "变更{0}项";
    CountRetired: "{0} no more", "注销{0}项";
    CountEvents: "{0} events", "事件{0}项";

    // Figures and values.
    GroupBy: "Groups", "分组";
    Measures: "Figures", "指标";
    Total: "Total", "合计";
    NoValue: "no value", "无值";
    WithNone: "{0} without a value", "{0}项无值";
    Clipped: "Lengths and areas of geometries are those within the window or polygon.",
             "图形长度和面积按窗口或多边形裁剪计算。";
    ValuesLead: "{0} features have {1} different values.", "{0}项要素共有{1}个不同取值。";

    // A problem.
    BadRequest: "This cannot be asked", "无法这样查询";
    NotFound: "There is nothing here", "这里没有内容";
    Refused: "The request was refused", "请求被拒绝";
    KeyWanted: "A key is wanted", "需要密钥";
    HowToBringKey: "Ask for the page again; when the browser wants to know who you are, give any name, and the \
                    key as the password. Programs send the key as “Authorization: Bearer KEY”. Whoever runs \
                    this register makes keys.",
                   "请重新打开本页；浏览器询问身份时，用户名任意填写，密码处填写密钥。\
                    程序请以“Authorization: Bearer 密钥”发送。密钥由本登记册的管理员发放。";
    AskAgain: "Ask again", "重新打开";
    Failed: "The server cannot answer", "服务器无法回答";
    WithoutQuery: "The same page without conditions", "不带条件的本页";
    Home: "To the first page", "返回首页";

    // What describes the API.
    ConformanceLead: "The classes of the standards that this server keeps.", "本服务器符合的标准一致性类。";
    ApiLead: "The paths of this server and what each takes. Programs read the OpenAPI document at the same \
              address.",
             "本服务器的路径及其参数；程序可在同一地址读取OpenAPI文档。";
    Path: "Path", "路径";
    Parameters: "Parameters", "参数";
    Takes: "Takes", "输入";
    Gives: "Gives", "输出";
    Codes: "Codes", "代码";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_chinese(text: &str) -> bool {
        text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
    }

    #[test]
    fn every_word_is_said_in_both_languages() {
        for word in Word::ALL {
            let [en, zh] = [word.of(Language::English), word.of(Language::Chinese)];
            assert!(!en.trim().is_empty() && !has_chinese(en), "{word:?}: {en}");
            assert!(has_chinese(zh), "{word:?}: {zh}");
            for place in ["{0}", "{1}"] {
                assert_eq!(en.contains(place), zh.contains(place), "{word:?}");
            }
            assert!(!en.contains("  "), "{word:?}: {en}");
        }
    }
}
