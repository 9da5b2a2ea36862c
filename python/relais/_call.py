"""The program: where it is, how it is asked, what it answers."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any, Iterable, Mapping, Optional, Union

#: What an option may be: a number, a text, a path, a switch, or several of them.
Option = Union[None, bool, int, float, str, "os.PathLike[str]", Iterable[Any]]

_PLACE = re.compile(r"[`\"“«]?\s*([^`\"“”«»\n]+?)\s*[`\"”»]?,\s*(?:line|ligne)\s+(\d+)")

_MARK = re.compile(r"\A(?:error|erreur)\s?:\s")


class RelaisError(Exception):
    """What the program could not do, in its own words.

    ``message`` is the whole text, ``file`` and ``line`` the place where they are told.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        #: Every place that the message names.
        self.places: list[tuple[str, int]] = [(f, int(n)) for f, n in _PLACE.findall(message)]
        self.file: Optional[str] = self.places[0][0] if self.places else None
        self.line: Optional[int] = self.places[0][1] if self.places else None


class BadInput(RelaisError, ValueError):
    """Something that was given is wrong; nothing was stored (exit code 2)."""


class Fault(RelaisError):
    """An internal fault, to be reported (exit code 3, or a program that was stopped)."""


def binary() -> str:
    """The program: ``RELAIS_BINARY``, the one installed with this package, or that of ``PATH``."""
    own = os.environ.get("RELAIS_BINARY")
    if own:
        return own
    name = "relais.exe" if os.name == "nt" else "relais"
    for scheme in (None, f"{os.name}_user"):
        try:
            scripts = sysconfig.get_path("scripts", scheme) if scheme else sysconfig.get_path("scripts")
        except KeyError:
            continue
        if (Path(scripts) / name).is_file():
            return str(Path(scripts) / name)
    found = shutil.which(name)
    if found is None:
        raise Fault("the relais program is not installed beside this package, nor on PATH")
    return found


def version() -> str:
    """The version of the program."""
    told = subprocess.run([binary(), "--version"], capture_output=True, text=True, check=True)
    return told.stdout.strip().split(" ", 1)[1]


def words(options: Mapping[str, Option]) -> list[str]:
    """Options as the command line writes them."""
    line: list[str] = []
    for name, value in options.items():
        flag = "--" + name.rstrip("_").replace("_", "-")
        if value is None or value is False:
            continue
        if value is True:
            line.append(flag)
        elif isinstance(value, (str, int, float, os.PathLike)):
            line += [flag, os.fspath(value) if isinstance(value, os.PathLike) else str(value)]
        else:
            line += [flag, ",".join(str(own) for own in value)]
    return line


def call(
    command: str,
    *arguments: "Union[str, os.PathLike[str]]",
    options: Optional[Mapping[str, Option]] = None,
    given: Optional[bytes] = None,
) -> "tuple[dict[str, Any], bool]":
    """Runs a command: its answer, and whether its findings ask for a person (exit code 1).

    ``given`` goes to its standard input.
    """
    line = [*command.split(), "--json", *words(options or {})]
    if arguments:
        line += ["--", *[os.fspath(own) for own in arguments]]
    text, code = _run(command, line, given)
    return (json.loads(text) if text.strip() else {}), code == 1


def piped(command: str, options: Mapping[str, Option]) -> bytes:
    """Runs a command that writes bytes to its standard output."""
    return _run(command, [*command.split(), *words(options)], None)[0]


def _run(command: str, line: "list[str]", given: Optional[bytes]) -> "tuple[bytes, int]":
    done = subprocess.run([binary(), *line], input=given, capture_output=True)
    if done.returncode not in (0, 1):
        text = done.stderr.decode("utf-8", "replace").strip()
        told = _told(done.stdout) or _MARK.sub("", text) or f"{command}: no answer"
        raise (BadInput if done.returncode == 2 else Fault)(told)
    return done.stdout, done.returncode


def _told(text: bytes) -> str:
    try:
        return str(json.loads(text)["error"])
    except (ValueError, KeyError, TypeError):
        return ""
