import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc, DocBin

from nlp.analysis import Reader
from nlp.entities import find_entities
from nlp.errors import InputError, LexiconError, ModelError
from nlp.pipeline import COMPONENTS, TOKENIZER, add_analysis, load, make_doc
from nlp.records import STANCE_LABELS, Analysis, Article
from nlp.stance import HEADS, Draft, Heads, Judgement, StanceModel, judge

CHINESE = Article(
    id="tsmc",
    text=(
        "台積電還能追嗎?\n2026年2月6日\n\n台積電第四季營收年增 24%,達到 8,684 億元,優於市場預期的 8,500 億元。"
        "外資上調目標價至2,000元。\n\n## 短線風險\n\n"
        "不過,AI 伺服器需求若放緩,股價恐怕先回檔一成。我們建議先觀望,等財報公布後再說。\n"
    ),
    title="台積電還能追嗎?",
    published="2026-02-06T08:30:00Z",
    source="週報",
    language="zh-Hant-TW",
    meta={"desk": "taipei", "tags": ["chips", 3]},
)
ENGLISH = Article(
    id="amzn",
    text=(
        "Why we would wait\n\nAmazon plans to spend $200 billion this year, up from $131 billion in 2025. "
        "Free cash flow fell 71%.\n\nWe would wait for a lower price before adding to Amazon."
    ),
    published="2026-02-06",
)
DATED = Article(
    id="dated", text="金價還會漲嗎?\n2026年2月6日\n\n金價去年漲了 64%,上周再创新高。我们认为涨势未完,漲幅看 10%。"
)
BARE = Article(id="text", text="# 金價\n\n- 金價上週創下新高,我們認為漲勢未完。", markdown=True)
ARTICLES = pytest.mark.parametrize("article", [CHINESE, ENGLISH, DATED, BARE], ids=lambda article: article.id)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stance model with random weights: the encoder looks each character up in a table."""
    return make_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


def make_tiny_model(folder: Path, *, width: int = 8, seed: int = 3) -> Path:
    import json

    import onnx
    from onnx import TensorProto, helper, numpy_helper
    from tokenizers import Regex, Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Split

    folder.mkdir(parents=True)
    characters = sorted({*CHINESE.text, *ENGLISH.text, *DATED.text, *BARE.text})
    vocabulary = {piece: number for number, piece in enumerate(["<s>", "<pad>", "</s>", "<unk>", *characters])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = Split(Regex("."), "isolated")
    tokenizer.save(str(folder / "tokenizer.json"))

    random = np.random.default_rng(seed)
    table = random.normal(size=(len(vocabulary), width)).astype(np.float32)
    inputs = [
        helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["n", "tokens"]),
        helper.make_tensor_value_info("attention_mask", TensorProto.INT64, ["n", "tokens"]),
        helper.make_tensor_value_info("pool", TensorProto.FLOAT, ["n", "pieces", "tokens"]),
    ]
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["embedded"]),
        helper.make_node("MatMul", ["pool", "embedded"], ["vectors"]),
    ]
    outputs = [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", "pieces", width])]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, [numpy_helper.from_array(table, "table")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    onnx.save(model, folder / "encoder.onnx")

    def weights(*shape: int) -> np.ndarray:
        return random.normal(size=shape).astype(np.float32)

    heads = Heads(
        mean=weights(width),
        scale=np.ones(width, np.float32),
        sentence=weights(width + 1, 3),
        verdicts={head: weights(4 * (width + 3) + 1, 4) for head in HEADS},
        temperatures={"document": 2.0},
        threshold=0.5,
    )
    heads.save(folder)
    config = {"format": 1, "name": "tiny", "version": "7", "encoder": "table@1", "width": width, "window": 64}
    (folder / "config.json").write_text(json.dumps(config | {"special": {"cls": 0, "sep": 2, "pad": 1}}))
    return folder


@pytest.fixture(scope="module")
def nlp(tiny: Path) -> spacy.Language:
    return load(model=str(tiny))


@pytest.fixture(scope="module")
def plain() -> spacy.Language:
    return load(model=None)


# --------------------------------------------------------------------------------------------------- the same as Reader


@ARTICLES
def test_analysis_equals_the_readers(article: Article, nlp: spacy.Language, tiny: Path) -> None:
    found = nlp(make_doc(nlp, article))._.analysis
    assert found == Reader(model=tiny).read(article)
    assert found.stance is not None
    assert found.model.stance == "tiny@7"


@ARTICLES
def test_analysis_equals_the_readers_without_a_model(article: Article, plain: spacy.Language) -> None:
    doc = plain(make_doc(plain, article))
    assert doc._.analysis == Reader(model=None).read(article)
    assert doc._.stance is None
    assert doc.cats == {}


def test_analysis_of_a_bare_text_equals_the_readers(plain: spacy.Language) -> None:
    assert plain(DATED.text)._.analysis == Reader(model=None).read(DATED.text)


@ARTICLES
def test_tokens_equal_the_readers(article: Article, plain: spacy.Language) -> None:
    words = [(token.idx, token.idx + len(token)) for token in plain.make_doc(article.text) if not token.is_space]
    assert tuple(words) == Reader(model=None).read(article, tokens=True).tokens


def test_pipe_judges_articles_together_as_one_by_one(nlp: spacy.Language) -> None:
    articles = [CHINESE, ENGLISH, DATED, BARE] * 2
    together = [doc._.analysis for doc in nlp.pipe([make_doc(nlp, article) for article in articles])]
    assert together == [nlp(make_doc(nlp, article))._.analysis for article in articles]


@pytest.mark.parametrize("component", ["weiji/entities", "weiji/stance"])
def test_error_handler_gets_the_one_doc_at_fault_and_the_rest_goes_on(
    component: str, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(wanted: str) -> None:
        if "EPS" in wanted:
            raise ZeroDivisionError("division by zero")

    def find(text: str, **settings: Any) -> Any:
        fail(text if component == "weiji/entities" and settings.get("sections") is not None else "")
        return find_entities(text, **settings)

    def judge_all(model: StanceModel, drafts: list[Draft]) -> list[Judgement]:
        for draft in drafts:
            fail(draft.text if component == "weiji/stance" else "")
        return judge(model, drafts)

    monkeypatch.setattr("nlp.entities.find_entities", find)
    monkeypatch.setattr("nlp.stance.judge", judge_all)
    faults: list[tuple[str, list[str], str]] = []
    nlp = load(model=str(tiny))
    texts = [CHINESE.text, "EPS fell.", DATED.text]
    with pytest.raises(ZeroDivisionError):
        list(nlp.pipe(texts))
    nlp.set_error_handler(
        lambda name, _, docs, err: faults.append((name, [doc.text for doc in docs], type(err).__name__))
    )
    read = list(nlp.pipe(texts))
    assert [doc.text for doc in read] == [CHINESE.text, DATED.text]
    assert all(doc._.stance is not None for doc in read)
    assert faults == [(component, ["EPS fell."], "ZeroDivisionError")]


def test_pipe_takes_articles_as_contexts(plain: spacy.Language) -> None:
    pairs = [(article.text, article) for article in (CHINESE, BARE)]
    for doc, article in plain.pipe(pairs, as_tuples=True):
        assert doc._.article == article
        assert doc._.analysis == plain(make_doc(plain, article))._.analysis


def test_article_refuses_another_text(plain: spacy.Language) -> None:
    with pytest.raises(InputError, match="'tsmc' has another text"):
        plain.make_doc("另一篇")._.article = CHINESE


def test_article_decides_the_language_before_the_setting() -> None:
    hong_kong = load(model=None, language="zh-Hant-HK")
    assert hong_kong(BARE.text)._.analysis.language == "zh-Hant-HK"
    assert hong_kong(make_doc(hong_kong, CHINESE))._.analysis.language == "zh-Hant-TW"


# ---------------------------------------------------------------------------------------------------- spaCy's own slots


def test_slots_show_what_the_records_say(nlp: spacy.Language) -> None:
    doc = nlp(make_doc(nlp, CHINESE))
    assert [span.label_ for span in doc.spans["sections"]] == [section.kind for section in doc._.sections]
    shown = [(span.text, span.label_, span.id_) for span in doc.spans["figures"]]
    assert ("24%", "percent", next(f.id for f in doc._.figures if f.text == "24%")) in shown
    assert len(shown) == len(doc._.figures)
    tsmc = doc.ents[0]
    assert (tsmc.text, tsmc.label_, tsmc.kb_id_) == ("台積電", "COMPANY", "2330.TW")
    assert doc.cats == {label: getattr(doc._.stance, label) for label in STANCE_LABELS}


def test_sentences_begin_where_the_records_do(plain: spacy.Language) -> None:
    for article in (CHINESE, ENGLISH):
        doc = plain(article.text)
        assert [sent.start_char for sent in doc.sents] == [sentence.start for sentence in doc._.sentences]


def test_add_analysis_writes_what_the_components_write(nlp: spacy.Language) -> None:
    made = nlp(make_doc(nlp, CHINESE))
    read = Analysis.from_json(made._.analysis.to_json())
    doc = add_analysis(nlp.make_doc(CHINESE.text), read)
    assert doc._.analysis == made._.analysis
    assert doc.to_json() == made.to_json()


# ------------------------------------------------------------------------------------------------------------ tokenizer


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        (" ", [" "]),
        (" \n\u3000", [" \n\u3000"]),
        ("聯準會  升息", ["聯準會", " ", "升息"]),
        ("\n升息 ", ["\n", "升息"]),
        ("Apple fell 2%.\r\n\r\n升息", ["Apple", "fell", "2%", ".", "\r\n\r\n", "升息"]),
        ("升息\u3000降息", ["升息", "\u3000", "降息"]),
        ("賺翻了🚀🚀", ["賺", "翻", "了", "🚀🚀"]),
    ],
)
def test_tokenizer_keeps_white_space(text: str, tokens: list[str], plain: spacy.Language) -> None:
    doc = plain(text)
    assert doc.text == text
    assert [token.text for token in doc] == tokens
    assert doc._.analysis.characters == len(text)


@settings(max_examples=60, deadline=None)
@given(
    text=st.text(
        alphabet=st.sampled_from("升息台積電AB 1.5%,\n\t \u3000\u00a0\u200b😀👍🏽é́。$億〇\x00\ufeff"), max_size=40
    )
)
def test_tokenizer_gives_back_any_text(text: str) -> None:
    nlp = spacy.blank("xx", config={"nlp": {"tokenizer": {"@tokenizers": TOKENIZER}}})
    assert nlp(text).text == text


def test_tokenizer_keeps_the_users_words() -> None:
    text = "投資翡翠礦脈股份"
    assert "翡翠礦脈股" not in [token.text for token in load(model=None)(text)]
    assert "翡翠礦脈股" in [token.text for token in load(model=None, words=["翡翠礦脈股"])(text)]


def test_article_of_a_blank_text_is_none(plain: spacy.Language) -> None:
    assert plain("\n")._.article is None


# ---------------------------------------------------------------------------------------------------------- round trips


@pytest.fixture
def doc(nlp: spacy.Language) -> Doc:
    return nlp(make_doc(nlp, CHINESE))


def assert_same(found: Doc, expected: Doc) -> None:
    assert found._.analysis == expected._.analysis
    assert found._.article == expected._.article
    assert found.to_json() == expected.to_json()
    assert [(span.label_, span.id_) for span in found.spans["figures"]] == [
        (span.label_, span.id_) for span in expected.spans["figures"]
    ]


def test_doc_survives_bytes(doc: Doc, nlp: spacy.Language) -> None:
    assert_same(Doc(nlp.vocab).from_bytes(doc.to_bytes()), doc)


def test_doc_survives_a_doc_bin(doc: Doc, nlp: spacy.Language) -> None:
    data = DocBin(docs=[doc], store_user_data=True).to_bytes()
    assert_same(next(DocBin().from_bytes(data).get_docs(nlp.vocab)), doc)


def test_pipe_reads_in_two_processes(nlp: spacy.Language) -> None:
    articles = [CHINESE, ENGLISH, BARE, CHINESE]
    alone = [nlp(make_doc(nlp, article)) for article in articles]  # the parent's session of the model must not be used
    docs = [make_doc(nlp, article) for article in articles]
    for found, expected in zip(nlp.pipe(docs, n_process=2, batch_size=2), alone, strict=True):
        assert_same(found, expected)


def test_components_can_go_to_another_process(nlp: spacy.Language, doc: Doc) -> None:
    for name in COMPONENTS:
        component = pickle.loads(pickle.dumps(nlp.get_pipe(name)))
        assert component(nlp.make_doc(CHINESE.text)).text == doc.text
    assert pickle.loads(pickle.dumps(nlp.tokenizer))(BARE.text).text == BARE.text


@pytest.fixture
def saved(nlp: spacy.Language, tmp_path: Path) -> Path:
    nlp.to_disk(tmp_path / "saved")
    return tmp_path / "saved"


def test_saved_pipeline_reads_the_same(saved: Path, doc: Doc) -> None:
    again = spacy.load(saved)
    assert again.pipe_names == list(COMPONENTS)
    assert_same(again(make_doc(again, CHINESE)), doc)
    again.to_disk(saved)  # over itself
    assert_same(spacy.load(saved)(make_doc(again, CHINESE)), doc)


def test_saved_pipeline_takes_its_model_along(tmp_path: Path, doc: Doc) -> None:
    here = make_tiny_model(tmp_path / "models" / "tiny")
    load(model=str(here)).to_disk(tmp_path / "saved")
    here.rename(tmp_path / "elsewhere")
    again = spacy.load(tmp_path / "saved")
    assert again(make_doc(again, CHINESE))._.analysis == doc._.analysis


def test_saved_pipeline_without_a_model_stays_without(tmp_path: Path, tiny: Path) -> None:
    load(model=None).to_disk(tmp_path)
    again = load(model=str(tiny)).from_disk(tmp_path)
    assert again(CHINESE.text)._.stance is None


@pytest.fixture
def lexicon(tmp_path: Path) -> Path:
    path = tmp_path / "ours.tsv"
    path.write_text("# columns: label forms canonical ticker\nCOMPANY\t翠礦工業|翠礦\tJade Mining\t9999.TW\n")
    return path


def test_saved_pipeline_takes_the_users_names_along(lexicon: Path, tmp_path: Path) -> None:
    text = "翠礦股價下跌 3%,我們看好翠礦工業。"
    nlp = load(model=None, lexicon=lexicon)
    expected = nlp(text)
    assert [ent.kb_id_ for ent in expected.ents if ent.label_ == "COMPANY"] == ["9999.TW", "9999.TW"]
    assert expected._.analysis == Reader(model=None, lexicon=lexicon).read(text)
    nlp.to_disk(tmp_path / "saved")
    lexicon.unlink()
    assert_same(spacy.load(tmp_path / "saved")(text), expected)


def test_load_tells_a_missing_lexicon_at_once(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match="names\\.tsv is not there"):
        load(model=None, lexicon=tmp_path / "names.tsv")


def test_saved_settings_are_the_same(tmp_path: Path) -> None:
    text = "- 第一點\n\n投資翡翠礦脈股份 3 元"
    nlp = load(model=None, language="zh-Hant-HK", markdown=True, words=["翡翠礦脈股"])
    nlp.to_disk(tmp_path)
    found, expected = spacy.load(tmp_path)(text), nlp(text)
    assert_same(found, expected)
    assert found._.analysis.language == "zh-Hant-HK"


def test_pipeline_survives_bytes(nlp: spacy.Language, tiny: Path, doc: Doc) -> None:
    again = load(model=str(tiny)).from_bytes(nlp.to_bytes())
    assert_same(again(make_doc(again, CHINESE)), doc)


# ---------------------------------------------------------------------------------------------------------------- order


def test_load_has_no_problems(nlp: spacy.Language) -> None:
    assert not any(nlp.analyze_pipes()["problems"].values())


@pytest.mark.parametrize(
    ("order", "problem"),
    [
        (["weiji/entities", "weiji/sections"], ("weiji/entities", "doc._.sections")),
        (["weiji/sections", "weiji/figures", "weiji/entities"], ("weiji/figures", "doc._.entities")),
        (["weiji/sections", "weiji/stance", "weiji/entities"], ("weiji/stance", "doc._.entities")),
    ],
)
def test_analyze_pipes_finds_a_wrong_order(order: list[str], problem: tuple[str, str]) -> None:
    nlp = spacy.blank("xx")
    for name in order:
        nlp.add_pipe(name, config={"model": None} if name == "weiji/stance" else {})
    component, missing = problem
    assert missing in nlp.analyze_pipes()["problems"][component]


def test_component_works_with_another_tokenizer() -> None:
    nlp = spacy.blank("en")
    for name in COMPONENTS[:3]:
        nlp.add_pipe(name)
    doc = nlp(ENGLISH.text)
    assert "$200 billion" in [figure.text for figure in doc._.figures]


def test_load_tells_a_wrong_model_at_once() -> None:
    with pytest.raises(ModelError, match="model 'sentiment' is neither"):
        load(model="sentiment")
