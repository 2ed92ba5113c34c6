//! Where things are: shapes valid by construction, boxes, measures on the ellipsoid, the order in
//! which neighbours are kept, and a search tree over boxes.
//!
//! Every position is longitude then latitude in degrees on WGS 84 (OGC:CRS84). Nothing here knows
//! what an asset is.

mod bounds;
mod hilbert;
mod measure;
mod packed;
mod shape;
mod sketch;
mod touch;
mod tree;
mod wkb;

pub use bounds::{Bounds, BoundsError, Window};
pub use hilbert::{HilbertKey, key_of};
pub use measure::{area_m2, length_m};
pub use packed::PackedShapes;
pub use shape::{GeometryKind, Polygon, Position, Shape};
pub use sketch::{MAX_VERTICES, ShapeFault, Sketch, SketchPart};
pub use touch::touches;
pub use tree::{BoxTree, Meeting};
pub use wkb::WkbError;
