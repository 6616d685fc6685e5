//! Findings: the mistakes that were seen, one for each rule and scope.

use std::collections::{BTreeMap, HashMap};

use telematics_contract::Call;

use super::rule::Rule;
use crate::ordering::{pair, sort_by_number};
use crate::service::Scope;
use crate::service::instances::MAX_INSTANCES;
use crate::service::time::Timestamp;

/// The largest length of a method or a path in an example, in bytes.
const MAX_TEXT: usize = 200;

/// A mistake of the tested app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// How often it was seen.
    pub count: u64,
    /// What was seen the first time.
    pub message: Box<str>,
    /// The first request that showed it.
    pub example: Example,
    /// The number of the last request that showed it.
    pub last: u64,
}

/// A request that shows a mistake. It contains no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The number in the journal.
    pub request: u64,
    /// The method.
    pub method: Box<str>,
    /// The path, without its query and without tokens.
    pub path: Box<str>,
    /// The call of the contract, if method and path lead to one.
    pub call: Option<Call>,
    /// The status; `None` if no answer was sent.
    pub status: Option<u16>,
    /// The time of the answer, by the clock of the instance.
    pub at: Timestamp,
}

impl Finding {
    /// A mistake that was seen once.
    pub(super) fn new(rule: Rule, message: impl Into<Box<str>>, example: Example) -> Self {
        Self { rule, count: 1, message: message.into(), last: example.request, example }
    }

    /// The number of the first request that showed the mistake.
    #[must_use]
    pub const fn first(&self) -> u64 {
        self.example.request
    }

    /// Adds other observations of the same rule.
    fn add(&mut self, other: Self) {
        let (count, last) = (self.count.saturating_add(other.count), self.last.max(other.last));
        if other.first() < self.first() {
            *self = other;
        }
        (self.count, self.last) = (count, last);
    }
}

/// A text that is short enough for an example.
pub(super) fn shortened(text: &str) -> Box<str> {
    match text.char_indices().find(|(start, letter)| start + letter.len_utf8() > MAX_TEXT) {
        None => text.into(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
    }
}

/// The findings of a scope by rule.
pub(super) type ByRule = BTreeMap<Rule, Finding>;

/// The findings of all scopes.
#[derive(Debug, Default)]
pub(super) struct Findings {
    by_owner: HashMap<Scope, ByRule>,
}

impl Findings {
    pub(super) fn add(&mut self, owner: Scope, finding: Finding) {
        // A request can end after its instance was removed, and would leave its finding for ever.
        if self.by_owner.len() > MAX_INSTANCES && !self.by_owner.contains_key(&owner) {
            let last = |findings: &ByRule| findings.values().map(|finding| finding.last).max();
            let oldest = self.by_owner.iter().min_by_key(|(_, findings)| last(findings)).map(|(owner, _)| *owner);
            oldest.map(|owner| self.by_owner.remove(&owner));
        }
        add(self.by_owner.entry(owner).or_default(), finding);
    }

    pub(super) fn clear(&mut self, scope: Scope) {
        self.by_owner.retain(|owner, _| !scope.covers(*owner));
    }

    /// The findings of a scope together.
    pub(super) fn of(&self, scope: Scope) -> ByRule {
        let mut together = ByRule::new();
        let covered = self.by_owner.iter().filter(|(owner, _)| scope.covers(**owner));
        for finding in covered.flat_map(|(_, findings)| findings.values()) {
            add(&mut together, finding.clone());
        }
        together
    }
}

/// Adds a finding to those of its rule.
pub(super) fn add(findings: &mut ByRule, finding: Finding) {
    if let Some(known) = findings.get_mut(&finding.rule) {
        known.add(finding);
    } else {
        findings.insert(finding.rule, finding);
    }
}

/// The findings in the order in which people read them: the worst level first, then the most frequent.
pub(super) fn sorted(findings: ByRule) -> Vec<Finding> {
    let mut sorted: Vec<_> = findings.into_values().collect();
    // Those of one level that are equally frequent keep the order of the rules.
    sort_by_number(&mut sorted, |finding| pair(finding.rule.level() as u64, u64::MAX - finding.count));
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::ids::InstanceId;

    fn finding(rule: Rule, request: u64) -> Finding {
        let (method, path) = ("GET".into(), "/v1".into());
        Finding::new(
            rule,
            "seen",
            Example { request, method, path, call: None, status: Some(200), at: Timestamp::EPOCH },
        )
    }

    #[test]
    fn a_finding_counts_and_keeps_the_first_example_of_all_scopes() {
        let (here, there) = (Scope::Instance(InstanceId::from_u128(1)), Scope::Instance(InstanceId::from_u128(2)));
        let mut findings = Findings::default();
        for (owner, request) in [(here, 7), (there, 3), (here, 9)] {
            findings.add(owner, finding(Rule::UnknownPath, request));
        }
        let seen = |scope| {
            let all = sorted(findings.of(scope));
            all.iter().map(|finding| (finding.count, finding.first(), finding.last)).collect::<Vec<_>>()
        };
        assert_eq!(seen(here), [(2, 7, 9)]);
        assert_eq!(seen(Scope::Server), [(3, 3, 9)]);
        findings.clear(here);
        assert_eq!(sorted(findings.of(Scope::Server)).len(), 1);
    }

    #[test]
    fn findings_are_sorted_by_level_and_then_by_their_number() {
        let mut findings = ByRule::new();
        for rule in [Rule::RefreshTooEarly, Rule::MisplacedField, Rule::SunsetIgnored, Rule::SunsetIgnored] {
            add(&mut findings, finding(rule, 1));
        }
        add(&mut findings, finding(Rule::UnknownPath, 2));
        let rules: Vec<_> = sorted(findings).iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, [Rule::UnknownPath, Rule::SunsetIgnored, Rule::MisplacedField, Rule::RefreshTooEarly]);
    }

    #[test]
    fn findings_of_many_removed_instances_do_not_pile_up() {
        let mut findings = Findings::default();
        for number in 0..MAX_INSTANCES as u128 + 50 {
            let owner = Scope::Instance(InstanceId::from_u128(number));
            findings.add(owner, finding(Rule::UnknownPath, number as u64));
        }
        assert!(findings.by_owner.len() <= MAX_INSTANCES + 1);
    }

    #[test]
    fn a_long_text_is_shortened_at_a_character() {
        assert_eq!(&*shortened("/v1"), "/v1");
        let long = shortened(&"ü".repeat(500));
        assert_eq!((long.chars().count(), long.ends_with('…')), (101, true));
    }
}
