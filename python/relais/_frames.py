"""Frames of others: pandas, polars and Arrow tables to CSV, and back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Union

#: A pandas or polars frame, an Arrow table, or a CSV file's path.
Frame = Union[Any, str, "os.PathLike[str]"]


def is_path(given: Frame) -> bool:
    """Whether it is a file's path and no frame."""
    return isinstance(given, (str, os.PathLike))


def is_polars(given: Frame) -> bool:
    """Whether it is a polars frame."""
    return type(given).__module__.split(".")[0] == "polars"


def put(given: Frame, path: Path) -> Path:
    """The CSV file of a frame, written at ``path`` unless it is a file already."""
    if is_path(given):
        return Path(given)
    if hasattr(given, "collect") and is_polars(given):
        given = given.collect()
    if hasattr(given, "write_csv"):
        given.write_csv(path)
    elif hasattr(given, "to_csv"):
        given.to_csv(path, index=False)
    elif type(given).__module__.split(".")[0] == "pyarrow":
        from pyarrow import csv

        csv.write_csv(given, path)
    else:
        raise TypeError(f"found {type(given).__name__}, expected a pandas or polars frame, an Arrow table or a path")
    return path


def read(path: Path, polars: bool = False) -> Any:
    """The frame of a CSV file."""
    if polars:
        import polars as pl

        return pl.read_csv(path, infer_schema_length=None)
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError("frames come back as pandas: pip install pandas") from error
    return pd.read_csv(path, encoding="utf-8-sig", low_memory=False)


def of_records(records: "list[dict[str, Any]]", polars: bool = False) -> Any:
    """A frame of records, nested objects as ``name_part`` columns."""
    flat = [_flat(own) for own in records]
    if polars:
        import polars as pl

        return pl.DataFrame(flat, infer_schema_length=None)
    import pandas as pd

    return pd.DataFrame(flat)


def _flat(record: "dict[str, Any]", prefix: str = "") -> "dict[str, Any]":
    own: "dict[str, Any]" = {}
    for name, value in record.items():
        if isinstance(value, dict):
            own.update(_flat(value, f"{prefix}{name}_"))
        elif not isinstance(value, list):
            own[prefix + name] = value
    return own
