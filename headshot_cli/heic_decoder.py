"""Decodes one HEIC file from standard input to standard output, within limits, in a process started by `heic`.

It imports no other module of the command, so that it can run by its path in isolated mode.
"""

import io
import sys


def confine(memory_bytes: int, cpu_seconds: int) -> None:
    """Limit this process's memory and CPU time, and keep it from opening files and connections.

    Windows has no such limits, and macOS does not enforce the memory limit.
    """
    if sys.platform != "win32":
        import resource  # noqa: PLC0415  Windows has none

        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if sys.platform == "linux":
            resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def main(side: int, memory_bytes: int, cpu_seconds: int) -> None:
    """Write the picture as TIFF, upright, with its colour profile; its shorter side has at most `side` pixels."""
    # Load everything that decoding and writing need: once confined, Python cannot import any more.
    from pi_heif.as_plugin import register_heif_opener  # noqa: PLC0415  as the line above says
    from PIL import Image, TiffImagePlugin  # noqa: F401, PLC0415  TiffImagePlugin is loaded for `save`

    Image.preinit()
    # One thread, and only the picture itself: every thumbnail or depth map is one more way into the parser.
    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    data = sys.stdin.buffer.read()
    confine(memory_bytes, cpu_seconds)
    out = io.BytesIO()
    with Image.open(io.BytesIO(data), formats=["HEIF"]) as picture:
        scale = min(1, side / min(picture.size))
        picture.thumbnail((picture.width * scale, picture.height * scale))
        picture.save(out, "TIFF", icc_profile=picture.info.get("icc_profile"))
    sys.stdout.buffer.write(out.getvalue())


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
