"""Whether a file opens in Pillow, and its pixels: for scripts that damage files."""

import hashlib
import io

from PIL import Image


def verdict(data: bytes) -> dict | None:
    """What Pillow says; None for images that are too large for a test."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > 1_000_000:
                return None
            rgb = image.convert("RGB")
    except Exception:
        return {"opens": False}
    digest = hashlib.sha256(rgb.tobytes()).hexdigest()
    return {"opens": True, "width": rgb.width, "height": rgb.height, "rgb": digest}
