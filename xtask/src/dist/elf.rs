//! Reads whether an executable of Linux is statically linked.

use anyhow::{Result, bail};

/// The type of the program header that names the dynamic loader.
const INTERPRETER: u32 = 3;

/// Checks that an executable names no dynamic loader, and therefore needs no library of the system.
///
/// # Errors
/// If it names one, or is not an executable of Linux for a processor with 64 bits.
pub(super) fn check_static(bytes: &[u8]) -> Result<()> {
    match program_headers(bytes) {
        None => bail!("it is not an executable of Linux (64-bit ELF, little endian)"),
        Some(types) if types.contains(&INTERPRETER) => bail!("it is dynamically linked: it names a dynamic loader"),
        Some(_) => Ok(()),
    }
}

/// The types of the program headers; `None` if the file has another format.
fn program_headers(bytes: &[u8]) -> Option<Vec<u32>> {
    // Magic number, 64 bits, little endian.
    if !bytes.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let first = usize::try_from(u64::from_le_bytes(array(bytes, 0x20)?)).ok()?;
    let size = usize::from(u16::from_le_bytes(array(bytes, 0x36)?));
    let count = usize::from(u16::from_le_bytes(array(bytes, 0x38)?));
    (0..count)
        .map(|index| Some(u32::from_le_bytes(array(bytes, first.checked_add(index.checked_mul(size)?)?)?)))
        .collect()
}

fn array<const LENGTH: usize>(bytes: &[u8], offset: usize) -> Option<[u8; LENGTH]> {
    bytes.get(offset..)?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An executable with program headers of these types.
    fn executable(types: &[u32]) -> Vec<u8> {
        let mut bytes = vec![0; 64];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        bytes[0x20] = 64;
        bytes[0x36] = 56;
        bytes[0x38] = types.len().try_into().unwrap();
        for kind in types {
            bytes.extend(kind.to_le_bytes());
            bytes.extend([0; 52]);
        }
        bytes
    }

    #[test]
    fn an_executable_without_a_dynamic_loader_is_static() {
        check_static(&executable(&[6, 1, 2])).unwrap();
        let error = check_static(&executable(&[6, INTERPRETER, 1])).unwrap_err();
        assert!(error.to_string().starts_with("it is dynamically linked"), "{error}");
    }

    #[test]
    fn another_file_and_half_an_executable_are_refused() {
        let whole = executable(&[1]);
        for bytes in [&b"#!/bin/sh\n"[..], b"", &whole[..20], &whole[..66]] {
            assert!(check_static(bytes).is_err(), "{bytes:?}");
        }
    }

    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn a_program_that_is_linked_with_glibc_is_dynamic() {
        let this_test = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert!(check_static(&this_test).unwrap_err().to_string().starts_with("it is dynamically linked"));
    }
}
