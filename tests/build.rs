//! Sets the cfg `another_service` if `TELEMATICS_URL` is set. A test that needs the mock server is then marked as ignored,
//! so that the output names it. Tells the tests their platform as well.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(another_service)");
    println!("cargo::rerun-if-env-changed=TELEMATICS_URL");
    // The platform whose packages are on this machine.
    println!("cargo::rustc-env=TARGET={}", std::env::var("TARGET").unwrap_or_default());
    if std::env::var_os("TELEMATICS_URL").is_some() {
        println!("cargo::rustc-cfg=another_service");
    }
}
