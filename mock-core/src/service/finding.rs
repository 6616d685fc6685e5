//! Finding users: by what is known of them, page by page, and whether there is one.

use std::cmp::Ordering;

use telematics_contract::management::{
    ActivityStatus, DEFAULT_PAGE_SIZE, FindUsersQuery, ListUsersRequest, ListUsersResponse, MAX_PAGE_SIZE, Sort,
    SortKey, UserExistsQuery, UserExistsResponse,
};
use telematics_contract::user::{UserRecord, WrittenStatus};

use super::authentication::AdminCaller;
use super::instances::{Instance, InstanceHeaders};
use super::profile::{Profile, Text};
use super::refusal::Refusal;
use super::time::Timestamp;
use super::users::User;
use super::{State, UserService};

impl UserService {
    /// Finds users; whatever is given must fit \[V\].
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`]: nothing is given \[P\].
    pub fn find_users(&self, admin: AdminCaller, query: &FindUsersQuery) -> Result<Vec<UserRecord>, Refusal> {
        let nothing = FindUsersQuery { include_account_info: query.include_account_info, ..FindUsersQuery::default() };
        if *query == nothing {
            return Err(Refusal::invalid("DeviceToken", "At least one criterion is required."));
        }
        let state = self.read();
        let found = state.managed_users(admin)?.filter(|(user, _)| fits(user, query));
        let mut found: Vec<_> = found.collect();
        found.sort_by(|(a, _), (b, _)| oldest_first(a, b));
        let with_names = query.include_account_info == Some(true);
        Ok(found.into_iter().map(|(user, instance)| user.record(instance, with_names)).collect())
    }

    /// Lists users page by page; whatever is given must fit \[V\].
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`]: there is no such page, or a date is none.
    pub fn list_users(&self, admin: AdminCaller, request: &ListUsersRequest) -> Result<ListUsersResponse, Refusal> {
        let page = request.page_number.unwrap_or(1);
        if page == 0 {
            return Err(Refusal::invalid("PageNumber", "PageNumber is a whole number from 1 on."));
        }
        let size = request.page_size.unwrap_or(DEFAULT_PAGE_SIZE);
        if !(1..=MAX_PAGE_SIZE).contains(&size) {
            return Err(Refusal::invalid("PageSize", format!("PageSize is a whole number from 1 to {MAX_PAGE_SIZE}.")));
        }
        let filter = Filter::of(request)?;
        let sort = request.sort.unwrap_or(Sort { key: SortKey::DateCreated, descending: false });
        let state = self.read();
        let mut found: Vec<_> =
            state.managed_users(admin)?.filter(|(user, instance)| filter.lets_through(user, instance)).collect();
        found.sort_by(|(a, _), (b, _)| {
            let order = by_key(sort.key, a, b);
            // Those that are alike stand in the order of their registration, whichever way round the rest is.
            (if sort.descending { order.reverse() } else { order }).then_with(|| oldest_first(a, b))
        });
        let (size, before) = (size as usize, (page as usize - 1).saturating_mul(size as usize));
        let with_names = request.include_account_info == Some(true);
        let users = found.iter().skip(before).take(size).map(|(user, instance)| user.record(instance, with_names));
        let total_pages = found.len().div_ceil(size);
        Ok(ListUsersResponse {
            users: users.collect(),
            has_previous_page: page > 1 && total_pages > 0,
            has_next_page: (page as usize) < total_pages,
            total_users: found.len(),
            total_pages,
            current_page: page,
        })
    }

    /// Says whether somebody of the instance fits \[C\].
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`]: nothing is given \[P\]. As for every call with the headers of an instance.
    pub fn user_exists(
        &self,
        headers: &InstanceHeaders,
        query: &UserExistsQuery,
    ) -> Result<UserExistsResponse, Refusal> {
        let state = self.read();
        let instance = state.instances.proven(headers)?;
        if *query == UserExistsQuery::default() {
            return Err(Refusal::invalid("Phone", "At least one of Phone, Email and ClientId is required."));
        }
        let query = FindUsersQuery {
            phone: query.phone.clone(),
            email: query.email.clone(),
            client_id: query.client_id.clone(),
            ..FindUsersQuery::default()
        };
        let here = state.users.of(instance).filter(|user| user.status != WrittenStatus::Deleted);
        let found = here.filter(|user| fits(user, &query)).min_by(|a, b| oldest_first(a, b));
        let Some(user) = found else { return Ok(UserExistsResponse::default()) };
        let record = user.profile.as_deref().map(Profile::record).unwrap_or_default();
        Ok(UserExistsResponse {
            user_exists: true,
            first_name: record.first_name,
            last_name: record.last_name,
            nickname: record.nickname,
            image_url: record.image_url,
        })
    }
}

impl State {
    fn managed_users(&self, admin: AdminCaller) -> Result<impl Iterator<Item = (&User, &Instance)>, Refusal> {
        let scope = self.scope(admin)?;
        let with_instance = |user: &'_ User| -> Option<&Instance> { self.instances.get(user.instance) };
        Ok(self
            .users
            .iter()
            .filter(|user| scope.holds(user.instance))
            .filter_map(move |user| with_instance(user).map(|instance| (user, instance))))
    }
}

/// The order of registration; the DeviceToken decides between those of one moment.
fn oldest_first(a: &User, b: &User) -> Ordering {
    (a.created, a.device_token).cmp(&(b.created, b.device_token))
}

/// Whether two texts are the same without letter case.
fn same(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.trim().to_lowercase()
}

fn fits(user: &User, query: &FindUsersQuery) -> bool {
    let profile = user.profile.as_deref();
    let is = |wanted: &Option<String>, field: fn(&Profile) -> &Text| {
        wanted.as_deref().is_none_or(|wanted| {
            profile.and_then(|profile| field(profile).as_deref()).is_some_and(|text| same(text, wanted))
        })
    };
    let device_token = query.device_token.as_ref().is_none_or(|wanted| wanted.trim().parse() == Ok(user.device_token));
    let client_id =
        query.client_id.as_ref().is_none_or(|wanted| user.telematics.client_id.as_deref() == Some(wanted.as_str()));
    let full_name = query.full_name.as_ref().is_none_or(|wanted| {
        let first = profile.and_then(|profile| profile.first_name.as_deref()).unwrap_or_default();
        let last = profile.and_then(|profile| profile.last_name.as_deref()).unwrap_or_default();
        same(format!("{first} {last}").trim(), wanted)
    });
    device_token
        && client_id
        && full_name
        && is(&query.email, |profile| &profile.email)
        && is(&query.phone, |profile| &profile.phone)
        && is(&query.first_name, |profile| &profile.first_name)
        && is(&query.last_name, |profile| &profile.last_name)
}

/// What a page is filtered by, read once.
struct Filter<'a> {
    request: &'a ListUsersRequest,
    search_term: Option<String>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

impl<'a> Filter<'a> {
    fn of(request: &'a ListUsersRequest) -> Result<Self, Refusal> {
        let date = |key: &str, text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => match Timestamp::parse_lenient(text) {
                Ok(at) => Ok(Some(at)),
                Err(error) => Err(Refusal::invalid(key, error.to_string())),
            },
        };
        Ok(Self {
            request,
            search_term: request.search_term.as_ref().map(|term| term.trim().to_lowercase()),
            from: date("DateCreatedFrom", &request.date_created_from)?,
            to: date("DateCreatedTo", &request.date_created_to)?,
        })
    }

    fn lets_through(&self, user: &User, instance: &Instance) -> bool {
        let request = self.request;
        let among = |wanted: &Option<Vec<String>>, id: String| {
            // An empty list is no wish.
            wanted
                .as_ref()
                .is_none_or(|ids| ids.is_empty() || ids.iter().any(|wanted| wanted.eq_ignore_ascii_case(&id)))
        };
        let profile = user.profile.as_deref();
        let place = |wanted: &Option<String>, field: fn(&Profile) -> &Text| {
            // An empty text is no wish.
            wanted.as_deref().map(str::trim).filter(|wanted| !wanted.is_empty()).is_none_or(|wanted| {
                profile.and_then(|profile| field(profile).as_deref()).is_some_and(|text| same(text, wanted))
            })
        };
        let shown = match user.status {
            WrittenStatus::Deleted => false,
            WrittenStatus::Deactivated => request.show_inactive_users == Some(true),
            WrittenStatus::Active => user.telematics.enabled || request.show_inactive_users == Some(true),
        };
        let activity = request.activity_statuses.as_ref();
        shown
            && among(&request.company_ids, instance.home.company.to_string())
            && among(&request.application_ids, instance.home.application.to_string())
            && among(&request.instance_ids, instance.id.to_string())
            && activity.is_none_or(|wanted| wanted.is_empty() || wanted.contains(&ActivityStatus::NoData))
            && self.from.is_none_or(|from| user.created >= from)
            && self.to.is_none_or(|to| user.created <= to)
            && place(&request.country, |profile| &profile.country)
            && place(&request.city, |profile| &profile.city)
            && request.rtd_enabled.is_none_or(|wanted| user.telematics.enable_real_time_location == wanted)
            && self.search_term.as_ref().is_none_or(|term| mentions(user, term))
    }
}

/// Whether a part of the user's names, addresses, numbers or ids is `term`, which is in lower case.
fn mentions(user: &User, term: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(term);
    let profile = user.profile.as_deref();
    let texts = profile
        .map(|profile| [&profile.first_name, &profile.last_name, &profile.nickname, &profile.phone, &profile.email]);
    has(&user.device_token.to_string())
        || user.telematics.client_id.as_deref().is_some_and(has)
        || texts.into_iter().flatten().any(|text| text.as_deref().is_some_and(has))
}

fn by_key(key: SortKey, a: &User, b: &User) -> Ordering {
    let text = |field: fn(&Profile) -> &Text| {
        let of =
            |user: &User| user.profile.as_deref().and_then(|profile| field(profile).as_deref()).map(str::to_lowercase);
        of(a).cmp(&of(b))
    };
    let of = |user: &User| {
        user.profile.as_deref().map(|profile| (profile.gender.as_str(), profile.birthday, profile.children_count))
    };
    match key {
        SortKey::DeviceToken => a.device_token.cmp(&b.device_token),
        SortKey::FirstName => text(|profile| &profile.first_name),
        SortKey::LastName => text(|profile| &profile.last_name),
        SortKey::Nickname => text(|profile| &profile.nickname),
        SortKey::Phone => text(|profile| &profile.phone),
        SortKey::Email => text(|profile| &profile.email),
        SortKey::Gender => of(a).map_or("None", |(gender, ..)| gender).cmp(of(b).map_or("None", |(gender, ..)| gender)),
        SortKey::Birthday => {
            of(a).and_then(|(_, birthday, _)| birthday).cmp(&of(b).and_then(|(_, birthday, _)| birthday))
        }
        SortKey::MaritalStatus => text(|profile| &profile.marital_status),
        SortKey::ChildrenCount => of(a).and_then(|(.., count)| count).cmp(&of(b).and_then(|(.., count)| count)),
        SortKey::Country => text(|profile| &profile.country),
        SortKey::District => text(|profile| &profile.district),
        SortKey::City => text(|profile| &profile.city),
        SortKey::DateCreated => a.created.cmp(&b.created),
        // Nobody has sent any data to this server.
        SortKey::ActivityStatus => Ordering::Equal,
    }
}
