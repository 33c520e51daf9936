"""Speed on one machine: with and without the model, and each step's share.

    python -m benchmarks.speed [FILE…]

Reads the example articles (or files of yours) again and again on the cores that there are. Writes benchmarks/speed.md.
"""

from __future__ import annotations

import platform
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from nlp import Article, Reader

HERE = Path(__file__).parent
EXAMPLES = [HERE.parent / "tests" / "articles" / name for name in ("demo_zh.txt", "demo_en.txt")]
ROUNDS = 10


def main(paths: list[Path]) -> None:
    """Measure and write the table."""
    articles = [Article(path.stem, path.read_text("utf-8")) for path in paths]
    characters = sum(len(article.text) for article in articles) * ROUNDS
    full, rules = rate(Reader(), articles), rate(Reader(model=None), articles)
    peer = rate(Reader(backend="pytorch"), articles)
    command = f"from nlp.cli import run; run(['analyse', {str(paths[0])!r}])"
    lines = [
        "# Speed",
        "",
        f"`benchmarks/speed.py` on {platform.machine()}, {len(articles)} articles read {ROUNDS} times, one process.",
        "",
        "| | characters/s | times the peer |",
        "|---|---|---|",
        f"| everything | {characters / full[0]:,.0f} | {peer[0] / full[0]:.1f} |",
        f"| without the model | {characters / rules[0]:,.0f} | {peer[0] / rules[0]:.1f} |",
        f"| peer: the same model in PyTorch, fp32 | {characters / peer[0]:,.0f} | 1.0 |",
        "",
        "| step | share of everything |",
        "|---|---|",
        *(f"| {step} | {spent / full[0] / 10:.1f} % |" for step, spent in full[1].items()),
        "",
        f"A cold process: `import nlp` {cold('import nlp'):.2f} s, `weiji analyse` {cold(command):.2f} s.",
    ]
    (HERE / "speed.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def rate(reader: Reader, articles: list[Article]) -> tuple[float, Counter[str]]:
    """Return the seconds that all rounds took, and the milliseconds of each step."""
    list(reader.read_all(articles))  # tables and graph are loaded when they are first needed
    spent: Counter[str] = Counter()
    started = time.perf_counter()
    for _ in range(ROUNDS):
        for analysis in reader.read_all(articles, timings=True):
            spent.update(analysis.timings_ms or {})
    return time.perf_counter() - started, spent


def cold(code: str) -> float:
    """Return the seconds of a fresh interpreter that runs the code, less those of one that runs nothing."""

    def seconds(text: str) -> float:
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", text], check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - started

    return max(0.0, min(seconds(code) for _ in range(3)) - min(seconds("pass") for _ in range(3)))


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or EXAMPLES)
