"""HEIC pictures, as iPhones take them, converted on the administrator's machine, with limits for hostile files."""

import io
import signal
import subprocess
import sys

import pytest
from PIL import Image, ImageChops, ImageStat

from headshot.imaging import normalise
from headshot_cli import heic
from headshot_cli.fit import fit
from local import portrait
from tests import pictures
from tests.cli.importing import run

__all__ = ["run"]

HEIC = pictures.heic()


@pytest.fixture(autouse=True)
def _no_sips(monkeypatch, tmp_path):
    monkeypatch.setattr(heic, "_SIPS", tmp_path / "no sips")


def test_a_heic_picture_becomes_the_same_photo_as_a_jpeg_of_it():
    jpeg = pictures.encode(
        pictures.corners((300, 400)), icc_profile=pictures.icc_profile_with_red_and_green_swapped(), quality=95
    )
    photo, expected = (pictures.read_clean(normalise(file).jpeg) for file in (fit(HEIC), jpeg))
    assert photo.size == expected.size == (300, 300)
    assert max(ImageStat.Stat(ImageChops.difference(photo, expected)).mean) < 3


def test_a_large_picture_is_scaled_down_by_the_decoder():
    assert Image.open(io.BytesIO(heic.convert(HEIC, 150))).size == (150, 200)
    assert Image.open(io.BytesIO(heic.convert(HEIC, 1024))).size == (300, 400)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (HEIC, True),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", True),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + b"heic", False),
        (pictures.plain(kind="AVIF"), False),
        (pictures.plain(kind="JPEG"), False),
        (b"", False),
    ],
)
def test_a_heic_file_is_recognised_by_its_brands(data, expected):
    assert heic.is_heic(data) is expected


def test_without_a_decoder_the_error_names_one_and_a_command_to_convert_a_folder(monkeypatch):
    monkeypatch.setattr(heic, "find_spec", lambda _name: None)
    with pytest.raises(heic.ConversionError, match=r"pipx inject .*pi-heif-decoder.*magick mogrify .*\*\.heic"):
        fit(HEIC)


@pytest.mark.parametrize("broken", [HEIC[:-300], HEIC[:40], HEIC[:500] + bytes(len(HEIC) - 500)])
def test_a_damaged_picture_is_reported(broken):
    with pytest.raises(heic.ConversionError, match="is damaged, or it needs more memory or time"):
        fit(broken)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not enforce RLIMIT_AS")
def test_a_picture_that_needs_too_much_memory_is_reported(monkeypatch):
    monkeypatch.setattr(heic, "_MEMORY_BYTES", 1)
    with pytest.raises(heic.ConversionError, match="more memory or time"):
        fit(HEIC)


def test_a_decoder_that_hangs_is_killed(monkeypatch, tmp_path):
    decoder = tmp_path / "decoder.py"
    decoder.write_text("import signal\nsignal.pause()")
    monkeypatch.setattr(heic, "_DECODER", decoder)
    monkeypatch.setattr(heic, "_PATIENCE_SECONDS", 0.1)
    with pytest.raises(heic.ConversionError, match="more memory or time"):
        fit(HEIC)


def confined(program):
    """Run a program with a second of CPU time that may not open files."""
    start = "import socket\nfrom headshot_cli.heic_decoder import confine\nconfine(2_000_000_000, 1)\n"
    return subprocess.run(
        [sys.executable, "-c", start + program], capture_output=True, text=True, check=False, timeout=120
    )


def test_the_decoders_cpu_time_is_limited():
    assert confined("while True: pass").returncode in {-signal.SIGXCPU, -signal.SIGKILL}


@pytest.mark.parametrize("attempt", ["open('/etc/passwd')", "socket.socket()"])
def test_the_decoder_cannot_open_files_or_connections(attempt):
    ended = confined(attempt)
    assert ended.returncode == 1
    assert "Too many open files" in ended.stderr


def test_the_decoder_does_not_see_the_credentials(monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    decoder = tmp_path / "decoder.py"
    decoder.write_text("import os\nprint(sorted(os.environ))")
    monkeypatch.setattr(heic, "_DECODER", decoder)
    assert b"AWS" not in heic.convert(HEIC, 1024)


def test_macos_uses_its_own_converter(monkeypatch, tmp_path):
    sips = tmp_path / "sips"
    jpeg = tmp_path / "converted.jpg"
    jpeg.write_bytes(pictures.plain(kind="JPEG"))
    sips.write_text(
        '#!/bin/sh\ntest "$1 $2 $3" = "-s format jpeg" && test "$8" = --out'
        f' && /usr/bin/cmp "$7" {tmp_path}/photo.heic && /bin/cp {jpeg} "$9"\n'
    )
    sips.chmod(0o755)
    (tmp_path / "photo.heic").write_bytes(HEIC)
    monkeypatch.setattr(heic, "_SIPS", sips)
    assert fit(HEIC) == jpeg.read_bytes()
    with pytest.raises(heic.ConversionError, match="is damaged"):
        fit(HEIC + b"other")


def test_heic_pictures_are_imported_and_a_broken_one_is_rejected_alone(run, headshot, uploader, stranger, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "iphone.HEIC").write_bytes(HEIC)
    (folder / "broken.heic").write_bytes(HEIC[:-300])
    (folder / "other.jpg").write_bytes(portrait.jpeg("other", (128, 128)))
    code, printed, errors, report = run(folder)
    assert (code, printed.split(";")[0]) == (1, "2 accepted, 0 unchanged, 1 rejected, 0 missing")
    assert errors.startswith("broken.heic: The HEIC picture cannot be converted")
    assert report["broken"]["result"] == "rejected"
    photo = pictures.read_clean(stranger.get(uploader.record("iphone").json()["url"]).content)
    assert photo.size == (300, 300)

    assert headshot("put", "grace", str(folder / "iphone.HEIC"))[0] == 0
    code, _, error = headshot("put", "grace", str(folder / "broken.heic"))
    assert (code, error.startswith("The HEIC picture cannot be converted")) == (1, True)
