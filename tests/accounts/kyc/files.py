"""Real files, made here byte by byte: documents as customers bring them, and as attackers would."""

from __future__ import annotations

import zlib
from io import BytesIO

from PIL import Image, PngImagePlugin


def jpeg(shade: int = 100, *, size: tuple[int, int] = (64, 40)) -> bytes:
    return _image("JPEG", Image.new("RGB", size, (shade, 80, 60)))


def jpeg_with_place() -> bytes:
    """Return a picture that tells, in its EXIF data, who took it."""
    exif = Image.Exif()
    exif[0x013B] = "Li Hua's telephone"
    return _image("JPEG", Image.new("RGB", (64, 40), (1, 2, 3)), exif=exif)


def png(shade: int = 100) -> bytes:
    return _image("PNG", Image.new("RGBA", (30, 20), (shade, 10, 10, 255)))


def png_bomb() -> bytes:
    """Return a PNG of a few kilobytes that claims 30,000 × 30,000 pixels."""
    header = b"\x89PNG\r\n\x1a\n"
    size = (30_000).to_bytes(4) * 2 + b"\x08\x00\x00\x00\x00"
    return header + _chunk(b"IHDR", size) + _chunk(b"IDAT", zlib.compress(bytes(30_001) * 100)) + _chunk(b"IEND", b"")


def png_text_bomb() -> bytes:
    """Return a small PNG whose comment unpacks to 20 MB."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "A" * 20_000_000, zip=True)
    return _image("PNG", Image.new("L", (8, 8)), pnginfo=info)


def pdf(text: str = "Residence permit", *, extra: bytes = b"", streams: tuple[bytes, ...] = ()) -> bytes:
    """Return a PDF of one page. `extra` is put into its catalogue, `streams` are whole objects of their own."""
    content = zlib.compress(f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode())
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R " + extra + b" >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 5 0 R >>",
        stream(content, b"/Filter /FlateDecode"),
        b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>",
        *streams,
    ]
    body, offsets = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, one in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    return body + table + trailer


def stream(content: bytes, more: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), more, content)


def object_stream(objects: bytes, more: bytes = b"") -> bytes:
    """Return a compressed stream of objects, in which PDF 1.5 hides most of a document."""
    return stream(zlib.compress(objects), b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode " + more)


def _image(kind: str, image: Image.Image, **options: object) -> bytes:
    written = BytesIO()
    image.save(written, format=kind, **options)
    return written.getvalue()


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)
