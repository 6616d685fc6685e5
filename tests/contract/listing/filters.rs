//! The filters of a list.

use serde_json::{Value, json};
use telematics_contract_tests::{DEMO, NOBODY, UBI};

use super::List;

/// Ada in London and Bob in Paris, and Cleo in the instance with passwords.
async fn three() -> List {
    let ada = json!({ "Nickname": "ada", "FirstName": "Ada", "LastName": "Lovelace", "Email": "ada@example.com",
        "Phone": "+4420794600", "City": "London", "Country": "GB", "UserFields": { "ClientId": "client-1" } });
    let bob = json!({ "Nickname": "bob", "City": "Paris", "Country": "FR", "UserFields": { "EnableRealTimeLocation": true } });
    let list = List::with(&[ada, bob]).await;
    list.and_in_ubi(&json!({ "Nickname": "cleo", "Phone": "+20", "City": "Paris" })).await
}

async fn assert_listed(list: &List, cases: &[(Value, &[&str])]) {
    for (filter, expected) in cases {
        assert_eq!(list.nicknames(filter).await, *expected, "{filter}");
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn users_are_filtered_by_instance() {
    assert_listed(
        &three().await,
        &[
            (json!({ "InstanceIds": [DEMO.id] }), &["ada", "bob"]),
            (json!({ "InstanceIds": [UBI.id.to_uppercase()] }), &["cleo"]),
            (json!({ "InstanceIds": [UBI.id, DEMO.id] }), &["ada", "bob", "cleo"]),
            (json!({ "InstanceIds": [NOBODY] }), &[]),
            (json!({ "InstanceIds": [] }), &["ada", "bob", "cleo"]),
        ],
    )
    .await;
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn users_are_filtered_by_application_and_by_company() {
    let list = three().await;
    let answer = list.ask(&json!({})).await;
    let account = &answer.result()["Users"][0]["AccountInfo"];
    for (filter, id) in [("ApplicationIds", &account["ApplicationId"]), ("CompanyIds", &account["CompanyId"])] {
        assert_listed(&list, &[(json!({ filter: [id] }), &["ada", "bob", "cleo"]), (json!({ filter: [NOBODY] }), &[])])
            .await;
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn users_are_filtered_by_country_and_city_in_any_letter_case() {
    assert_listed(
        &three().await,
        &[
            (json!({ "City": "paris" }), &["bob", "cleo"]),
            (json!({ "Country": "gb" }), &["ada"]),
            (json!({ "City": "Paris", "Country": "FR" }), &["bob"]),
            (json!({ "City": "Par" }), &[]),
        ],
    )
    .await;
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_search_term_matches_a_part_of_a_name_an_address_a_number_or_an_id() {
    assert_listed(
        &three().await,
        &[
            (json!({ "SearchTerm": "LOVE" }), &["ada"]),
            (json!({ "SearchTerm": "example.com" }), &["ada"]),
            (json!({ "SearchTerm": "4420794600" }), &["ada"]),
            (json!({ "SearchTerm": "Client-" }), &["ada"]),
            (json!({ "SearchTerm": "o" }), &["ada", "bob", "cleo"]),
            (json!({ "SearchTerm": "shoe" }), &[]),
        ],
    )
    .await;
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_search_term_matches_a_part_of_the_device_token() {
    let list = three().await;
    let answer = list.ask(&json!({})).await;
    let bob = answer.result()["Users"][1]["DeviceToken"].as_str().unwrap();
    assert_eq!(list.nicknames(&json!({ "SearchTerm": bob[4..20].to_uppercase() })).await, ["bob"]);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn users_are_filtered_by_the_time_of_registration() {
    assert_listed(
        &three().await,
        &[
            (json!({ "DateCreatedFrom": "2026-01-01T00:01:00" }), &["bob", "cleo"]),
            (json!({ "DateCreatedTo": "2026-01-01T00:01:00Z" }), &["ada", "bob"]),
            (json!({ "DateCreatedFrom": "2026-01-01T00:00:30", "DateCreatedTo": "2026-01-01T00:01:30" }), &["bob"]),
            (json!({ "DateCreatedFrom": "2026-01-02" }), &[]),
            (json!({ "DateCreatedTo": "2025-12-31" }), &[]),
        ],
    )
    .await;
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_invalid_date_is_reported_by_its_field() {
    let list = three().await;
    for name in ["DateCreatedFrom", "DateCreatedTo"] {
        list.ask(&json!({ name: "yesterday" })).await.assert_invalid(name);
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn every_user_has_the_activity_no_data() {
    let everybody: &[&str] = &["ada", "bob", "cleo"];
    assert_listed(
        &three().await,
        &[
            (json!({ "ActivityStatuses": ["NoData"] }), everybody),
            (json!({ "ActivityStatuses": ["nodata", "Lost"] }), everybody),
            (json!({ "ActivityStatuses": ["Active", "Inactive", "Lost", "Error"] }), &[]),
            (json!({ "ActivityStatuses": [] }), everybody),
        ],
    )
    .await;
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_invalid_activity_is_reported_by_its_index() {
    let body = json!({ "ActivityStatuses": ["Active", "Sleepy"] });
    three().await.ask(&body).await.assert_invalid("ActivityStatuses[1]");
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn users_are_filtered_by_online_location_monitoring() {
    assert_listed(
        &three().await,
        &[(json!({ "RtdEnabled": true }), &["bob"]), (json!({ "RtdEnabled": "false" }), &["ada", "cleo"])],
    )
    .await;
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn deactivated_users_are_listed_on_request_and_deleted_users_never() {
    let list = three().await;
    let answer = list.ask(&json!({})).await;
    let user = |index: usize| answer.result()["Users"][index]["DeviceToken"].as_str().unwrap().to_owned();
    list.service.manage(&list.admin, &user(0), &json!({ "Status": "Deactivated" })).await.assert_success();
    list.service.manage(&list.admin, &user(1), &json!({ "UserFields": { "Enabled": false } })).await.assert_success();
    list.service.manage(&list.admin, &user(2), &json!({ "Status": "Deleted" })).await.assert_success();
    assert_listed(
        &list,
        &[
            (json!({}), &[]),
            (json!({ "ShowInactiveUsers": false }), &[]),
            (json!({ "ShowInactiveUsers": true }), &["ada", "bob"]),
        ],
    )
    .await;
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_user_must_match_every_given_filter() {
    assert_listed(
        &three().await,
        &[
            (json!({ "InstanceIds": [UBI.id], "City": "Paris", "SearchTerm": "cl" }), &["cleo"]),
            (json!({ "InstanceIds": [DEMO.id], "City": "Paris", "SearchTerm": "cl" }), &[]),
        ],
    )
    .await;
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_last_moment_of_the_calendar_is_a_date() {
    assert_listed(
        &three().await,
        &[
            (json!({ "DateCreatedTo": "9999-12-31" }), &["ada", "bob", "cleo"]),
            (json!({ "DateCreatedTo": "9999-12-31T23:59:59.9999999" }), &["ada", "bob", "cleo"]),
            (json!({ "DateCreatedFrom": "0001-01-01T00:00:00" }), &["ada", "bob", "cleo"]),
        ],
    )
    .await;
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn an_empty_filter_matches_everyone() {
    let everybody: &[&str] = &["ada", "bob", "cleo"];
    for name in ["SearchTerm", "City", "Country"] {
        assert_listed(&three().await, &[(json!({ name: "" }), everybody)]).await;
    }
}
