//! The part that the assets of a class play in a network: pipes from node to node, and what stands
//! on them. Only what the class says; which asset joins which is no matter of the class.

/// What the assets of a class are to the network that they belong to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Network {
    /// Which network, such as `gas`: classes that name the same one belong together. It is a name
    /// like that of a field, so that a city may add a network of its own.
    pub kind: Box<str>,
    /// Their part in it.
    pub role: NetworkRole,
}

/// A part in a network.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum NetworkRole {
    /// A pipe or cable, which leads from a node or device to another.
    Edge {
        /// The text field of the class with the code of what stands where the line starts, as it
        /// arrived: whether there is such a node is not asked.
        from: Box<str>,
        /// The same for where the line ends.
        to: Box<str>,
    },
    /// Where edges begin, end or meet; edges name its `code`.
    Node,
    /// What acts on what flows: shuts it, feeds it, lifts it or lowers its pressure. It stands on
    /// an edge, or where edges begin or end, and then edges name its `code` as that of a node.
    Device,
}

impl NetworkRole {
    /// The name of the part: `edge`, `node` or `device`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Edge { .. } => "edge",
            Self::Node => "node",
            Self::Device => "device",
        }
    }
}
