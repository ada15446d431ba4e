"""How papermill runs a notebook for us."""

from __future__ import annotations

from typing import TYPE_CHECKING

from papermill.engines import NBClientEngine, papermill_engines
from papermill.iorw import write_ipynb

if TYPE_CHECKING:
    from nbformat import NotebookNode

ENGINE = "driftbook"  # the name that papermill knows our engine by


class WrittenOnce(NBClientEngine):
    """papermill's engine, which writes the notebook when it ends and not after every cell."""

    @classmethod
    def execute_notebook(  # type: ignore[override]  # as papermill calls it
        cls, nb: NotebookNode, kernel_name: str, output_path: str, **kwargs: object
    ) -> NotebookNode:
        """Run ``nb`` and write it to ``output_path``, also when its kernel died."""
        try:
            done: NotebookNode = super().execute_notebook(  # type: ignore[no-untyped-call]
                nb, kernel_name, **kwargs
            )
        finally:
            write_ipynb(nb, output_path)
        return done


papermill_engines.register(ENGINE, WrittenOnce)
