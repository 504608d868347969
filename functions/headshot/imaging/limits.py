"""Limits on one picture. With them, no file takes over a second or 450 MB, accepted or rejected (docs/imaging.md).

Files of up to 25 MB, which only the drop box accepts, take up to two seconds, and no more memory.
"""

# Bytes of an uploaded file. Lambda accepts requests of 6 MB (6,291,556 bytes) with the body in base64, which leaves
# 4.7 MB less the headers.
MAX_BYTES = 4_500_000

# Pixels by format, as the header announces them.
# JPEG is decoded at 1/2, 1/4 or 1/8 of its size, so its pixels cost little. Phones have up to 50 megapixels.
# PNG and GIF are decoded at full size: 4 bytes a pixel, and as much again while transparency is scaled, 200 MB.
# WebP's decoder holds two canvases of 4 bytes a pixel, its result and Pillow's copy: 16 bytes a pixel, 320 MB.
MAX_PIXELS = {"JPEG": 50_000_000, "PNG": 25_000_000, "GIF": 25_000_000, "WEBP": 20_000_000}

# Bits of a PNG's samples. Inflating and filtering take 0.7 s for 100 MB, which is 25 megapixels of 8-bit RGBA.
MAX_PNG_BITS = 800_000_000

# Components × pixels of a JPEG whose decoder must hold all coefficients at once: 300 MB at two bytes each.
MAX_JPEG_COEFFICIENTS = 150_000_000

# Scans × pixels of a progressive JPEG. Each scan visits every block again, 2.7 billion pixels a second: 0.3 s for this
# many. Encoders write about ten scans; 50 megapixels may have 16.
MAX_JPEG_SCANNED_PIXELS = 800_000_000

# Scans of a JPEG of any size. Each costs some microseconds, and a file of many tiny scans would add them up.
MAX_JPEG_SCANS = 200

# Pixels of a JPEG without an end marker, which is decoded twice (headshot.imaging.decode).
MAX_PIXELS_WITHOUT_END = 25_000_000

# Segments of a JPEG. Each has up to 65,533 bytes, so 500 hold over seven times MAX_BYTES. Cameras write about 20; an
# embedded depth map or editing history adds up to 70 in a file of MAX_BYTES.
MAX_JPEG_SEGMENTS = 500

# Chunks of a PNG. Encoders write chunks of 8,192 bytes or more: 550 in a file of MAX_BYTES.
MAX_PNG_CHUNKS = 20_000

# Blocks before the first frame of a GIF. Full ones have 255 bytes, and a file of MAX_BYTES holds fewer of those.
MAX_GIF_BLOCKS = 20_000

# Chunks of a WebP. A frame has at most two, so this is minutes of animation, whose first frame is used.
MAX_WEBP_CHUNKS = 10_000

# Pixels a side of the result, and of an upload at least. Atlassian shows profile pictures at up to 256 CSS pixels, and
# screens have two pixels for each.
MAX_SIDE = 512
MIN_SIDE = 64

# Bytes of an ICC profile. Those for cameras and screens have up to 60 kB, those for printing presses up to 3 MB.
MAX_ICC_BYTES = 3_500_000
