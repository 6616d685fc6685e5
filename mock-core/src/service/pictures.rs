//! Uploaded pictures: which bytes are one, and where they are kept.

use std::collections::HashMap;

use bytes::Bytes;

use super::ids::PictureId;
use serde::{Deserialize, Serialize};

/// A kind of picture \[P\].
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
    /// The kind of a picture, by its first bytes; `None` where it is no picture.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
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

    /// How a file of this kind ends.
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
    /// Its kind.
    pub kind: PictureKind,
    /// Its bytes.
    pub bytes: Bytes,
}

/// The uploaded pictures.
#[derive(Clone, Debug, Default)]
pub struct Pictures {
    by_id: HashMap<PictureId, Picture>,
}

impl Pictures {
    /// Every picture, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (PictureId, &Picture)> {
        self.by_id.iter().map(|(id, picture)| (*id, picture))
    }

    /// Keeps a picture.
    pub fn keep(&mut self, id: PictureId, picture: Picture) {
        self.by_id.insert(id, picture);
    }

    /// The picture of that id.
    #[must_use]
    pub fn get(&self, id: PictureId) -> Option<&Picture> {
        self.by_id.get(&id)
    }

    /// Forgets a picture.
    pub fn drop(&mut self, id: PictureId) {
        self.by_id.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_known_by_its_first_bytes() {
        assert_eq!(PictureKind::of(b"\x89PNG\r\n\x1a\n..."), Some(PictureKind::Png));
        assert_eq!(PictureKind::of(b"\xff\xd8\xff\xe0"), Some(PictureKind::Jpeg));
        assert_eq!(PictureKind::of(b"GIF89a"), Some(PictureKind::Gif));
        assert_eq!(PictureKind::of(b"RIFF\x00\x00\x00\x00WEBP"), Some(PictureKind::Webp));
        for other in [&b""[..], b"<svg>", b"RIFF\x00\x00\x00\x00WAVE", b"%PDF", b"\x89PNG"] {
            assert_eq!(PictureKind::of(other), None, "{other:?}");
        }
    }
}
