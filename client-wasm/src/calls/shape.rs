//! The shape of objects that the client relays between JavaScript and the service.
//!
//! A user's record has more than forty fields, and the client reads none of them. Deserializing the types of the contract only
//! to serialize them again would be a third of the download; a table of names and kinds is enough. The tests compare the
//! tables with those types.

/// The name of a field on the wire, and the values that it may have.
pub type Field = (&'static str, Shape);

/// The fields of an object, in groups that several tables can share.
pub type Table = &'static [&'static [Field]];

/// The values that a field may have. An absent field reads as `null` unless its shape has a default.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// A string.
    Text,
    /// A string with a default.
    TextOr(&'static str),
    /// A string that is required.
    RequiredText,
    /// A boolean.
    Flag,
    /// A boolean with a default.
    FlagOr(bool),
    /// A whole number from 0 to this maximum.
    Whole(u32),
    /// A whole number from 1 to this maximum, which is required.
    Quantity(u32),
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// One of these strings, which is required. Any other string, of a later version of the service, reads as `Unknown`.
    RequiredOneOf(&'static [&'static str]),
    /// A list of any values.
    List,
    /// An object. If it is absent, it reads as an object without values.
    Object(Table),
    /// A list whose first item is an object.
    FirstOf(Table),
}

/// The shape of a result.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// The result is ignored.
    Nothing,
    /// A string.
    Text,
    /// An object.
    Object(Table),
}
