//! The browser engines that tests run in, with their drivers: Chromium, Firefox and WebKit.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use super::{apt, rust};
use crate::workspace::Workspace;

const CHROMIUM: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const FIREFOX: &[&str] = &["firefox-esr", "firefox"];
/// Runs a program with a display of its own: WebKit's browser has no headless mode.
const XVFB: &[&str] = &["xvfb-run"];

/// A browser engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Chromium,
    Firefox,
    WebKit,
}

impl Kind {
    /// The engines that tests run in if they can be had.
    const OPTIONAL: [Self; 2] = [Self::Firefox, Self::WebKit];

    /// The name for people.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
            Self::WebKit => "WebKit",
        }
    }

    /// The packages of Debian with the browser and its driver. Debian has no geckodriver; cargo installs it.
    const fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Chromium => &["chromium", "chromium-driver"],
            Self::Firefox => &["firefox-esr"],
            Self::WebKit => &["webkit2gtk-driver", "xvfb"],
        }
    }

    /// The way to get the engine.
    fn advice(self) -> String {
        let (what, variables) = match self {
            Self::Chromium => ("Chromium and chromedriver", "CHROMIUM and CHROMEDRIVER to their paths"),
            Self::Firefox => ("Firefox", "FIREFOX to its path"),
            Self::WebKit if !cfg!(target_os = "linux") => {
                return "WebKitGTK, which the tests use, needs Linux".to_owned();
            }
            Self::WebKit => ("WebKitWebDriver and xvfb-run", "WEBKITDRIVER to the path of the first"),
        };
        let packages = self.packages().join(" ");
        format!("install {what} (on Debian, as root, `apt-get install {packages}`), or set {variables}")
    }
}

/// An engine of this machine.
pub(crate) struct Engine {
    pub(crate) kind: Kind,
    /// `None` if the driver knows where its browser is.
    pub(crate) browser: Option<PathBuf>,
    /// The program that drives the browser over WebDriver. Chromium requires that both have the same version.
    pub(crate) driver: PathBuf,
}

impl Engine {
    /// A command that runs tests in this engine.
    pub(crate) fn command(&self, workspace: &Workspace, program: &str) -> Command {
        if self.kind != Kind::WebKit {
            return workspace.command(program);
        }
        let mut command = workspace.command("xvfb-run");
        command.args(["--auto-servernum", "--server-args=-screen 0 1280x1024x24 -nolisten tcp", program]);
        command
    }

    /// The variables that tell the tests in JavaScript which engine they run in and where its programs are.
    pub(crate) fn variables(&self) -> Vec<(&'static str, OsString)> {
        let (engine, browser, driver) = match self.kind {
            Kind::Chromium => ("chromium", "CHROMIUM", "CHROMEDRIVER"),
            Kind::Firefox => ("firefox", "FIREFOX", "GECKODRIVER"),
            Kind::WebKit => ("webkit", "", "WEBKITDRIVER"),
        };
        let path = self.browser.iter().map(|path| (browser, path.into()));
        path.chain([("ENGINE", engine.into()), (driver, self.driver.clone().into())]).collect()
    }
}

/// An engine that tests cannot run in, and the reason with the way to get it.
pub(crate) struct Missing {
    pub(crate) kind: Kind,
    pub(crate) reason: String,
}

/// The engines of this machine.
pub(crate) struct Engines {
    pub(crate) chromium: Engine,
    /// Those besides Chromium, and the missing ones.
    pub(crate) others: Vec<Result<Engine, Missing>>,
}

impl Engines {
    /// The engines that tests can run in.
    pub(crate) fn present(&self) -> impl Iterator<Item = &Engine> {
        std::iter::once(&self.chromium).chain(self.others.iter().filter_map(|other| other.as_ref().ok()))
    }

    /// The engines that tests cannot run in.
    pub(crate) fn missing(&self) -> impl Iterator<Item = &Missing> {
        self.others.iter().filter_map(|other| other.as_ref().err())
    }
}

/// Finds Chromium and, if `all` is set, the other engines; installs with apt and cargo what is missing.
///
/// # Errors
/// If Chromium is missing and cannot be installed, or a variable names a program that does not exist.
pub(crate) fn find_or_install(workspace: &mut Workspace, all: bool) -> Result<Engines> {
    for variable in ["CHROMIUM", "CHROMEDRIVER", "FIREFOX", "GECKODRIVER", "WEBKITDRIVER"] {
        if let Some(path) = named(variable).filter(|path| !path.is_file()) {
            bail!("{variable} is {}, which is not a file: correct or unset it", path.display());
        }
    }
    let chromium = match chromium(workspace) {
        Some(engine) => engine,
        None => match installed(workspace, Kind::Chromium, chromium) {
            Some(engine) => engine,
            None => bail!("Chromium or chromedriver is missing: {}", Kind::Chromium.advice()),
        },
    };
    let others = if all { &Kind::OPTIONAL[..] } else { &[] };
    Ok(Engines { chromium, others: others.iter().map(|kind| optional(workspace, *kind)).collect() })
}

fn optional(workspace: &mut Workspace, kind: Kind) -> Result<Engine, Missing> {
    let missing = |reason| Missing { kind, reason };
    if kind == Kind::WebKit {
        let engine = webkit(workspace).or_else(|| installed(workspace, kind, webkit));
        return engine.ok_or_else(|| missing(format!("it was not found: {}", kind.advice())));
    }
    let browser = firefox(workspace).or_else(|| installed(workspace, kind, firefox));
    let browser = browser.ok_or_else(|| missing(format!("it was not found: {}", kind.advice())))?;
    let driver = named("GECKODRIVER").map_or_else(|| rust::geckodriver(workspace), Ok);
    driver
        .map(|driver| Engine { kind, browser: Some(browser), driver })
        .map_err(|cause| missing(format!("{cause:#}, or set GECKODRIVER to the path of another geckodriver")))
}

fn installed<Found>(workspace: &Workspace, kind: Kind, find: fn(&Workspace) -> Option<Found>) -> Option<Found> {
    if cfg!(target_os = "linux") {
        apt::install(workspace, &format!("{} and its driver", kind.name()), kind.packages());
    }
    find(workspace)
}

fn chromium(workspace: &Workspace) -> Option<Engine> {
    let browser = named("CHROMIUM").or_else(|| workspace.find(CHROMIUM))?;
    let driver = named("CHROMEDRIVER").or_else(|| workspace.find(&["chromedriver"]))?;
    Some(Engine { kind: Kind::Chromium, browser: Some(browser), driver })
}

fn firefox(workspace: &Workspace) -> Option<PathBuf> {
    named("FIREFOX").or_else(|| workspace.find(FIREFOX))
}

fn webkit(workspace: &Workspace) -> Option<Engine> {
    workspace.find(XVFB)?;
    let driver = named("WEBKITDRIVER").or_else(|| workspace.find(&["WebKitWebDriver"]))?;
    Some(Engine { kind: Kind::WebKit, browser: None, driver })
}

fn named(variable: impl AsRef<OsStr>) -> Option<PathBuf> {
    env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engine(kind: Kind, browser: Option<&str>) -> Engine {
        Engine { kind, browser: browser.map(PathBuf::from), driver: PathBuf::from("/bin/driver") }
    }

    #[test]
    fn an_engine_that_is_missing_is_not_among_those_that_tests_run_in() {
        let webkit = Missing { kind: Kind::WebKit, reason: "it was not found".to_owned() };
        let firefox = engine(Kind::Firefox, Some("/bin/firefox"));
        let engines = Engines { chromium: engine(Kind::Chromium, None), others: vec![Ok(firefox), Err(webkit)] };
        assert_eq!(engines.present().map(|engine| engine.kind).collect::<Vec<_>>(), [Kind::Chromium, Kind::Firefox]);
        assert_eq!(engines.missing().map(|engine| engine.kind).collect::<Vec<_>>(), [Kind::WebKit]);
    }

    #[test]
    fn the_advice_names_the_packages_and_the_variables() {
        for (kind, names) in [
            (Kind::Chromium, ["apt-get install chromium chromium-driver", "CHROMEDRIVER"]),
            (Kind::Firefox, ["apt-get install firefox-esr", "FIREFOX"]),
        ] {
            assert!(names.iter().all(|name| kind.advice().contains(name)), "{}", kind.advice());
        }
    }

    #[test]
    fn the_tests_learn_the_engine_and_its_programs() {
        let variables = engine(Kind::Firefox, Some("/bin/firefox")).variables();
        assert_eq!(
            variables,
            [
                ("FIREFOX", OsString::from("/bin/firefox")),
                ("ENGINE", OsString::from("firefox")),
                ("GECKODRIVER", OsString::from("/bin/driver")),
            ]
        );
        assert_eq!(engine(Kind::WebKit, None).variables().len(), 2);
    }
}
