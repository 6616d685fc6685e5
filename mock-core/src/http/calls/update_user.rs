//! `PUT /v1/Management/users`: changes a record, profile and telematics parameters. A user changes their own record, an admin
//! that of the user named in the header `UserDeviceToken` \[S, V\].

use telematics_contract::user::UpdateUserRequest;

use crate::http::answer;
use crate::http::call_request::CallRequest;
use crate::http::context::Context;
use crate::http::error::HandlerResult;
use crate::json_tree::Json;
use crate::service::{Caller, Target};

pub async fn handle(context: &Context, caller: Caller, request: CallRequest) -> HandlerResult {
    if let Caller::User(user) = caller {
        context.service().ensure_self_service(user)?;
    }
    let target = Target::new(caller, request.named_user().as_deref())?;
    update(context, target, request).await
}

/// `UserFields` may be an array, as it is in a record: the vendor's description of real-time location sends it so \[V\].
fn with_fields_as_object(mut body: Json) -> Json {
    if let Json::Object(properties) = &mut body {
        for (_, value) in properties.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case("UserFields")) {
            if let Json::Array(items) = value
                && items.iter().all(|item| matches!(item, Json::Object(_)))
            {
                let items = std::mem::take(items).into_iter();
                *value = Json::Object(items.flat_map(Json::into_properties).collect());
            }
        }
    }
    body
}

/// Changes the record of a user.
pub async fn update(context: &Context, target: Target, request: CallRequest) -> HandlerResult {
    let request: UpdateUserRequest = request.json_as(with_fields_as_object)?;
    if request.new_password.is_some() {
        // The old password has to be checked and the new one hashed.
        context.offload(move |service| service.update_user(target, request)).await?;
    } else {
        context.service().update_user(target, request)?;
    }
    Ok(answer::done())
}
