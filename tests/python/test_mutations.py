"""The list of mutations does not rot: each still finds its line, and names tests that are there."""

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "mutation_check.py"


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


check = load(SCRIPT)


@pytest.mark.parametrize("mutation", check.MUTATIONS, ids=lambda mutation: mutation.idea)
def test_a_mutation_finds_its_line_once_and_changes_it(mutation):
    assert check.occurrences(mutation) == 1
    assert mutation.old != mutation.new


@pytest.mark.parametrize("selection", sorted({mutation.noticed_by for mutation in check.MUTATIONS}))
def test_what_should_notice_is_there(project_root, selection):
    if check.is_pytest(selection):
        assert (project_root / selection).exists()
    else:
        models = {path.stem for path in (project_root / "models").rglob("*.sql")}
        assert {word.removesuffix("+1") for word in selection.split()} <= models


def test_every_layer_is_broken_somewhere():
    broken = {mutation.file.split("/")[1] for mutation in check.MUTATIONS if mutation.file.startswith("models/")}
    assert broken == {"bronze", "silver", "gold", "ledger", "published"}
    assert any(mutation.file.startswith("python_models/") for mutation in check.MUTATIONS)
    assert len(check.MUTATIONS) >= 10


def test_a_text_that_is_gone_is_one_line(monkeypatch, capsys):
    gone = check.Mutation("a line that nobody wrote", "models/gold/journeys/journeys.sql", "no such text", "", "journeys")
    monkeypatch.setattr(check, "MUTATIONS", [gone])
    monkeypatch.setattr(sys, "argv", ["mutation_check.py"])
    assert check.main() == 1
    [line] = capsys.readouterr().err.splitlines()
    assert "a line that nobody wrote" in line and "0 times" in line
