"""The pure parts of the widgets' JavaScript, run by Node; positions are compared with Python's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from random import Random

import pytest

import workbench.widgets
from workbench.widgets._base import joined_module

TESTS = Path(__file__).parent / "coder.test.mjs"
STATIC = Path(workbench.widgets.__file__).parent / "static"
#: Emoji, joined emoji, flags, combining marks, right-to-left text, line ends, characters beyond the basic plane.
LETTERS = ["a", " ", "😀", "👩‍👩‍👧", "🇩🇪", "e\u0301", "שלום", "\u200f", "\n", "\r\n", "𝔘", "中", "\u0000", "ß", "\ufeff"]


def position_cases(n: int, random: Random) -> list[dict[str, object]]:
    """Random texts with a passage in code points and the words that Python finds there."""
    cases: list[dict[str, object]] = []
    for _ in range(n):
        text = "".join(random.choices(LETTERS, k=random.randrange(1, 60)))
        start, end = sorted(random.choices(range(len(text) + 1), k=2))
        cases.append({"text": text, "points": len(text), "start": start, "end": end, "excerpt": text[start:end]})
    return cases


def test_the_pure_part_keeps_its_promises(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.fail("There is no Node to test with. Install one with: apt-get install nodejs (or brew install node).")
    cases = tmp_path / "cases.json"
    cases.write_text(json.dumps(position_cases(400, Random(5))), encoding="utf-8")
    modules = [shutil.copyfile(source, tmp_path / source.name).as_uri() for source in STATIC.glob("*.js")]
    (tmp_path / "package.json").write_text('{"type": "module"}')
    env = {**os.environ, "CASES": str(cases), "MODULES": json.dumps(modules)}
    done = subprocess.run([node, "--test", TESTS], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("widget", ["interview_coder.js", "codebook_editor.js", "opportunity_board.js", "persona_builder.js"])
def test_a_joined_module_gives_every_name_once(widget: str, tmp_path: Path) -> None:
    """Node refuses a module in which two files give the same name."""
    node = shutil.which("node")
    assert node
    module = tmp_path / "joined.mjs"
    module.write_text(joined_module(widget), encoding="utf-8")
    assert 'from "./' not in module.read_text(encoding="utf-8")
    done = subprocess.run([node, "--check", module], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
