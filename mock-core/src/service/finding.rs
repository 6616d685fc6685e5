//! The calls that find users: by their fields, page by page, and whether one exists.
//!
//! A search takes from the state, under the lock, either the few users in an index, or a view of all users. It compares,
//! sorts and writes records without the lock, so the result shows all users as of one moment, and other requests do not wait for it.

use std::cmp::Ordering;
use std::sync::Arc;

use telematics_contract::management::{
    DEFAULT_PAGE_SIZE, FindUsersQuery, ListUsersRequest, ListUsersResponse, MAX_PAGE_SIZE, Sort, SortKey,
    UserExistsQuery, UserExistsResponse,
};
use telematics_contract::user::{UserRecord, WrittenStatus};

use super::UserService;
use super::admins::AdminScope;
use super::authentication::AdminCaller;
use super::contact_index::Contact;
use super::filter::{Filter, SortValue, matches};
use super::instances::{Instance, InstanceHeaders, NewInstance};
use super::profile::Profile;
use super::refusal::Refusal;
use super::slab::SlabView;
use super::state::State;
use super::users::User;
use crate::ordering::sort_by_number;

/// The largest number of candidates that are taken from an index. Taking more of them under the lock would take too long.
const MAX_CANDIDATES: usize = 4096;

/// The users that a search compares.
enum SearchSpace {
    /// The candidates of an index.
    Candidates(Vec<(Arc<User>, Arc<NewInstance>)>),
    /// All users of some instances.
    Everybody(Vec<(SlabView<User>, Arc<NewInstance>)>),
}

impl SearchSpace {
    fn iter(&self) -> Box<dyn Iterator<Item = (&User, &NewInstance)> + '_> {
        match self {
            Self::Candidates(users) => Box::new(users.iter().map(|(user, details)| (&**user, &**details))),
            Self::Everybody(views) => {
                Box::new(views.iter().flat_map(|(view, details)| view.iter().map(|user| (&**user, &**details))))
            }
        }
    }
}

impl UserService {
    /// Finds the users who match every given field \[V\]. Takes up to a tenth of a second for a million users if none of
    /// DeviceToken, ClientId, Email and Phone is given.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`]: no field is given \[P\].
    pub fn find_users(&self, admin: AdminCaller, query: &FindUsersQuery) -> Result<Vec<UserRecord>, Refusal> {
        let nothing = FindUsersQuery { include_account_info: query.include_account_info, ..FindUsersQuery::default() };
        if *query == nothing {
            return Err(Refusal::invalid("DeviceToken", "At least one criterion is required."));
        }
        let space = {
            let state = self.read();
            let scope = state.admin_scope(admin)?;
            state.search_space(&state.managed_instances(scope), query)
        };
        let mut found: Vec<_> = space.iter().filter(|(user, _)| matches(user, query)).collect();
        sort_oldest_first(&mut found, |(user, _)| user);
        let with_names = query.include_account_info == Some(true);
        Ok(found.into_iter().map(|(user, instance)| user.record(instance, with_names)).collect())
    }

    /// Lists the users who match every given filter, page by page \[V\]. Takes up to some tenths of a second for a million users.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`]: the page, its size or a date is invalid.
    pub fn list_users(&self, admin: AdminCaller, request: &ListUsersRequest) -> Result<ListUsersResponse, Refusal> {
        let page = request.page_number.unwrap_or(1);
        if page == 0 {
            return Err(Refusal::invalid("PageNumber", "PageNumber is a whole number from 1 on."));
        }
        let size = request.page_size.unwrap_or(DEFAULT_PAGE_SIZE);
        if !(1..=MAX_PAGE_SIZE).contains(&size) {
            return Err(Refusal::invalid("PageSize", format!("PageSize is a whole number from 1 to {MAX_PAGE_SIZE}.")));
        }
        let filter = Filter::new(request)?;
        let sort = request.sort.unwrap_or(Sort { key: SortKey::DateCreated, descending: false });
        let space = {
            let state = self.read();
            let scope = state.admin_scope(admin)?;
            let mut instances = state.managed_instances(scope);
            instances.retain(|instance| filter.admits_instance(&instance.details));
            state.everybody(&instances)
        };
        let mut found: Vec<_> = space
            .iter()
            .filter(|(user, _)| filter.admits_user(user))
            .map(|(user, instance)| (SortValue::new(sort.key, user), user, instance))
            .collect();
        let (size, before) = (size as usize, (page as usize - 1).saturating_mul(size as usize));
        let total_pages = found.len().div_ceil(size);
        let total_users = found.len();
        let page_of = sorted_page(&mut found, before, size, |(a_value, a, _), (b_value, b, _)| {
            let order = a_value.cmp(b_value);
            // Equal users are in the order of their registration, in a descending list too.
            (if sort.descending { order.reverse() } else { order }).then_with(|| oldest_first(a, b))
        });
        let with_names = request.include_account_info == Some(true);
        Ok(ListUsersResponse {
            users: page_of.iter().map(|(_, user, instance)| record_of_page(user, instance, with_names)).collect(),
            has_previous_page: page > 1 && total_pages > 0,
            has_next_page: (page as usize) < total_pages,
            total_users,
            total_pages,
            current_page: page,
        })
    }

    /// Whether a user of the instance matches every given field \[C\].
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`]: no field is given \[P\], or an instance header is missing or invalid. [`Refusal::WrongInstance`].
    pub fn user_exists(
        &self,
        headers: &InstanceHeaders,
        query: &UserExistsQuery,
    ) -> Result<UserExistsResponse, Refusal> {
        let (space, query) = {
            let state = self.read();
            let instance = state.instances.authenticate(headers)?;
            if *query == UserExistsQuery::default() {
                return Err(Refusal::invalid("Phone", "At least one of Phone, Email and ClientId is required."));
            }
            let query = FindUsersQuery {
                phone: query.phone.clone(),
                email: query.email.clone(),
                client_id: query.client_id.clone(),
                ..FindUsersQuery::default()
            };
            let instances: Vec<_> = state.instances.get(instance).into_iter().collect();
            (state.search_space(&instances, &query), query)
        };
        let found = space.iter().map(|(user, _)| user);
        let found = found.filter(|user| user.status != WrittenStatus::Deleted && matches(user, &query));
        let Some(user) = found.min_by(|a, b| oldest_first(a, b)) else { return Ok(UserExistsResponse::default()) };
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

/// The record of a user as a page contains it. Before a phone has sent data, it differs from the other records in two fields \[V\].
fn record_of_page(user: &User, instance: &NewInstance, with_names: bool) -> UserRecord {
    let mut record = user.record(instance, with_names);
    record.user_wallets = None;
    record.mobile_device.os_type = Some(String::new());
    record
}

impl State {
    fn managed_instances(&self, scope: &AdminScope) -> Vec<&Instance> {
        match scope {
            AdminScope::Everything => self.instances.iter().collect(),
            AdminScope::Instances(ids) => ids.iter().filter_map(|id| self.instances.get(*id)).collect(),
        }
    }

    fn everybody(&self, instances: &[&Instance]) -> SearchSpace {
        let views = instances.iter().filter_map(|instance| {
            let view = self.users.view(instance.id())?;
            Some((view, Arc::clone(&instance.details)))
        });
        SearchSpace::Everybody(views.collect())
    }

    /// The users of the instances who can match the query.
    fn search_space(&self, instances: &[&Instance], query: &FindUsersQuery) -> SearchSpace {
        if let Some(wanted) = &query.device_token {
            let user = wanted.trim().parse().ok().and_then(|token| self.users.get(token));
            let within = |user: &Arc<User>| instances.iter().find(|instance| instance.id() == user.instance);
            let found = user.and_then(|user| Some((Arc::clone(user), Arc::clone(&within(user)?.details))));
            return SearchSpace::Candidates(found.into_iter().collect());
        }
        let client_id = query.client_id.as_deref().map(Contact::ClientId);
        let email = || query.email.as_deref().map(Contact::Email);
        let phone = || query.phone.as_deref().map(Contact::Phone);
        let Some(contact) = client_id.or_else(email).or_else(phone) else { return self.everybody(instances) };
        let candidates = instances.iter().flat_map(|instance| {
            let users = self.users.candidates(instance.id(), contact);
            users.map(|user| (Arc::clone(user), Arc::clone(&instance.details)))
        });
        let candidates: Vec<_> = candidates.take(MAX_CANDIDATES + 1).collect();
        if candidates.len() > MAX_CANDIDATES { self.everybody(instances) } else { SearchSpace::Candidates(candidates) }
    }
}

/// The order of registration; users of the same moment are ordered by their DeviceTokens.
fn oldest_first(a: &User, b: &User) -> Ordering {
    (a.created, a.device_token).cmp(&(b.created, b.device_token))
}

/// Sorts by [`oldest_first`].
pub(super) fn sort_oldest_first<T>(found: &mut [T], user: impl Fn(&T) -> &User) {
    // The second sort keeps the order of the first one.
    sort_by_number(found, |item| user(item).device_token.as_u128());
    sort_by_number(found, |item| user(item).created.as_number());
}

/// The elements `before..before + size` of the sorted slice, without sorting the rest of it.
fn sorted_page<T>(all: &mut [T], before: usize, size: usize, compare: impl Fn(&T, &T) -> Ordering) -> &[T] {
    if before >= all.len() {
        return &[];
    }
    if before > 0 {
        all.select_nth_unstable_by(before, &compare);
    }
    let rest = all.get_mut(before..).unwrap_or_default();
    if size < rest.len() {
        rest.select_nth_unstable_by(size, &compare);
    }
    let end = size.min(rest.len());
    let page = rest.get_mut(..end).unwrap_or_default();
    page.sort_unstable_by(compare);
    page
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_page_is_a_part_of_the_sorted_list(
            mut all in proptest::collection::vec(0..50_u8, 0..40),
            before in 0..45_usize,
            size in 1..20_usize,
        ) {
            let mut sorted = all.clone();
            sorted.sort_unstable();
            let expected: Vec<_> = sorted.into_iter().skip(before).take(size).collect();
            prop_assert_eq!(sorted_page(&mut all, before, size, Ord::cmp), &expected);
        }
    }
}
