"""Files that customers bring: what is taken, and what is not."""

from __future__ import annotations

import tracemalloc
import zlib
from io import BytesIO
from time import perf_counter

import pytest
from PIL import Image

from accounts.kyc import errors
from accounts.kyc.files import MediaType, images, inspect, pdf
from bankops.core.errors import BankOpsError
from tests.accounts.kyc import files

LIMIT = 5 * 1024 * 1024
SCRIPT = b"<< /S /JavaScript /JS (app.alert(1)) >>"


def code_of(name: str, content: bytes) -> str:
    with pytest.raises(BankOpsError) as caught:
        inspect(name=name, content=content, max_bytes=LIMIT)
    assert "%(" not in str(caught.value)
    return caught.value.code


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("passport.pdf", files.pdf(), MediaType.PDF),
        ("Passport.PDF", files.pdf(), MediaType.PDF),
        ("photo.jpg", files.jpeg(), MediaType.JPEG),
        ("photo.jpeg", files.jpeg(), MediaType.JPEG),
        ("scan.png", files.png(), MediaType.PNG),
        ("../../etc/passwd\u202egpj.png", files.png(), MediaType.PNG),
    ],
)
def test_documents_are_taken_for_what_they_are(name: str, content: bytes, media_type: MediaType) -> None:
    assert inspect(name=name, content=content, max_bytes=LIMIT) == media_type


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("passport.pdf", files.jpeg()),
        ("photo.jpg", files.png()),
        ("photo.png", files.pdf()),
        ("photo.exe", files.jpeg()),
        ("photo", files.jpeg()),
        ("photo.jpg.exe", files.jpeg()),
        ("photo.jpg\x00.exe", files.jpeg()),
    ],
)
def test_a_file_that_is_not_what_its_name_says(name: str, content: bytes) -> None:
    assert code_of(name, content) == "document_not_what_it_says"


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script></html>",
        b"MZ\x90\x00 this program cannot be run",
        b"PK\x03\x04 a zip, a docx",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"GIF89a" + bytes(20),
        b" " + files.pdf(),
    ],
)
def test_other_kinds_of_files_are_refused(content: bytes) -> None:
    assert code_of("passport.pdf", content) == "document_type_refused"


def test_an_empty_file_and_one_that_is_too_large() -> None:
    assert code_of("passport.pdf", b"") == "document_empty"
    assert code_of("passport.pdf", files.pdf() + bytes(LIMIT)) == "document_too_large"
    with pytest.raises(errors.DocumentTooLarge, match="larger than 5 MB"):
        inspect(name="a.pdf", content=bytes(LIMIT + 1), max_bytes=LIMIT)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photo.jpg", files.jpeg(size=(500, 500))[:-700]),
        ("photo.jpg", b"\xff\xd8\xff<script>alert(1)</script>"),
        ("scan.png", files.png()[:40]),
        ("passport.pdf", files.pdf()[:-30]),
        ("passport.pdf", b"%PDF-1.7 <script>alert(1)</script>"),
        ("passport.pdf", files.pdf(streams=(files.object_stream(b"x").replace(b"\x78\x9c", b"\x00\x00"),))),
    ],
)
def test_a_damaged_file_is_refused(name: str, content: bytes) -> None:
    assert code_of(name, content) == "document_unreadable"


def test_an_animation_is_no_document() -> None:
    frames = [Image.new("RGB", (8, 8), (shade, 0, 0)) for shade in (0, 255)]
    written = BytesIO()
    frames[0].save(written, format="PNG", save_all=True, append_images=frames[1:])
    assert code_of("scan.png", written.getvalue()) == "document_unreadable"


@pytest.mark.parametrize(
    "content",
    [
        files.pdf(extra=b"/OpenAction " + SCRIPT),
        files.pdf(extra=b"/OpenAction << /S /JavaScript/JS 9 0 R >>"),
        files.pdf(extra=b"/OpenAction << /S /J#61vaScript /JS (x) >>"),
        files.pdf(extra=b"/OpenAction << /S /#4a#61#76#61#53#63#72#69#70#74 /JS (x) >>"),
        files.pdf(extra=b"/OpenAction << /S /Launch /F (calc.exe) >>"),
        files.pdf(extra=b"/Names << /EmbeddedFiles 9 0 R >>"),
        files.pdf(extra=b"/AcroForm << /XFA 9 0 R >>"),
        files.pdf(streams=(files.object_stream(b"1 0 " + SCRIPT),)),
        files.pdf(streams=(files.object_stream(b"1 0 << /S /J#61vaScript >>"),)),
        # Packed twice, or with a predictor, its words cannot be read: that alone is suspicious.
        files.pdf(streams=(files.object_stream(b"1 0 x", b"/Filter [/ASCIIHexDecode /FlateDecode]"),)),
        files.pdf(streams=(files.object_stream(b"1 0 x", b"/DecodeParms << /Predictor 12 >>"),)),
        # A stream that does not say that it is packed: viewers find out by an indirect reference.
        files.pdf(streams=(files.stream(zlib.compress(b"1 0 " + SCRIPT), b"/Type /ObjStm /Filter 9 0 R"),)),
    ],
)
def test_a_pdf_that_carries_a_program_or_files(content: bytes) -> None:
    assert code_of("passport.pdf", content) == "document_active"


def test_a_word_that_lies_across_two_pieces_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_PIECE", 10)
    assert (
        code_of("a.pdf", files.pdf(streams=(files.object_stream(b"1 0 " + b" " * 17 + SCRIPT),))) == "document_active"
    )


def test_an_encrypted_pdf() -> None:
    assert code_of("a.pdf", files.pdf(extra=b"/Encrypt 9 0 R")) == "document_encrypted"


def test_scans_as_programs_write_them_are_taken() -> None:
    """Two pages of noise: whatever bytes a picture has, they are not taken for words."""
    page, written = Image.effect_noise((1200, 1700), 60).convert("RGB"), BytesIO()
    page.save(written, format="PDF", save_all=True, append_images=[page], quality=60)
    assert len(written.getvalue()) > 1024 * 1024
    assert inspect(name="scan.pdf", content=written.getvalue(), max_bytes=LIMIT) == MediaType.PDF


def test_words_in_the_text_of_a_page_do_not_matter() -> None:
    assert inspect(name="a.pdf", content=files.pdf("I teach JavaScript, /JS and /3D"), max_bytes=LIMIT) == MediaType.PDF


def test_bombs_are_recognised_without_being_unpacked() -> None:
    packed = zlib.compress(bytes(pdf.MAX_UNPACKED + 1), 9)
    bombs = {
        "a.pdf": files.pdf(streams=(files.stream(packed, b"/Filter /FlateDecode"),)),
        "a.png": files.png_bomb(),
        "b.png": files.png_text_bomb(),
    }
    assert all(len(content) < LIMIT for content in bombs.values())
    tracemalloc.start()
    refusals = {name: code_of(name, content) for name, content in bombs.items()}
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refusals == {"a.pdf": "document_bomb", "a.png": "document_bomb", "b.png": "document_unreadable"}
    assert peak < 80 * 1024 * 1024


def test_many_small_streams_together_are_a_bomb_too() -> None:
    one = files.stream(zlib.compress(bytes(15 * 1024 * 1024), 9), b"/Filter /FlateDecode")
    assert code_of("a.pdf", files.pdf(streams=(one,) * 7)) == "document_bomb"


def test_a_file_of_nothing_but_beginnings_of_streams_is_not_read_to_its_end() -> None:
    content = files.pdf().replace(b"%%EOF", b"stream\n" * 700_000 + b"startxref\n0\n%%EOF")
    assert len(content) < LIMIT
    assert code_of("a.pdf", content) == "document_bomb"


def test_a_picture_is_drawn_anew_without_what_came_with_it() -> None:
    original = files.jpeg_with_place() + b"<script>alert(1)</script>"
    assert inspect(name="a.jpg", content=original, max_bytes=LIMIT) == MediaType.JPEG
    drawn = images.redraw(original, MediaType.JPEG)
    assert b"Li Hua" in original
    assert b"Li Hua" not in drawn
    assert b"<script>" not in drawn
    assert Image.open(BytesIO(drawn)).size == (64, 40)
    again = images.redraw(files.png(), MediaType.PNG)
    assert Image.open(BytesIO(again)).format == "PNG"


PACKED = zlib.compress(b"1 0 " + SCRIPT)
HEX = PACKED.hex().encode() + b">"
FILTERED = b"/Filter /ASCIIHexDecode"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (files.stream(HEX, b"/Type /ObjStm /N 1 /First 4 " + FILTERED), "document_active"),
        (files.stream(HEX, FILTERED + b" /Type /#4fbjStm /N 1 /First 4"), "document_active"),
        (files.stream(PACKED, b"/Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode /Crypt]"), "document_active"),
        (files.stream(PACKED, b"/Type /ObjStm /Filter /FlateDecode /Filter /ASCIIHexDecode"), "document_active"),
        (files.stream(HEX, b"/Type /ObjStm " + FILTERED + b" /Pad [" + b"0 " * 4000 + b"]"), "document_unreadable"),
        (files.stream(HEX, FILTERED + b" /Pad [" + b"0 " * 4000 + b"] /Type /ObjStm"), "document_unreadable"),
        # Strings and comments that pass for the beginning of another dictionary.
        (files.stream(HEX, FILTERED + b" /X (\n9 0 obj <<) /Type /ObjStm"), "document_unreadable"),
        (files.stream(HEX, FILTERED + b" % 9 0 obj <<\n/Type /ObjStm"), "document_unreadable"),
        (files.stream(HEX, b"/Type /ObjStm /X (stream\n) " + FILTERED), "document_unreadable"),
        # The type written elsewhere.
        (files.stream(HEX, b"/Type 9 0 R " + FILTERED) + b"\nendobj\n9 0 obj\n/ObjStm", "document_unreadable"),
        # Packed data that go on behind a word that looks like their end.
        (
            files.stream(zlib.compress(b"endstream 1 0 " + SCRIPT, 0), b"/Type /ObjStm /Filter /FlateDecode"),
            "document_active",
        ),
    ],
)
def test_streams_of_objects_are_plain_or_refused(content: bytes, code: str) -> None:
    found = code_of("a.pdf", files.pdf(streams=(content,)))
    assert found in (code, "document_unreadable")
    assert found == code or b"endstream 1 0" in content


def test_a_word_in_pieces_shorter_than_itself_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_PIECE", 3)
    assert code_of("a.pdf", files.pdf(streams=(files.object_stream(b"1 0 " + SCRIPT),))) == "document_active"


def test_plain_streams_of_objects_are_taken() -> None:
    packed, plain = files.object_stream(b"1 0 <<>>"), files.stream(b"1 0 <<>>", b"/Type/ObjStm/N 1/First 4")
    listed = files.stream(zlib.compress(b"1 0 <<>>"), b"/Filter[/FlateDecode]/First 4/N 1/Type/ObjStm")
    content = files.pdf(streams=(packed, plain, listed))
    assert inspect(name="a.pdf", content=content, max_bytes=LIMIT) == MediaType.PDF


def test_words_that_look_like_streams_cost_no_time() -> None:
    """Each of them would be unpacked to the end of the file: blocks of nothing, which unpack to nothing."""
    empty = b"\x78\x01" + b"\x00\x00\x00\xff\xff" * 100
    content = files.pdf(streams=(files.stream((b"stream\n" + empty) * 5_000),))
    begun = perf_counter()
    assert code_of("a.pdf", content) == "document_bomb"
    assert perf_counter() - begun < 15
