"""Train the stance model: the story of one run, from labelled articles to a model folder with its scores.

    python train.py --rows rows.jsonl --dev-rows more.jsonl --name mine

Needs the extra [train]. Everything is read from this checkout; rows of public data sets are given by their files.
The result lies in runs/NAME (ONNX, tokenizer, heads, card, scores) and runs/NAME-pytorch (weights to go on from);
--promote puts both into models/ as the default.
"""

from __future__ import annotations

import json
import logging
import shutil
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from nlp import __version__, corpus, evaluation, registry, stance, training
from nlp.analysis import Reader
from nlp.encoder import Encoder, load_tokenizer, onnx_runner
from nlp.encoder.pytorch import export_onnx, load_encoder, pytorch_folder, save_tokenizer, save_tuned, torch_runner
from nlp.errors import InputError, require
from nlp.records import STANCE_LABELS

log = logging.getLogger("train")


@dataclass(frozen=True)
class Settings:
    """What a run can be told; the command line is made from these fields."""

    encoder: str = field(default="base", metadata={"help": "pretrained encoder: installed name, folder or hub name"})
    name: str = field(default="candidate", metadata={"help": "name of the model; it is written to runs/NAME"})
    version: str = field(default="1", metadata={"help": "version that the model carries"})
    corpus: str | None = field(default=None, metadata={"help": "folder of labelled articles; weiji's own if not given"})
    rows: str | None = field(default=None, metadata={"help": "JSON Lines of labelled short texts; tier 'open' is used"})
    dev_rows: str | None = field(default=None, metadata={"help": "JSON Lines to report scores on; never trained on"})
    layers: int | None = field(default=None, metadata={"help": "keep only the first layers of the encoder"})
    frozen_layers: int = field(default=6, metadata={"help": "layers that keep their weights, with the embeddings"})
    window: int = field(default=256, metadata={"help": "tokens in a window"})
    passes: int = field(default=4, metadata={"help": "times that every article is read; 0 leaves the encoder as it is"})
    articles_per_step: int = field(default=4, metadata={"help": "articles in a training step"})
    texts_per_step: int = field(default=16, metadata={"help": "short texts in a training step"})
    learning_rate: float = field(default=2e-5, metadata={"help": "of the encoder, at the end of the warm-up"})
    head_learning_rate: float = field(default=1e-4, metadata={"help": "of the heads"})
    weight_decay: float = field(default=0.05, metadata={"help": "of all trained weights"})
    dropout: float = field(default=0.2, metadata={"help": "before the heads"})
    evaluations: int = field(default=8, metadata={"help": "how often the run is scored on dev; the best state is kept"})
    precision: float = field(default=0.9, metadata={"help": "at which answers on dev are called confident"})
    seed: int = field(default=13, metadata={"help": "of everything random"})
    promote: bool = field(default=False, metadata={"help": "make the result the default model"})


SHARES = {"short": 1.0, "sentfin": 0.4, "twitter_fin": 0.4, "finentity": 0.2}
"""What the sources weigh beside one another within a head. The public rows judge tone more than advice."""

LEND: dict[stance.Head, dict[stance.Head, float]] = {"document": {"part": 0.5}, "part": {"document": 1.0}}
"""What other heads' labels count when a head is first fitted: a document is a part, and the other way round."""

IMPORTANCE = {"sentence": 0.7, "document": 0.5, "text": 1.0, "part": 0.7, "short": 0.3, "long": 0.3, "holding": 0.4}
"""What the loss of each head weighs. Few documents are easily learnt by heart; sentences and short texts are many."""


def main(settings: Settings) -> Path:
    """Run one training and return the folder of the model."""
    transformers = require("transformers", extra="train")
    transformers.set_seed(settings.seed)
    started = time.time()
    folder = Path("runs") / settings.name
    folder.mkdir(parents=True, exist_ok=True)

    # Data: articles by the split of the manifest, and short texts.
    data = read_data(settings)
    log.info("examples: %s", {name: len(rows) for name, rows in data.items()})

    # The pretrained encoder, and heads fitted on its vectors as they are: the state that training starts from.
    source = str(registry.available().get(settings.encoder, settings.encoder))
    network = load_encoder(source)
    if settings.layers:
        network.encoder.layer = network.encoder.layer[: settings.layers]
        network.config.num_hidden_layers = settings.layers
    special = save_tokenizer(source, folder)
    tokenizer = load_tokenizer(folder / "tokenizer.json")
    encoder = Encoder(
        name=settings.encoder,
        tokenizer=tokenizer,
        special=special,
        run=torch_runner(network),
        width=network.config.hidden_size,
        window=settings.window,
        batch_tokens=4096,
    )
    vectors = encode(encoder, data["train"])
    heads = training.fit_frozen_heads(data["train"], vectors, shares=SHARES, lend=LEND)
    log.info("frozen encoder on dev: %s", training.score_heads(heads, data["dev"], encode(encoder, data["dev"])))

    # Fit everything together, and keep the state that reads dev best.
    if settings.passes:
        heads = fit(settings, network, heads, encoder, data, folder)

    # What ships is the quantised graph, so the heads are calibrated on its vectors.
    export_onnx(network, folder / "encoder.onnx")
    save_tuned(network, folder, base="base" if settings.encoder == "base" else None)
    encoder = replace(encoder, run=onnx_runner(folder / "encoder.onnx"), batch_tokens=1)
    heads = training.calibrate(heads, data["dev"], encode(encoder, data["dev"]), precision=settings.precision)
    save(settings, folder, encoder, heads)

    # Score it as a user would run it: from the text alone.
    metrics = evaluate(settings, folder)
    metrics["rows_trained_on"] = count_sources(settings)
    metrics["minutes"] = round((time.time() - started) / 60, 1)
    (folder / "metrics.json").write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8")
    (folder / "MODEL_CARD.md").write_text(training.model_card(asdict(settings), metrics), encoding="utf-8")
    log.info("scores: %s", json.dumps(metrics["test"]["document"]))
    return promote(settings, folder) if settings.promote else folder


def read_data(settings: Settings) -> dict[str, list[training.Example]]:
    """Return the examples for training and dev; the test split is not opened here."""
    folder = find_corpus(settings)
    train = [training.article_example(row) for row in corpus.read_articles(folder, split="train")]
    train += [training.text_example(row) for row in corpus.read_short(folder, split="train")]
    if settings.rows:
        train += [training.text_example(row) for row in corpus.read_rows(Path(settings.rows), tier="open")]
    dev = [training.article_example(row) for row in corpus.read_articles(folder, split="dev")]
    dev += [training.text_example(row) for row in corpus.read_short(folder, split="dev")]
    if not any(example.source == "articles" for example in train):
        raise InputError(f"{folder} has no articles for training; expected articles/*/*.md and a manifest")
    return {"train": train, "dev": dev}


def count_sources(settings: Settings) -> list[dict[str, Any]]:
    """Return how many rows of each source were trained on, and under which licence, for the card."""
    rows = corpus.read_rows(Path(settings.rows), tier="open") if settings.rows else []
    counts = Counter((row.source, row.unit, row.licence or "no licence stated") for row in rows)
    return [{"source": s, "unit": u, "licence": why, "n": n} for (s, u, why), n in sorted(counts.items())]


def find_corpus(settings: Settings) -> Path:
    """Return the folder of labelled articles."""
    return corpus.find_corpus(Path(settings.corpus) if settings.corpus else None)


def encode(encoder: Encoder, examples: Sequence[training.Example], *, at_once: int = 256) -> list[Any]:
    """Return the sentence vectors of each example."""
    found: list[Any] = []
    for first in range(0, len(examples), at_once):
        found += encoder.encode([example.sentences for example in examples[first : first + at_once]])
    return found


def fit(
    settings: Settings,
    network: Any,
    heads: stance.Heads,
    encoder: Encoder,
    data: dict[str, list[training.Example]],
    folder: Path,
) -> stance.Heads:
    """Train the encoder's upper layers and the heads together; leave `network` in its best state, return its heads."""
    torch = require("torch", extra="train")
    transformers = require("transformers", extra="train")
    datasets = require("datasets", extra="train")
    prepared = training.prepare(data["train"], encoder.tokenizer, shares=SHARES)
    numbers = range(len(prepared))
    articles = [n for n in numbers if data["train"][n].source == "articles"]
    texts = [n for n in numbers if data["train"][n].source != "articles" and data["train"][n].verdicts]
    plan = training.plan_steps(
        [(articles, settings.articles_per_step, settings.passes), (texts, settings.texts_per_step, 0)],
        seed=settings.seed,
    )
    model = training.joint_model(
        network, heads, frozen_layers=settings.frozen_layers, dropout=settings.dropout, importance=IMPORTANCE
    )
    own = [p for p in network.parameters() if p.requires_grad]
    others = [*model.sentence.parameters(), *model.verdicts.parameters()]
    groups = [{"params": own, "lr": settings.learning_rate}, {"params": others, "lr": settings.head_learning_rate}]
    best: dict[str, Any] = {"score": -1.0}

    class Run(transformers.Trainer):  # type: ignore[misc, name-defined]
        def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
            found = model.heads()
            network.eval()
            scores = training.score_heads(found, data["dev"], encode(encoder, data["dev"]))
            network.train()
            log.info("step %d on dev: %s", self.state.global_step, scores)
            if scores["mean"] > best["score"]:
                state = {key: value.detach().clone() for key, value in network.state_dict().items()}
                best.update(score=scores["mean"], step=self.state.global_step, state=state, heads=found)
            return {f"eval_{key}": value for key, value in scores.items()}

    run = Run(
        model=model,
        args=transformers.TrainingArguments(
            output_dir=str(folder / "checkpoints"),
            per_device_train_batch_size=1,
            num_train_epochs=1,
            learning_rate=settings.learning_rate,
            lr_scheduler_type="linear",
            warmup_steps=max(1, len(plan) // 10),
            eval_strategy="steps",
            eval_steps=max(1, len(plan) // settings.evaluations),
            save_strategy="no",
            logging_steps=10,
            report_to="none",
            remove_unused_columns=False,
            dataloader_pin_memory=torch.cuda.is_available(),
            bf16=torch.cuda.is_available(),
            seed=settings.seed,
        ),
        train_dataset=datasets.Dataset.from_dict({"examples": plan}),
        eval_dataset=datasets.Dataset.from_dict({"examples": plan[:1]}),  # dev is scored by `evaluate` above
        data_collator=lambda rows: training.collate(
            [prepared[n] for row in rows for n in row["examples"]], window=settings.window, special=encoder.special
        ),
        optimizers=(torch.optim.AdamW(groups, weight_decay=settings.weight_decay), None),
    )
    run.evaluate()  # the frozen start is a candidate too
    run.train()
    run.evaluate()
    log.info("best on dev: step %s, %.4f", best["step"], best["score"])
    network.load_state_dict(best["state"])
    network.eval()
    found: stance.Heads = best["heads"]
    return found


def save(settings: Settings, folder: Path, encoder: Encoder, heads: stance.Heads) -> None:
    """Write what loading reads beside the graph and the tokenizer: heads and configuration."""
    heads.save(folder)
    config = {
        "format": 1,
        "name": settings.name,
        "version": settings.version,
        "encoder": "multilingual-e5-small-trimmed@1" if settings.encoder == "base" else settings.encoder,
        "labels": list(STANCE_LABELS),
        "sentence_labels": list(stance.SENTENCE_LABELS),
        "width": encoder.width,
        "window": encoder.window,
        "special": asdict(encoder.special),
        "created": date.today().isoformat(),
        "weiji": __version__,
    }
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def evaluate(settings: Settings, folder: Path) -> dict[str, Any]:
    """Return the scores of the finished model on dev and test articles and short texts, and per source on dev rows."""
    reader = Reader(model=str(folder))
    place = find_corpus(settings)
    manifest = corpus.read_manifest(place)
    found: dict[str, Any] = {"corpus": {"version": manifest.version, "sha256": dict(manifest.digests)}}
    for split in ("dev", "test"):
        articles = corpus.read_articles(place, split=split)
        found[split] = evaluation.score_articles(articles, list(reader.read_all(row.article for row in articles)))
        short = corpus.read_short(place, split=split)
        found[split]["texts"] = evaluation.score_texts(short, list(reader.read_all(map(corpus.as_article, short))))
    if settings.dev_rows:
        rows = corpus.read_rows(Path(settings.dev_rows))
        found["rows"] = evaluation.score_texts(rows, list(reader.read_all(map(corpus.as_article, rows))))
    found["threshold"] = stance.Heads.load(folder).threshold
    return found


def promote(settings: Settings, folder: Path) -> Path:
    """Copy the model and its PyTorch weights into models/ as the default and register both."""
    target = Path("models") / registry.DEFAULT
    for source, place in ((folder, target), (pytorch_folder(folder), pytorch_folder(target))):
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(source, place, ignore=shutil.ignore_patterns("checkpoints"))
        registry.register(place, version=settings.version, licence="Apache-2.0")
    return target


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    np.seterr(all="raise", under="ignore")
    parser = require("transformers", extra="train").HfArgumentParser(Settings, description=__doc__)
    print(main(parser.parse_args_into_dataclasses()[0]))
