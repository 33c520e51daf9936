"""Everything that weiji raises on purpose.

NLPError
├── InputError      an article, a file or an option that cannot be read as what it claims to be
├── RecordError     a record whose fields contradict each other or its text
├── LexiconError    a table under lexicon/, or a user's own, with a line that cannot be used
├── ModelError      a model folder that is missing, damaged, or not what its registry says
└── MissingExtra    a feature whose optional packages are not installed (also an ImportError)

A message says what was found, what was expected, and what to do.
"""

from __future__ import annotations

import importlib
from types import ModuleType

__all__ = ["InputError", "LexiconError", "MissingExtra", "ModelError", "NLPError", "RecordError", "require"]


class NLPError(Exception):
    """Base of all errors that weiji raises on purpose."""


class InputError(NLPError, ValueError):
    """An article, a file or an option cannot be read as what it claims to be."""


class RecordError(NLPError, ValueError):
    """A record's fields contradict each other or the text they point into."""


class LexiconError(NLPError, ValueError):
    """A lexicon table has a line that cannot be used."""


class ModelError(NLPError, RuntimeError):
    """A model folder is missing, damaged, or not what its registry says."""


class MissingExtra(NLPError, ImportError):  # noqa: N818 - what is missing says it better
    """An optional package is not installed; the message names the command that installs it."""


def require(module: str, *, extra: str) -> ModuleType:
    """Return the imported `module`, or raise `MissingExtra` naming the extra that brings it.

    :param module: dotted name of the optional module.
    :param extra: the extra of the distribution that lists it, such as ``train``.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as err:
        if err.name is None or err.name.partition(".")[0] != module.partition(".")[0]:
            raise  # the package is there; something that it needs is broken, and its own message says what
        raise MissingExtra(
            f"{module} is not installed; it belongs to the extra [{extra}]: pip install 'weiji[{extra}]'"
        ) from err
