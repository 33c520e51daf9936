"""weiji reads financial commentary in Traditional Chinese and English.

>>> import nlp as weiji
>>> analysis = weiji.analyse("AWS 收入按年增長 24%,達到 356 億美元。")
>>> [figure.value for figure in analysis.figures]
['24', '35600000000']

Everything here is loaded on first use, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .analysis import Reader, analyse, analyse_all
    from .errors import InputError, LexiconError, MissingExtra, ModelError, NLPError, RecordError
    from .pipeline import load
    from .records import Analysis, Article

__version__ = "0.1.0"

__all__ = [
    "Analysis",
    "Article",
    "InputError",
    "LexiconError",
    "MissingExtra",
    "ModelError",
    "NLPError",
    "Reader",
    "RecordError",
    "__version__",
    "analyse",
    "analyse_all",
    "load",
]

_HOME = {
    "Analysis": "records",
    "Article": "records",
    "Reader": "analysis",
    "analyse": "analysis",
    "analyse_all": "analysis",
    "load": "pipeline",
    **dict.fromkeys(("InputError", "LexiconError", "MissingExtra", "ModelError", "NLPError", "RecordError"), "errors"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)
