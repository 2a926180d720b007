"""The child process one Python contender runs in.

Answers the requests of ../src/workers/worker.ts, one JSON object a line on standard input, with one reply a
line on standard output.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from contender import Running

Message = dict[str, Any]

INSTALL_COMMAND = "bench/python/.venv/bin/pip install -r bench/python/requirements.txt"


def take_standard_output() -> TextIO:
    """Replies go where standard output went; what a library prints goes to standard error."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf8")
    os.dup2(2, 1)
    return replies


def peak_memory() -> int:
    # On Linux ru_maxrss also remembers the process this one was started from; VmHWM does not.
    try:
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass  # Not Linux.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


class Worker:
    def __init__(self) -> None:
        self._running: Running | None = None

    def _require_running(self) -> Running:
        if self._running is None:
            raise RuntimeError("no contender has been set up")
        return self._running

    def _set_up(self, request: Message) -> Message:
        introduction: Message | None = None
        try:
            # Imported here and not above, to be able to say what is not installed.
            import contenders
            from contender import Options, Pair, Unavailable

            contender = contenders.load(request["contender"])
            introduction = {
                "description": contender.description,
                "exact": contender.exact,
                "output": "batches",
            }
            options = Options(
                batch_size=request["options"]["batchSize"],
                tokenizer_folder=request["options"]["tokenizerFolder"],
                max_length=request["options"]["maxLength"],
            )
            pairs = [Pair(pair["image"], pair["text"]) for pair in request["pairs"]]
            try:
                self._running = contender.set_up(pairs, options)
            except Unavailable as error:
                return unavailable(str(error), introduction)
        except ModuleNotFoundError as error:
            return unavailable(f"{error}: run {INSTALL_COMMAND}", introduction)
        except ImportError as error:
            return unavailable(str(error), introduction)
        return {"type": "ready", "introduction": introduction}

    def _measure(self, seconds: float) -> Message:
        running = self._require_running()
        # What an earlier round left behind is not this round's to collect.
        gc.collect()
        pairs = 0
        elapsed = 0.0
        while True:
            start = time.perf_counter()
            for batch in running.epoch():
                pairs += len(batch.indices)
            elapsed += time.perf_counter() - start
            if elapsed >= seconds:
                break
        measurement = {"pairs": pairs, "seconds": elapsed, "peakMemory": peak_memory()}
        return {"type": "measured", "measurement": measurement}

    def _deliver(self, folder: Path) -> Message:
        """One epoch, row after row in one file a tensor."""
        indices: list[int] = []
        with (
            (folder / "image").open("wb") as image,
            (folder / "input_ids").open("wb") as input_ids,
            (folder / "attention_mask").open("wb") as attention_mask,
        ):
            for batch in self._require_running().epoch():
                indices.extend(batch.indices)
                image.write(batch.image.astype("<f4", copy=False).tobytes())
                input_ids.write(batch.input_ids.astype("<i8", copy=False).tobytes())
                attention_mask.write(batch.attention_mask.astype("<i8", copy=False).tobytes())
        return {"type": "delivered", "indices": indices}

    def _close(self) -> Message:
        if self._running is not None:
            self._running.close()
        return {"type": "closed"}

    def answer(self, request: Message) -> Message:
        match request["type"]:
            case "setUp":
                return self._set_up(request)
            case "measure":
                return self._measure(request["seconds"])
            case "deliver":
                return self._deliver(Path(request["folder"]))
            case "close":
                return self._close()
        raise ValueError(f"unknown request {request['type']}")


def unavailable(reason: str, introduction: Message | None) -> Message:
    reply: Message = {"type": "unavailable", "reason": reason}
    return reply if introduction is None else {**reply, "introduction": introduction}


def main() -> None:
    # The runner's to handle: it ends this process by closing its input.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # Set here and not by the contenders, for it must be done before their packages are loaded.
    os.environ["TOKENIZERS_PARALLELISM"] = "true"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    replies = take_standard_output()
    worker = Worker()
    for line in sys.stdin:
        try:
            reply = worker.answer(json.loads(line))
        except Exception as error:  # noqa: BLE001 - whatever it is, the runner reports it
            reply = {"type": "failed", "reason": f"{type(error).__name__}: {error}"}
        replies.write(f"{json.dumps(reply)}\n")
        replies.flush()
        if reply["type"] == "closed":
            break


if __name__ == "__main__":
    main()
