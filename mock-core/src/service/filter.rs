//! The comparison of a user with a query, the filters of a page, and its sort keys.

use telematics_contract::management::{ActivityStatus, FindUsersQuery, ListUsersRequest, SortKey};
use telematics_contract::user::WrittenStatus;

use super::ids::DeviceToken;
use super::instances::NewInstance;
use super::profile::Profile;
use super::refusal::Refusal;
use super::telematics::Text;
use super::time::{Period, Timestamp};
use super::users::User;

/// Whether two texts are equal without letter case and the spaces around them.
fn equals_ignoring_case(text: &str, wanted: &str) -> bool {
    text.trim().to_lowercase() == wanted.trim().to_lowercase()
}

/// Whether a user has the value of every field of a query.
pub(super) fn matches(user: &User, query: &FindUsersQuery) -> bool {
    let profile = user.profile.as_deref();
    let is = |wanted: &Option<String>, field: fn(&Profile) -> &Text| {
        wanted.as_deref().is_none_or(|wanted| {
            profile.and_then(|profile| field(profile).as_deref()).is_some_and(|text| equals_ignoring_case(text, wanted))
        })
    };
    let device_token = query.device_token.as_ref().is_none_or(|wanted| wanted.trim().parse() == Ok(user.device_token));
    let client_id =
        query.client_id.as_ref().is_none_or(|wanted| user.telematics.client_id.as_deref() == Some(wanted.as_str()));
    let full_name = query.full_name.as_ref().is_none_or(|wanted| {
        let first = profile.and_then(|profile| profile.first_name.as_deref()).unwrap_or_default();
        let last = profile.and_then(|profile| profile.last_name.as_deref()).unwrap_or_default();
        equals_ignoring_case(format!("{first} {last}").trim(), wanted)
    });
    device_token
        && client_id
        && full_name
        && is(&query.email, |profile| &profile.email)
        && is(&query.phone, |profile| &profile.phone)
        && is(&query.first_name, |profile| &profile.first_name)
        && is(&query.last_name, |profile| &profile.last_name)
}

/// The time from the first to the last moment of a day.
const LAST_MOMENT_OF_DAY: Period = Period::from_micros(86_400_000_000 - 1);

/// Whether the text of a date, which was parsed, has no time.
fn is_day(text: &str) -> bool {
    !text.contains(':')
}

/// The filters of a page, parsed once.
pub(super) struct Filter<'a> {
    request: &'a ListUsersRequest,
    search_term: Option<String>,
    country: Option<String>,
    city: Option<String>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

impl<'a> Filter<'a> {
    /// Parses the filters of a request.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`]: a date is invalid.
    pub(super) fn new(request: &'a ListUsersRequest) -> Result<Self, Refusal> {
        let date = |key: &str, text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => match Timestamp::parse_lenient(text) {
                Ok(at) => Ok(Some(at)),
                Err(error) => Err(Refusal::invalid(key, error.to_string())),
            },
        };
        let lower_case = |text: &str| text.trim().to_lowercase();
        // An empty text matches everyone.
        let place = |text: &Option<String>| text.as_deref().map(lower_case).filter(|text| !text.is_empty());
        Ok(Self {
            request,
            country: place(&request.country),
            city: place(&request.city),
            search_term: request.search_term.as_deref().map(lower_case),
            from: date("DateCreatedFrom", &request.date_created_from)?,
            to: date("DateCreatedTo", &request.date_created_to)?.map(|to| match &request.date_created_to {
                // A date without a time is the whole day.
                Some(text) if is_day(text) => to.plus(LAST_MOMENT_OF_DAY),
                Some(_) | None => to,
            }),
        })
    }

    /// Whether users of an instance can match.
    pub(super) fn admits_instance(&self, instance: &NewInstance) -> bool {
        let among = |wanted: &Option<Vec<String>>, id: String| {
            // An empty list matches everything.
            wanted
                .as_ref()
                .is_none_or(|ids| ids.is_empty() || ids.iter().any(|wanted| wanted.eq_ignore_ascii_case(&id)))
        };
        among(&self.request.company_ids, instance.ownership.company.to_string())
            && among(&self.request.application_ids, instance.ownership.application.to_string())
            && among(&self.request.instance_ids, instance.id.to_string())
    }

    /// Whether a user of such an instance matches.
    pub(super) fn admits_user(&self, user: &User) -> bool {
        let request = self.request;
        let profile = user.profile.as_deref();
        let place = |wanted: &Option<String>, field: fn(&Profile) -> &Text| {
            wanted.as_ref().is_none_or(|wanted| {
                profile
                    .and_then(|profile| field(profile).as_deref())
                    .is_some_and(|text| equals_ignoring_case(text, wanted))
            })
        };
        let shown = match user.status {
            WrittenStatus::Deleted => false,
            WrittenStatus::Deactivated => request.show_inactive_users == Some(true),
            WrittenStatus::Active => user.telematics.enabled || request.show_inactive_users == Some(true),
        };
        let activity = request.activity_statuses.as_ref();
        shown
            && activity.is_none_or(|wanted| wanted.is_empty() || wanted.contains(&ActivityStatus::NoData))
            && self.from.is_none_or(|from| user.created >= from)
            && self.to.is_none_or(|to| user.created <= to)
            && place(&self.country, |profile| &profile.country)
            && place(&self.city, |profile| &profile.city)
            && request.rtd_enabled.is_none_or(|wanted| user.telematics.enable_real_time_location == wanted)
            && self.search_term.as_ref().is_none_or(|term| mentions(user, term))
    }
}

/// Whether one of the user's names, addresses, numbers or ids contains `term`, which must be in lower case.
pub(super) fn mentions(user: &User, term: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(term);
    let profile = user.profile.as_deref();
    let texts = profile
        .map(|profile| [&profile.first_name, &profile.last_name, &profile.nickname, &profile.phone, &profile.email]);
    has(&user.device_token.to_string())
        || user.telematics.client_id.as_deref().is_some_and(has)
        || texts.into_iter().flatten().any(|text| text.as_deref().is_some_and(has))
}

/// The value that a user is sorted by. Within one list all values are of one variant, and users without a value come first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SortValue {
    /// An id.
    Id(DeviceToken),
    /// A text in lower case.
    Text(Option<Box<str>>),
    /// A fixed word.
    Word(&'static str),
    /// A date.
    Date(Option<Timestamp>),
    /// A number.
    Number(Option<u32>),
    /// A value that all users share.
    Same,
}

impl SortValue {
    /// The value of a user for a sort key.
    pub(super) fn new(key: SortKey, user: &User) -> Self {
        let profile = user.profile.as_deref();
        let text = |field: fn(&Profile) -> &Text| {
            let text = profile.and_then(|profile| field(profile).as_deref());
            Self::Text(text.map(|text| text.to_lowercase().into()))
        };
        match key {
            SortKey::DeviceToken => Self::Id(user.device_token),
            SortKey::FirstName => text(|profile| &profile.first_name),
            SortKey::LastName => text(|profile| &profile.last_name),
            SortKey::Nickname => text(|profile| &profile.nickname),
            SortKey::Phone => text(|profile| &profile.phone),
            SortKey::Email => text(|profile| &profile.email),
            SortKey::Gender => Self::Word(profile.map_or("None", |profile| profile.gender.as_str())),
            SortKey::Birthday => Self::Date(profile.and_then(|profile| profile.birthday)),
            SortKey::MaritalStatus => text(|profile| &profile.marital_status),
            SortKey::ChildrenCount => Self::Number(profile.and_then(|profile| profile.children_count)),
            SortKey::Country => text(|profile| &profile.country),
            SortKey::District => text(|profile| &profile.district),
            SortKey::City => text(|profile| &profile.city),
            SortKey::DateCreated => Self::Date(Some(user.created)),
            // No user has sent data to this server, so all users have the activity "No Data".
            SortKey::ActivityStatus => Self::Same,
        }
    }
}
