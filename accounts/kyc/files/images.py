"""Images: decoded once to see that they are sound, and drawn anew whenever they are shown.

A fresh encoding carries pixels only: no scripts behind the image data, no place where the picture was taken.
"""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageOps

from accounts.kyc import errors
from accounts.kyc.files.media import MediaType

MAX_PIXELS = 40_000_000
"""An A4 page at 600 dpi has 35 million. Decoded at four bytes a pixel this stays at 160 MB."""

_FORMATS = {MediaType.JPEG: "JPEG", MediaType.PNG: "PNG"}


def check(content: bytes, media_type: MediaType) -> None:
    """Decode an image completely.

    :raises DocumentBomb: when it has more pixels than a scan needs, known before they are decoded.
    :raises DocumentUnreadable: when it is damaged, or moves.
    """
    _decoded(content, media_type)


def redraw(content: bytes, media_type: MediaType) -> bytes:
    """Return the picture alone, the right way up, in a file of the same kind that holds nothing else.

    :raises DocumentBomb, DocumentUnreadable: as `check`.
    """
    picture = ImageOps.exif_transpose(_decoded(content, media_type))
    if media_type == MediaType.JPEG and picture.mode not in ("RGB", "L"):
        picture = picture.convert("RGB")
    picture.info.clear()
    drawn = BytesIO()
    picture.save(drawn, format=_FORMATS[media_type])
    return drawn.getvalue()


def _decoded(content: bytes, media_type: MediaType) -> Image.Image:
    try:
        image = Image.open(BytesIO(content), formats=(_FORMATS[media_type],))
        _check_size(image)
        if getattr(image, "is_animated", False):
            raise errors.DocumentUnreadable(found=media_type.label)
        image.load()
        return image
    except (Image.DecompressionBombError, MemoryError):
        raise errors.DocumentBomb from None
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError):
        # Pillow's decoders say "broken" in all these ways.
        raise errors.DocumentUnreadable(found=media_type.label) from None


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise errors.DocumentBomb
