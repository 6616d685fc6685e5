//! The login lockout: after too many logins from one address to one instance, the address is locked out for a while \[V\].

use std::collections::VecDeque;
use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU16;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ids::InstanceId;
use super::map::Map;
use super::time::{Period, Timestamp, seconds};

/// The largest number of origins that are remembered. A new one then displaces the one that was first seen the longest time ago.
const MAX_ORIGINS: usize = 10_000;

const HOUR: Period = Period::from_seconds(3600);

/// The limits of the lockout. The vendor's documents contradict each other, so they are a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockoutLimits {
    /// The number of logins that are admitted within [`LockoutLimits::per`]; at most 1000.
    pub logins: NonZeroU16,
    /// The time in which logins are counted.
    pub per: Period,
    /// The time for which an address is locked out.
    pub block: Period,
}

/// The largest value of [`LockoutLimits::logins`].
const MAX_LOGINS: u16 = 1_000;

impl LockoutLimits {
    /// Five logins a minute (the vendor's skills of June 2026, and the default).
    pub const FIVE_PER_MINUTE: Self = Self::five_per(Period::from_seconds(60));
    /// Five logins an hour (the vendor's page about authorization policies).
    pub const FIVE_PER_HOUR: Self = Self::five_per(HOUR);
    /// Five logins a day (the vendor's page about how to get started with the API).
    pub const FIVE_PER_DAY: Self = Self::five_per(Period::from_seconds(86_400));

    /// Only the skills name the time of the block, an hour; the same is taken for the other limits \[P\].
    const fn five_per(per: Period) -> Self {
        let Some(logins) = NonZeroU16::new(5) else { unreachable!() };
        Self { logins, per, block: HOUR }
    }
}

impl Default for LockoutLimits {
    fn default() -> Self {
        Self::FIVE_PER_MINUTE
    }
}

/// The option of the command line: `true`, `false`, `5-per-minute`, `5-per-hour` or `5-per-day`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockoutOption {
    /// Whether too many logins lock their address out.
    pub is_on: bool,
    /// The limits; `None` leaves them as they are.
    pub limits: Option<LockoutLimits>,
}

/// The text is not a [`LockoutOption`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not valid; it is true, false, 5-per-minute, 5-per-hour or 5-per-day")]
pub struct InvalidLockout(String);

impl FromStr for LockoutOption {
    type Err = InvalidLockout;

    fn from_str(text: &str) -> Result<Self, InvalidLockout> {
        let limits = match text {
            "true" => None,
            "false" => return Ok(Self { is_on: false, limits: None }),
            "5-per-minute" => Some(LockoutLimits::FIVE_PER_MINUTE),
            "5-per-hour" => Some(LockoutLimits::FIVE_PER_HOUR),
            "5-per-day" => Some(LockoutLimits::FIVE_PER_DAY),
            _ => return Err(InvalidLockout(text.to_owned())),
        };
        Ok(Self { is_on: true, limits })
    }
}

/// A boolean or the name of limits, as in a configuration file.
impl<'de> Deserialize<'de> for LockoutOption {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl serde::de::Visitor<'_> for Form {
            type Value = LockoutOption;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false, 5-per-minute, 5-per-hour or 5-per-day")
            }

            fn visit_bool<E: serde::de::Error>(self, is_on: bool) -> Result<LockoutOption, E> {
                Ok(LockoutOption { is_on, limits: None })
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<LockoutOption, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Form)
    }
}

/// The JSON of [`LockoutLimits`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct LimitsJson {
    logins: u32,
    #[serde(with = "seconds")]
    per_seconds: Option<Period>,
    #[serde(with = "seconds")]
    for_seconds: Option<Period>,
}

impl Serialize for LockoutLimits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { logins, per, block } = *self;
        LimitsJson { logins: logins.get().into(), per_seconds: Some(per), for_seconds: Some(block) }
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for LockoutLimits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let LimitsJson { logins, per_seconds, for_seconds } = LimitsJson::deserialize(deserializer)?;
        let logins = u16::try_from(logins).ok().filter(|logins| *logins <= MAX_LOGINS).and_then(NonZeroU16::new);
        let logins =
            logins.ok_or_else(|| D::Error::custom(format_args!("logins is a whole number from 1 to {MAX_LOGINS}")))?;
        let time = |period: Option<Period>| {
            let period = period.filter(|period| *period > Period::ZERO);
            period.ok_or_else(|| D::Error::custom("perSeconds and forSeconds are numbers of seconds above 0"))
        };
        Ok(Self { logins, per: time(per_seconds)?, block: time(for_seconds)? })
    }
}

/// The origin of a login. Logins are counted for each instance and address \[P\].
pub type Origin = (Option<InstanceId>, IpAddr);

/// The recent logins, and the origins that are locked out.
#[derive(Clone, Debug, Default)]
pub struct Lockout {
    origins: Map<Origin, Attempts>,
    /// The origins in the order in which they were first seen.
    order: VecDeque<Origin>,
}

/// The recent logins from one origin.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Attempts {
    recent: VecDeque<Timestamp>,
    blocked_since: Option<Timestamp>,
}

impl Lockout {
    /// Forgets all logins to an instance.
    pub fn forget(&mut self, instance: InstanceId) {
        self.origins.retain(|(to, _), _| *to != Some(instance));
        self.order.retain(|(to, _)| *to != Some(instance));
    }

    /// All origins with their recent logins, in the order in which they were first seen.
    pub fn iter(&self) -> impl Iterator<Item = (Origin, &Attempts)> {
        self.order.iter().filter_map(|origin| Some((*origin, self.origins.get(origin)?)))
    }

    /// A lockout with these recent logins.
    pub fn from_attempts(callers: impl IntoIterator<Item = (Origin, Attempts)>) -> Self {
        let mut lockout = Self::default();
        for (origin, attempts) in callers {
            *lockout.attempts(origin) = attempts;
        }
        lockout
    }

    /// Counts a login. Takes the same time whatever the number of origins is.
    ///
    /// # Errors
    ///
    /// The origin is locked out for this number of seconds.
    pub fn admit(&mut self, origin: Origin, now: Timestamp, limits: LockoutLimits) -> Result<(), u32> {
        let attempts = self.attempts(origin);
        if let Some(since) = attempts.blocked_since {
            let until = since.plus(limits.block);
            // If the clock was set back behind the beginning of the block, there is none yet.
            if since <= now && now < until {
                return Err(until.since(now).seconds_rounded_up());
            }
            *attempts = Attempts::default();
        }
        // A login that the clock has not reached, because it was set back, does not count either.
        attempts.recent.retain(|at| *at <= now && now.since(*at) < limits.per);
        if attempts.recent.len() >= usize::from(limits.logins.get()) {
            attempts.blocked_since = Some(now);
            return Err(limits.block.seconds_rounded_up());
        }
        attempts.recent.push_back(now);
        Ok(())
    }

    fn attempts(&mut self, origin: Origin) -> &mut Attempts {
        let Self { origins, order } = self;
        if !origins.contains_key(&origin) {
            if order.len() >= MAX_ORIGINS
                && let Some(oldest) = order.pop_front()
            {
                origins.remove(&oldest);
            }
            order.push_back(origin);
        }
        origins.entry(origin).or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const HERE: Origin = (None, IpAddr::V4(Ipv4Addr::LOCALHOST));

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn admit(lockout: &mut Lockout, origin: Origin, now: Timestamp) -> Result<(), u32> {
        lockout.admit(origin, now, LockoutLimits::default())
    }

    #[test]
    fn five_logins_a_minute_are_admitted_and_the_sixth_is_locked_out_for_an_hour() {
        let mut lockout = Lockout::default();
        for second in 0..5 {
            assert_eq!(admit(&mut lockout, HERE, at(second)), Ok(()));
        }
        assert_eq!(admit(&mut lockout, HERE, at(5)), Err(3600));
        assert_eq!(admit(&mut lockout, HERE, at(3604)), Err(1));
        assert_eq!(admit(&mut lockout, HERE, at(3605)), Ok(()));
    }

    #[test]
    fn the_minute_slides() {
        let mut lockout = Lockout::default();
        for minute in 0..20 {
            for second in [0, 10, 20, 30, 40] {
                assert_eq!(admit(&mut lockout, HERE, at(minute * 60 + second)), Ok(()));
            }
        }
    }

    #[test]
    fn another_address_and_another_instance_are_counted_separately() {
        let mut lockout = Lockout::default();
        for _ in 0..6 {
            let _ = admit(&mut lockout, HERE, at(0));
        }
        assert!(admit(&mut lockout, HERE, at(1)).is_err());
        assert_eq!(admit(&mut lockout, (Some(InstanceId::from_u128(1)), HERE.1), at(1)), Ok(()));
        assert_eq!(admit(&mut lockout, (None, IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2))), at(1)), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_ends_a_block_and_forgets_later_logins() {
        let mut lockout = Lockout::default();
        for _ in 0..6 {
            let _ = admit(&mut lockout, HERE, at(100_000));
        }
        assert!(admit(&mut lockout, HERE, at(100_001)).is_err());
        for second in 0..5 {
            assert_eq!(admit(&mut lockout, HERE, at(second)), Ok(()));
        }
        assert_eq!(admit(&mut lockout, HERE, at(5)), Err(3600));
        let mut lockout = Lockout::default();
        for second in [9, 9, 9, 9, 9, 1] {
            assert_eq!(admit(&mut lockout, HERE, at(second)), Ok(()));
        }
    }

    #[test]
    fn only_so_many_origins_are_remembered_and_the_oldest_is_forgotten_first() {
        let mut lockout = Lockout::default();
        let origin = |caller: u32| (None, IpAddr::V4(Ipv4Addr::from(caller)));
        for caller in 0..20_000_u32 {
            assert_eq!(admit(&mut lockout, origin(caller), at(0)), Ok(()));
        }
        assert_eq!((lockout.origins.len(), lockout.order.len()), (MAX_ORIGINS, MAX_ORIGINS));
        assert!(lockout.origins.contains_key(&origin(19_999)) && !lockout.origins.contains_key(&origin(9_999)));
        lockout.forget(InstanceId::from_u128(1));
        assert_eq!(
            Lockout::from_attempts(lockout.iter().map(|(origin, it)| (origin, it.clone()))).order,
            lockout.order
        );
    }

    #[test]
    fn the_option_of_the_command_line_is_a_boolean_or_the_name_of_limits() {
        let parse = |text: &str| text.parse::<LockoutOption>();
        assert_eq!(parse("true"), Ok(LockoutOption { is_on: true, limits: None }));
        assert_eq!(parse("false"), Ok(LockoutOption { is_on: false, limits: None }));
        assert_eq!(parse("5-per-day").unwrap().limits, Some(LockoutLimits::FIVE_PER_DAY));
        assert!(parse("6-per-day").is_err() && parse("").is_err());
        assert_eq!(serde_json::from_str::<LockoutOption>("true").unwrap(), parse("true").unwrap());
        assert_eq!(serde_json::from_str::<LockoutOption>("\"5-per-hour\"").unwrap(), parse("5-per-hour").unwrap());
    }

    #[test]
    fn invalid_limits_are_refused() {
        let read = |text: &str| serde_json::from_str::<LockoutLimits>(text);
        assert!(read(r#"{ "logins": 3, "perSeconds": 10, "forSeconds": 0.5 }"#).is_ok());
        for invalid in [
            r#"{ "logins": 0, "perSeconds": 10, "forSeconds": 10 }"#,
            r#"{ "logins": 1001, "perSeconds": 10, "forSeconds": 10 }"#,
            r#"{ "logins": 1, "perSeconds": 0, "forSeconds": 10 }"#,
            r#"{ "logins": 1, "perSeconds": 10, "forSeconds": null }"#,
            r#"{ "logins": 1, "perSeconds": 10 }"#,
            r#"{ "logins": 1, "perSeconds": 10, "forSeconds": 10, "other": 1 }"#,
        ] {
            assert!(read(invalid).is_err(), "{invalid}");
        }
    }
}
