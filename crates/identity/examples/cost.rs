//! What a token costs: verified once, and looked up as one that was good before.
//!
//! `cargo run --release -p terrier-identity --example cost`

use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use terrier_identity::{IdentitySettings, Issuer};

/// How many tokens of each kind.
const TOKENS: usize = 2_000;

/// A way to sign: its name, its public key, and the signature of a text.
type Signing = (&'static str, String, Box<dyn Fn(&[u8]) -> Vec<u8>>);

#[expect(clippy::print_stdout, reason = "it is a report")]
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let all = [rsa(), p256(), ed25519()];
    let keys: Vec<&str> = all.iter().map(|(_, key, _)| &**key).collect();
    let issuer = start(&format!("{{\"keys\":[{}]}}", keys.join(",")));
    let name = issuer.settings().issuer().to_owned();
    let now = Timestamp::from_second(1_000_000).expect("a time");
    for (algorithm, _, sign) in &all {
        let token = |nth: usize| {
            let head = format!(r#"{{"alg":"{algorithm}","kid":"{algorithm}","typ":"JWT"}}"#);
            let claims = format!(
                r#"{{"iss":"{name}","aud":"terrier","exp":1000600,"iat":1000000,"jti":"{nth}","preferred_username":"wang.li","roles":["a","b","c"]}}"#
            );
            let [head, claims] = [head, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
            let text = format!("{head}.{claims}");
            format!("{text}.{}", URL_SAFE_NO_PAD.encode(sign(text.as_bytes())))
        };
        let tokens: Vec<String> = (0..TOKENS).map(token).collect();
        for what in ["verified", "looked up"] {
            let start = Instant::now();
            for token in &tokens {
                black_box(issuer.login(token, now).await.expect("a good token"));
            }
            let each = start.elapsed() / TOKENS as u32;
            println!("{algorithm} {what}: {:.1} µs", each.as_secs_f64() * 1e6);
        }
    }
}

fn rsa() -> Signing {
    let bytes = include_bytes!("../../../fixtures/identity/signing-key.pk8");
    let key = RsaKeyPair::from_pkcs8(bytes).expect("a key");
    let PublicKeyComponents::<Vec<u8>> { n, e } = key.public().into();
    let [n, e] = [n, e].map(|number| URL_SAFE_NO_PAD.encode(number));
    let sign = move |text: &[u8]| {
        let mut signature = vec![0; key.public().modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature).expect("signed");
        signature
    };
    ("RS256", format!(r#"{{"kty":"RSA","kid":"RS256","n":"{n}","e":"{e}"}}"#), Box::new(sign))
}

fn p256() -> Signing {
    let (random, way) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
    let bytes = EcdsaKeyPair::generate_pkcs8(way, &random).expect("a key");
    let key = EcdsaKeyPair::from_pkcs8(way, bytes.as_ref(), &random).expect("a key");
    let point = &key.public_key().as_ref()[1..];
    let [x, y] = [&point[..32], &point[32..]].map(|half| URL_SAFE_NO_PAD.encode(half));
    let public = format!(r#"{{"kty":"EC","crv":"P-256","kid":"ES256","x":"{x}","y":"{y}"}}"#);
    let sign = move |text: &[u8]| key.sign(&random, text).expect("signed").as_ref().to_vec();
    ("ES256", public, Box::new(sign))
}

fn ed25519() -> Signing {
    let bytes = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
    let key = Ed25519KeyPair::from_pkcs8(bytes.as_ref()).expect("a key");
    let x = URL_SAFE_NO_PAD.encode(key.public_key());
    let public = format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"EdDSA","x":"{x}"}}"#);
    ("EdDSA", public, Box::new(move |text: &[u8]| key.sign(text).as_ref().to_vec()))
}

/// An issuer with these keys, on this machine.
fn start(keys: &str) -> Issuer {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it listens");
    let length = keys.len();
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{keys}");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let _head = lines.take_while(|line| !line.is_empty()).count();
            let _ = (&stream).write_all(answer.as_bytes());
            std::thread::sleep(Duration::from_millis(10));
        }
    });
    let settings = format!(
        "issuer = \"http://{address}\"\nkeys = \"http://{address}/keys\"\naudience = \"terrier\"\n\
         roles = \"roles\"\nrole = [{{ value = \"c\", gives = \"viewer\" }}]"
    );
    let settings = IdentitySettings::parse(&settings).expect("settings");
    Issuer::start(settings, None).expect("no certificates")
}
