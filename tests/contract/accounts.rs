//! The accounts API: companies, applications and instances.

use serde_json::{Value, json};
use telematics_contract_tests::{Answer, DEMO, InstanceCredentials, NOBODY, Request, Service};

const COMPANY: &str = "55555555-5555-4555-8555-555555555555";
const APPLICATION: &str = "66666666-6666-4666-8666-666666666666";

/// A service and an admin of it.
pub struct Accounts {
    pub service: Service,
    pub admin: String,
}

/// The id and the key of a created instance.
pub struct Created {
    pub id: String,
    pub key: String,
}

impl InstanceCredentials for Created {
    fn instance_id(&self) -> &str {
        &self.id
    }

    fn instance_key(&self) -> &str {
        &self.key
    }
}

impl From<&Value> for Created {
    fn from(instance: &Value) -> Self {
        let text = |name: &str| instance[name].as_str().unwrap_or_else(|| panic!("{instance}")).to_owned();
        Self { id: text("Id"), key: text("Key") }
    }
}

impl Accounts {
    pub async fn new() -> Self {
        let service = Service::mock().await;
        Self { admin: service.admin().await, service }
    }

    pub fn ask(&self, method: &str, path: &str) -> Request {
        self.service.request(method, path).bearer(&self.admin)
    }

    pub async fn read(&self, path: &str) -> Value {
        self.ask("GET", path).answer().await.result().clone()
    }

    /// Creates an application with a default group, and returns its id and that instance.
    pub async fn application(&self, name: &str) -> (String, Created) {
        let body = json!({ "name": name, "createDefaultGroup": true });
        let answer = self.ask("POST", &format!("/v1/companies/{COMPANY}/applications")).json(&body).answer().await;
        let result = answer.result();
        (result["AppId"].as_str().expect("an id").to_owned(), Created::from(&result["Instances"][0]))
    }

    async fn delete(&self, path: &str) -> Answer {
        self.ask("DELETE", path).answer().await
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_application_is_created_with_or_without_the_default_group() {
    let accounts = Accounts::new().await;
    let (id, group) = accounts.application("Fleet").await;
    let instance = accounts.read(&format!("/v1/Instances/{}", group.id)).await;
    assert_eq!((&instance["Name"], &instance["Description"]), (&json!("Common"), &json!("Default group")));
    assert_eq!((&instance["AppId"], &instance["AppName"]), (&json!(id), &json!("Fleet")));
    assert_eq!(instance["Key"], group.key.as_str());
    let body = json!({ "Name": "Empty", "Status": 2, "Environment": "test", "Description": "d" });
    let request = accounts.ask("POST", &format!("/v1/companies/{COMPANY}/applications")).json(&body);
    let created = request.answer().await;
    assert_eq!(created.result()["Instances"], json!([]));
    let id = created.result()["AppId"].as_str().unwrap();
    let read = accounts.read(&format!("/v1/Applications/{id}?includeInstances=true")).await;
    assert_eq!(
        read,
        json!({ "Id": id, "Name": "Empty", "Description": "d", "Status": "Deactivated", "GooglePlayLink": null,
            "AppleStoreLink": null, "Environment": "test", "Instances": [] })
    );
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_application_shows_its_instances_on_request() {
    let accounts = Accounts::new().await;
    let path = format!("/v1/Applications/{APPLICATION}");
    assert!(accounts.read(&path).await.get("Instances").is_none());
    let with = accounts.read(&format!("{path}?IncludeInstances=true")).await;
    let demo = json!({ "Id": DEMO.id, "Key": DEMO.key, "Name": DEMO.name, "Status": "Active" });
    assert_eq!(with["Instances"][0], demo);
    let listed = accounts.read(&format!("/v1/companies/{COMPANY}/applications")).await;
    assert_eq!(listed, json!([accounts.read(&path).await]));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_changed_application_keeps_its_other_fields_and_renames_itself_in_its_instances() {
    let accounts = Accounts::new().await;
    let path = format!("/v1/Applications/applications/{APPLICATION}");
    let change = json!({ "name": "New Name", "googlePlayLink": "https://play.example" });
    let answer = accounts.ask("PATCH", &path).json(&change).answer().await;
    assert_eq!(answer.body, json!({ "Status": 200, "Title": "", "Errors": [] }));
    accounts.ask("PATCH", &path).json(&json!({ "status": 2 })).answer().await.assert_success();
    let read = accounts.read(&format!("/v1/Applications/{APPLICATION}")).await;
    assert_eq!((&read["Name"], &read["Status"]), (&json!("New Name"), &json!("Deactivated")));
    assert_eq!(read["GooglePlayLink"], "https://play.example");
    assert_eq!(accounts.read(&format!("/v1/Instances/{}", DEMO.id)).await["AppName"], "New Name");
    // A reset brings the instance back, but not the old name of its application.
    let reset = accounts.service.post(&format!("/__mock/reset?instance={}", DEMO.id), &json!({})).answer().await;
    assert_eq!(reset.status, 200);
    assert_eq!(accounts.read(&format!("/v1/Instances/{}", DEMO.id)).await["AppName"], "New Name");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_instance_is_created_listed_and_found_by_its_invite_code() {
    let accounts = Accounts::new().await;
    let instances = format!("/v1/applications/{APPLICATION}/instances");
    let body = json!({ "name": "Berlin", "description": "d" });
    let answer = accounts.ask("POST", &instances).json(&body).answer().await;
    let created = Created::from(answer.result());
    let read = accounts.read(&format!("/v1/Instances/{}", created.id)).await;
    let code = read["InviteCode"].as_str().unwrap();
    assert_eq!(
        read,
        json!({ "Id": created.id, "Key": created.key, "Name": "Berlin", "Description": "d", "Status": "Active",
            "InviteCode": code, "AppId": APPLICATION, "AppName": "Demo App", "CompanyId": COMPANY })
    );
    assert_eq!(accounts.read(&format!("{instances}/{code}")).await, read);
    let listed = accounts.read(&instances).await;
    assert_eq!(listed.as_array().unwrap().len(), 3, "{listed}");
    assert!(listed.as_array().unwrap().contains(&read), "{listed}");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_changes_of_an_instance_are_in_the_query() {
    let accounts = Accounts::new().await;
    let path = format!("/v1/Instances/{}", DEMO.id);
    let change = accounts.ask("PATCH", &path).query(&[("Name", "Paris"), ("Status", "2")]);
    assert_eq!(change.answer().await.body, json!({ "Status": 200, "Title": "", "Errors": [] }));
    let read = accounts.read(&path).await;
    assert_eq!((&read["Name"], &read["Status"]), (&json!("Paris"), &json!("Deactivated")));
    let instances = format!("/v1/applications/{APPLICATION}/instances");
    let count = |list: Value| list.as_array().unwrap().len();
    assert_eq!(count(accounts.read(&instances).await), 1, "a deactivated instance is listed on request");
    assert_eq!(count(accounts.read(&format!("{instances}?includeDeactivated=true")).await), 2);
    accounts.ask("PATCH", &path).json(&json!({ "Name": "ignored" })).answer().await.assert_success();
    assert_eq!(accounts.read(&path).await["Name"], "Paris");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_read_of_something_unknown_is_200_with_a_null_result_and_a_change_is_404() {
    let accounts = Accounts::new().await;
    for unknown in [NOBODY, "nonsense"] {
        for path in [
            format!("/v1/Applications/{unknown}"),
            format!("/v1/Instances/{unknown}"),
            format!("/v1/applications/{unknown}/instances"),
            format!("/v1/applications/{APPLICATION}/instances/{unknown}"),
            format!("/v1/applications/{unknown}/instances/DEMO01"),
            format!("/v1/companies/{unknown}/applications"),
        ] {
            let answer = accounts.ask("GET", &path).answer().await;
            assert_eq!(answer.body, json!({ "Result": null, "Status": 200, "Title": "", "Errors": [] }), "{path}");
        }
        for (method, path) in [
            ("PATCH", format!("/v1/Applications/applications/{unknown}")),
            ("DELETE", format!("/v1/Applications/applications/{unknown}")),
            ("POST", format!("/v1/applications/{unknown}/instances")),
            ("POST", format!("/v1/companies/{unknown}/applications")),
            ("PATCH", format!("/v1/Instances/{unknown}")),
            ("DELETE", format!("/v1/Instances/{unknown}")),
        ] {
            accounts.ask(method, &path).json(&json!({ "name": "x" })).answer().await.assert_failure(404);
        }
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_instance_with_users_cannot_be_deleted_and_an_empty_one_is_gone() {
    let accounts = Accounts::new().await;
    let (_, instance) = accounts.application("Fleet").await;
    let path = format!("/v1/Instances/{}", instance.id);
    let user = accounts.service.post("/v1/Registration/Create", &json!({})).with_instance(&instance).answer().await;
    let refused = accounts.delete(&path).await;
    refused.assert_invalid("InstanceId");
    assert_eq!(refused.body["Title"], "One or more validation errors occurred.");
    assert_eq!(refused.body["Errors"][0]["Message"], "Can't update instance, because users exists in instance.");
    let user = format!("/v1/Management/users/{}", user.tokens().device_token);
    accounts.delete(&user).await.assert_success();
    assert_eq!(accounts.delete(&path).await.body, json!({ "Status": 200, "Title": "", "Errors": [] }));
    assert_eq!(accounts.read(&path).await, Value::Null);
    let late = accounts.service.post("/v1/Registration/Create", &json!({})).with_instance(&instance).answer().await;
    late.assert_failure(401);
    accounts.delete(&path).await.assert_failure(404);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_deleted_instance_takes_its_admin_its_journal_and_its_faults_with_it() {
    let accounts = Accounts::new().await;
    let service = &accounts.service;
    let created = service.post("/__mock/instances", &json!({})).answer().await.body;
    let id = created["instanceId"].as_str().expect("an id");
    let sign_in = async || {
        let email = json!({ "Email": created["admin"]["email"] });
        service.sign_in(None, &email, created["admin"]["password"].as_str().expect("a password")).answer().await
    };
    sign_in().await.assert_success();
    service.get("/v1/Check/UserExists").header("InstanceId", id).answer().await;
    let fault = json!({ "match": {}, "then": { "status": 503 } });
    assert_eq!(service.post(&format!("/__mock/faults?instance={id}"), &fault).answer().await.status, 201);

    accounts.delete(&format!("/v1/Instances/{id}")).await.assert_success();

    sign_in().await.assert_failure(401);
    assert_eq!(service.get("/__mock/faults").answer().await.body, json!([]));
    let journal = service.get("/__mock/requests").answer().await.body;
    assert!(journal.as_array().expect("entries").iter().all(|entry| entry["instanceId"] != id), "{journal}");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_application_with_users_cannot_be_deleted_and_another_is_deleted_with_its_instances() {
    let accounts = Accounts::new().await;
    let (id, instance) = accounts.application("Fleet").await;
    let path = format!("/v1/Applications/applications/{id}");
    let registered =
        accounts.service.post("/v1/Registration/Create", &json!({})).with_instance(&instance).answer().await;
    let refused = accounts.delete(&path).await;
    refused.assert_invalid("AppToken");
    assert_eq!(refused.body["Errors"][0]["Message"], "Users exist for this application.");
    let user = format!("/v1/Management/users/{}", registered.tokens().device_token);
    accounts.delete(&user).await.assert_success();
    accounts.delete(&path).await.assert_success();
    assert_eq!(accounts.read(&format!("/v1/Applications/{id}")).await, Value::Null);
    assert_eq!(accounts.read(&format!("/v1/Instances/{}", instance.id)).await, Value::Null);
    accounts.delete(&format!("/v1/Instances/{}", instance.id)).await.assert_failure(404);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_admin_of_an_instance_sees_only_that_instance() {
    let accounts = Accounts::new().await;
    let service = &accounts.service;
    let created = service.post("/__mock/instances", &json!({ "name": "Own" })).answer().await.body;
    let (email, password) = (&created["admin"]["email"], created["admin"]["password"].as_str().unwrap());
    let signed_in = service.sign_in(None, &json!({ "Email": email }), password).answer().await;
    let token = signed_in.result()["AccessToken"]["Token"].as_str().unwrap();
    let ask = |method: &str, path: &str| service.request(method, path).bearer(token).json(&json!({ "name": "x" }));
    let own = created["instanceId"].as_str().unwrap();
    let read = |path: String| async move { ask("GET", &path).answer().await.result().clone() };
    assert_eq!(read(format!("/v1/Instances/{own}")).await["Name"], "Own");
    assert_eq!(read(format!("/v1/Instances/{}", DEMO.id)).await, Value::Null);
    assert_eq!(read(format!("/v1/applications/{APPLICATION}/instances/DEMO01")).await, Value::Null);
    assert_eq!(read(format!("/v1/applications/{APPLICATION}/instances")).await.as_array().unwrap().len(), 1);
    let application = read(format!("/v1/Applications/{APPLICATION}?includeInstances=true")).await;
    assert_eq!(application["Instances"].as_array().unwrap().len(), 1, "{application}");
    let (other, _) = accounts.application("Other").await;
    assert_eq!(read(format!("/v1/Applications/{other}")).await, Value::Null);
    assert_eq!(read(format!("/v1/companies/{COMPANY}/applications")).await.as_array().unwrap().len(), 1);
    for (method, path) in [
        ("POST", format!("/v1/companies/{COMPANY}/applications")),
        ("POST", format!("/v1/applications/{APPLICATION}/instances")),
        ("PATCH", format!("/v1/Applications/applications/{APPLICATION}")),
        ("DELETE", format!("/v1/Applications/applications/{other}")),
    ] {
        ask(method, &path).answer().await.assert_failure(403);
    }
    ask("PATCH", &format!("/v1/Instances/{}?Name=x", DEMO.id)).answer().await.assert_failure(404);
    ask("PATCH", &format!("/v1/Instances/{own}?Name=Mine")).answer().await.assert_success();
    let permissions = ask("GET", "/auth/permissions").answer().await.body;
    let [instance] = permissions["result"]["instancesPermissions"].as_array().unwrap().as_slice() else { panic!() };
    assert_eq!((&instance["instanceId"], &instance["appId"]), (&json!(own), &json!(APPLICATION)));
    assert_eq!(permissions["result"]["companiesPermissions"], json!([]));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_permissions_of_an_admin_of_everything_are_its_companies_in_camel_case() {
    let accounts = Accounts::new().await;
    for path in ["/auth/permissions", "/Auth/Permissions/"] {
        let body = accounts.ask("GET", path).answer().await.body;
        let result = &body["result"];
        let [company] = result["companiesPermissions"].as_array().unwrap().as_slice() else { panic!("{body}") };
        assert_eq!(company["companyId"], COMPANY);
        assert_eq!((&result["isGod"], &result["appsPermissions"]), (&json!(false), &json!([])));
        assert_eq!(result["instancesPermissions"], json!([]));
        assert_eq!((&body["status"], &body["title"], &body["errors"]), (&json!(200), &json!(""), &json!([])));
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_wrong_field_of_the_accounts_api_is_reported() {
    let accounts = Accounts::new().await;
    let applications = format!("/v1/companies/{COMPANY}/applications");
    let instances = format!("/v1/applications/{APPLICATION}/instances");
    for (method, path, body, key) in [
        ("POST", &applications, json!({}), "Name"),
        ("POST", &applications, json!({ "Name": " " }), "Name"),
        ("POST", &applications, json!({ "Name": "x", "Status": 3 }), "Status"),
        ("POST", &instances, json!({ "description": "x" }), "Name"),
        ("PATCH", &format!("/v1/Applications/applications/{APPLICATION}"), json!({ "name": "" }), "Name"),
        ("PATCH", &format!("/v1/Instances/{}?Status=Active", DEMO.id), json!({}), "Status"),
    ] {
        accounts.ask(method, path).json(&body).answer().await.assert_invalid(key);
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_created_instance_works_like_every_other() {
    let accounts = Accounts::new().await;
    let service = &accounts.service;
    let (_, instance) = accounts.application("Fleet").await;
    let scope = format!("?instance={}", instance.id);
    let register = || async {
        service.post("/v1/Registration/Create", &json!({})).with_instance(&instance).answer().await.tokens()
    };
    let first = register().await;
    service.profile(&first.access_token).await.assert_success();
    let code = accounts.read(&format!("/v1/Instances/{}", instance.id)).await["InviteCode"].clone();
    let invited = service.post("/v1/Registration/Create", &json!({ "InstanceInviteCode": code })).answer().await;
    service.profile(&invited.tokens().access_token).await.assert_success();
    let changed =
        service.request("PATCH", &format!("/__mock/settings{scope}")).json(&json!({ "loginTokenSeconds": 7 }));
    assert_eq!(changed.answer().await.body["loginTokenSeconds"], 7);
    let snapshot = service.get(&format!("/__mock/state{scope}")).answer().await.body;
    let advance = service.post(&format!("/__mock/clock{scope}"), &json!({ "advance": "6d" })).answer().await;
    assert_eq!(advance.body["expired"]["accessTokens"], 2, "{:?}", advance.body);
    service.profile(&first.access_token).await.assert_failure(401);
    let restored = service.request("PUT", &format!("/__mock/state{scope}")).json(&snapshot).answer().await;
    assert_eq!(restored.status, 200, "{:?}", restored.body);
    service.profile(&first.access_token).await.assert_success();
    let reset = service.post(&format!("/__mock/reset{scope}"), &json!({})).answer().await;
    assert_eq!(reset.status, 200, "{:?}", reset.body);
    service.profile(&first.access_token).await.assert_failure(401);
    service.profile(&register().await.access_token).await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn applications_are_in_the_snapshot_and_a_reset_removes_new_ones() {
    let accounts = Accounts::new().await;
    let service = &accounts.service;
    let (id, instance) = accounts.application("Fleet").await;
    let path = format!("/v1/Applications/{id}");
    let snapshot = service.get("/__mock/state").answer().await.body;
    assert_eq!(service.post("/__mock/reset", &json!({})).answer().await.status, 200);
    let admin = service.admin().await;
    let read = || service.get(&path).bearer(&admin).answer();
    assert_eq!(*read().await.result(), Value::Null);
    let restored = service.request("PUT", "/__mock/state").json(&snapshot).answer().await;
    assert_eq!(restored.status, 200, "{:?}", restored.body);
    assert_eq!(accounts.read(&path).await["Name"], "Fleet");
    service.post("/v1/Registration/Create", &json!({})).with_instance(&instance).answer().await.assert_success();
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_number_of_applications_has_a_limit() {
    let accounts = Accounts::new().await;
    let path = format!("/v1/companies/{COMPANY}/applications");
    let create = || accounts.ask("POST", &path).json(&json!({ "Name": "x" })).answer();
    for _ in 1..1_000 {
        create().await.assert_success();
    }
    create().await.assert_invalid("CompanyId");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_journal_does_not_show_the_key_of_an_instance() {
    let accounts = Accounts::new().await;
    let (_, instance) = accounts.application("Fleet").await;
    let journal = accounts.service.get("/__mock/requests").answer().await.body.to_string();
    assert!(journal.contains("applications") && !journal.contains(&instance.key), "{journal}");
}
