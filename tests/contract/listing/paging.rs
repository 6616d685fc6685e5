//! The pages of a list.

use serde_json::{Value, json};

use super::List;

async fn five() -> List {
    let bodies: Vec<_> = ["a", "b", "c", "d", "e"].into_iter().map(|name| json!({ "Nickname": name })).collect();
    List::with(&bodies).await
}

async fn numbers(list: &List, body: &Value) -> Value {
    let answer = list.ask(body).await;
    let mut page = answer.result().clone();
    page["Users"] = json!(page["Users"].as_array().expect("users").len());
    page
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_page_contains_its_number_and_the_totals() {
    let list = five().await;
    for (page, users, previous, next) in [(1, 2, false, true), (2, 2, true, true), (3, 1, true, false)] {
        let expected = json!({ "Users": users, "HasPreviousPage": previous, "HasNextPage": next, "TotalUsers": 5,
            "TotalPages": 3, "CurrentPage": page });
        assert_eq!(numbers(&list, &json!({ "PageNumber": page, "PageSize": 2 })).await, expected);
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn every_user_is_on_exactly_one_page() {
    let list = five().await;
    let mut all = Vec::new();
    for page in 1..=3 {
        all.extend(list.nicknames(&json!({ "PageNumber": page, "PageSize": "2" })).await);
    }
    assert_eq!(all, ["a", "b", "c", "d", "e"]);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_page_after_the_last_one_is_empty() {
    let list = five().await;
    for number in [2, 4_294_967_295_u32] {
        let page = numbers(&list, &json!({ "PageNumber": number, "PageSize": 5 })).await;
        assert_eq!((&page["Users"], &page["HasNextPage"], &page["TotalPages"]), (&json!(0), &json!(false), &json!(1)));
        assert_eq!(page["HasPreviousPage"], true);
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn without_users_there_are_no_pages() {
    let page = numbers(&List::with(&[]).await, &json!({})).await;
    let expected = json!({ "Users": 0, "HasPreviousPage": false, "HasNextPage": false, "TotalUsers": 0,
        "TotalPages": 0, "CurrentPage": 1 });
    assert_eq!(page, expected);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn pages_count_from_one() {
    let list = five().await;
    for number in [json!(0), json!(-1), json!("first"), json!(1.5)] {
        list.ask(&json!({ "PageNumber": number })).await.assert_invalid("PageNumber");
    }
    for size in [json!(0), json!(1001), json!(-5), json!("all")] {
        list.ask(&json!({ "PageSize": size })).await.assert_invalid("PageSize");
    }
}
