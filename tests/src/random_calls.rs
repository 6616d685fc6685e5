//! Random requests to every call of the contract; HTTP itself accepts each of them.

use proptest::prelude::*;
use telematics_contract::Call;

use crate::known::{ADMIN_EMAIL, ADMIN_PASSWORD, DEMO, UBI, path_with};
use crate::multipart::Multipart;

/// A text that no failure may repeat.
pub const CANARY: &str = "c4n4ry";

/// The caller.
#[derive(Clone, Copy, Debug)]
pub enum Caller {
    /// Nobody: the request has no credentials.
    Nobody,
    /// A user with an access token.
    User,
    /// An admin, who names the user.
    Admin,
    /// A user with a DeviceToken in the header.
    DeviceToken,
}

/// A random request.
#[derive(Clone, Debug)]
pub struct Request {
    /// The caller.
    pub caller: Caller,
    method: String,
    path: String,
    query: String,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Vec<u8>,
}

/// The credentials that replace the placeholders of a request.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The permanent id of the user.
    pub device_token: String,
    /// The access token of the user.
    pub access_token: String,
    /// The refresh token of the user.
    pub refresh_token: String,
    /// The access token of an admin.
    pub admin: String,
}

const NAMES: &[&str] = &[
    "CreateAccessToken",
    "FirstName",
    "LastName",
    "Nickname",
    "Phone",
    "Email",
    "MaritalStatus",
    "Country",
    "City",
    "Gender",
    "Birthday",
    "ChildrenCount",
    "ImageUrl",
    "InstanceInviteCode",
    "UserFields",
    "CustomToken",
    "Password",
    "EnableTracking",
    "Enabled",
    "ClientId",
    "Quantity",
    "CustomFields",
    "LoginFields",
    "DeviceToken",
    "AccessToken",
    "RefreshToken",
    "Status",
    "OldPassword",
    "NewPassword",
    "IdentityId",
    "CompanyIds",
    "InstanceIds",
    "PageNumber",
    "PageSize",
    "SearchTerm",
    "Sort",
    "ActivityStatuses",
    "DateCreatedFrom",
    "DateCreatedTo",
    "ShowInactiveUsers",
    "RtdEnabled",
    "IncludeAccountInfo",
    "ToInstanceId",
    "ToInstanceKey",
    "FullName",
    "externalImageUrl",
];

const WORDS: &[&str] = &[
    "@device",
    "@access",
    "@refresh",
    CANARY,
    "",
    " ",
    "true",
    "False",
    "3",
    "-1",
    "null",
    "Male",
    "Deleted",
    "Active",
    "2020-02-30",
    "1990-05-06",
    "9999-12-31T23:59:59.9999999",
    "0001-01-01T00:00:00",
    "NoData",
    "EmailDesc",
    ADMIN_EMAIL,
    ADMIN_PASSWORD,
    "+1",
    DEMO.id,
    DEMO.key,
    DEMO.invite_code,
    UBI.id,
    UBI.key,
    UBI.invite_code,
    "{\"Email\":\"a@example.com\"}",
];

const HEADERS: &[&str] = &[
    "InstanceId",
    "InstanceKey",
    "DeviceToken",
    "UserDeviceToken",
    "Authorization",
    "Content-Type",
    "Origin",
    "Accept",
    "X-Forwarded-For",
    "Accept-Encoding",
    "Cookie",
    "Range",
    "If-None-Match",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![3 => prop::sample::select(WORDS).prop_map(str::to_owned), 1 => any::<String>()]
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-2_i64..5).prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    let name = prop_oneof![9 => prop::sample::select(NAMES).prop_map(str::to_owned), 1 => any::<String>()];
    leaf.prop_recursive(4, 48, 8, move |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            4 => prop::collection::vec((name.clone(), inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Bytes that a header may hold (RFC 9110, section 5.5).
fn header_value() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![b' '..=b'~', 0x80_u8..=0xff, Just(b'\t')];
    prop_oneof![
        prop::collection::vec(byte, 0..40),
        prop::sample::select(WORDS).prop_map(|word| word.as_bytes().to_vec()),
        Just(b"Bearer @access".to_vec()),
        Just(b"application/json".to_vec()),
        Just(b"multipart/form-data; boundary=".to_vec()),
    ]
}

/// Characters that a path or a query may hold (RFC 3986, section 3), including percent-encoded bytes.
fn uri_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<u8>().prop_map(|byte| format!("%{byte:02X}")),
        "[A-Za-z0-9._~!$'()*+,;:@-]".prop_map(String::from),
        Just("%".to_owned()),
        Just("@device".to_owned()),
        prop::sample::select(&["DEMO01", "UBI001", "c4n4ry"][..]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn query() -> impl Strategy<Value = String> {
    let name = prop_oneof![4 => prop::sample::select(NAMES).prop_map(str::to_owned), 1 => uri_text()];
    let pair = (name, uri_text()).prop_map(|(name, value)| format!("{name}={value}"));
    prop::collection::vec(pair, 0..4).prop_map(|pairs| pairs.join("&"))
}

fn body() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..64);
    let file = prop_oneof![bytes(), Just(b"\x89PNG\r\n\x1a\n".to_vec())];
    prop_oneof![
        12 => json().prop_map(|json| ("application/json", json.to_string().into_bytes())),
        2 => bytes().prop_map(|bytes| ("application/json", bytes)),
        1 => text().prop_map(|text| ("text/json", text.into_bytes())),
        1 => file.prop_map(|file| ("", Multipart::new("file", file).bytes())),
        1 => bytes().prop_map(|bytes| ("multipart/form-data; boundary=x", bytes)),
        1 => Just(("", Vec::new())),
    ]
}

/// Requests to every call of the contract, by every kind of caller.
pub fn request() -> impl Strategy<Value = Request> {
    let call = prop::sample::select(&Call::ALL[..]);
    let caller =
        prop::sample::select(&[Caller::Nobody, Caller::User, Caller::Admin, Caller::Admin, Caller::DeviceToken][..]);
    let method = prop_oneof![
        20 => Just(None),
        1 => prop::sample::select(&["GET", "POST", "PUT", "DELETE", "PATCH", "TRACE", "CHANGE"][..]).prop_map(Some),
    ];
    let place = (call, method, uri_text(), prop_oneof![20 => Just(None), 1 => uri_text().prop_map(Some)]);
    let headers = prop::collection::vec((prop::sample::select(HEADERS), header_value()), 0..4);
    (caller, place, query(), headers, prop::bool::weighted(0.7), body()).prop_map(
        |(caller, (call, method, parameter, suffix), query, mut headers, with_instance, (content_type, body))| {
            let endpoint = call.endpoint();
            let path = path_with(endpoint.path, &parameter);
            let path = suffix.map_or_else(|| path.clone(), |suffix| format!("{path}/{suffix}"));
            let method = method.unwrap_or(endpoint.method.as_str()).to_owned();
            // A random header of the same name comes first, and the first one counts.
            let content_type = if content_type.is_empty() {
                Multipart::new("file", "").content_type()
            } else {
                content_type.to_owned()
            };
            headers.push(("Content-Type", content_type.into_bytes()));
            if with_instance {
                headers.push(("InstanceId", DEMO.id.into()));
                headers.push(("InstanceKey", DEMO.key.into()));
            }
            Request { caller, method, path, query, headers, body }
        },
    )
}

impl Request {
    /// The bytes on the wire, with the credentials of a user.
    #[must_use]
    pub fn bytes(&self, credentials: &Credentials) -> Vec<u8> {
        let real = |text: &[u8]| {
            let mut text = text.to_vec();
            let replaced = [
                ("@device", &credentials.device_token),
                ("@access", &credentials.access_token),
                ("@refresh", &credentials.refresh_token),
            ];
            for (name, value) in replaced {
                while let Some(at) = text.windows(name.len()).position(|window| window == name.as_bytes()) {
                    text.splice(at..at + name.len(), value.bytes());
                }
            }
            text
        };
        let body = real(&self.body);
        let mut bytes = real(format!("{} {}?{} HTTP/1.1\r\n", self.method, self.path, self.query).as_bytes());
        let mut header = |name: &str, value: &[u8]| {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        };
        header("Host", b"127.0.0.1");
        header("Content-Length", body.len().to_string().as_bytes());
        for (name, value) in &self.headers {
            header(name, &real(value));
        }
        match self.caller {
            Caller::Nobody => {}
            Caller::User => header("Authorization", format!("Bearer {}", credentials.access_token).as_bytes()),
            Caller::Admin => {
                header("Authorization", format!("Bearer {}", credentials.admin).as_bytes());
                header("UserDeviceToken", credentials.device_token.as_bytes());
            }
            Caller::DeviceToken => header("DeviceToken", credentials.device_token.as_bytes()),
        }
        [bytes, b"\r\n".to_vec(), body].concat()
    }
}
