//! The verbs with which a test adds, finds, changes and removes users.

use std::sync::Arc;

use super::UserService;
use super::filter::mentions;
use super::finding::sort_oldest_first;
use super::fixtures::{FixtureError, MAX_FIXTURE_USERS, UserChange, UserFixture};
use super::ids::{DeviceToken, InstanceId};
use super::instance_users::Address;
use super::instances::{DEMO_INSTANCE, Instance};
use super::issue::Issue;
use super::occasion::Occasion;
use super::profile::{Profile, ProfileChange};
use super::refusal::Refusal;
use super::registration::{NewPassword, NewUser, add_many};
use super::scope::Scope;
use super::state::State;
use super::time::Timestamp;
use super::token_states::TokenStates;
use super::user_views::{MAX_USER_PAGE_SIZE, UserCredentials, UserPage, UserQuery, UserState, UserView};
use super::users::User;

const PASSWORD_WITHOUT_UBI: &str = "has an effect only in an instance with the product UBI";

impl UserService {
    /// Adds users: to the instance of the scope, or to the Demo instance if the scope is the server. Takes about a millisecond if the
    /// instance has the product UBI, and a while for many users; other requests run meanwhile.
    ///
    /// # Errors
    ///
    /// See [`FixtureError`]; no user was added.
    pub fn add_users(&self, scope: Scope, mut fixture: UserFixture) -> Result<Vec<UserCredentials>, FixtureError> {
        let instance = scope.instance().unwrap_or(DEMO_INSTANCE);
        let count = fixture.count.unwrap_or(1);
        if !(1..=MAX_FIXTURE_USERS).contains(&count) {
            let reason = format!("must be a whole number from 1 to {MAX_FIXTURE_USERS}");
            return Err(FixtureError::invalid("count", reason));
        }
        let password = fixture.password.take();
        let profile = Profile::new(ProfileChange::check(std::mem::take(&mut fixture.profile).into(), None)?);
        let user = || NewUser {
            device_token: fixture.device_token,
            fields: fixture.user_fields(),
            profile: profile.clone(),
            password: None,
            status: fixture.state.into(),
            tokens: fixture.tokens(),
            request: None,
        };
        {
            let state = self.read();
            let has_ubi = state.instances.get(instance).ok_or(FixtureError::NoSuchInstance)?.details.has_ubi;
            match &password {
                Some(_) if !has_ubi => return Err(FixtureError::invalid("password", PASSWORD_WITHOUT_UBI)),
                Some(password) if password.expose().is_empty() => {
                    return Err(FixtureError::invalid("password", "must not be empty"));
                }
                Some(_) | None => {}
            }
            if count > 1 && has_ubi {
                let reason = "must be 1 in an instance with the product UBI, because each user there has another login";
                return Err(FixtureError::invalid("count", reason));
            }
            if count > 1 && fixture.device_token.is_some() {
                return Err(FixtureError::invalid("deviceToken", "cannot be that of several users; leave count out"));
            }
        }
        let issues = if count == 1 {
            let find = |state: &State| state.existing(instance);
            vec![self.add_one(find, user(), password)?]
        } else {
            let real = self.time.now();
            add_many(self.write(), instance, count, user, real)?
        };
        Ok(issues.into_iter().map(Issue::sign).map(Into::into).collect())
    }

    /// A page of the users of a scope.
    ///
    /// # Errors
    ///
    /// The page or its size is out of range.
    pub fn find_fixture_users(&self, scope: Scope, query: &UserQuery) -> Result<UserPage, FixtureError> {
        let UserQuery { search, state: wanted, page, page_size } = query;
        if *page == 0 {
            return Err(FixtureError::invalid("page", "must be a whole number of 1 or more"));
        }
        if !(1..=MAX_USER_PAGE_SIZE).contains(page_size) {
            let reason = format!("must be a whole number from 1 to {MAX_USER_PAGE_SIZE}");
            return Err(FixtureError::invalid("pageSize", reason));
        }
        let term = search.as_deref().map(|text| text.trim().to_lowercase());
        // Filtering and sorting many users takes a while, so it happens outside the lock.
        let views: Vec<_> = {
            let state = self.read();
            let ids = state.instances.iter().map(Instance::id).filter(|id| scope.covers((*id).into()));
            ids.filter_map(|id| state.users.view(id)).collect()
        };
        let matches = |user: &&Arc<User>| {
            wanted.is_none_or(|wanted| wanted == UserState::of(user))
                && term.as_ref().is_none_or(|term| mentions(user, term))
        };
        let mut found: Vec<&Arc<User>> = views.iter().flat_map(|view| view.iter()).filter(matches).collect();
        sort_oldest_first(&mut found, |user| user);
        let start = (*page as usize - 1).saturating_mul(*page_size as usize);
        let users = found.iter().skip(start).take(*page_size as usize);
        let users = users.map(|user| UserView::new(user, self.now(user.instance.into()))).collect();
        Ok(UserPage { users, total: found.len() })
    }

    /// A user of a scope.
    ///
    /// # Errors
    ///
    /// The scope has no such user.
    pub fn fixture_user(&self, scope: Scope, device_token: DeviceToken) -> Result<UserView, FixtureError> {
        let real = self.time.now();
        let state = self.read();
        let (_, user) = state.in_scope(scope, device_token)?;
        Ok(UserView::new(user, state.now(user.instance.into(), real)))
    }

    /// Changes a user, and returns the new tokens if the change has any. Without them, no session of the user ends. Takes about a
    /// millisecond if the change has a password.
    ///
    /// # Errors
    ///
    /// See [`FixtureError`]; nothing was changed.
    pub fn change_fixture_user(
        &self,
        scope: Scope,
        device_token: DeviceToken,
        mut change: UserChange,
    ) -> Result<Option<UserCredentials>, FixtureError> {
        let profile = ProfileChange::check(std::mem::take(&mut change.profile).into(), None)?;
        let mut hash = None;
        if let Some(password) = change.password.take() {
            if password.expose().is_empty() {
                return Err(FixtureError::invalid("password", "must not be empty"));
            }
            let seed = {
                let mut state = self.write();
                let instance = state.in_scope(scope, device_token)?.1.instance;
                if !state.instances.has_ubi(instance) {
                    return Err(FixtureError::invalid("password", PASSWORD_WITHOUT_UBI));
                }
                state.password_seed(instance)
            };
            hash = Some(NewPassword::new(&self.passwords, Some(password), seed).hash);
        }
        let real = self.time.now();
        let mut state = self.write();
        let (address, user) = state.in_scope(scope, device_token)?;
        let instance = user.instance;
        if state.instances.has_ubi(instance) {
            state.check_logins(instance, &profile.logins(user.profile.as_deref()), Some(device_token))?;
        } else if hash.is_some() {
            // The user has moved meanwhile.
            return Err(FixtureError::invalid("password", PASSWORD_WITHOUT_UBI));
        }
        state.users.update(address, |user| {
            if !profile.is_empty() {
                user.profile.get_or_insert_default().apply(profile);
            }
            user.telematics.apply(change.user_fields());
            if let Some(state) = change.state {
                user.status = state.into();
            }
            if let Some(hash) = hash {
                user.extra_mut().password = Some(hash);
            }
        });
        let issue = change.tokens().and_then(|tokens| state.issue_in_state(address, instance, tokens, real));
        drop(state);
        Ok(issue.map(Issue::sign).map(Into::into))
    }

    /// Removes a user permanently.
    ///
    /// # Errors
    ///
    /// The scope has no such user.
    pub fn remove_fixture_user(&self, scope: Scope, device_token: DeviceToken) -> Result<(), FixtureError> {
        let mut state = self.write();
        state.in_scope(scope, device_token)?;
        state.remove_user(device_token);
        Ok(())
    }
}

impl State {
    /// An instance that must exist.
    fn existing(&self, id: InstanceId) -> Result<InstanceId, Refusal> {
        if self.instances.get(id).is_some() { Ok(id) } else { Err(Refusal::WrongInstance) }
    }

    /// A user of a scope.
    pub(super) fn in_scope(
        &self,
        scope: Scope,
        device_token: DeviceToken,
    ) -> Result<(Address, &Arc<User>), FixtureError> {
        let found = self.users.locate(device_token).and_then(|address| Some((address, self.users.at(address)?)));
        found.filter(|(_, user)| scope.covers(user.instance.into())).ok_or(FixtureError::NoSuchUser)
    }

    /// New tokens in the given states, with the lifetimes of a login; `None` if no token is wanted.
    fn issue_in_state(
        &mut self,
        address: Address,
        instance: InstanceId,
        tokens: TokenStates,
        real: Timestamp,
    ) -> Option<Issue> {
        let (at, settings) = (self.now(instance.into(), real), self.settings_of(instance.into()));
        let credentials = self.users.credentials_at(address)?;
        let on = Occasion { at, request: None };
        let pair = tokens.arrange(credentials, on, settings.login_lifetimes(), settings.clock_skew)?;
        self.issue_to(address, instance, pair, at).map(|issue| tokens.hand_out(issue))
    }

    /// Removes a user permanently, with the uploaded picture.
    pub(super) fn remove_user(&mut self, device_token: DeviceToken) {
        let removed = self.users.remove(device_token);
        if let Some(picture) = removed.and_then(|user| user.extra.as_ref()?.picture) {
            self.instances.remove_picture(picture);
        }
    }
}
