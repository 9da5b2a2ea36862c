"""Frames of others: pandas, polars and Arrow tables to streams of Arrow, or to CSV, and back."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from typing import Any, Optional, Union

#: A pandas or polars frame, an Arrow table, or a CSV file's path.
Frame = Union[Any, str, "os.PathLike[str]"]


def is_path(given: Frame) -> bool:
    """Whether it is a file's path and no frame."""
    return isinstance(given, (str, os.PathLike))


def is_polars(given: Frame) -> bool:
    """Whether it is a polars frame."""
    return type(given).__module__.split(".")[0] == "polars"


def stream(given: Frame) -> Optional[bytes]:
    """The stream of Arrow of a frame; ``None`` for a path, and where it takes a CSV file."""
    if is_path(given):
        return None
    if is_polars(given):
        frame: Any = given
        out = (frame.collect() if hasattr(frame, "collect") else frame).write_ipc_stream(None)
        return bytes(out.getvalue())
    try:
        import pyarrow as pa
    except ImportError:
        return None
    try:
        own = given if isinstance(given, pa.Table) else pa.Table.from_pandas(given, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError, AttributeError, TypeError):
        # A column of numbers and texts (`<5`), or no frame at all.
        return None
    sink = pa.BufferOutputStream()
    plain = own.cast(pa.schema([_plain(field) for field in own.schema]))
    with pa.ipc.new_stream(sink, plain.schema) as writer:
        writer.write_table(plain)
    return bytes(sink.getvalue())


def _plain(field: Any) -> Any:
    """Decimals, as Spark's sums have them, are numbers."""
    import pyarrow as pa

    return field.with_type(pa.float64()) if pa.types.is_decimal(field.type) else field


def arrow(polars: bool) -> bool:
    """Whether a stream of Arrow can be read here."""
    if polars:
        return True
    from importlib.util import find_spec

    return find_spec("pyarrow") is not None


def of_stream(given: bytes, polars: bool) -> Any:
    """The frame of a stream of Arrow."""
    if polars:
        import polars as pl

        return pl.read_ipc_stream(BytesIO(given))
    import pyarrow as pa

    return dated(pa.ipc.open_stream(given).read_pandas(date_as_object=False))


def dated(frame: Any) -> Any:
    """The days of a pandas panel as pandas has them."""
    for name in ("start", "end"):
        if name in frame.columns:
            frame[name] = frame[name].astype("datetime64[ns]")
    return frame


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
