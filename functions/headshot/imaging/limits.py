"""What one picture may cost: no file, accepted or rejected, takes over a second or 450 MB (docs/imaging.md).

Files of up to 25 MB, which only the drop box takes, may take up to two seconds, and no more memory.
"""

# Lambda takes 6 MB a request (6,291,556 bytes), base64 included, which leaves 4.7 MB, less the headers.
MAX_BYTES = 4_500_000

# Pixels, by format, read from the header.
# JPEG is decoded at 1/2, 1/4 or 1/8 of its size, so that its pixels cost little. Phones have up to 50 megapixels.
# PNG and GIF are decoded whole: 4 bytes a pixel, and as much again while transparency is scaled, 200 MB.
# WebP's decoder holds two canvases of 4 bytes a pixel besides its result and Pillow's copy: 16 bytes a pixel, 320 MB.
MAX_PIXELS = {"JPEG": 50_000_000, "PNG": 25_000_000, "GIF": 25_000_000, "WEBP": 20_000_000}

# Bits of a PNG's samples. Inflating and filtering go by bytes, 100 MB in 0.7 s: 25 megapixels of 8-bit RGBA.
MAX_PNG_BITS = 800_000_000

# Components × pixels whose coefficients a JPEG decoder must hold at once: 300 MB at two bytes each.
MAX_JPEG_COEFFICIENTS = 150_000_000

# Scans × pixels of a progressive JPEG. Each scan visits every block again: 2.7 billion pixels a second, so that this
# many take 0.3 s. Encoders write about ten scans, which 50 megapixels may have and some more.
MAX_JPEG_SCANNED_PIXELS = 800_000_000

# Scans have a price of their own, some microseconds, that small pictures would multiply by their bytes.
MAX_JPEG_SCANS = 200

# Pixels of a JPEG without an end marker, which is decoded twice (headshot.imaging.decode).
MAX_PIXELS_WITHOUT_END = 25_000_000

# A JPEG segment has up to 65,533 bytes: 500 are over seven times MAX_BYTES. Cameras write about 20; an embedded depth
# map or editing history is up to 70 in a file of MAX_BYTES.
MAX_JPEG_SEGMENTS = 500

# Encoders cut image data into chunks of 8,192 bytes or more: 550 in a file of MAX_BYTES.
MAX_PNG_CHUNKS = 20_000

# Blocks of at most 255 bytes before the first frame: no file of MAX_BYTES that fills them has as many.
MAX_GIF_BLOCKS = 20_000

# Two a frame at most: minutes of animation, of which the first frame is read.
MAX_WEBP_CHUNKS = 10_000

# The result, in pixels. Atlassian shows profile pictures at up to 256 CSS pixels; screens have two pixels to each.
MAX_SIDE = 512
MIN_SIDE = 64

# An ICC profile for cameras and screens has up to 60 kB, one for a printing press up to 3 MB.
MAX_ICC_BYTES = 3_500_000
