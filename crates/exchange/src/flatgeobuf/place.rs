//! The places of the members in the tables of the format's schema, as `flatc` numbers them: the first
//! of a table is at 4, each other 2 further.

pub(super) const HEADER_NAME: u16 = 4;
pub(super) const HEADER_ENVELOPE: u16 = 6;
pub(super) const HEADER_GEOMETRY_TYPE: u16 = 8;
pub(super) const HEADER_COLUMNS: u16 = 18;
pub(super) const HEADER_FEATURES_COUNT: u16 = 20;
pub(super) const HEADER_INDEX_NODE_SIZE: u16 = 22;
pub(super) const HEADER_CRS: u16 = 24;
pub(super) const HEADER_TITLE: u16 = 26;
pub(super) const HEADER_DESCRIPTION: u16 = 28;
pub(super) const COLUMN_NAME: u16 = 4;
pub(super) const COLUMN_TYPE: u16 = 6;
pub(super) const COLUMN_TITLE: u16 = 8;
pub(super) const COLUMN_DESCRIPTION: u16 = 10;
pub(super) const CRS_ORGANISATION: u16 = 4;
pub(super) const CRS_CODE: u16 = 6;
pub(super) const CRS_NAME: u16 = 8;
pub(super) const CRS_WKT: u16 = 12;
pub(super) const CRS_CODE_TEXT: u16 = 14;
pub(super) const FEATURE_GEOMETRY: u16 = 4;
pub(super) const FEATURE_PROPERTIES: u16 = 6;
pub(super) const FEATURE_COLUMNS: u16 = 8;
pub(super) const GEOMETRY_ENDS: u16 = 4;
pub(super) const GEOMETRY_XY: u16 = 6;
pub(super) const GEOMETRY_Z: u16 = 8;
pub(super) const GEOMETRY_TYPE: u16 = 16;
pub(super) const GEOMETRY_PARTS: u16 = 18;
