"""relais in Python: exports, panels, models, plans and tests as frames.

Every function calls the ``relais`` program that came with this package, with the arguments of its
command line (``split_by=["network", "age"]`` is ``--split-by network,age``): one source of truth for
both. Panels go there and back as streams of Arrow on pipes (pandas needs ``pyarrow`` for it, and takes
CSV files without), small tables as CSV; pandas and polars frames are taken alike, and pandas comes back
unless a polars frame was given or ``polars=True`` asks for one.

Amounts are in the currency of the history, dates are days, counts are numbers of people's actions.
"""

from ._call import BadInput, Fault, RelaisError, version
from ._frames import Frame
from ._results import Draws, Experiment, Model, Outcomes, Plan, Reading, Scores
from ._steps import (
    backtest,
    experiment,
    import_exports,
    panel,
    plan,
    predict,
    read_experiment,
    simulate,
    train,
)

__all__ = [
    "BadInput",
    "Draws",
    "Experiment",
    "Fault",
    "Frame",
    "Model",
    "Outcomes",
    "Plan",
    "Reading",
    "RelaisError",
    "Scores",
    "backtest",
    "experiment",
    "import_exports",
    "panel",
    "plan",
    "predict",
    "read_experiment",
    "simulate",
    "train",
    "version",
]
