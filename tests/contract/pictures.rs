//! Uploading a picture and downloading it.

use serde_json::json;
use telematics_contract_tests::{Answer, Multipart, Service, Tokens};

const UPLOAD: &str = "/v1/Management/users/images/upload";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and more bytes";

async fn upload(service: &Service, user: &Tokens, body: &Multipart) -> Answer {
    service.request("POST", UPLOAD).bearer(&user.access_token).multipart(body).answer().await
}

/// The URL of an uploaded picture.
fn url_of(upload: &Answer) -> &str {
    upload.result().as_str().expect("the URL of the picture")
}

#[tokio::test]
async fn an_uploaded_picture_becomes_the_image_url_and_is_served_with_its_media_type() {
    let service = Service::any().await;
    let user = service.register(&json!({})).await;
    for (file, media_type) in [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0 and more bytes".as_slice(), "image/jpeg"),
        (b"GIF87a and more bytes", "image/gif"),
        (b"GIF89a and more bytes", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBP and more bytes", "image/webp"),
    ] {
        let answer = upload(&service, &user, &Multipart::new("file", file)).await;
        let record = service.profile(&user.access_token).await;
        assert_eq!(&record.result()["UserProfile"]["ImageUrl"], answer.result());
        let picture = service.get_url(url_of(&answer)).answer().await;
        assert_eq!((picture.status.as_u16(), picture.bytes.as_slice()), (200, file));
        assert_eq!(picture.header("content-type"), media_type);
        assert_eq!(picture.header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn every_origin_may_read_a_picture() {
    let service = Service::any().await;
    let user = service.register(&json!({})).await;
    let upload = upload(&service, &user, &Multipart::new("file", PNG)).await;
    let picture = service.get_url(url_of(&upload)).header("Origin", "https://app.example").answer().await;
    assert_eq!(picture.header("access-control-allow-origin"), "*");
}

#[tokio::test]
async fn a_file_without_the_first_bytes_of_a_picture_is_422_and_changes_nothing() {
    let service = Service::any().await;
    let user = service.register(&json!({ "ImageUrl": "https://example.com/ada.png" })).await;
    for file in
        [&b""[..], b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"\x89PNG", b"RIFF\0\0\0\0WAVE", b"BM"]
    {
        upload(&service, &user, &Multipart::new("file", file)).await.assert_invalid("file");
    }
    let record = service.profile(&user.access_token).await;
    assert_eq!(record.result()["UserProfile"]["ImageUrl"], "https://example.com/ada.png");
}

#[tokio::test]
async fn a_picture_in_another_field_is_422_for_the_field_file() {
    let service = Service::any().await;
    let user = service.register(&json!({})).await;
    upload(&service, &user, &Multipart::new("picture", PNG)).await.assert_invalid("file");
}

#[tokio::test]
async fn an_upload_that_is_not_multipart_is_415_and_a_malformed_one_400() {
    let service = Service::any().await;
    let user = service.register(&json!({})).await;
    let request = || service.request("POST", UPLOAD).bearer(&user.access_token);
    request().answer().await.assert_failure(415);
    request().json(&json!({})).answer().await.assert_failure(415);
    request().text("multipart/form-data", PNG).answer().await.assert_failure(415);
    request().text("multipart/form-data; boundary=x", "nonsense").answer().await.assert_failure(400);
    let whole = Multipart::new("file", PNG);
    let mut half = whole.bytes();
    half.truncate(half.len() - 20);
    request().text(&whole.content_type(), half).answer().await.assert_failure(400);
}

#[tokio::test]
async fn an_upload_of_five_mebibytes_is_accepted_and_a_larger_one_is_413() {
    let service = Service::any().await;
    let user = service.register(&json!({})).await;
    let picture = |body: usize| {
        let frame = Multipart::new("file", "").bytes().len();
        let mut file = PNG.to_vec();
        file.resize(body - frame, 0);
        Multipart::new("file", file)
    };
    let largest = upload(&service, &user, &picture(5 << 20)).await;
    assert!(service.get_url(url_of(&largest)).answer().await.bytes.len() > (5 << 20) - 1000);
    upload(&service, &user, &picture((5 << 20) + 1)).await.assert_failure(413);
    upload(&service, &user, &picture(12 << 20)).await.assert_failure(413);
}

#[tokio::test]
async fn a_new_picture_replaces_the_old_one_under_another_url() {
    let service = Service::any().await;
    let user = service.register(&json!({})).await;
    let old = upload(&service, &user, &Multipart::new("file", PNG)).await;
    let new = upload(&service, &user, &Multipart::new("file", PNG)).await;
    assert_ne!(url_of(&old), url_of(&new), "a client that has cached the old picture must not show it for the new URL");
    service.get_url(url_of(&old)).answer().await.assert_failure(404);
    assert_eq!(service.get_url(url_of(&new)).answer().await.status, 200);
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn a_picture_is_served_under_its_own_name_only() {
    let service = Service::mock().await;
    let user = service.register(&json!({})).await;
    let upload = upload(&service, &user, &Multipart::new("file", PNG)).await;
    let url = url_of(&upload);
    let nonsense = format!("{}/images/nonsense.png", service.url());
    for other in [url.replace(".png", ".html"), url.replace(".png", ""), nonsense] {
        service.get_url(&other).answer().await.assert_failure(404);
    }
}

/// The URL of the picture in the answers to every call that returns one, asked for with this `Host`.
async fn urls(service: &Service, user: &Tokens, host: &str) -> Vec<String> {
    let admin = service.admin().await;
    let ask = |path: String| service.get(&path).header("Host", host);
    let record = ask("/v1/Management/users".to_owned()).bearer(&user.access_token).answer().await;
    let find = format!("/v1/Management/users/find?DeviceToken={}", user.device_token);
    let found = ask(find).bearer(&admin).answer().await;
    let page = service.post("/v1/Management/users/GetFilteredPage", &json!({})).header("Host", host);
    let page = page.bearer(&admin).answer().await;
    let exists = ask("/v1/Check/UserExists?ClientId=ada".to_owned()).with_instance(service).answer().await;
    [
        &record.result()["UserProfile"]["ImageUrl"],
        &found.result()[0]["UserProfile"]["ImageUrl"],
        &page.result()["Users"][0]["UserProfile"]["ImageUrl"],
        &exists.result()["ImageUrl"],
    ]
    .map(|url| url.as_str().expect("a URL").to_owned())
    .into()
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn each_client_gets_the_url_of_a_picture_with_the_host_that_it_uses() {
    let service = Service::mock().await;
    let user = service.register(&json!({ "UserFields": { "ClientId": "ada" } })).await;
    let request = service.request("POST", UPLOAD).bearer(&user.access_token).header("Host", "10.0.2.2:4600");
    let uploaded = request.multipart(&Multipart::new("file", PNG)).answer().await;
    let path = url_of(&uploaded).strip_prefix("http://10.0.2.2:4600").expect("the host of the upload").to_owned();
    for (host, expected) in [
        ("localhost:4600", "http://localhost:4600"),
        ("user-service", "http://user-service"),
        ("0.0.0.0:4600", service.url()),
        ("user@evil.example", service.url()),
        ("evil.example/x", service.url()),
        ("a\"><script>", service.url()),
    ] {
        for url in urls(&service, &user, host).await {
            assert_eq!(url, format!("{expected}{path}"), "Host: {host}");
        }
    }
    assert_eq!(service.get(&path).answer().await.bytes.as_slice(), PNG);

    service.update(&user.access_token, &json!({ "ImageUrl": "https://example.com/ada.png" })).await.assert_success();
    for url in urls(&service, &user, "localhost:4600").await {
        assert_eq!(url, "https://example.com/ada.png");
    }
}

#[tokio::test]
#[cfg_attr(another_service, ignore = "needs the mock server")]
async fn head_of_a_picture_has_its_headers_and_no_body() {
    let service = Service::mock().await;
    let user = service.register(&json!({})).await;
    let upload = upload(&service, &user, &Multipart::new("file", PNG)).await;
    let path = url_of(&upload).strip_prefix(service.url()).expect("the address of the server");
    let answer = service.request("HEAD", path).answer().await;
    assert_eq!((answer.status.as_u16(), answer.bytes.len()), (200, 0));
    assert_eq!(answer.header("content-type"), "image/png");
}
