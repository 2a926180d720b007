"""Writes small tar files whose names are not UTF-8, as Python's tarfile writes and reads them.

    python make_tars.py ../data/tars

`expected.json` has the key and the text of each sample, as tarfile reads their names: bytes that are not
UTF-8 are lone surrogates there.
"""

import io
import json
import sys
import tarfile
from pathlib import Path

KEYS = ["caf\xe9", "caf\xe8", "caf\xe9/" + "x" * 60 + "/" + "y" * 60 + "\xe8", "plain"]


def main() -> None:
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    expected = {}
    formats = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}
    for name, format in formats.items():
        path = out / f"latin-1-{name}.tar"
        with tarfile.open(path, "w", format=format, encoding="latin-1") as tar:
            for i, key in enumerate(KEYS):
                if name == "pax":  # bytes that are no text in any encoding of the header's
                    key = key.encode("latin-1").decode("utf-8", "surrogateescape")
                for extension in ["jpg", "txt"]:
                    content = f"{extension} {i}".encode()
                    info = tarfile.TarInfo(f"{key}.{extension}")
                    info.size = len(content)
                    tar.addfile(info, io.BytesIO(content))
        with tarfile.open(path, encoding="utf-8", errors="surrogateescape") as tar:
            members = [member for member in tar if member.name.endswith(".txt")]
            expected[path.name] = [
                [member.name[:-4], tar.extractfile(member).read().decode()] for member in members
            ]
    with open(out / "expected.json", "w", encoding="utf8") as file:
        json.dump(expected, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
