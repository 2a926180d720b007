"""What Pillow says of an image: a JSON object for each path that comes in, a line each.

In:  {"path": ..., "exifOrientation": bool, "pixelsTo": path or null, "mostPixels": number,
      "canvasSide": number}
Out: {"verdict": "read", "digest": ..., "format": ...}
     {"verdict": "refused", "error": ...} or {"verdict": "unknown", "error": ...}
"""

import hashlib
import json
import sys
import warnings

from PIL import Image, ImageOps

warnings.simplefilter("ignore")
Image.init()  # or formats that are asked for by name may not be there

# A file may be one of theirs that is not ours, which Pillow then asks for first.
OTHERS = ("CUR", "ICO", "PCX")
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "AVIF", "BMP", "PPM", "TGA", "QOI", *OTHERS)


def judge(path: str, exifOrientation: bool, pixelsTo: str | None, mostPixels: int, canvasSide: int) -> dict:
    Image.MAX_IMAGE_PIXELS = mostPixels // 2  # an error above twice of it
    try:
        image = Image.open(path, formats=FORMATS)
        form = image.format
        if form in OTHERS:
            return {"verdict": "refused", "error": f"{form} file"}
        image.load()
    except Exception as error:
        return {"verdict": "refused", "error": repr(error)[:200]}
    if exifOrientation:
        try:
            image = ImageOps.exif_transpose(image)
        except Exception as error:  # Pillow has no answer, and whoever asks it needs none
            return {"verdict": "unknown", "error": repr(error)[:200]}
    try:
        pixels = image.convert("RGB")
    except Exception as error:
        return {"verdict": "refused", "error": repr(error)[:200]}
    if max(pixels.size) > canvasSide:
        return {"verdict": "unknown", "error": "larger than the canvas"}
    canvas = Image.new("RGB", (canvasSide, canvasSide))
    canvas.paste(pixels)
    rgb = canvas.tobytes()
    if pixelsTo is not None:
        with open(pixelsTo, "wb") as file:
            file.write(rgb)
    digest = hashlib.sha256(rgb).hexdigest()
    return {"verdict": "read", "digest": digest, "format": form}


print(json.dumps({"version": Image.__version__}), flush=True)
for line in sys.stdin:
    print(json.dumps(judge(**json.loads(line))), flush=True)
