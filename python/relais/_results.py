"""What the functions give back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from . import _frames


@dataclass
class Draws:
    """Joint draws of a model's parameters, by chain and draw."""

    data: "dict[str, Any]" = field(repr=False)

    def to_inferencedata(self) -> Any:
        """An ArviZ ``InferenceData`` (``pip install arviz``)."""
        import arviz as az

        return az.from_dict(**self.data)


@dataclass
class Model:
    """A trained model: its file, what it says of itself, and its draws where they were asked for."""

    path: Path
    card: "dict[str, Any]" = field(repr=False)
    findings: "list[Any]"
    draws: Optional[Draws] = field(default=None, repr=False)

    def segments(self, polars: bool = False) -> Any:
        """One row per segment: what was learnt of it."""
        return _frames.of_records(self.card["segments"], polars)


@dataclass
class Plan:
    """A plan: its file and all that it says."""

    path: Path
    data: "dict[str, Any]" = field(repr=False)
    findings: "list[Any]"

    def rows(self, polars: bool = False) -> Any:
        """One row per segment: budget, expected actions, why."""
        return _frames.of_records(self.data["rows"], polars)

    def weeks(self, polars: bool = False) -> Any:
        """One row per funded segment and week."""
        rows = [
            {"segment": row["segment"], **week}
            for row in self.data["rows"]
            for week in row.get("weeks", [])
        ]
        return _frames.of_records(rows, polars)


@dataclass
class Outcomes:
    """A simulation: all that it says."""

    data: "dict[str, Any]" = field(repr=False)
    findings: bool

    def policies(self, polars: bool = False) -> Any:
        """One row per way to divide the budget."""
        return _frames.of_records(self.data["policies"], polars)


@dataclass
class Scores:
    """A backtest: all that it says."""

    data: "dict[str, Any]" = field(repr=False)

    def folds(self, polars: bool = False) -> Any:
        """One row per origin, horizon and method."""
        rows = [
            {"origin": fold["origin"], "horizon": fold["horizon"], "method": name, **score}
            for fold in self.data["folds"]
            for name, score in fold["scores"].items()
        ]
        return _frames.of_records(rows, polars)


@dataclass
class Experiment:
    """A test that was designed: its folder and what it settles."""

    folder: Path
    data: "dict[str, Any]" = field(repr=False)

    @property
    def path(self) -> Path:
        """``experiment.json``: keep it as it is."""
        return self.folder / "experiment.json"

    def schedule(self) -> Any:
        """One row per audience and week."""
        return _frames.read(self.folder / "schedule.csv")


@dataclass
class Reading:
    """What a test has taught."""

    data: "dict[str, Any]" = field(repr=False)

    @property
    def verdict(self) -> str:
        """``learnt``, ``underpowered`` or ``broken``."""
        return str(self.data["verdict"])

    def curves(self, polars: bool = False) -> Any:
        """What twice the money brings by audience, before and after."""
        return _frames.of_records(self.data["curves"], polars)


def of_json(path: Path) -> "dict[str, Any]":
    """A JSON file."""
    told: "dict[str, Any]" = json.loads(path.read_text(encoding="utf-8"))
    return told
