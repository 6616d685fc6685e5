//! The store of users, held against a list that is searched from its start to its end.

use std::sync::Arc;

use proptest::prelude::*;

use super::contact_index::Contact;
use super::ids::{DeviceToken, InstanceId};
use super::instance_users::NewUsers;
use super::profile::Profile;
use super::time::Timestamp;
use super::user_store::Users;
use super::users::User;

/// A change of the store, with small numbers so that they collide.
#[derive(Clone, Debug)]
enum StoreChange {
    Add { token: u8, instance: u8, email: u8, client_id: u8 },
    Rename { token: u8, email: u8, client_id: u8 },
    Move { token: u8, instance: u8 },
    Remove { token: u8 },
    Begin { instance: u8, tokens: Vec<u8> },
    Swap,
    Settle,
    End,
}

fn change() -> impl Strategy<Value = StoreChange> {
    let (token, instance, value) = (0..12_u8, 0..3_u8, 0..4_u8);
    prop_oneof![
        4 => (token.clone(), instance.clone(), value.clone(), value.clone())
            .prop_map(|(token, instance, email, client_id)| StoreChange::Add { token, instance, email, client_id }),
        2 => (token.clone(), value.clone(), value)
            .prop_map(|(token, email, client_id)| StoreChange::Rename { token, email, client_id }),
        2 => (token.clone(), instance.clone()).prop_map(|(token, instance)| StoreChange::Move { token, instance }),
        2 => token.clone().prop_map(|token| StoreChange::Remove { token }),
        1 => (instance, proptest::collection::vec(token, 0..8))
            .prop_map(|(instance, tokens)| StoreChange::Begin { instance, tokens }),
        1 => Just(StoreChange::Swap),
        1 => Just(StoreChange::Settle),
        1 => Just(StoreChange::End),
    ]
}

fn token(number: u8) -> DeviceToken {
    DeviceToken::from_u128(number.into())
}

fn instance(number: u8) -> InstanceId {
    InstanceId::from_u128(number.into())
}

fn set(user: &mut User, email: u8, client_id: u8) {
    let text = |number: u8, text: String| (number > 0).then(|| text.into());
    let email = text(email, format!(" E{email}@Example.com"));
    user.profile = email.map(|email| Box::new(Profile { email: Some(email), ..Profile::default() }));
    user.telematics.client_id = text(client_id, format!("client-{client_id}"));
}

fn user(number: u8, of: u8, email: u8, client_id: u8) -> User {
    let mut user = User::new(token(number), 1, instance(of), Timestamp::EPOCH);
    set(&mut user, email, client_id);
    user
}

/// The model: a list of users, searched from its start to its end.
#[derive(Default)]
struct Model {
    users: Vec<User>,
    announced: Option<(u8, Vec<User>)>,
    swapped: Vec<DeviceToken>,
}

impl Model {
    fn find(&self, number: u8) -> Option<&User> {
        self.users.iter().find(|user| user.device_token == token(number))
    }
}

fn apply(users: &mut Users, model: &mut Model, change: StoreChange) {
    match change {
        StoreChange::Add { token: number, instance: of, email, client_id } => {
            if users.locate(token(number)).is_none() {
                let user = user(number, of, email, client_id);
                users.add(Arc::new(user.clone()));
                model.users.push(user);
            }
        }
        StoreChange::Rename { token: number, email, client_id } => {
            if let Some(address) = users.locate(token(number)) {
                users.update(address, |user| set(user, email, client_id)).unwrap();
            }
            let found = model.users.iter_mut().find(|user| user.device_token == token(number));
            found.into_iter().for_each(|user| set(user, email, client_id));
        }
        StoreChange::Move { token: number, instance: to } => {
            users.change_instance(token(number), instance(to));
            let found = model.users.iter_mut().find(|user| user.device_token == token(number));
            found.into_iter().for_each(|user| user.instance = instance(to));
        }
        StoreChange::Remove { token: number } => {
            assert_eq!(users.remove(token(number)).is_some(), model.find(number).is_some());
            model.users.retain(|user| user.device_token != token(number));
        }
        StoreChange::Begin { instance: of, mut tokens } => {
            if users.replacement.is_none() {
                tokens.sort_unstable();
                tokens.dedup();
                let new: Vec<_> = tokens.into_iter().map(|number| user(number, of, number % 4, 1)).collect();
                let new_users = NewUsers::new(new.iter().cloned().map(Arc::new));
                let device_tokens = new_users.device_tokens();
                users.begin_replacement(instance(of), new_users);
                let elsewhere = |user: &User| {
                    model
                        .users
                        .iter()
                        .any(|other| other.device_token == user.device_token && other.instance != instance(of))
                };
                let conflict = new.iter().any(elsewhere);
                assert_eq!(users.find_conflict(&device_tokens).is_some(), conflict);
                if conflict {
                    drop(users.end_replacement());
                } else {
                    model.announced = Some((of, new));
                }
            }
        }
        StoreChange::Swap => {
            if let Some((of, new)) = model.announced.take() {
                let old = users.swap();
                // A user who was in another instance at any time is a conflict, even if that user was deleted since.
                let elsewhere = |user: &User| {
                    let is = |other: &User| other.device_token == user.device_token;
                    model.users.iter().any(|other| is(other) && other.instance != instance(of))
                };
                if new.iter().any(elsewhere) {
                    assert!(old.is_err());
                }
                match old {
                    Err(_) => drop(users.end_replacement()),
                    Ok(old) => {
                        model.swapped = old.view().iter().map(|user| user.device_token).collect();
                        model.swapped.extend(new.iter().map(|user| user.device_token));
                        model.users.retain(|user| user.instance != instance(of));
                        model.users.extend(new);
                    }
                }
            }
        }
        // One of the steps, or the rest of them.
        StoreChange::Settle => {
            let some = model.swapped.len().min(3);
            users.settle(&model.swapped.split_off(model.swapped.len() - some));
        }
        StoreChange::End => {
            if model.announced.is_none() {
                users.settle(&std::mem::take(&mut model.swapped));
            }
            drop(users.end_replacement());
            model.announced = None;
        }
    }
}

fn sorted<'a>(users: impl IntoIterator<Item = &'a User>) -> Vec<DeviceToken> {
    let mut tokens: Vec<_> = users.into_iter().map(|user| user.device_token).collect();
    tokens.sort_unstable();
    tokens
}

fn same_as_the_model(users: &Users, model: &Model) {
    for number in 0..12 {
        let (found, expected) = (users.get(token(number)), model.find(number));
        assert_eq!(found.map(|user| user.instance), expected.map(|user| user.instance), "{number}");
    }
    let mut entries = 0;
    for number in 0..3 {
        let here = || model.users.iter().filter(|user| user.instance == instance(number));
        let view = users.view(instance(number));
        assert_eq!(sorted(view.iter().flat_map(|view| view.iter().map(Arc::as_ref))), sorted(here()));
        for value in 1..4 {
            let email = format!("e{value}@example.COM");
            let found = users.candidates(instance(number), Contact::Email(&email)).map(Arc::as_ref);
            let expected = here().filter(|user| {
                let email = user.profile.as_ref().and_then(|profile| profile.email.as_deref());
                email == Some(&format!(" E{value}@Example.com"))
            });
            assert_eq!(sorted(found), sorted(expected));
            let client_id = format!("client-{value}");
            let found = users.candidates(instance(number), Contact::ClientId(&client_id)).map(Arc::as_ref);
            let expected = here().filter(|user| user.telematics.client_id.as_deref() == Some(&client_id));
            assert_eq!(sorted(found), sorted(expected));
        }
        entries += here().filter(|user| user.profile.is_some()).count();
        entries += here().filter(|user| user.telematics.client_id.is_some()).count();
    }
    assert_eq!(users.contact_entries(), entries, "the index has an entry of a user who is gone");
}

proptest! {
    #[test]
    fn every_search_finds_what_a_search_through_all_users_finds(changes in proptest::collection::vec(change(), 1..60)) {
        let (mut users, mut model) = (Users::default(), Model::default());
        for change in changes {
            apply(&mut users, &mut model, change);
            same_as_the_model(&users, &model);
        }
        apply(&mut users, &mut model, StoreChange::End);
        same_as_the_model(&users, &model);
        prop_assert_eq!(users.directory.len(), model.users.len(), "an address of a user who is gone");
    }
}

#[test]
fn a_user_who_arrives_elsewhere_during_a_replacement_is_a_conflict_until_excluded() {
    let mut users = Users::default();
    let new = [7, 8].map(|number| Arc::new(user(number, 1, 1, 0)));
    users.begin_replacement(instance(1), NewUsers::new(new));
    assert!(users.get(token(7)).is_none(), "the new users are not current yet");
    users.add(Arc::new(user(7, 2, 1, 0)));
    assert_eq!(users.swap().err(), Some(token(7)));
    users.exclude(token(7));
    assert!(users.swap().is_ok());
    let instances = [7, 8].map(|number| users.get(token(number)).map(|user| user.instance));
    assert_eq!(instances, [Some(instance(2)), Some(instance(1))]);
    assert_eq!(users.candidates(instance(1), Contact::Email("e1@example.com")).count(), 1);
}
