//! Tests of how assets stand with work of one kind: worked out once for each state, and put to the work of
//! a leaf item by item.

use terrier_model::{AssetView, Clause, DueState, Operand, Truth, WorkKind};

use super::super::due::LeafDue;
use super::rows::Rows;

/// For which states of work a clause holds that asks for nothing else.
#[derive(Debug)]
pub(super) struct StateTest {
    kind: WorkKind,
    /// By the places of [`DueState::ALL`].
    holds: [bool; DueState::ALL.len()],
    /// Where no rule wants such work.
    holds_without: bool,
}

impl StateTest {
    /// `None` where the clause asks for more than one kind of work, or for anything else of an asset.
    pub(super) fn of(clause: &Clause<usize>, wanted: Truth) -> Option<Self> {
        let (mut kinds, mut is_alone) = (Vec::new(), true);
        clause.walk(&mut |operand| match operand {
            Operand::DueState(kind) => kinds.push(*kind),
            Operand::Field(_) | Operand::Shape => is_alone = false,
            _ => {}
        });
        let kind = *kinds.first().filter(|_| is_alone)?;
        if kinds.iter().any(|other| *other != kind) {
            return None;
        }
        let holds = |state: Option<DueState>| {
            let view = AssetView { value: |_| None, shape: || None, due_state: |_| state };
            clause.evaluate(&view) == wanted
        };
        let each = DueState::ALL.map(|state| holds(Some(state)));
        Some(Self { kind, holds: each, holds_without: holds(None) })
    }

    /// The rows for which it holds, among those that are asked about.
    pub(super) fn rows(&self, due: Option<&LeafDue>, among: &Rows) -> Rows {
        // Those that differ from assets of which no such work is wanted.
        let mut others = Rows::none();
        for (row, state) in due.into_iter().flat_map(|due| due.states(self.kind)) {
            if self.holds[state] != self.holds_without {
                others.insert(row..row + 1);
            }
        }
        if self.holds_without {
            let mut rows = among.clone();
            rows.remove(&others);
            return rows;
        }
        others.keep(among);
        others
    }
}
