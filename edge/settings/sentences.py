"""The docstring under each field of a class: the sentence that says what a setting is and when to change it.

Read from the source, and only where somebody asks for it: nothing of it is kept while a store runs.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator


def sentences(declared: type) -> dict[str, str]:
    """By field, those of a class and of the classes it is made of; an own one is the last word."""
    found: dict[str, str] = {}
    for each in reversed(declared.__mro__):
        try:
            source = inspect.getsource(each)
        except (OSError, TypeError):
            continue
        body = ast.parse(textwrap.dedent(source)).body[0]
        if isinstance(body, ast.ClassDef):
            found.update(_sentences_in(body))
    return found


def _sentences_in(body: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for line, after in zip(body.body, [*body.body[1:], None], strict=True):
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            is_said = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            if is_said and isinstance(after.value.value, str):  # type: ignore[union-attr]
                yield line.target.id, " ".join(inspect.cleandoc(after.value.value).split())  # type: ignore[union-attr]
