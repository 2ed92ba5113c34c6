//! What the API document says of tokens of an issuer, where they are taken.

use serde_json::{Value, json};

/// The methods that operations have.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Adds that a request may bring such a token, and what is answered to who has logged in and is nobody
/// here. Where the issuer describes itself there, the document says so; otherwise it says what kind of token
/// is meant.
pub(crate) fn add_login(document: &mut Value, issuer: &str, discovery: Option<&str>) {
    let description = format!("A token of the issuer {issuer}, for a person of the registry.");
    let scheme = match discovery {
        Some(address) => json!({
            "type": "openIdConnect",
            "openIdConnectUrl": address,
            "description": description,
        }),
        None => json!({
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": description,
        }),
    };
    let components = &mut document["components"];
    components["securitySchemes"]["login"] = scheme;
    let mut nobody = components["responses"]["keyWanted"].clone();
    nobody["description"] =
        "The role of the client does not let it, or they have logged in and are nobody here."
            .into();
    components["responses"]["notAllowed"] = nobody;
    if let Some(ways) = document["security"].as_array_mut() {
        ways.push(json!({ "login": [] }));
    }
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (_, path) in paths {
        for method in METHODS {
            let responses = path.get_mut(method).and_then(|of| of.get_mut("responses"));
            if let Some(responses) = responses.and_then(Value::as_object_mut) {
                let refused = json!({ "$ref": "#/components/responses/notAllowed" });
                responses.entry("403").or_insert(refused);
            }
        }
    }
}
