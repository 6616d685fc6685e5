//! Tests of signing and opening, also against the library's own.

use jsonwebtoken::{DecodingKey, EncodingKey, Validation};
use serde_json::{Value, json};

use super::*;

fn signer() -> Signer {
    Signer::new(&[1; 32], KeyEpoch(1))
}

fn claims() -> (AccessClaims, SdkClaims) {
    let claims = AccessClaims {
        subject: Subject::User { device_token: DeviceToken::from_u128(1), instance: InstanceId::from_u128(4) },
        id: TokenId { incarnation: 2, number: 3 },
        issued: Timestamp::from_seconds(100),
        expires: Timestamp::from_seconds(200),
        refresh_token_expires: Timestamp::from_seconds(300),
    };
    let sdk = SdkClaims {
        application: ApplicationId::from_u128(5),
        company: CompanyId::from_u128(6),
        enable_tracking: true,
        enable_logging: false,
        enable_real_time_location: false,
        client_id: Some("client-7".into()),
    };
    (claims, sdk)
}

fn opened(claims: &AccessClaims) -> OpenedToken {
    let AccessClaims { subject, id, issued, expires, .. } = *claims;
    OpenedToken { subject, id, issued, expires, epoch: KeyEpoch(1) }
}

/// The claims as the library reads them after its own check of the signature.
fn verified_by_the_library(token: &str) -> Value {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    jsonwebtoken::decode(token, &DecodingKey::from_secret(&[1; 32]), &validation).unwrap().claims
}

#[test]
fn a_token_opens_again_even_after_it_expired() {
    let (claims, sdk) = claims();
    assert_eq!(signer().open(&signer().sign(&claims, Some(&sdk))), Some(opened(&claims)));
}

#[test]
fn an_admins_token_has_no_device_token_and_no_instance() {
    let claims = AccessClaims { subject: Subject::Admin(AdminId::from_u128(9)), ..claims().0 };
    let token = signer().sign(&claims, None);
    assert_eq!(signer().open(&token), Some(opened(&claims)));
    let names = ["RefreshTokenExpiredDate", "exp", "iat", "jti", "sub"];
    let json = verified_by_the_library(&token);
    assert!(json.as_object().unwrap().keys().eq(names), "{json}");
}

#[test]
fn the_claims_have_the_vendors_names_and_contain_no_secret() {
    let (claims, sdk) = claims();
    let expected = json!({
        "sub": "00000000-0000-0000-0000-000000000001", "jti": "00000000000000020000000000000003",
        "iat": 100, "exp": 200, "RefreshTokenExpiredDate": "1970-01-01T00:05:00",
        "DeviceToken": "00000000-0000-0000-0000-000000000001",
        "InstanceId": "00000000-0000-0000-0000-000000000004",
        "ApplicationId": "00000000-0000-0000-0000-000000000005",
        "CompanyId": "00000000-0000-0000-0000-000000000006",
        "SdkEnableTracking": "True", "SdkEnableLogging": "False", "SdkEnableRealTimeLocation": "False",
        "SdkClientId": "client-7",
    });
    assert_eq!(verified_by_the_library(&signer().sign(&claims, Some(&sdk))), expected);
    let nameless = SdkClaims { client_id: None, ..sdk };
    let json = verified_by_the_library(&signer().sign(&claims, Some(&nameless)));
    assert_eq!(json.get("SdkClientId"), Some(&Value::Null));
}

#[test]
fn a_token_of_another_key_does_not_open() {
    let (claims, sdk) = claims();
    let token = signer().sign(&claims, Some(&sdk));
    assert_eq!(Signer::new(&[2; 32], KeyEpoch(2)).open(&token), None);
}

#[test]
fn a_token_without_a_signature_does_not_open() {
    let (claims, sdk) = claims();
    let token = signer().sign(&claims, Some(&sdk));
    let mut parts = token.split('.');
    let (header, payload, signature) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let none = BASE64_URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"none"}"#);
    for forged in [
        format!("{none}.{payload}."),
        format!("{none}.{payload}"),
        format!("{none}.{payload}.{signature}"),
        format!("{header}.{payload}."),
        format!("{header}.{payload}"),
        format!("{header}.{signature}"),
        "a.b.c".to_owned(),
        "..".to_owned(),
        String::new(),
    ] {
        assert_eq!(signer().open(&forged), None, "{forged}");
    }
}

#[test]
fn another_header_is_refused_even_if_the_right_key_signed_it() {
    let (claims, sdk) = claims();
    let token = signer().sign(&claims, Some(&sdk));
    let payload = token.split('.').nth(1).unwrap();
    for header in [r#"{"typ":"JWT","alg":"none"}"#, r#"{"typ":"JWT","alg":"HS512"}"#, "{}"] {
        let message = format!("{}.{payload}", BASE64_URL_SAFE_NO_PAD.encode(header));
        let signature = MacKey::new(&[1; 32]).seal(&[message.as_bytes()]);
        let forged = format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature));
        assert_eq!(signer().open(&forged), None, "{header}");
    }
}

#[test]
fn a_token_opens_only_byte_for_byte() {
    let (claims, sdk) = claims();
    let token = signer().sign(&claims, Some(&sdk));
    for (index, byte) in token.bytes().enumerate() {
        let other = if byte == b'A' { 'B' } else { 'A' };
        let mut tampered = token.clone();
        tampered.replace_range(index..=index, &other.to_string());
        assert_eq!(signer().open(&tampered), None, "{tampered}");
    }
    for tampered in [format!("{token}="), format!("{token}A"), format!("{token}."), format!(" {token}")] {
        assert_eq!(signer().open(&tampered), None, "{tampered}");
    }
    // The last character of a signature holds two unused bits, which must be zero.
    let last = token.bytes().last().unwrap();
    let tampered = format!("{}{}", &token[..token.len() - 1], char::from(last + 1));
    assert_eq!(signer().open(&tampered), None, "{tampered}");
}

#[test]
fn a_token_of_another_algorithm_does_not_open_even_with_the_right_key() {
    let (claims, _) = claims();
    let json = json!({ "sub": DeviceToken::from_u128(1).to_string(), "jti": claims.id.to_string(),
        "iat": 100, "exp": 200, "InstanceId": InstanceId::from_u128(4).to_string() });
    let sign =
        |algorithm| jsonwebtoken::encode(&Header::new(algorithm), &json, &EncodingKey::from_secret(&[1; 32])).unwrap();
    for other in [Algorithm::HS384, Algorithm::HS512] {
        assert_eq!(signer().open(&sign(other)), None);
    }
    assert_eq!(signer().open(&sign(Algorithm::HS256)), Some(opened(&claims)));
}

#[test]
fn a_signed_token_with_other_claims_does_not_open() {
    let json = json!({ "sub": "nobody", "jti": "1", "iat": 100, "exp": 200 });
    let key = EncodingKey::from_secret(&[1; 32]);
    let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &json, &key).unwrap();
    assert_eq!(signer().open(&token), None);
}
