"""Runs dbt once for each command line; from then on says again what it said: its log, its artefacts, its exit code.

    python dbt_again.py FOLDER ARGUMENTS...

FOLDER keeps the answers. With FOLDER "tell" it is no dbt at all, but the worst that one could be: it fails, and its
message holds its whole environment and the profile.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

SCRATCH = ("--target-path", "--log-path")


def again(folder: Path, arguments: list[str]) -> int:
    scratch = {place + 1 for place, word in enumerate(arguments) if word in SCRATCH}
    asked = [word for place, word in enumerate(arguments) if place not in scratch]
    answer = folder / hashlib.sha256(json.dumps(asked).encode()).hexdigest()
    target = Path(arguments[arguments.index("--target-path") + 1])
    if not answer.exists():
        program = Path(sys.executable).with_name("dbt")
        done = subprocess.run([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        answer.mkdir(parents=True)
        (answer / "said").write_bytes(done.stdout)
        (answer / "code").write_text(str(done.returncode))
        if target.is_dir():
            shutil.copytree(target, answer / "target")
    elif (answer / "target").is_dir():
        shutil.copytree(answer / "target", target, dirs_exist_ok=True)
    sys.stdout.buffer.write((answer / "said").read_bytes())
    return int((answer / "code").read_text())


def tell() -> int:
    everything = f"Database Error {dict(os.environ)} {Path('profiles.yml').read_text()}"
    for name, level, data in (
        ("MainReportVersion", "info", {"version": "=1.99.0"}),
        ("Fault", "error", {"exc": everything}),
    ):
        print(json.dumps({"info": {"name": name, "level": level, "msg": everything}, "data": data}))
    print(everything)
    return 2


if __name__ == "__main__":
    sys.exit(tell() if sys.argv[1] == "tell" else again(Path(sys.argv[1]), sys.argv[2:]))
