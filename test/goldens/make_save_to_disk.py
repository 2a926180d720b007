"""A dataset as Hugging Face's save_to_disk() writes it, which is no packed set.

    python make_save_to_disk.py OUT     # writes OUT/save-to-disk.arrow
"""

import shutil
import sys
import tempfile
from pathlib import Path

from datasets import Dataset

out = Path(sys.argv[1])
with tempfile.TemporaryDirectory() as folder:
    Dataset.from_dict({"text": ["a red image", "two"]}).save_to_disk(folder)
    shutil.copy(Path(folder) / "data-00000-of-00001.arrow", out / "save-to-disk.arrow")
