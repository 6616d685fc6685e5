//! Companies and their applications, which contain the instances.

use serde::{Deserialize, Serialize};
use telematics_contract::accounts::{AccountStatus, UpdateApplicationRequest};

use super::ids::{ApplicationId, CompanyId};
use super::new_instance::Ownership;
use super::telematics::Text;

/// The largest number of applications of a server \[P\].
pub const MAX_APPLICATIONS: usize = 1_000;

/// An application.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Application {
    /// The id.
    pub id: ApplicationId,
    /// The company.
    pub company: CompanyId,
    /// The name.
    pub name: Box<str>,
    /// A description.
    pub description: Text,
    /// The status.
    pub status: AccountStatus,
    /// Link to the app in the store of Google.
    pub google_play_link: Text,
    /// Link to the app in the store of Apple.
    pub apple_store_link: Text,
    /// The environment, for example `production`.
    pub environment: Text,
}

/// A company.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Company {
    id: CompanyId,
    name: Box<str>,
}

/// The companies and applications of a server, each list in the order of creation.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Applications {
    companies: Vec<Company>,
    list: Vec<Application>,
}

impl Application {
    /// A new application without details.
    #[must_use]
    pub fn new(id: ApplicationId, company: CompanyId, name: &str) -> Self {
        Self {
            id,
            company,
            name: name.into(),
            description: None,
            status: AccountStatus::Active,
            google_play_link: None,
            apple_store_link: None,
            environment: None,
        }
    }

    /// Changes the given fields.
    pub fn apply(&mut self, change: UpdateApplicationRequest) {
        let UpdateApplicationRequest { name, description, status, google_play_link, apple_store_link, environment } =
            change;
        if let Some(name) = name {
            self.name = name.into();
        }
        self.status = status.map_or(self.status, |written| written.0);
        for (field, given) in [
            (&mut self.description, description),
            (&mut self.google_play_link, google_play_link),
            (&mut self.apple_store_link, apple_store_link),
            (&mut self.environment, environment),
        ] {
            if given.is_some() {
                *field = given.map(Into::into);
            }
        }
    }
}

impl Applications {
    /// Makes sure that the application and the company of an instance are in the lists, and returns the application's name.
    pub fn include(&mut self, ownership: &Ownership) -> Box<str> {
        let Ownership { application, application_name, company, company_name } = ownership;
        if self.company_name(*company).is_none() {
            self.companies.push(Company { id: *company, name: company_name.clone() });
        }
        if let Some(known) = self.get(*application) {
            return known.name.clone();
        }
        self.list.push(Application::new(*application, *company, application_name));
        application_name.clone()
    }

    /// Adds an application, whose company must be known.
    pub fn add(&mut self, application: Application) {
        self.list.push(application);
    }

    /// Removes an application.
    pub fn remove(&mut self, id: ApplicationId) {
        self.list.retain(|application| application.id != id);
    }

    /// The application with this id.
    #[must_use]
    pub fn get(&self, id: ApplicationId) -> Option<&Application> {
        self.list.iter().find(|application| application.id == id)
    }

    /// The application with this id, to change it.
    pub fn get_mut(&mut self, id: ApplicationId) -> Option<&mut Application> {
        self.list.iter_mut().find(|application| application.id == id)
    }

    /// Every application, in the order of creation.
    pub fn iter(&self) -> impl Iterator<Item = &Application> {
        self.list.iter()
    }

    /// The number of applications.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.list.len()
    }

    /// The ids of the companies, in the order of creation.
    pub fn companies(&self) -> impl Iterator<Item = CompanyId> {
        self.companies.iter().map(|company| company.id)
    }

    /// The name of a company; `None` if no company has this id.
    #[must_use]
    pub fn company_name(&self, id: CompanyId) -> Option<&str> {
        self.companies.iter().find(|company| company.id == id).map(|company| &*company.name)
    }
}
