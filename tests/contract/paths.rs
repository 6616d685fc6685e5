//! Every call of the route table is found in every spelling of its path.

use telematics_contract::{Call, Endpoint};
use telematics_contract_tests::{NOBODY, Service, path_with};

#[tokio::test]
async fn every_call_is_found_in_any_letter_case_and_with_a_trailing_slash() {
    let service = Service::any().await;
    for call in Call::ALL {
        let Endpoint { method, path, .. } = call.endpoint();
        let path = path_with(path, NOBODY);
        for path in [path.clone(), path.to_lowercase(), path.to_uppercase()] {
            for slash in ["", "/"] {
                let path = format!("{path}{slash}");
                let answer = service.request(method.as_str(), &path).answer().await;
                // The request has no credentials and no body, so every call refuses it, but not with a 404.
                assert!(matches!(answer.status.as_u16(), 401 | 415 | 422), "{path}: {answer:?}");
                answer.assert_failure(answer.status.as_u16());
            }
        }
    }
}

#[tokio::test]
async fn every_path_answers_another_method_with_the_allowed_ones() {
    let service = Service::any().await;
    for (path, allow) in [
        ("/v1/Registration/Create", "POST"),
        ("/v1/Registration/CreateMultiple", "POST"),
        ("/v1/Auth/Login", "POST"),
        ("/v1/Auth/RefreshToken", "POST"),
        ("/v1/Management/users", "GET, PUT"),
        ("/v1/Management/users/00000000-0000-4000-8000-000000000000", "DELETE, PUT"),
        ("/v1/Management/users/instances/change", "POST"),
        ("/v1/Management/users/instances/change/DEMO01", "POST"),
        ("/v1/Check/UserExists", "GET"),
        ("/v1/Management/users/images/upload", "POST"),
        ("/v1/companies/1/applications", "POST, GET"),
        ("/v1/Applications/1", "GET"),
        ("/v1/applications/1/instances", "POST, GET"),
        ("/v1/applications/1/instances/DEMO01", "GET"),
        ("/auth/permissions", "GET"),
    ] {
        let answer = service.request("PATCH", path).answer().await;
        answer.assert_failure(405);
        assert_eq!(answer.header("allow"), allow, "{path}");
    }
    for (path, allow) in
        [("/v1/Applications/applications/1", "PATCH, DELETE"), ("/v1/Instances/1", "GET, PATCH, DELETE")]
    {
        let answer = service.request("PUT", path).answer().await;
        answer.assert_failure(405);
        assert_eq!(answer.header("allow"), allow, "{path}");
    }
}

#[tokio::test]
async fn a_registration_path_without_create_is_404() {
    let service = Service::any().await;
    for path in ["/v1/registration", "/v1/Registration/", "/registration/create", "/v1/Registration/Createuser"] {
        service.request("POST", path).with_instance(&service).answer().await.assert_failure(404);
    }
}
