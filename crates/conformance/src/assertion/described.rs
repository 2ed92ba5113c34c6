//! A document in which a server describes the fields of a collection: what may be asked for, what may be
//! sorted by, and what there is.

use std::rc::Rc;

use crate::answer::{Answer, shown};
use crate::assertion::each;
use crate::collection::Collection;
use crate::finding::{Done, Findings};
use crate::server::{SCHEMA, Server};

/// Which of these documents.
pub(super) struct Described {
    /// The relation of the link that leads to it.
    pub(super) rel: &'static str,
    /// Its path below that of the collection, where no link leads to it.
    pub(super) path: &'static str,
}

impl Described {
    /// The document of a collection.
    pub(super) fn of(&self, server: &mut Server, collection: &Collection) -> Rc<Answer> {
        let linked = collection.linked(&server.address, self.rel);
        server.get(&linked.unwrap_or_else(|| format!("{}/{}", collection.own, self.path)), SCHEMA)
    }

    /// Whether every collection links to its own.
    pub(super) fn link(&self, server: &mut Server, findings: &mut Findings) -> Done {
        each(server, findings, |server, collection, findings| {
            let list = server.list();
            let linked = collection.linked(&server.address, self.rel);
            let expected = format!("a link `{}` of `{}`", self.rel, collection.id);
            findings.check(
                linked.is_some(),
                &list,
                || shown(&collection.entry["links"]),
                &expected,
            );
        })
    }

    /// Looks at that of each collection.
    pub(super) fn each(
        &self,
        server: &mut Server,
        findings: &mut Findings,
        look: impl Fn(&Answer, &mut Findings),
    ) -> Done {
        each(server, findings, |server, collection, findings| {
            look(&self.of(server, collection), findings);
        })
    }
}
