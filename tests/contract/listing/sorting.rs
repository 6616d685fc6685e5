//! The orders of a list.

use serde_json::{Value, json};
use telematics_contract::management::SortKey;

use super::List;

/// Three users whose fields have the rank 1, 2 or 3, and one user without values. They are not registered in any order.
async fn four() -> List {
    let user = |name: &str, rank: u32, gender: &str, year: &str| {
        // Letter case must not matter: in a plain comparison upper case comes before lower case.
        let text = if rank == 2 { "B" } else { ["a", "b", "c"][rank as usize - 1] };
        json!({ "CustomToken": format!("{rank}0000000-0000-4000-8000-000000000000"), "Nickname": name, "FirstName": text,
            "LastName": text, "Phone": format!("+{rank}"), "Email": format!("{text}@example.com"), "Gender": gender,
            "Birthday": format!("{year}-01-01"), "MaritalStatus": rank.to_string(), "ChildrenCount": rank * 5,
            "Country": text, "District": text, "City": text })
    };
    List::with(&[
        user("y", 2, "Male", "1969"),
        user("z", 3, "Other", "2000"),
        json!({ "CustomToken": "00000000-0000-4000-8000-000000000000" }),
        user("x", 1, "Female", "1900"),
    ])
    .await
}

/// The order by each key: users without a value come first.
const fn ascending(key: SortKey) -> [&'static str; 4] {
    match key {
        SortKey::DeviceToken
        | SortKey::FirstName
        | SortKey::LastName
        | SortKey::Nickname
        | SortKey::Phone
        | SortKey::Email
        | SortKey::Birthday
        | SortKey::MaritalStatus
        | SortKey::ChildrenCount
        | SortKey::Country
        | SortKey::District
        | SortKey::City => ["", "x", "y", "z"],
        // By name: Female, Male, None, Other.
        SortKey::Gender => ["x", "y", "", "z"],
        // All users have the same activity, so they keep the order of registration.
        SortKey::DateCreated | SortKey::ActivityStatus => ["y", "z", "", "x"],
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn users_are_sorted_by_every_key() {
    let list = four().await;
    for (key, name) in SortKey::ALL {
        assert_eq!(list.nicknames(&json!({ "Sort": name })).await, ascending(key), "{name}");
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn users_are_sorted_by_every_key_in_descending_order() {
    let list = four().await;
    for (key, name) in SortKey::ALL {
        let mut expected = ascending(key);
        if key != SortKey::ActivityStatus {
            expected.reverse();
        }
        assert_eq!(list.nicknames(&json!({ "Sort": format!("{name}Desc") })).await, expected, "{name}Desc");
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn users_are_sorted_by_registration_by_default() {
    let list = four().await;
    assert_eq!(list.nicknames(&json!({})).await, ascending(SortKey::DateCreated));
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn users_with_equal_values_keep_the_order_of_registration() {
    let bodies: Vec<_> = ["b", "a", "c"].into_iter().map(|name| json!({ "Nickname": name, "City": "Paris" })).collect();
    let list = List::with(&bodies).await;
    for sort in ["City", "CityDesc"] {
        assert_eq!(list.nicknames(&json!({ "Sort": sort })).await, ["b", "a", "c"]);
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn the_sort_name_matches_in_any_letter_case_and_an_unknown_name_is_reported() {
    let list = four().await;
    assert_eq!(list.nicknames(&json!({ "sort": "emailDESC" })).await, ["z", "y", "x", ""]);
    for sort in [json!("Shoe"), json!("Desc"), json!("EmailAsc"), json!(7), json!([]), Value::Bool(true)] {
        list.ask(&json!({ "Sort": sort })).await.assert_invalid("Sort");
    }
}
