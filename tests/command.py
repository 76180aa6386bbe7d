"""`storekeeper` in a process of its own, forked from one that has imported it: a short command is mostly imports."""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from tempfile import TemporaryDirectory

WAIT_S = 300
STREAMS = ("stdin", "stdout", "stderr")

_FORKED = multiprocessing.get_context("forkserver")
_FORKED.set_forkserver_preload(["edge.cli.app", __name__])


def storekeeper(*arguments: str | Path, given: bytes | str = b"", **env: str) -> CompletedProcess[str]:
    """What it said and how it ended, on a screen of 200 columns; `given` is typed, `env` goes beside this process's."""
    words = [str(each) for each in arguments]
    with TemporaryDirectory() as folder:
        stdin, stdout, stderr = (Path(folder, name) for name in STREAMS)
        stdin.write_bytes(given if isinstance(given, bytes) else given.encode())
        environment = {**os.environ, "COLUMNS": "200", **env}
        process = _FORKED.Process(target=_run, args=(words, folder, environment))
        process.start()
        process.join(WAIT_S)
        if process.exitcode is None:
            process.kill()
            raise TimeoutExpired(words, WAIT_S)
        said = (path.read_text("utf-8", "replace") if path.exists() else "" for path in (stdout, stderr))
        return CompletedProcess(words, process.exitcode, *said)


def _run(words: list[str], folder: str, environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for descriptor, name in enumerate(STREAMS):
        flags = os.O_WRONLY | os.O_CREAT if descriptor else os.O_RDONLY
        opened = os.open(Path(folder, name), flags)
        os.dup2(opened, descriptor)
        os.close(opened)
        encoding = environment.get("PYTHONIOENCODING", "utf-8")
        setattr(sys, name, os.fdopen(descriptor, "w" if descriptor else "r", encoding=encoding, closefd=False))
    sys.argv = ["storekeeper", *words]
    from edge.cli.app import main

    main()
