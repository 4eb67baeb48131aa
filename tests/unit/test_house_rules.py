"""What keeps the tree readable: sizes, locks, and a README that says what is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from assistant.settings import Settings
from ui.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ["assistant", "retriever", "ranker", "eval", "ui"]
README = ROOT / "README.md"
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def locked(name: str) -> dict[str, str]:
    """Versions by package of one lock."""
    text = (ROOT / "requirements" / name).read_text()
    return {
        canonicalize_name(package): version
        for package, version in re.findall(r"^(\S+?)==([^\s;]+)", text, re.MULTILINE)
    }


def tree_entries(text: str) -> list[str]:
    """Paths of the README's annotated tree, told by their indentation."""
    block = text.split("<!-- tree -->")[1].split("```")[1]
    entries: list[str] = []
    folders: list[str] = []
    for line in block.splitlines()[1:]:
        found = re.match(r"( *)(\S+)", line)
        if not found:
            continue
        depth, name = len(found.group(1)) // 2, found.group(2)
        folders = folders[:depth]
        entries.append("".join([*folders, name]))
        if name.endswith("/"):
            folders.append(name)
    return entries


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_fits_in_the_head(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


def test_sources_name_no_folder_of_a_developers_machine() -> None:
    own = re.compile(r"(?<![\w.])/(?:home|root|Users|work)/\w")
    files = [*MODULES, *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md"), *(ROOT / "tests").rglob("*.py")]
    assert [str(path.relative_to(ROOT)) for path in files if own.search(path.read_text())] == []


@pytest.mark.parametrize("lock", ["cpu.txt", "gpu.txt"])
def test_a_lock_satisfies_what_the_project_declares(lock: str) -> None:
    versions = locked(lock)
    extra = PROJECT["optional-dependencies"][lock.removesuffix(".txt")]
    for requirement in map(Requirement, [*PROJECT["dependencies"], *extra]):
        version = versions.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not in {lock}: run make lock"
        assert requirement.specifier.contains(version), f"{lock} has {requirement.name} {version}: run make lock"


@pytest.mark.parametrize("lock", ["cpu.txt", "gpu.txt", "dev.txt", "pip.txt"])
def test_a_lock_has_names_versions_and_hashes_only(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text()
    packages = re.split(r"\n(?=\S)", text)[1:]
    assert packages
    for package in packages:
        assert re.fullmatch(r"\S+==\S+( ; [^\\\n]+)? \\(\n    --hash=sha256:[0-9a-f]{64}( \\)?)+\n?", package), package


def test_the_tree_in_the_readme_is_the_tree() -> None:
    entries = tree_entries(README.read_text())

    assert [entry for entry in entries if not (ROOT / entry).exists()] == []
    # A folder without entries of its own stands for what is in it.
    closed = {
        entry
        for entry in entries
        if entry.endswith("/") and not any(e != entry and e.startswith(entry) for e in entries)
    }
    modules = [str(path.relative_to(ROOT)) for path in MODULES if path.name != "__init__.py"]
    told = set(entries)
    assert [
        name for name in modules if name not in told and not any(name.startswith(folder) for folder in closed)
    ] == []


def test_the_readme_lists_every_setting_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `SHOPWISE_(\w+)` \| `?([^|`]*?)`? \|", README.read_text(), re.MULTILINE))

    assert set(rows) == {name.upper() for name in Settings.model_fields}
    for name in ("home", "currency", "host", "port", "model_port"):
        assert rows[name.upper()] == str(Settings.model_fields[name].default)


def test_the_make_targets_in_the_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"`?\bmake ([a-z-]+)\b(?=`|$|  )", README.read_text(), re.MULTILINE)) <= targets


def test_the_commands_in_the_readme_are_the_commands() -> None:
    told = set(re.findall(r"^\| `shopwise (\w+)", README.read_text(), re.MULTILINE))

    assert told == {command.name for command in [*app.registered_commands, *app.registered_groups]}


@pytest.mark.parametrize("page", [README, *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda page: page.name)
def test_links_between_the_documents_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []
