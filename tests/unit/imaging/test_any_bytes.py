"""Any bytes become a clean photo or an ImageError, within 450 MB and 5 seconds of CPU time."""

import multiprocessing
import resource
import signal
import sys
from multiprocessing.connection import Connection

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from headshot import imaging
from local import portrait
from tests import bombs, pictures

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not enforce RLIMIT_AS")

MEMORY_BYTES, SECONDS = 450_000_000, 5

SMALL = portrait.draw("Ada", (120, 160))
VALID = {
    "JPEG": pictures.encode(SMALL, quality=80, exif=Image.Exif(), comment=b"a comment"),
    "progressive JPEG": pictures.encode(SMALL, progressive=True),
    "JPEG without its end": pictures.encode(SMALL, quality=80)[:-2],
    "CMYK JPEG": pictures.encode(SMALL.convert("CMYK")),
    "PNG": pictures.encode(SMALL, "PNG"),
    "palette PNG": pictures.encode(SMALL.convert("P"), "PNG", transparency=0),
    "PNG with a profile": pictures.encode(SMALL, "PNG", icc_profile=pictures.icc_profile_with_red_and_green_swapped()),
    "16-bit PNG": pictures.encode(
        SMALL.convert("L").convert("I").point(lambda level: level * 256).convert("I;16"), "PNG", transparency=0x4000
    ),
    "GIF": pictures.encode(SMALL, "GIF"),
    "animated GIF": bombs.animation("GIF", 5),
    "WebP": pictures.encode(SMALL, "WEBP"),
    "lossless WebP": pictures.encode(SMALL.convert("RGBA"), "WEBP", lossless=True),
    "animated WebP": bombs.animation("WEBP", 5),
}


def serve(connection: Connection) -> None:
    """Answer each file that is sent with its result: the stored JPEG, or the code of the error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    while True:
        data = connection.recv_bytes()
        signal.setitimer(signal.ITIMER_PROF, SECONDS)  # CPU time: a busy machine must not fail a test
        try:
            result = imaging.normalise(data).jpeg
        except imaging.ImageError as error:
            result = error.code.encode()
        signal.setitimer(signal.ITIMER_PROF, 0)
        connection.send_bytes(result)


@pytest.fixture(scope="module")
def ask():
    """Return a function that sends a file to the process and returns its answer. A dead process fails the test."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()

    def ask_about(data: bytes) -> bytes:
        ours.send_bytes(data)
        return ours.recv_bytes()

    yield ask_about
    process.kill()
    process.join()
    ours.close()


def assert_photo_or_error(result: bytes) -> None:
    if result.startswith(b"\xff\xd8"):
        pictures.read_clean(result)
    else:
        assert result.decode() in {error.code for error in imaging.ImageError.__subclasses__()}


def test_good_files_become_photos(ask):
    for data in VALID.values():
        pictures.read_clean(ask(data))


@given(
    st.sampled_from([b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\0\0WEBPVP8X"]),
    st.binary(max_size=300),
)
@settings(deadline=None)
def test_bytes_are_rejected(ask, start, rest):
    result = ask(start + rest)
    assert not result.startswith(b"\xff\xd8")
    assert_photo_or_error(result)


@pytest.mark.parametrize("kind", VALID)
@given(st.data())
@settings(deadline=None, max_examples=60)
def test_a_damaged_file_is_rejected_or_becomes_a_photo(ask, kind, data):
    damaged = bytearray(VALID[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    start, length = data.draw(st.integers(0, len(damaged))), data.draw(st.integers(0, 200))
    repeated = bytes(damaged[start : start + length]) * data.draw(st.sampled_from([0, 1, 3, 300]))
    whole = bytes(damaged[:start]) + repeated + bytes(damaged[start + length :])
    assert_photo_or_error(ask(whole))
    assert_photo_or_error(ask(bombs.with_right_checksums(whole)))


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("colour", [0, 2, 3, 4, 6])
@given(palette=st.none() | st.binary(max_size=800), transparency=st.none() | st.binary(max_size=300))
@settings(deadline=None, max_examples=20)
def test_palettes_and_transparency_that_do_not_fit_are_rejected_or_ignored(ask, depth, colour, palette, transparency):
    png = bombs.png_of_zeros((64, 64), depth, colour)
    chunks = [(b"PLTE", palette), (b"tRNS", transparency)]
    extra = b"".join(bombs.png_chunk(kind, body) for kind, body in chunks if body is not None)
    assert_photo_or_error(ask(png[:33] + extra + png[33:]))


@pytest.mark.parametrize("transparency", [256, 257])
def test_a_palette_has_256_colours(ask, transparency):
    png = bombs.png_of_zeros((64, 64), 8, 3)
    start = png.index(b"IDAT") - 4
    result = ask(png[:start] + bombs.png_chunk(b"tRNS", bytes(transparency)) + png[start:])
    assert result.startswith(b"\xff\xd8") if transparency == 256 else result == b"broken-image"


@pytest.mark.parametrize("kind", [kind for kind in VALID if "animated" not in kind])  # a first frame may be whole
@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_a_picture_that_is_cut_off_is_rejected(ask, kind, quarter):
    whole = VALID[kind]
    assert ask(whole[: len(whole) * quarter // 4]) in {b"broken-image", b"image-too-small"}


@pytest.mark.parametrize(
    "bomb",
    [
        lambda: bombs.jpeg_with_scans(14, (6000, 4000), subsampling=0),
        lambda: bombs.jpeg_with_segments(60, bombs.jpeg_segment(0xE1, bombs.overlapping_exif())),
        lambda: bombs.jpeg_with_segments(3, bombs.jpeg_segment(0xE2, b"MPF\0" + bombs.overlapping_exif()[6:])),
        lambda: bombs.png_with_chunks(bombs.png_chunk(b"eXIf", bombs.overlapping_exif()[6:])),
        lambda: bombs.png_with_chunks(bombs.png_chunk(b"zTXt", b"Comment\0\0" + bombs.zeros(60_000_000)) * 40),
        lambda: bombs.png_of_zeros((4000, 3100), 16, 6),
        lambda: bombs.flat((5000, 5000), "GIF", "L"),
        lambda: bombs.flat((5000, 4000), "WEBP", method=0),
    ],
    ids=["scans", "EXIF", "MPF", "PNG EXIF", "PNG text", "PNG", "GIF", "WebP"],
)
def test_bombs_for_other_decoders_become_photos(ask, bomb):
    pictures.read_clean(ask(bomb()))
