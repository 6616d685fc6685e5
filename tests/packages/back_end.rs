pub async fn telematics_login(device_token: &str) -> Result<Value, StatusCode> {
    let away = |_| StatusCode::BAD_GATEWAY;
    let given = |name| env::var(name).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR);
    let login = reqwest::Client::new()
        .post(given("SERVICE_URL")? + "/v1/Auth/Login")
        .header("InstanceId", given("INSTANCE_ID")?)
        .json(&json!({ "LoginFields": { "Devicetoken": device_token }, "Password": given("INSTANCE_KEY")? }));
    let answer = login.send().await.map_err(away)?;
    if !answer.status().is_success() {
        return Err(answer.status());
    }
    let result = &answer.json::<Value>().await.map_err(away)?["Result"];
    let access = &result["AccessToken"];
    Ok(json!({
        "deviceToken": device_token, "accessToken": access["Token"], "expiresIn": access["ExpiresIn"],
        "refreshToken": result["RefreshToken"],
    }))
}
