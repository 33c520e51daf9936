from datetime import date
from pathlib import Path

import pytest

from nlp import registry
from nlp.encoder.packed import unpack
from nlp.errors import ModelError
from nlp.registry import available, check, entry, find_model, register, registered, verify

DAY = date(2026, 11, 20)


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of models that stands for the checkout's; the package carries none."""
    place = tmp_path / "checkout"
    monkeypatch.setattr(registry, "_PLACES", (tmp_path / "wheel", place))
    monkeypatch.chdir(tmp_path)
    return place


def make_model(place: Path, name: str, *, weights: bytes = b"\x00" * 100, version: str = "1") -> Path:
    folder = place / name
    (folder / "onnx").mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "onnx" / "weights.onnx").write_bytes(weights)
    (folder / "MODEL_CARD.md").write_text("A model.")
    (folder / ".keep").touch()
    register(folder, version=version, licence="MIT", created=DAY)
    return folder


def test_find_model_finds_a_name(models: Path) -> None:
    folder = make_model(models, "base")
    assert find_model("base") == folder


def test_find_model_takes_a_folder(models: Path, tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    assert find_model("runs") == Path("runs")
    assert find_model(tmp_path / "runs") == tmp_path / "runs"


def test_find_model_prefers_the_installed_package(models: Path, tmp_path: Path) -> None:
    make_model(models, "default")
    carried = make_model(tmp_path / "wheel", "default")
    assert find_model() == carried


def test_find_model_has_no_default_before_training(models: Path) -> None:
    make_model(models, "base")
    assert find_model() is None


def test_find_model_does_not_take_default_from_where_a_program_runs(models: Path, tmp_path: Path) -> None:
    (tmp_path / "default").mkdir()
    assert find_model() is None
    assert find_model("./default") is not None


@pytest.mark.parametrize("name", ["large", "runs/none", "../base"])
def test_find_model_lists_what_there_is(models: Path, name: str) -> None:
    make_model(models, "base")
    make_model(models, "tiny")
    with pytest.raises(ModelError, match=r"installed: base, tiny\)"):
        find_model(name)


def test_find_model_refuses_a_file(models: Path, tmp_path: Path) -> None:
    (tmp_path / "weights.onnx").touch()
    with pytest.raises(ModelError, match="is a file; expected the folder"):
        find_model(tmp_path / "weights.onnx")


def test_find_model_ignores_folders_without_a_registry(models: Path) -> None:
    (models / "base").mkdir(parents=True)  # a folder called models that is not ours
    assert available() == {}


def test_register_reads_back(models: Path) -> None:
    folder = make_model(models, "base")
    found = entry(folder)
    assert found is not None
    assert (found.label, found.licence, found.created) == ("base@1", "MIT", DAY)
    assert sorted(found.files) == ["config.json", "onnx/weights.onnx"]
    assert found.files["config.json"].bytes == 2


def test_register_writes_the_same_file_again(models: Path) -> None:
    make_model(models, "tiny")
    folder = make_model(models, "base")
    before = (models / "registry.toml").read_bytes()
    register(models / "tiny", version="1")
    register(folder, version="1")
    assert (models / "registry.toml").read_bytes() == before


def test_register_dates_a_changed_model_anew(models: Path) -> None:
    folder = make_model(models, "base")
    assert register(folder, version="2").created >= date.today()
    assert list(registered(models)) == ["base"]


def test_register_refuses_an_empty_folder(models: Path) -> None:
    (models / "none").mkdir(parents=True)
    with pytest.raises(ModelError, match="no files"):
        register(models / "none", version="1")


def test_register_refuses_what_toml_would_misread(models: Path) -> None:
    with pytest.raises(ModelError, match="without quotes"):
        make_model(models, "base", version='1"\nlicence = "none')


def test_verify_names_the_damaged_file_and_both_digests(models: Path) -> None:
    folder = make_model(models, "base")
    verify(folder)
    (folder / "onnx" / "weights.onnx").write_bytes(b"\x01" + b"\x00" * 99)
    check(folder)  # the size is right
    with pytest.raises(ModelError, match=r"weights\.onnx has SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64}"):
        verify(folder)


def test_verify_wants_a_registered_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"is not in .*registry\.toml"):
        verify(tmp_path)


def test_find_model_notices_a_cut_file(models: Path) -> None:
    folder = make_model(models, "base")
    (folder / "onnx" / "weights.onnx").write_bytes(b"\x00" * 60)
    for name in ("base", folder):
        with pytest.raises(ModelError, match=r"weights\.onnx has 60 bytes; registry\.toml says 100"):
            find_model(name)


def test_find_model_notices_a_missing_file(models: Path) -> None:
    folder = make_model(models, "default")
    (folder / "config.json").unlink()
    with pytest.raises(ModelError, match=r"config\.json is missing"):
        find_model()


def test_check_allows_another_model_card(models: Path) -> None:
    folder = make_model(models, "base")
    (folder / "MODEL_CARD.md").write_text("A model, and what it cannot do.")
    verify(folder)


@pytest.mark.parametrize("text", ["[base", "version = 1", "[base]\nversion = '1'", "[base]\nfiles = 3"])
def test_registered_names_a_registry_it_cannot_read(text: str, tmp_path: Path) -> None:
    (tmp_path / "registry.toml").write_text(text)
    with pytest.raises(ModelError, match=r"registry\.toml: not a registry"):
        registered(tmp_path)


def test_models_of_the_checkout_are_whole() -> None:
    models = available()
    assert "base" in models
    for folder in models.values():
        verify(folder)
    assert unpack(models["base"] / "weights.packed.safetensors")["embeddings.word_embeddings.weight"].shape[1] == 384
