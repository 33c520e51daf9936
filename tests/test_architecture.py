"""Who may import whom: the picture in ARCHITECTURE.md, read from the imports themselves."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "nlp"

# A room may import rooms of the layers above its own, and of its own layer; never of one below.
LAYERS = (
    {"errors", "records", "text", "lexicon", "registry"},
    {"sections", "tokens", "entities", "figures", "encoder"},
    {"stance"},
    {"analysis"},
    {"pipeline"},
    {"corpus", "evaluation", "feeds", "render", "training"},
    {"batch", "service"},
    {"cli", "__main__"},
)
LAYER = {room: number for number, layer in enumerate(LAYERS) for room in layer}

ONLY_WHERE_NEEDED = {"accelerate", "datasets", "onnx", "onnxscript", "ray", "sklearn", "torch", "transformers"}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(path: Path, *, top: bool = False) -> Iterator[str]:
    """Yield the full dotted names that a module imports; with `top` only what importing it runs."""
    package = ("nlp", *path.relative_to(PACKAGE).parts[:-1])
    nodes: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = (*package[: len(package) - node.level + 1],) if node.level else ()
            source = ".".join((*parts, *filter(None, [node.module])))
            yield from (f"{source}.{alias.name}" for alias in node.names)
        elif top and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        elif top and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            nodes += node.orelse
        else:
            nodes += ast.iter_child_nodes(node)


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_point_to_earlier_layers(path: Path) -> None:
    assert room(path) in LAYER, "a new room needs its place in LAYERS and in ARCHITECTURE.md"
    own = [name.split(".")[1] for name in imports(path) if name.startswith("nlp.")]
    later = {name for name in own if name in LAYER and LAYER[name] > LAYER[room(path)]}
    assert not later


def test_only_pipeline_imports_spacy() -> None:
    using = {room(path) for path in modules() if any(name.split(".")[0] == "spacy" for name in imports(path))}
    assert using == {"pipeline"}


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_training_libraries_are_imported_inside_functions(path: Path) -> None:
    assert not {name.split(".")[0] for name in imports(path, top=True)} & ONLY_WHERE_NEEDED


def loaded_after(statement: str) -> set[str]:
    """Return the names of all modules that a new interpreter has after a statement, without the standard library."""
    code = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name for name in done.stdout.split() if name.split(".")[0] not in sys.stdlib_module_names}


def test_importing_the_package_brings_no_library() -> None:
    heavy = {"jieba", "numpy", "onnxruntime", "opencc", "pydantic", "spacy", "torch"}
    assert not {name.split(".")[0] for name in loaded_after("import nlp")} & heavy


def test_importing_the_pipeline_brings_nothing_that_spacy_has_not() -> None:
    # Every spacy.blank() in a user's environment imports the module of every factory that is installed.
    brought = loaded_after("import spacy, nlp.pipeline") - loaded_after("import spacy")
    assert brought == {"nlp", "nlp.errors", "nlp.records", "nlp.pipeline"}
