//! The flows that the vendor documents in its skills of June 2026, step by step. Each answer is compared with the shape of the
//! documented sample.

mod shape;

use serde_json::{Value, json};
use telematics_contract_tests::{ADMIN_EMAIL, ADMIN_PASSWORD, Answer, DEMO, NOBODY, Service, UBI, unused_uuid};

use crate::accounts::{Accounts, Created};
use shape::assert_shape;

const FILTERED_PAGE: &str = "/v1/Management/users/GetFilteredPage";
const JSON_PATCH: &str = "application/json-patch+json";

/// A login as the skills write it: the fields are JSON text.
async fn sign_in(service: &Service, instance: Option<&str>, fields: Value, password: &str) -> Answer {
    let body = json!({ "LoginFields": fields.to_string(), "Password": password });
    let request = service.post("/v1/Auth/Login", &body);
    let request = if let Some(instance) = instance { request.header("InstanceId", instance) } else { request };
    request.answer().await
}

fn token_of(answer: &Answer) -> &str {
    answer.result()["AccessToken"]["Token"].as_str().expect("an access token")
}

async fn refresh(service: &Service, answer: &Answer) -> Answer {
    let body = json!({ "AccessToken": token_of(answer), "RefreshToken": answer.result()["RefreshToken"] });
    service.post("/v1/Auth/RefreshToken", &body).answer().await
}

/// The body of a registration in the skills.
fn john(custom_token: &str) -> Value {
    json!({ "UserFields": { "ClientId": "client-id-001" }, "CustomToken": custom_token, "CreateAccessToken": true,
        "FirstName": "John", "LastName": "Doe", "Phone": "+12345565", "Email": "email@mail.com" })
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_user_is_registered_logs_in_and_refreshes() {
    let service = Service::mock().with(json!({ "strictCasing": true })).await;
    let own_id = unused_uuid();
    let registered = service.post("/v1/Registration/create", &john(&own_id)).with_instance(&service).answer().await;
    assert_shape(&registered, "registration");
    assert_eq!(registered.result()["DeviceToken"], own_id);
    let signed_in = sign_in(&service, Some(DEMO.id), json!({ "Devicetoken": own_id }), DEMO.key).await;
    assert_shape(&signed_in, "userTokens");
    assert_shape(&refresh(&service, &signed_in).await, "userTokens");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_back_end_finds_lists_updates_moves_and_deletes_a_user() {
    let service = Service::mock().await;
    let user = service.register(&john(&unused_uuid())).await.device_token;
    let signed_in = sign_in(&service, None, json!({ "email": ADMIN_EMAIL }), ADMIN_PASSWORD).await;
    assert_shape(&signed_in, "adminTokens");
    let renewed = refresh(&service, &signed_in).await;
    assert_shape(&renewed, "adminTokens");
    let admin = token_of(&renewed);
    let patch = |method: &str, path: &str, body: Value| {
        service.request(method, path).bearer(admin).text(JSON_PATCH, body.to_string())
    };
    let update = |body: Value| patch("PUT", "/v1/Management/users", body).header("UserDeviceToken", &user).answer();

    let profile = json!({ "Gender": "None", "Birthday": "1990-01-01T00:00:00Z", "ExternalImageUrl": "https://e.example/1.png",
        "IdentityId": "identity-id-001", "IdentityProvider": "Firebase", "UserFields": { "ClientId": "client-id-002" } });
    assert_shape(&update(profile).await, "done");
    let flags =
        json!({ "Enabled": true, "EnableTracking": true, "EnableLogging": true, "EnableRealTimeLocation": true });
    assert_shape(&update(json!({ "UserFields": flags })).await, "done");

    let find = format!("/v1/Management/users/find?DeviceToken={user}");
    let found = service.get(&find).bearer(admin).answer().await;
    assert_shape(&found, "found");
    assert_eq!(found.result()[0]["UserFields"][0]["ClientId"], "client-id-002");

    let filter = json!({ "InstanceIds": [DEMO.id], "PageNumber": 1, "PageSize": 50, "IncludeAccountInfo": true,
        "Sort": "DateCreatedDesc", "ActivityStatuses": [], "ShowInactiveUsers": true });
    assert_shape(&patch("POST", FILTERED_PAGE, filter).answer().await, "page");
    let nested = json!({ "Filters": [{ "Name": "InstanceId", "Value": DEMO.id }], "IncludeAccountInfo": true,
        "Pagination": { "Page": 1, "PageSize": 50 } });
    assert_shape(&patch("POST", FILTERED_PAGE, nested).answer().await, "page");

    assert_shape(&update(json!({ "Status": "Deactivated" })).await, "done");
    let found = service.get(&find).bearer(admin).answer().await;
    assert_eq!(found.result()[0]["Status"], "Inactive");
    let change = json!({ "DeviceToken": user, "ToInstanceId": UBI.id, "ToInstanceKey": UBI.key });
    let moved = patch("POST", "/v1/Management/users/instances/change", change).answer().await;
    assert_shape(&moved, "done");
    let path = format!("/v1/Management/users/{user}");
    assert_shape(&service.request("DELETE", &path).bearer(admin).answer().await, "done");
    let gone = service.get(&find).bearer(admin).answer().await;
    assert_eq!(*gone.result(), json!([]));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_back_end_finds_the_instance_by_its_permissions_and_registers_users() {
    let accounts = Accounts::new().await;
    let permissions = accounts.ask("GET", "/auth/permissions").answer().await;
    assert_shape(&permissions, "companyPermissions");
    let company = permissions.body["result"]["companiesPermissions"][0]["companyId"].as_str().unwrap();
    let applications = accounts.ask("GET", &format!("/v1/companies/{company}/applications")).answer().await;
    assert_shape(&applications, "applications");
    let application = applications.result()[0]["Id"].as_str().unwrap();
    let path = format!("/v1/Applications/{application}?includeInstances=true");
    let application = accounts.ask("GET", &path).answer().await;
    assert_shape(&application, "application");
    let instance = Created::from(&application.result()["Instances"][0]);
    for _ in 0..3 {
        let request = accounts.service.post("/v1/Registration/create", &json!({ "CreateAccessToken": false }));
        let registered = request.with_instance(&instance).answer().await;
        assert_eq!(registered.result()["AccessToken"], Value::Null);
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_admin_of_one_instance_reads_its_key_and_registers_a_user() {
    let service = Service::mock().await;
    let own = service.post("/__mock/instances", &json!({})).answer().await.body;
    let (email, password) = (&own["admin"]["email"], own["admin"]["password"].as_str().unwrap());
    let signed_in = sign_in(&service, None, json!({ "email": email }), password).await;
    let admin = token_of(&signed_in);
    let permissions = service.get("/auth/permissions").bearer(admin).answer().await;
    assert_shape(&permissions, "instancePermissions");
    let id = permissions.body["result"]["instancesPermissions"][0]["instanceId"].as_str().unwrap();
    let change = service.request("PATCH", &format!("/v1/Instances/{id}?Description=d")).bearer(admin);
    assert_shape(&change.answer().await, "done");
    let instance = service.get(&format!("/v1/Instances/{id}")).bearer(admin).answer().await;
    assert_shape(&instance, "instance");
    let instance = Created::from(instance.result());
    let body = json!({ "CreateAccessToken": true });
    let registered = service.post("/v1/Registration/create", &body).with_instance(&instance).answer().await;
    assert_shape(&registered, "registration");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_application_and_its_instances_are_managed_from_creation_to_deletion() {
    let accounts = Accounts::new().await;
    let ask = |method: &str, path: String, body: Value| accounts.ask(method, &path).json(&body).answer();
    let company = "55555555-5555-4555-8555-555555555555";
    let body = json!({ "name": "MyApp", "description": "optional", "status": 1, "createDefaultGroup": true });
    let created = ask("POST", format!("/v1/companies/{company}/applications"), body).await;
    assert_shape(&created, "createdApplication");
    let app = created.result()["AppId"].as_str().unwrap();
    let group = Created::from(&created.result()["Instances"][0]);
    let changed = json!({ "name": "NewName", "description": "d", "status": 1 });
    assert_shape(&ask("PATCH", format!("/v1/Applications/applications/{app}"), changed).await, "done");
    let body = json!({ "name": "MyInstance", "description": "d", "status": 1 });
    let instance = ask("POST", format!("/v1/applications/{app}/instances"), body).await;
    assert_shape(&instance, "createdInstance");
    let instance = Created::from(instance.result());
    let get = |path: String| accounts.ask("GET", &path).answer();
    let listed = get(format!("/v1/applications/{app}/instances")).await;
    assert_shape(&listed, "instances");
    assert_eq!(listed.result()[0]["AppName"], "NewName");
    let code = listed.result()[0]["InviteCode"].as_str().unwrap();
    assert_shape(&get(format!("/v1/applications/{app}/instances/{code}")).await, "instance");
    let change = format!("/v1/Instances/{}?Name=NewName&Description=d&Status=1", instance.id);
    assert_shape(&accounts.ask("PATCH", &change).answer().await, "done");

    let body = json!({ "CreateAccessToken": true });
    let service = &accounts.service;
    let registered = service.post("/v1/Registration/create", &body).with_instance(&group).answer().await;
    let delete = |path: String| accounts.ask("DELETE", &path).answer();
    assert_shape(&delete(format!("/v1/Instances/{}", group.id)).await, "usersInInstance");
    assert_shape(&delete(format!("/v1/Applications/applications/{app}")).await, "usersInApplication");
    let user = registered.result()["DeviceToken"].as_str().unwrap();
    assert_shape(&delete(format!("/v1/Management/users/{user}")).await, "done");
    assert_shape(&delete(format!("/v1/Instances/{}", group.id)).await, "done");
    assert_shape(&delete(format!("/v1/Applications/applications/{app}")).await, "done");
    assert_shape(&get(format!("/v1/Applications/{app}?includeInstances=true")).await, "nothing");
    assert_shape(&get(format!("/v1/Instances/{NOBODY}")).await, "nothing");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn real_time_location_is_enabled_by_the_device_token_in_the_path() {
    let service = Service::mock().await;
    let (admin, user) = (service.admin().await, service.register(&json!({})).await);
    let body = json!({ "UserFields": [{ "EnableRealTimeLocation": true }] });
    let path = format!("/v1/Management/users/{}", user.device_token);
    assert_shape(&service.put(&path, &body).bearer(&admin).answer().await, "done");
    let find = format!("/v1/Management/users/find?DeviceToken={}", user.device_token);
    let found = service.get(&find).bearer(&admin).answer().await;
    assert_eq!(found.result()[0]["UserFields"][0]["EnableRealTimeLocation"], true);
}
