//! Sets the cfg `another_service` if `TELEMATICS_URL` is set. A test that needs the mock server is then marked as ignored,
//! so that the output names it.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(another_service)");
    println!("cargo::rerun-if-env-changed=TELEMATICS_URL");
    if std::env::var_os("TELEMATICS_URL").is_some() {
        println!("cargo::rustc-cfg=another_service");
    }
}
