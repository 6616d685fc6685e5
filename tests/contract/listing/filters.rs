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

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn spaces_around_stored_and_wanted_texts_do_not_count() {
    let list = List::with(&[json!({ "Nickname": "bob", "FirstName": " Bob ", "Country": "de " })]).await;
    assert_listed(&list, &[(json!({ "Country": " DE" }), &["bob"]), (json!({ "Country": "d e" }), &[])]).await;
    let path = "/v1/Management/users/find?FirstName=Bob";
    let found = list.service.get(path).bearer(&list.admin).answer().await;
    assert_eq!(found.result().as_array().unwrap().len(), 1);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_last_day_without_a_time_is_the_whole_day() {
    let list = List::with(&[]).await;
    list.service.advance("PT23H59M59S").await;
    list.service.register(&json!({ "Nickname": "late" })).await;
    assert_listed(
        &list,
        &[
            (json!({ "DateCreatedFrom": "2026-01-01", "DateCreatedTo": "2026-01-01" }), &["late"]),
            (json!({ "DateCreatedTo": "2026-01-01T00:00:00" }), &[]),
            (json!({ "DateCreatedTo": "2025-12-31" }), &[]),
        ],
    )
    .await;
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn filters_and_pagination_may_be_nested() {
    let list = three().await;
    let instance = |id: &str| json!([{ "Name": "InstanceId", "Value": id }]);
    let all =
        list.ask(&json!({ "Filters": instance(DEMO.id), "Sort": "DateCreated" })).await.result()["TotalUsers"].clone();
    let flat = list.ask(&json!({ "InstanceIds": [DEMO.id] })).await.result()["TotalUsers"].clone();
    assert_eq!(all, flat);
    let nobody = list.ask(&json!({ "filters": instance(NOBODY) })).await;
    assert_eq!(nobody.result()["TotalUsers"], 0);
    let both = json!([{ "name": "InstanceId", "value": NOBODY }, { "Name": "InstanceId", "Value": DEMO.id }]);
    assert_eq!(list.ask(&json!({ "Filters": both })).await.result()["TotalUsers"], flat);
    let object = json!({ "Filters": { "InstanceIds": [NOBODY] } });
    assert_eq!(list.ask(&object).await.result()["TotalUsers"], 0);
    let page = list.ask(&json!({ "Pagination": { "Page": 2, "PageSize": 1 }, "Filters": [] })).await;
    assert_eq!((&page.result()["CurrentPage"], &page.result()["HasPreviousPage"]), (&json!(2), &json!(true)));
    assert_eq!(page.result()["Users"].as_array().unwrap().len(), 1);
    let flat_counts = list.ask(&json!({ "PageNumber": 1, "Pagination": { "Page": 2 } })).await;
    assert_eq!(flat_counts.result()["CurrentPage"], 1);
    list.ask(&json!({ "Pagination": { "Page": "x" } })).await.assert_invalid("PageNumber");
}
