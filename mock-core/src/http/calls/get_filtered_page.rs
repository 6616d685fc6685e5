//! `POST /v1/Management/users/GetFilteredPage`: lists users page by page \[V\].

use telematics_contract::management::ListUsersRequest;

use crate::http::answer;
use crate::http::call_request::CallRequest;
use crate::http::context::Context;
use crate::http::error::HandlerResult;
use crate::json_tree::Json;
use crate::service::AdminCaller;

pub async fn handle(context: &Context, caller: AdminCaller, request: CallRequest) -> HandlerResult {
    let head = request.head.clone();
    let wanted: ListUsersRequest = request.json_as(flat)?;
    // Every user is compared with the filter.
    let mut page = context.offload(move |service| service.list_users(caller, &wanted)).await?;
    page.users.iter_mut().for_each(|record| context.complete(&head, record));
    Ok(answer::success(page))
}

/// The form of the vendor's skills, `{ "Filters": [{ "Name", "Value" }], "Pagination": { "Page", "PageSize" } }`, as the flat form of the
/// reference \[V\]. `Filters` may be an object too. Flat fields beside them come later, so that they count.
fn flat(body: Json) -> Json {
    let Json::Object(fields) = body else { return body };
    let (mut nested, mut flat) = (Vec::new(), Vec::new());
    for (name, value) in fields {
        if name.eq_ignore_ascii_case("Filters")
            && let Json::Array(filters) = value
        {
            filters.iter().filter_map(named_filter).for_each(|(name, value)| add_filter(&mut nested, &name, value));
        } else if name.eq_ignore_ascii_case("Filters") {
            value.into_properties().into_iter().for_each(|(name, value)| add_filter(&mut nested, &name, value));
        } else if name.eq_ignore_ascii_case("Pagination") {
            for (name, value) in value.into_properties() {
                nested.push((if name.eq_ignore_ascii_case("Page") { "PageNumber".to_owned() } else { name }, value));
            }
        } else {
            flat.push((name, value));
        }
    }
    nested.extend(flat);
    Json::Object(nested)
}

fn named_filter(filter: &Json) -> Option<(String, Json)> {
    Some((filter.text("Name")?.to_owned(), filter.get("Value")?.clone()))
}

/// Adds a filter. The ids of companies, applications and instances are lists in the flat form.
fn add_filter(filters: &mut Vec<(String, Json)>, name: &str, value: Json) {
    const LISTS: [(&str, &str); 3] =
        [("CompanyId", "CompanyIds"), ("ApplicationId", "ApplicationIds"), ("InstanceId", "InstanceIds")];
    let list = LISTS.into_iter().find(|(one, many)| name.eq_ignore_ascii_case(one) || name.eq_ignore_ascii_case(many));
    let Some((_, list)) = list else { return filters.push((name.to_owned(), value)) };
    let values = if let Json::Array(values) = value { values } else { vec![value] };
    match filters.iter_mut().find(|(known, _)| known == list) {
        Some((_, Json::Array(known))) => known.extend(values),
        Some(_) | None => filters.push((list.to_owned(), Json::Array(values))),
    }
}
