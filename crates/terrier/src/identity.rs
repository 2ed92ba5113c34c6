//! The file that says whose tokens the server takes.

use std::path::Path;

use terrier_identity::{IdentitySettings, Issuer, MAX_IDENTITY_BYTES};
use terrier_store::Registry;

use crate::document::{self, MAX_CERTIFICATES_BYTES};
use crate::failure::Failure;
use crate::output::say;

/// What the file says, with the certificates that it names.
pub(crate) struct Identity {
    settings: IdentitySettings,
    certificates: Option<String>,
}

/// Reads the file. A file that it names lies beside it.
pub(crate) fn read(path: &Path) -> Result<Identity, Failure> {
    let text = document::read(path, MAX_IDENTITY_BYTES)?;
    let settings = IdentitySettings::parse(&text);
    let fault = |error| Failure::because(format!("cannot take `{}`", path.display()), error);
    let settings = settings.map_err(fault)?;
    let beside = |name: &str| path.parent().unwrap_or(Path::new("")).join(name);
    let certificates = settings.certificates().map(|name| {
        let file = beside(name);
        document::read(&file, MAX_CERTIFICATES_BYTES)
    });
    Ok(Identity { certificates: certificates.transpose()?, settings })
}

impl Identity {
    /// Begins to read the keys of the issuer, and says which roles that it gives there are not.
    pub(crate) fn start(self, registry: &Registry) -> Result<Issuer, Failure> {
        let Self { settings, certificates } = self;
        let access = registry.access();
        for role in settings.roles().filter(|role| access.role(role).is_none()) {
            say(format!("the registry has no role `{role}`, which a login may give"));
        }
        say(format!("taking the tokens of {}", settings.issuer()));
        Issuer::start(settings, certificates.as_deref().map(str::as_bytes))
            .map_err(|error| Failure::because("cannot take the tokens of the issuer", error))
    }
}
