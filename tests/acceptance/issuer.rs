//! An issuer of tokens on this machine: it signs what a test wants, and serves its keys as a test wants.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value as Json, json};

use crate::program::fixture;

/// A key that signs.
pub(crate) enum SigningKey {
    Rsa(Box<RsaKeyPair>),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// The one that lies among the fixtures: making one takes long.
    pub(crate) fn rsa() -> Self {
        let bytes = std::fs::read(fixture("identity/signing-key.pk8")).expect("a file");
        Self::Rsa(Box::new(RsaKeyPair::from_pkcs8(&bytes).expect("a key")))
    }

    pub(crate) fn p256() -> Self {
        let (random, way) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let bytes = EcdsaKeyPair::generate_pkcs8(way, &random).expect("a key");
        Self::P256(EcdsaKeyPair::from_pkcs8(way, bytes.as_ref(), &random).expect("a key"))
    }

    pub(crate) fn p384() -> Self {
        let (random, way) = (SystemRandom::new(), &ECDSA_P384_SHA384_FIXED_SIGNING);
        let bytes = EcdsaKeyPair::generate_pkcs8(way, &random).expect("a key");
        Self::P384(EcdsaKeyPair::from_pkcs8(way, bytes.as_ref(), &random).expect("a key"))
    }

    pub(crate) fn ed25519() -> Self {
        let bytes = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
        Self::Ed25519(Ed25519KeyPair::from_pkcs8(bytes.as_ref()).expect("a key"))
    }

    /// The public half as a set of keys has it.
    pub(crate) fn public(&self, id: &str) -> Json {
        let half = |bytes: &[u8], at: usize| {
            let bytes = &bytes[1..];
            let size = bytes.len() / 2;
            URL_SAFE_NO_PAD.encode(&bytes[at * size..(at + 1) * size])
        };
        let curve = |name: &str, point: &[u8]| {
            let (x, y) = (half(point, 0), half(point, 1));
            json!({ "kty": "EC", "crv": name, "x": x, "y": y, "kid": id, "use": "sig" })
        };
        match self {
            Self::Rsa(key) => {
                let PublicKeyComponents::<Vec<u8>> { n, e } = key.public().into();
                let [n, e] = [n, e].map(|number| URL_SAFE_NO_PAD.encode(number));
                json!({ "kty": "RSA", "n": n, "e": e, "kid": id, "use": "sig", "alg": "RS256" })
            }
            Self::P256(key) => curve("P-256", key.public_key().as_ref()),
            Self::P384(key) => curve("P-384", key.public_key().as_ref()),
            Self::Ed25519(key) => {
                let x = URL_SAFE_NO_PAD.encode(key.public_key());
                json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": id })
            }
        }
    }

    /// The name of the way in which the key signs.
    pub(crate) fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RS256",
            Self::P256(_) => "ES256",
            Self::P384(_) => "ES384",
            Self::Ed25519(_) => "EdDSA",
        }
    }

    /// A token with this head, as it is.
    pub(crate) fn sign(&self, head: &Json, claims: &Json) -> String {
        let signed = unsigned(head, claims);
        let random = SystemRandom::new();
        let signature = match self {
            Self::Rsa(key) => {
                let is_pss = head["alg"] == "PS256";
                let way: &dyn ring::signature::RsaEncoding =
                    if is_pss { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(way, &random, signed.as_bytes(), &mut signature).expect("a signature");
                signature
            }
            Self::P256(key) | Self::P384(key) => {
                key.sign(&random, signed.as_bytes()).expect("a signature").as_ref().to_vec()
            }
            Self::Ed25519(key) => key.sign(signed.as_bytes()).as_ref().to_vec(),
        };
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// A token that says to be signed with this key under that name.
    pub(crate) fn token(&self, id: &str, claims: &Json) -> String {
        self.sign(&json!({ "alg": self.algorithm(), "kid": id, "typ": "JWT" }), claims)
    }
}

/// The two parts of a token that are signed.
pub(crate) fn unsigned(head: &Json, claims: &Json) -> String {
    let [head, claims] = [head, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    format!("{head}.{claims}")
}

/// Now, in seconds since 1970.
pub(crate) fn now_s() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("it is after 1970");
    since.as_secs() as i64
}

/// How the issuer answers those who want its keys.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Way {
    /// As it should.
    Well,
    /// Never.
    Never,
    /// With documents of so many bytes.
    Long(usize),
    /// With the address of somebody else.
    Elsewhere,
    /// As another issuer.
    AsAnother,
    /// With these words.
    Words(&'static str),
}

/// What the issuer tells, and what it was asked.
#[derive(Debug)]
struct Told {
    keys: Vec<Json>,
    way: Way,
    asked: Vec<String>,
    /// Whoever logs in gets this token.
    token: String,
}

/// An issuer on this machine.
#[derive(Debug)]
pub(crate) struct LocalIssuer {
    name: String,
    told: Arc<Mutex<Told>>,
}

impl LocalIssuer {
    /// One that answers on a free port.
    pub(crate) fn start(keys: Vec<Json>) -> Self {
        Self::serve(TcpListener::bind("127.0.0.1:0").expect("a free port"), keys, None)
    }

    /// One that answers over HTTPS, with a certificate that `identity/authority.pem` of the fixtures has
    /// signed.
    pub(crate) fn start_encrypted(keys: Vec<Json>) -> Self {
        let read = |name: &str| std::fs::read(fixture(name)).expect("a file");
        let certificate = CertificateDer::from(read("identity/server.der"));
        let key = PrivatePkcs8KeyDer::from(read("identity/server.pk8"));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("there are some")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key.into())
            .expect("the key is that of the certificate");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        Self::serve(listener, keys, Some(Arc::new(config)))
    }

    /// One that answers on a port that was free a moment ago.
    pub(crate) fn start_at(address: SocketAddr, keys: Vec<Json>) -> Self {
        Self::serve(TcpListener::bind(address).expect("the port is free"), keys, None)
    }

    fn serve(
        listener: TcpListener,
        keys: Vec<Json>,
        encryption: Option<Arc<ServerConfig>>,
    ) -> Self {
        let bare = name(listener.local_addr().expect("it listens"));
        let name = if encryption.is_some() { bare.replace("http:", "https:") } else { bare };
        let own = name.clone();
        let told = Arc::new(Mutex::new(Told {
            keys,
            way: Way::Well,
            asked: Vec::new(),
            token: String::new(),
        }));
        let shared = Arc::clone(&told);
        // It ends with the tests.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, issuer, encryption) =
                    (Arc::clone(&shared), own.clone(), encryption.clone());
                std::thread::spawn(move || match encryption {
                    None => answer(stream, &issuer, &shared),
                    Some(config) => {
                        let connection = ServerConnection::new(config).expect("a server");
                        answer(StreamOwned::new(connection, stream), &issuer, &shared);
                    }
                });
            }
        });
        Self { name, told }
    }

    /// One that takes everybody who logs in for that person with that role.
    pub(crate) fn of_logins(person: &str, role: &str) -> Self {
        let key = SigningKey::p256();
        let issuer = Self::start(vec![key.public("a")]);
        let token = key.token("a", &issuer.claims(person, role));
        issuer.told().token = token;
        issuer
    }

    /// What tokens of it call it.
    pub(crate) fn name(&self) -> String {
        self.name.clone()
    }

    /// From now on it has these keys.
    pub(crate) fn turn_to(&self, keys: Vec<Json>) {
        self.told().keys = keys;
    }

    /// From now on it answers like this.
    pub(crate) fn answer(&self, way: Way) {
        self.told().way = way;
    }

    /// The paths that were asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.told().asked.clone()
    }

    /// Claims that are good at this moment, of somebody with a role.
    pub(crate) fn claims(&self, person: &str, role: &str) -> Json {
        let now = now_s();
        json!({
            "iss": self.name(), "aud": "terrier", "iat": now, "exp": now + 300, "sub": "7c0f",
            "preferred_username": person, "realm_access": { "roles": [role] },
        })
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().expect("no panic")
    }
}

/// What tokens call the issuer of an address.
pub(crate) fn name(address: SocketAddr) -> String {
    format!("http://{address}/realms/city")
}

fn answer(stream: impl Read + Write, issuer: &str, told: &Mutex<Told>) {
    let mut reader = BufReader::new(stream);
    let mut lines = reader.by_ref().lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let length = head.iter().find_map(|line| {
        line.to_ascii_lowercase().strip_prefix("content-length: ")?.trim().parse().ok()
    });
    // Who has not been heard to the end does not hear the answer.
    let mut sent = vec![0; length.unwrap_or_default()];
    let _ = reader.read_exact(&mut sent);
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let (keys, way, token) = {
        let mut told = told.lock().expect("no panic");
        told.asked.push(path.clone());
        (told.keys.clone(), told.way.clone(), told.token.clone())
    };
    let named = if way == Way::AsAnother { format!("{issuer}/") } else { issuer.to_owned() };
    let mut body = if path.ends_with("openid-configuration") {
        json!({ "issuer": named, "jwks_uri": format!("{issuer}/certs") }).to_string()
    } else if path.ends_with("/token") {
        json!({ "access_token": token, "token_type": "Bearer", "expires_in": 300 }).to_string()
    } else {
        json!({ "keys": keys }).to_string()
    };
    let mut head = "HTTP/1.1 200 OK\r\nContent-Type: application/json".to_owned();
    match way {
        Way::Well | Way::AsAnother => {}
        Way::Never => std::thread::sleep(Duration::from_mins(1)),
        Way::Long(bytes) => body.push_str(&" ".repeat(bytes - body.len())),
        Way::Elsewhere => {
            head = format!("HTTP/1.1 302 Found\r\nLocation: {issuer}/elsewhere");
        }
        Way::Words(words) => words.clone_into(&mut body),
    }
    let length = body.len();
    let text = format!("{head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    // Whoever has gone does not want it.
    let _ = reader.get_mut().write_all(text.as_bytes());
    let _ = reader.get_mut().flush();
}
