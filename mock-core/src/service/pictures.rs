//! Uploaded pictures: their formats, and the place where they are stored.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::ids::PictureId;
use super::map::{Map, content_hash};

/// The number of bytes of all pictures that a server stores.
pub const MAX_PICTURE_BYTES: usize = 256 << 20;

/// The format of a picture \[P\].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PictureKind {
    /// Portable Network Graphics.
    Png,
    /// JPEG.
    Jpeg,
    /// GIF.
    Gif,
    /// WebP.
    Webp,
}

impl PictureKind {
    /// The format that the first bytes of a file show; `None` if the file is not a picture.
    #[must_use]
    pub fn detect(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if bytes.starts_with(b"\xff\xd8\xff") {
            Some(Self::Jpeg)
        } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
            Some(Self::Gif)
        } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            Some(Self::Webp)
        } else {
            None
        }
    }

    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
        }
    }

    /// The extension of a file name.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Gif => "gif",
            Self::Webp => "webp",
        }
    }
}

/// An uploaded picture.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The format.
    pub kind: PictureKind,
    /// The content of the file.
    pub bytes: Bytes,
}

impl Picture {
    /// A hash of the content.
    #[must_use]
    pub fn hash(&self) -> u64 {
        content_hash(&self.bytes)
    }
}

/// The pictures that the users of an instance uploaded.
#[derive(Clone, Debug, Default)]
pub struct Pictures {
    by_id: Map<PictureId, Picture>,
    /// The number of bytes of all of them.
    bytes: usize,
}

impl Pictures {
    /// Every picture, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (PictureId, &Picture)> {
        self.by_id.iter().map(|(id, picture)| (*id, picture))
    }

    /// Stores a picture.
    pub fn insert(&mut self, id: PictureId, picture: Picture) {
        self.bytes += picture.bytes.len();
        if let Some(before) = self.by_id.insert(id, picture) {
            self.bytes -= before.bytes.len();
        }
    }

    /// The number of bytes of all pictures.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The picture with this id.
    #[must_use]
    pub fn get(&self, id: PictureId) -> Option<&Picture> {
        self.by_id.get(&id)
    }

    /// Deletes a picture.
    pub fn remove(&mut self, id: PictureId) {
        if let Some(removed) = self.by_id.remove(&id) {
            self.bytes -= removed.bytes.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_stored_pictures_are_counted() {
        let picture = |bytes: &'static [u8]| Picture { kind: PictureKind::Png, bytes: Bytes::from_static(bytes) };
        let mut pictures = Pictures::default();
        pictures.insert(PictureId::from_u128(1), picture(b"abc"));
        pictures.insert(PictureId::from_u128(2), picture(b"de"));
        pictures.insert(PictureId::from_u128(1), picture(b"a"));
        assert_eq!(pictures.bytes(), 3);
        pictures.remove(PictureId::from_u128(2));
        pictures.remove(PictureId::from_u128(2));
        assert_eq!(pictures.bytes(), 1);
    }

    #[test]
    fn the_first_bytes_of_a_file_show_its_format() {
        assert_eq!(PictureKind::detect(b"\x89PNG\r\n\x1a\n..."), Some(PictureKind::Png));
        assert_eq!(PictureKind::detect(b"\xff\xd8\xff\xe0"), Some(PictureKind::Jpeg));
        assert_eq!(PictureKind::detect(b"GIF89a"), Some(PictureKind::Gif));
        assert_eq!(PictureKind::detect(b"RIFF\x00\x00\x00\x00WEBP"), Some(PictureKind::Webp));
        for other in [&b""[..], b"<svg>", b"RIFF\x00\x00\x00\x00WAVE", b"%PDF", b"\x89PNG"] {
            assert_eq!(PictureKind::detect(other), None, "{other:?}");
        }
    }
}
