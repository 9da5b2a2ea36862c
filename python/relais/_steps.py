"""One function per step. Further options are those of the command line, with ``_`` for ``-``."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, Iterable, Optional, Union

from . import _frames
from ._call import Option, call, piped
from ._frames import Frame
from ._results import Draws, Experiment, Model, Outcomes, Plan, Reading, Scores, of_json

PathLike = Union[str, "os.PathLike[str]"]


def import_exports(*exports: PathLike, history: PathLike, **options: Option) -> "dict[str, Any]":
    """Reads exports (files, or folders of them) into a history; what was read, file by file."""
    return call("import", *exports, options={"history": history, **options})[0]


def panel(
    history: Optional[PathLike] = None,
    rows: Optional[Frame] = None,
    split_by: Optional[Iterable[str]] = None,
    polars: bool = False,
    **options: Option,
) -> Any:
    """The panel (segment × week) of a history, or of raw rows of one grain.

    It is a pandas frame, or a polars frame where ``polars`` says so or the raw rows are one.
    """
    asked: "dict[str, Option]" = {"history": history, "split_by": split_by, **options}
    polars = polars or (rows is not None and _frames.is_polars(rows))
    if rows is None and _frames.arrow(polars):
        return _frames.of_stream(piped("history export", asked), polars)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "panel.csv"
        if rows is not None:
            asked["from_csv"] = _frames.put(rows, Path(folder) / "rows.csv")
        call("history panel", options={**asked, "out": out})
        frame = _frames.read(out, polars)
        return frame if polars else _frames.dated(frame)


def _panel(panel: Optional[Frame], folder: str) -> "tuple[dict[str, Option], Optional[bytes]]":
    """How the program is given a panel: from a pipe, or by the name of a file."""
    if panel is None:
        return {}, None
    stream = _frames.stream(panel)
    if stream is None:
        return {"panel": _frames.put(panel, Path(folder) / "panel.csv")}, None
    return {"panel": "-"}, stream


def train(
    panel: Optional[Frame] = None,
    history: Optional[PathLike] = None,
    out: PathLike = "model.json",
    tests: Optional[Frame] = None,
    draws: bool = False,
    **options: Option,
) -> Model:
    """Learns response curves from a panel or a history, and writes the model to ``out``."""
    with tempfile.TemporaryDirectory() as folder:
        source, stream = _panel(panel, folder)
        given: "dict[str, Option]" = {"history": history, "out": out, **source, **options}
        if tests is not None:
            given["tests"] = _frames.put(tests, Path(folder) / "tests.csv")
        if draws:
            given["draws"] = Path(folder) / "draws.json"
        answer, _ = call("train", options=given, given=stream)
        kept = Draws(of_json(Path(folder) / "draws.json")) if draws else None
    return Model(Path(out), of_json(Path(out))["card"], answer.get("findings", []), kept)


def predict(model: "Union[Model, PathLike]", at: Frame, **options: Option) -> Any:
    """Expected actions at given spends: ``at`` has ``segment``, ``spend`` per week, perhaps ``week``."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "predictions.csv"
        asked = _frames.put(at, Path(folder) / "at.csv")
        call("predict", options={"model": _file(model), "at": asked, "out": out, **options})
        return _frames.read(out, _frames.is_polars(at))


def plan(
    campaign: PathLike,
    model: "Union[Model, PathLike, None]" = None,
    out: PathLike = "plan",
    **options: Option,
) -> Plan:
    """Divides a campaign's budget, with proof, and writes ``plan.json`` below ``out``."""
    call("plan", campaign, options={"model": _file(model), "out": out, **options})
    path = Path(out) / "plan.json"
    data = of_json(path)
    return Plan(path, data, data["findings"])


def simulate(plan: "Union[Plan, PathLike]", model: "Union[Model, PathLike]", **options: Option) -> Outcomes:
    """Plays what a plan promises beside other ways to divide the budget."""
    answer, findings = call(
        "simulate", options={"plan": _file(plan), "model": _file(model), **options}
    )
    return Outcomes(answer, findings)


def backtest(
    panel: Optional[Frame] = None, history: Optional[PathLike] = None, **options: Option
) -> Scores:
    """Scores predictions on weeks that were held back, beside plain methods."""
    with tempfile.TemporaryDirectory() as folder:
        source, stream = _panel(panel, folder)
        given: "dict[str, Option]" = {"history": history, **source, **options}
        return Scores(call("backtest", options=given, given=stream)[0])


def experiment(
    campaign: PathLike,
    model: "Union[Model, PathLike]",
    out: PathLike = "experiment",
    **options: Option,
) -> Experiment:
    """Designs a test that costs no budget: schedule, page to sign and plan below ``out``."""
    given = {"model": _file(model), "out": out, **options}
    answer, _ = call("experiment design", campaign, options=given)
    return Experiment(Path(out), answer)


def read_experiment(
    test: "Union[Experiment, PathLike]", history: PathLike, **options: Option
) -> Reading:
    """What a test has taught, from a history with the flight's exports; marks its weeks there."""
    path = test.path if isinstance(test, Experiment) else test
    return Reading(call("experiment read", path, options={"history": history, **options})[0])


def _file(given: "Union[Model, Plan, PathLike, None]") -> "Optional[PathLike]":
    return given.path if isinstance(given, (Model, Plan)) else given
