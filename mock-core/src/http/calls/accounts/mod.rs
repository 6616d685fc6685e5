//! The calls of the accounts API \[V\]: one file for each resource.

pub mod applications;
pub mod instances;
pub mod permissions;
