//! The searches, held against a search through all users while users are registered, changed, moved, deleted, restored and reset.

use std::sync::Arc;

use proptest::prelude::*;
use telematics_contract::management::{ChangeInstanceRequest, FindUsersQuery, UserExistsQuery};
use telematics_contract::registration::RegisterRequest;
use telematics_contract::user::{UpdateUserRequest, UserFields, UserRecord, WrittenStatus};

use super::admins::DEMO_ADMIN_EMAIL;
use super::clock::FixedTime;
use super::ids::DeviceToken;
use super::instances::{DEMO_INSTANCE, InstanceHeaders, NewInstance};
use super::random::Seed;
use super::time::Timestamp;
use super::{AdminCaller, Overrides, Scope, Settings, Snapshot, Start, Target, UserService};

const VALUES: std::ops::Range<u8> = 0..4;

#[derive(Clone, Debug)]
enum Verb {
    Register {
        instance: usize,
        email: u8,
        client_id: u8,
    },
    Update {
        user: usize,
        email: u8,
        client_id: u8,
    },
    SetStatus {
        user: usize,
        deleted: bool,
    },
    Move {
        user: usize,
        instance: usize,
    },
    Delete {
        user: usize,
    },
    Keep {
        scope: usize,
    },
    Restore,
    Reset {
        scope: usize,
    },
    /// Removes the second instance and creates another one in its place.
    Replace,
}

fn verb() -> impl Strategy<Value = Verb> {
    let (instance, user, scope) = (0..2_usize, any::<usize>(), 0..3_usize);
    prop_oneof![
        6 => (instance.clone(), VALUES, VALUES)
            .prop_map(|(instance, email, client_id)| Verb::Register { instance, email, client_id }),
        3 => (user, VALUES, VALUES).prop_map(|(user, email, client_id)| Verb::Update { user, email, client_id }),
        1 => (user, any::<bool>()).prop_map(|(user, deleted)| Verb::SetStatus { user, deleted }),
        2 => (user, instance).prop_map(|(user, instance)| Verb::Move { user, instance }),
        2 => user.prop_map(|user| Verb::Delete { user }),
        1 => scope.clone().prop_map(|scope| Verb::Keep { scope }),
        1 => Just(Verb::Restore),
        1 => scope.prop_map(|scope| Verb::Reset { scope }),
        1 => Just(Verb::Replace),
    ]
}

fn email(value: u8) -> Option<String> {
    (value > 0).then(|| format!("User{value}@example.com"))
}

fn client_id(value: u8) -> UserFields {
    UserFields { client_id: (value > 0).then(|| format!("client-{value}")), ..UserFields::default() }
}

/// A snapshot, and the instances of the model at its time.
struct Kept {
    scope: Scope,
    snapshot: Snapshot,
    instances: [NewInstance; 2],
}

struct SearchModel {
    service: UserService,
    admin: AdminCaller,
    instances: [NewInstance; 2],
    kept: Option<Kept>,
}

impl SearchModel {
    fn new() -> Self {
        let time = Box::new(FixedTime(Timestamp::from_seconds(1_000_000)));
        let start = Start { settings: Settings::default(), seed: Seed::from_number(1), time, clock: None };
        let service = UserService::new(start);
        let id = service.read().admins.with_email(DEMO_ADMIN_EMAIL).unwrap().id;
        let created = service.create_instance(None, false, Overrides::default()).unwrap();
        let [demo, _] = NewInstance::well_known();
        Self { service, admin: AdminCaller { id }, instances: [demo, created.instance], kept: None }
    }

    fn headers(&self, instance: usize) -> InstanceHeaders {
        let NewInstance { id, key, .. } = &self.instances[instance];
        InstanceHeaders { id: Some(id.to_string()), key: Some(key.expose()) }
    }

    fn scope(&self, scope: usize) -> Scope {
        self.instances.get(scope).map(|instance| instance.id).into()
    }

    fn find(&self, query: &FindUsersQuery) -> Vec<UserRecord> {
        self.service.find_users(self.admin, query).unwrap()
    }

    /// Every user: without names, so all of them have the full name "".
    fn everybody(&self) -> Vec<UserRecord> {
        self.find(&FindUsersQuery { full_name: Some(String::new()), ..FindUsersQuery::default() })
    }

    fn any_user(&self, number: usize) -> Option<DeviceToken> {
        let all = self.everybody();
        let record = all.get(number.checked_rem(all.len())?)?;
        record.device_token.parse().ok()
    }

    fn update(&self, user: usize, request: UpdateUserRequest) {
        if let Some(device_token) = self.any_user(user) {
            let target = Target::Managed { admin: self.admin, device_token };
            self.service.update_user(target, request).unwrap();
        }
    }

    fn apply(&mut self, verb: Verb) {
        match verb {
            Verb::Register { instance, email: value, client_id: id } => {
                let user = RegisterRequest {
                    email: email(value),
                    user_fields: Some(client_id(id)),
                    ..RegisterRequest::default()
                };
                self.service.register(&self.headers(instance), user, None).unwrap();
            }
            Verb::Update { user, email: value, client_id: id } => {
                let fields = Some(client_id(id));
                self.update(
                    user,
                    UpdateUserRequest { email: email(value), user_fields: fields, ..UpdateUserRequest::default() },
                );
            }
            Verb::SetStatus { user, deleted } => {
                let status = if deleted { WrittenStatus::Deleted } else { WrittenStatus::Active };
                self.update(user, UpdateUserRequest { status: Some(status), ..UpdateUserRequest::default() });
            }
            Verb::Move { user, instance } => {
                if let Some(device_token) = self.any_user(user) {
                    let to = &self.instances[instance];
                    let request = ChangeInstanceRequest {
                        device_token: device_token.to_string(),
                        to_instance_id: to.id.to_string(),
                        to_instance_key: to.key.expose().into(),
                    };
                    self.service.change_instance(self.admin, &request).unwrap();
                }
            }
            Verb::Delete { user } => {
                if let Some(device_token) = self.any_user(user) {
                    self.service.delete_user(self.admin, &device_token.to_string()).unwrap();
                    assert!(self.service.delete_user(self.admin, &device_token.to_string()).is_err());
                }
            }
            Verb::Keep { scope } => {
                let scope = self.scope(scope);
                let snapshot = self.service.snapshot(scope).unwrap();
                self.kept = Some(Kept { scope, snapshot, instances: self.instances.clone() });
            }
            Verb::Restore => {
                // The snapshot of an instance is refused if one of its users is in another instance now, or the instance is gone.
                if let Some(Kept { scope, snapshot, instances }) = &self.kept
                    && self.service.restore(*scope, snapshot.clone()).is_ok()
                    && *scope == Scope::Server
                {
                    self.instances.clone_from(instances);
                }
            }
            // The instance of this test was created after the start, so a reset of the server would delete it.
            Verb::Reset { scope } => {
                if let scope @ Scope::Instance(_) = self.scope(scope) {
                    drop(self.service.reset(scope).unwrap());
                }
            }
            Verb::Replace => {
                let id = self.instances[1].id;
                drop(self.service.remove_instance(id).unwrap());
                assert!(self.service.remove_instance(id).is_err());
                let created = self.service.create_instance(None, false, Overrides::default()).unwrap();
                self.instances[1] = created.instance;
            }
        }
    }

    fn check(&self) {
        let all = self.everybody();
        let mut tokens: Vec<_> = all.iter().map(|user| &user.device_token).collect();
        tokens.sort();
        tokens.dedup();
        assert_eq!(tokens.len(), all.len(), "a user is in two instances");
        for user in &all {
            let query = FindUsersQuery { device_token: Some(user.device_token.clone()), ..FindUsersQuery::default() };
            assert_eq!(self.find(&query), std::slice::from_ref(user));
        }
        for value in VALUES.skip(1) {
            let wanted = email(value).map(|email| email.to_uppercase());
            let has_email = |user: &UserRecord| user.user_profile.email == email(value);
            let query = FindUsersQuery { email: wanted.clone(), ..FindUsersQuery::default() };
            assert_eq!(self.find(&query), all.iter().filter(|user| has_email(user)).cloned().collect::<Vec<_>>());
            let wanted_id = client_id(value).client_id;
            let has_id = |user: &UserRecord| user.user_fields.iter().any(|fields| fields.client_id == wanted_id);
            let query = FindUsersQuery { client_id: wanted_id.clone(), ..FindUsersQuery::default() };
            assert_eq!(self.find(&query), all.iter().filter(|user| has_id(user)).cloned().collect::<Vec<_>>());
            for instance in 0..2 {
                let id = self.instances[instance].id.to_string();
                let query = UserExistsQuery { email: wanted.clone(), ..UserExistsQuery::default() };
                let exists = self.service.user_exists(&self.headers(instance), &query).unwrap().user_exists;
                let here = all.iter().filter(|user| user.account_info.instance_id.as_ref() == Some(&id));
                let mut visible = here.filter(|user| user.status != telematics_contract::user::UserStatus::Deleted);
                assert_eq!(exists, visible.any(has_email));
            }
        }
        let counted: usize = self.service.instances().iter().map(|instance| instance.users).sum();
        assert_eq!(counted, all.len(), "a user is in an instance that was removed");
        assert_eq!(self.service.read().users.directory_len(), all.len(), "the directory has an outdated address");
    }
}

proptest! {
    #[test]
    fn every_verb_keeps_every_search_right(verbs in proptest::collection::vec(verb(), 1..40)) {
        let mut model = SearchModel::new();
        for verb in verbs {
            model.apply(verb);
            model.check();
        }
    }
}

#[test]
fn a_reset_leaves_a_user_who_moved_to_another_instance_there() {
    let mut model = SearchModel::new();
    model.apply(Verb::Register { instance: 0, email: 1, client_id: 1 });
    model.service.set_start();
    model.apply(Verb::Move { user: 0, instance: 1 });
    model.apply(Verb::Reset { scope: 0 });
    model.check();
    let instances: Vec<_> = model.everybody().into_iter().map(|user| user.account_info.instance_id).collect();
    assert_eq!(instances, [Some(model.instances[1].id.to_string())]);
}

#[test]
fn the_snapshot_of_an_instance_is_refused_if_one_of_its_users_moved_away() {
    let mut model = SearchModel::new();
    model.apply(Verb::Register { instance: 0, email: 1, client_id: 1 });
    let snapshot = model.service.snapshot(DEMO_INSTANCE.into()).unwrap();
    model.apply(Verb::Move { user: 0, instance: 1 });
    let refused = model.service.restore(DEMO_INSTANCE.into(), snapshot.clone()).unwrap_err();
    assert!(refused.to_string().contains("is now in another instance"), "{refused}");
    model.check();
    model.apply(Verb::Delete { user: 0 });
    model.service.restore(DEMO_INSTANCE.into(), snapshot).unwrap();
    model.check();
    assert_eq!(model.everybody().len(), 1);
}

#[test]
fn a_reader_during_a_restoration_sees_all_old_users_or_all_new_ones() {
    let model = Arc::new(SearchModel::new());
    let headers = model.headers(0);
    let count = 3_000;
    for _ in 0..count {
        model.service.register(&headers, RegisterRequest::default(), None).unwrap();
    }
    let full = model.service.snapshot(DEMO_INSTANCE.into()).unwrap();
    let reader = std::thread::spawn({
        let model = Arc::clone(&model);
        move || (0..40).map(|_| model.everybody().len()).collect::<Vec<_>>()
    });
    for _ in 0..10 {
        drop(model.service.reset(DEMO_INSTANCE.into()).unwrap());
        drop(model.service.restore(DEMO_INSTANCE.into(), full.clone()).unwrap());
    }
    let seen = reader.join().unwrap();
    assert!(seen.iter().all(|seen| [0, count].contains(seen)), "{seen:?}");
    model.check();
}

#[test]
fn the_published_clock_and_keys_follow_every_change() {
    let model = SearchModel::new();
    let service = &model.service;
    let read = |scope: Scope| (service.now(scope), service.read().now(scope, Timestamp::from_seconds(1_000_000)));
    let same = || {
        for scope in [Scope::Server, DEMO_INSTANCE.into()] {
            let (published, state) = read(scope);
            assert_eq!(published, state);
        }
    };
    let token = service.register(&model.headers(0), RegisterRequest::default(), None).unwrap().access_token.unwrap();
    let before = service.snapshot(Scope::Server).unwrap();
    let advance = super::ClockChange::Advance("1h".parse().unwrap());
    service.change_clock(DEMO_INSTANCE.into(), advance).unwrap();
    same();
    assert_eq!(service.now(DEMO_INSTANCE.into()), Timestamp::from_seconds(1_003_600));
    service.change_clock(Scope::Server, advance).unwrap();
    same();
    drop(service.reset(DEMO_INSTANCE.into()).unwrap());
    same();
    assert_eq!(service.now(DEMO_INSTANCE.into()), service.now(Scope::Server));
    let time = Box::new(FixedTime(Timestamp::from_seconds(1_000_000)));
    let other = Start { settings: Settings::default(), seed: Seed::from_number(2), time, clock: None };
    let other = UserService::new(other);
    assert!(other.open(token.token.expose()).is_none());
    drop(other.restore(Scope::Server, before).unwrap());
    assert!(other.open(token.token.expose()).is_some());
    assert_eq!(other.now(Scope::Server), Timestamp::from_seconds(1_000_000));
}
