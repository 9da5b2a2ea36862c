"""The shipped notebook, cell by cell in a kernel of Jupyter."""

import re
import subprocess
from pathlib import Path

import pytest

from relais._call import binary

for name in ("arviz", "matplotlib", "pandas", "ipykernel"):
    pytest.importorskip(name)
nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
SCRIPT = Path(__file__).parent.parent / "examples" / "notebook.py"


def cells(text):
    """The cells of a script whose parts begin with ``# %%``."""
    for part in re.split(r"(?m)^# %%", text)[1:]:
        kind, _, body = part.partition("\n")
        if "[markdown]" in kind:
            yield nbformat.v4.new_markdown_cell(re.sub(r"(?m)^# ?", "", body).strip())
        else:
            yield nbformat.v4.new_code_cell(body.strip())


def test_the_notebook_runs_from_exports_to_the_chart(tmp_path, monkeypatch):
    subprocess.run([binary(), "demo", "--out", tmp_path / "demo", "--lang", "en"], check=True, capture_output=True)
    monkeypatch.setenv("MPLBACKEND", "agg")
    book = nbformat.v4.new_notebook(cells=list(cells(SCRIPT.read_text(encoding="utf-8"))))
    assert sum(cell.cell_type == "code" for cell in book.cells) == 7
    nbclient.NotebookClient(book, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    for chart in ("response.svg", "plan.svg"):
        assert (tmp_path / chart).stat().st_size > 5_000
    spent = book.cells[-1].outputs[0]["data"]["text/plain"]
    assert float(re.sub(r"[^\d.]", "", spent.removeprefix("np.float64"))) > 1_000, spent
    told = "".join(str(output) for cell in book.cells for output in cell.get("outputs", []))
    assert "Traceback" not in told
