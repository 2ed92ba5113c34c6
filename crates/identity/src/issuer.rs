//! An issuer whose tokens are taken: its keys, held and read anew, and the tokens that they verify.
//!
//! Knows no clock: moments are arguments, and between two readings a thread of its own sleeps.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;

use jiff::Timestamp;
use tokio::sync::{Semaphore, watch};
use ureq::tls::RootCerts;

use crate::claim::{self, Login};
use crate::fetch::{self, CertificatesError, Fetcher};
use crate::key_set::KeySet;
use crate::limits::MAX_WAITING_TOKENS;
use crate::refusal::Refusal;
use crate::remembered::{Digest, Remembered};
use crate::settings::IdentitySettings;
use crate::token::Token;

/// Why it is not known whose a token is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LoginError {
    /// The token is not good.
    #[error("the token is refused")]
    Refused(#[source] Refusal),
    /// The keys of the issuer are not there, so the token may be good or not.
    #[error("the keys of the issuer cannot be had at the moment")]
    Unavailable,
}

/// An issuer.
pub struct Issuer {
    settings: Arc<IdentitySettings>,
    keys: watch::Receiver<Held>,
    /// Asks for the keys anew.
    wake: SyncSender<()>,
    remembered: Remembered,
    /// The places of those who wait for keys.
    waiting: Semaphore,
}

/// The keys as they were last read.
#[derive(Clone, Debug, Default)]
struct Held {
    /// `None` before they were read for the first time.
    keys: Option<Arc<KeySet>>,
    /// How often they became others.
    generation: u64,
    /// How often they were asked for.
    round: u64,
    /// Whether the last time was in vain.
    has_failed: bool,
    /// Whether the last time is too short ago for another.
    is_resting: bool,
}

impl Issuer {
    /// Begins to read the keys of an issuer, and goes on until the value is dropped. Whether the issuer
    /// answers shows later. The certificates are the bytes of the file that the settings name.
    ///
    /// # Errors
    /// When the certificates are none.
    pub fn start(
        settings: IdentitySettings,
        certificates: Option<&[u8]>,
    ) -> Result<Self, CertificatesError> {
        let roots = certificates.map_or(Ok(RootCerts::WebPki), fetch::certificates)?;
        let settings = Arc::new(settings);
        let (held, keys) = watch::channel(Held::default());
        let (wake, woken) = sync_channel(1);
        let reader = Arc::clone(&settings);
        let fetcher = Fetcher::new(roots, settings.issuer());
        thread::spawn(move || read_on(&reader, &fetcher, &held, &woken));
        let waiting = Semaphore::new(MAX_WAITING_TOKENS);
        Ok(Self { settings, keys, wake, remembered: Remembered::default(), waiting })
    }

    /// What it was started with.
    pub fn settings(&self) -> &IdentitySettings {
        &self.settings
    }

    /// Whose a token is at a moment. One that was good before is looked up; another is verified, which
    /// takes some ten microseconds, and where its key is not known, waits for the keys to be read anew.
    ///
    /// # Errors
    /// When the token is not good, or the keys are not to be had.
    pub async fn login(&self, text: &str, now: Timestamp) -> Result<Arc<Login>, LoginError> {
        let refused = LoginError::Refused;
        let digest = Digest::of(text);
        let mut held = self.keys.borrow().clone();
        if let Some(login) = self.remembered.find(digest, held.generation, now) {
            return Ok(login);
        }
        let token = Token::parse(text, &self.settings.algorithms).map_err(refused)?;
        // What is not even claimed to be good makes nobody ask the issuer.
        let (login, period) = claim::read(&token.claims, &self.settings).map_err(refused)?;
        period.check(now).map_err(refused)?;
        let has_key = |held: &Held| held.keys.as_ref().is_some_and(|keys| keys.has(&token.key));
        if !has_key(&held) {
            held = self.read_anew(held).await?;
        }
        let keys = held.keys.as_ref().ok_or(LoginError::Unavailable)?;
        if !keys.has(&token.key) {
            let failed = held.has_failed;
            return Err(if failed { LoginError::Unavailable } else { refused(Refusal::Key) });
        }
        if !keys.verifies(&token.key, token.algorithm, token.text, &token.signature) {
            return Err(refused(Refusal::Signature));
        }
        let login = Arc::new(login);
        self.remembered.keep(digest, held.generation, now, (Arc::clone(&login), period));
        Ok(login)
    }

    /// The keys after they were read once more; the same when that was done just now.
    async fn read_anew(&self, seen: Held) -> Result<Held, LoginError> {
        if seen.is_resting {
            return Ok(seen);
        }
        let _place = self.waiting.try_acquire().map_err(|_| LoginError::Unavailable)?;
        // Somebody else may have asked already.
        let _ = self.wake.try_send(());
        let mut keys = self.keys.clone();
        let read = keys.wait_for(|held| held.round > seen.round).await;
        read.map(|held| held.clone()).map_err(|_| LoginError::Unavailable)
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer").field("issuer", &self.settings.issuer()).finish_non_exhaustive()
    }
}

/// Reads the keys, rests, and reads them again when they are old or somebody asks, as long as anybody is
/// interested.
fn read_on(
    settings: &IdentitySettings,
    fetcher: &Fetcher,
    held: &watch::Sender<Held>,
    woken: &Receiver<()>,
) {
    while !held.is_closed() {
        let read = fetcher.keys(settings);
        let has_failed = read.is_err();
        match read {
            Ok(keys) => take(settings, held, keys),
            Err(error) => {
                let (issuer, error) = (settings.issuer(), &error as &dyn Error);
                tracing::warn!(issuer, error, "cannot read the keys of the issuer");
            }
        }
        held.send_modify(|held| {
            *held = Held { round: held.round + 1, has_failed, is_resting: true, ..held.clone() };
        });
        thread::sleep(settings.refetch);
        // Who asked meanwhile has been answered.
        let _ = woken.try_recv();
        held.send_modify(|held| held.is_resting = false);
        if has_failed {
            continue;
        }
        let more = settings.keep.saturating_sub(settings.refetch);
        if woken.recv_timeout(more) == Err(RecvTimeoutError::Disconnected) {
            return;
        }
    }
}

/// Takes keys, which may be those that are held.
fn take(settings: &IdentitySettings, held: &watch::Sender<Held>, keys: KeySet) {
    let is_new = held.borrow().keys.as_deref() != Some(&keys);
    if is_new {
        let (issuer, count) = (settings.issuer(), keys.count());
        tracing::info!(issuer, count, "the issuer has other keys");
        held.send_modify(|held| {
            held.keys = Some(Arc::new(keys));
            held.generation += 1;
        });
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    #[test]
    fn so_many_wait_for_keys_and_the_next_is_told_to_come_back() {
        // Whoever connects hears nothing.
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let name = format!("http://{}", listener.local_addr().expect("it listens"));
        let settings = format!(
            "issuer = \"{name}\"\naudience = \"t\"\nroles = \"r\"\n\
             role = [{{ value = \"a\", gives = \"b\" }}]"
        );
        let settings = IdentitySettings::parse(&settings).expect("settings");
        let issuer = Issuer::start(settings, None).expect("no certificates");
        let claims = format!(r#"{{"iss":"{name}","aud":"t","sub":"x","exp":100}}"#);
        let [head, claims] =
            [r#"{"alg":"ES256","kid":"a"}"#, &claims].map(|part| URL_SAFE_NO_PAD.encode(part));
        let token = format!("{head}.{claims}.AAAA");
        let now = Timestamp::from_second(50).expect("a time");
        let mut context = Context::from_waker(Waker::noop());
        let login = || Box::pin(issuer.login(&token, now));
        let mut logins: Vec<_> = (0..MAX_WAITING_TOKENS).map(|_| login()).collect();
        for login in &mut logins {
            assert!(login.as_mut().poll(&mut context).is_pending());
        }
        let one_more = pin!(issuer.login(&token, now)).poll(&mut context);
        assert_eq!(one_more, Poll::Ready(Err(LoginError::Unavailable)));
        logins.pop();
        assert!(login().as_mut().poll(&mut context).is_pending());
    }
}
