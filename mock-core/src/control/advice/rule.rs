//! The rules: every mistake that advice knows, with its name, its level and the way out.

/// How bad a mistake is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// A call fails, a user is signed out, or a secret leaks.
    Error,
    /// It works here, and costs users or the service something.
    Warning,
    /// It may be meant.
    Note,
}

impl Level {
    /// The name that the control API and SARIF use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }

    /// Whether such a mistake can make a run fail. A note cannot.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::Error | Self::Warning)
    }
}

/// A row of the table of rules.
struct Row {
    id: &'static str,
    level: Level,
    title: &'static str,
    way_out: &'static str,
}

macro_rules! rules {
    ($($(#[$meta:meta])* $name:ident: $level:ident $id:literal, $title:literal, $way_out:literal;)*) => {
        /// A mistake that advice knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $($(#[$meta])* $name,)*
        }

        impl Rule {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            const fn row(self) -> Row {
                match self {
                    $(Self::$name => Row { id: $id, level: Level::$level, title: $title, way_out: $way_out },)*
                }
            }
        }
    };
}

rules! {
    /// The path is not in the contract, but similar to one of its paths.
    UnknownPath: Error "unknown-path",
        "The path does not exist",
        "Call the path that the message names.";
    /// An update is sent as `POST`.
    UpdateSentAsPost: Error "update-sent-as-post",
        "An update is sent as POST",
        "Send an update as PUT. A call that is repeated after a refresh keeps its own method.";
    /// The access token is a JavaScript accident such as `undefined`.
    TextForToken: Error "text-for-access-token",
        "The access token is the text 'undefined' or 'null'",
        "Read the tokens from Result, and the JWT from Result.AccessToken.Token. Make no call before there is a token.";
    /// The app sent a refresh token again after it had received the next one.
    RefreshTokenReused: Error "refresh-token-reused",
        "A used refresh token was sent again",
        "Store the refresh token of every answer in place of the one that was sent, before anything else uses it.";
    /// The app sent a refresh token from before a login.
    RefreshTokenSuperseded: Error "refresh-token-superseded",
        "A refresh token from before a login was sent",
        "Store the pair that a login returns in place of the old one.";
    /// The app sent a refresh token of a family that its own reuse had revoked.
    FamilyRevoked: Error "refresh-token-family-revoked",
        "A reuse has revoked every refresh token of the login",
        "Run one refresh at a time and store what it returns. After a refused refresh log in instead of refreshing again.";
    /// The app logs in again and again although it could refresh.
    LoginInsteadOfRefresh: Note "login-instead-of-refresh",
        "The app logs in although its refresh token is still good",
        "Keep the tokens between two starts of the app. After a 401 refresh first, and log in only if the refresh is refused.";
    /// A field at the top level of the body belongs into `UserFields`.
    MisplacedField: Warning "misplaced-field",
        "A field at the top level is ignored",
        "Send the field in UserFields.";
    /// The device token of a login is not spelled `Devicetoken`.
    LoginSpelling: Error "login-field-spelling",
        "The device token of a login is not spelled Devicetoken",
        "Write Devicetoken with a small t in LoginFields; the vendor's service reads no other spelling.";
    /// `Filters` and `Pagination` in a request for a page.
    NestedFilters: Warning "nested-filters",
        "A request for a page has Filters or Pagination",
        "Send InstanceIds, PageNumber and PageSize at the top level of the body.";
    /// `UserFields` is an array in an update.
    FieldsAsArray: Warning "user-fields-as-array",
        "UserFields is sent as an array",
        "Send UserFields as an object; only answers have it as an array.";
    /// `UserProfile` in a registration or an update.
    NestedProfile: Warning "nested-user-profile",
        "A UserProfile is sent and ignored",
        "Send the fields of the profile at the top level of the body.";
    /// The user of an admin's update is named in the path.
    NamedInPath: Note "user-named-in-path",
        "An update names its user in the path",
        "Name the user in the header UserDeviceToken of PUT /v1/Management/users.";
    /// The changes of an instance are in the body.
    ChangesInBody: Warning "changes-in-body",
        "The changes of an instance are in the body and ignored",
        "Send the changes in the query of the PATCH.";
    /// An app on a phone sent an instance key.
    KeyFromPhone: Error "key-from-phone",
        "An app on a phone sent the instance key",
        "Register and sign users in on your own server. The key is a secret of the whole instance, and everybody can read it \
         from an installed app.";
    /// A page that was not served from this machine sent an instance key.
    KeyFromPage: Error "key-from-page",
        "A web page sent the instance key",
        "Sign users in on your own server. The key is a secret of the whole instance, and every visitor can read it from a \
         page.";
    /// A token, a key or a password is in the URL.
    SecretInUrl: Error "secret-in-url",
        "A token, a key or a password is in the URL",
        "Send an access token in the header Authorization and everything else in the body. Logs, histories and proxies keep URLs.";
    /// A refresh started before another one of the same user had ended.
    ParallelRefreshes: Error "parallel-refreshes",
        "Refreshes of one user run in parallel",
        "Let every caller wait for the refresh that is under way, in all tabs and processes that share the session. A token can \
         be used once, and a second use of it can end the session.";
    /// A failed call is repeated at once, again and again.
    RetryWithoutPause: Warning "retry-without-pause",
        "A failed call is repeated without a pause",
        "Wait before each further attempt, twice as long every time, and give up after a few.";
    /// A call is repeated before the time that `Retry-After` named.
    RetryAfterIgnored: Warning "retry-after-ignored",
        "A call is repeated before the time that Retry-After named",
        "Read Retry-After of a 429 and a 503, in seconds or as a date, and send the call again only after that time.";
    /// Tokens that are far from their expiry are refreshed again and again.
    RefreshTooEarly: Note "refresh-too-early",
        "An access token is refreshed long before it expires",
        "Use an access token until shortly before it expires, or until a call is answered with 401.";
    /// Calls with an expired access token are never followed by a refresh.
    NeverRefreshes: Warning "never-refreshes",
        "An expired access token is not refreshed",
        "After a 401 send the refresh token to POST /v1/Auth/RefreshToken, and repeat the call once with the new access token.";
    /// The device token in the headers is used although answers have announced the end of that.
    SunsetIgnored: Warning "sunset-ignored",
        "A device token in the headers is used although its end was announced",
        "Use an access token. The headers Deprecation and Sunset say that the device token is going to be refused, and when.";
}

impl Rule {
    /// The name of the rule, which stays the same.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.row().id
    }

    /// How bad the mistake is.
    #[must_use]
    pub const fn level(self) -> Level {
        self.row().level
    }

    /// The mistake in a few words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.row().title
    }

    /// What to do instead.
    #[must_use]
    pub const fn way_out(self) -> &'static str {
        self.row().way_out
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_rule_has_an_id_of_its_own_in_kebab_case_and_a_way_out_in_sentences() {
        let ids: HashSet<_> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        assert_eq!(ids.len(), Rule::ALL.len());
        for rule in Rule::ALL {
            assert!(rule.id().chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{rule:?}");
            assert!(!rule.title().ends_with('.') && rule.way_out().ends_with('.'), "{rule:?}");
        }
    }

    #[test]
    fn the_worst_level_is_the_smallest() {
        assert!(Level::Error < Level::Warning && Level::Warning < Level::Note);
    }
}
