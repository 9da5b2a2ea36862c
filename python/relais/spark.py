"""relais on Spark: one advertiser per group, through the program that is installed on the workers.

``panel`` sums raw rows in Spark SQL; ``fit`` and ``plan`` call the program for each advertiser. An
advertiser that fails is a row with its ``error``, never a failed job, and results do not depend on how
many executors there are: each group is sorted before it is read, and the same bytes come out.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Callable, Sequence

import relais

#: Columns that are summed over a segment's week.
SUMS = ("spend", "impressions", "shares", "comments", "saves", "link_clicks", "clicks", "reactions")


def panel(df: Any, by: str, split_by: Sequence[str], day: str = "start") -> Any:
    """The panel of each ``by``: raw rows of one grain by ``split_by`` and ISO week."""
    from pyspark.sql import functions as f

    week = f.date_trunc("week", f.col(day).cast("timestamp")).cast("date")
    there = [f.sum(name).alias(name) for name in SUMS if name in df.columns]
    rows = df.where(f.col("spend").isNotNull())
    rows = rows.groupBy(f.col(by), *split_by, week.alias("start")).agg(*there)
    segment = f.concat_ws(" · ", *[f.col(name) for name in split_by])
    return rows.withColumn("segment", segment).withColumn("end", f.date_add("start", 6))


def fit(panels: Any, by: str = "advertiser", **options: Any) -> Any:
    """A model per advertiser of a panel: ``by``, ``error``, ``model`` (the bytes of its file)."""

    def one(rows: Any, folder: Path) -> "tuple[str, bytes]":
        rows = rows.drop_columns([by]).sort_by([("segment", "ascending"), ("start", "ascending")])
        model = relais.train(panel=rows, out=folder / "m.json", threads=1, **options)
        return "", model.path.read_bytes()

    return _grouped(panels, by, one, "model")


def plan(models: Any, campaign: str, by: str = "advertiser", **options: Any) -> Any:
    """A plan per model of :func:`fit`, for a campaign file's text: ``by``, ``error``, ``plan``."""

    def one(rows: Any, folder: Path) -> "tuple[str, bytes]":
        told = rows["error"][0].as_py()
        if told:
            return told, b""
        (folder / "m.json").write_bytes(rows["model"][0].as_py())
        (folder / "c.toml").write_text(campaign, encoding="utf-8")
        made = relais.plan(folder / "c.toml", folder / "m.json", out=folder, threads=1, **options)
        return "", made.path.read_bytes()

    return _grouped(models, by, one, "plan")


def _grouped(df: Any, by: str, one: Callable[[Any, Path], "tuple[str, bytes]"], name: str) -> Any:
    """What ``one`` makes of each group, as ``by``, ``error`` and the bytes ``name``."""

    def of(rows: Any) -> Any:
        import pyarrow as pa

        with tempfile.TemporaryDirectory() as folder:
            try:
                error, made = one(rows, Path(folder))
            except relais.RelaisError as failed:
                error, made = failed.message.replace(folder, "."), b""
        own = {by: [rows[by][0].as_py()], "error": [error], name: [made]}
        return pa.table(own, schema=pa.schema([(by, pa.string()), ("error", pa.string()), (name, pa.binary())]))

    return df.groupBy(by).applyInArrow(of, f"{by} string, error string, {name} binary")
