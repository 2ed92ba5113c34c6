//! Where things are: shapes valid by construction, boxes, coordinate systems, measures on the
//! ellipsoid, the order in which neighbours are kept, and a search tree over boxes.
//!
//! Every position is longitude then latitude in degrees on WGS 84 (OGC:CRS84), but for those of a
//! sketch in another coordinate system before it is converted. Nothing here knows what an asset is.

mod bounds;
mod crs;
mod exact;
mod figure;
mod geometry;
mod hilbert;
mod measure;
mod packed;
mod plane_box;
mod shape;
mod sketch;
mod touch;
mod tree;
mod window;
mod wkb;

pub use bounds::Bounds;
pub use crs::{
    AREA_MARGIN_DEGREES, AxisOrder, Base, Crs, CrsError, CrsFault, CrsUnit, Definition, Ellipsoid,
    MAX_CRS_NAME_BYTES, MAX_WKT_BYTES, MAX_WKT_DEPTH, Parameters, Plane, TransverseMercator,
};
pub use figure::{Figure, FigureFault};
pub use geometry::{Geometry, MAX_GEOMETRY_DEPTH, SpatialRelation};
pub use hilbert::{HilbertKey, key_of, stretches_over};
pub use measure::{area_m2, length_m};
pub use packed::PackedShapes;
pub use shape::{GeometryKind, Polygon, Position, Shape};
pub use sketch::{MAX_VERTICES, ShapeFault, Sketch, SketchPart};
pub use touch::touches;
pub use tree::{BoxTree, ByDistance, Meeting};
pub use window::{BoundsError, Window};
pub use wkb::WkbError;
