import random

import numpy as np
import pytest

from kg.errors import Corrupt, NotBuilt
from kg.index.catalogue import Catalogue, CatalogueWriter
from kg.index.lexical import Lexical, LexicalWriter
from kg.types import LEVELS, Filter, Iri

NAMES = [f"https://example.org/{letter}" for letter in "abcdef"]


@pytest.fixture(scope="module")
def records(make):
    """120 random documents that all hold the word Wort."""
    chance = random.Random(3)
    found = []
    for at in range(120):
        texts = ["Wort"] * chance.randint(1, 4)
        found.append(
            make(
                f"d{chance.randint(0, 9)}-{at}",
                texts,
                number=at * 10,
                language=chance.choice(["de", "en", "nl", "fr"]),
                kind=chance.choice(["document", "project", "event"]),
                source=chance.choice(["one", "two"]),
                visibility=chance.choice(LEVELS),
                issued=chance.choice([None, "2023", "2024-05", "2025-12-31", "2026-01-01"]),
                clusters=chance.sample(NAMES, chance.randint(0, 3)),
                entities=[chance.sample(NAMES, chance.randint(0, 3)) for _ in texts],
                about=Iri(chance.choice(NAMES)) if chance.random() < 0.2 else None,
            )
        )
    return found


@pytest.fixture(scope="module")
def catalogue(records, tmp_path_factory):
    writer = CatalogueWriter()
    writer.upsert(records)
    folder = tmp_path_factory.mktemp("catalogue")
    writer.save(folder)
    return Catalogue.open(folder)


@pytest.fixture(scope="module")
def lexical(records, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lexical")
    writer = LexicalWriter.open(folder)
    writer.upsert(records)
    writer.commit()
    writer.close()
    return Lexical.open(folder)


def some(chance, values, most=2):
    return frozenset(chance.sample(values, chance.randint(0, most)))


def random_filter(seed):
    chance = random.Random(seed)
    return Filter(
        kinds=some(chance, ["document", "project", "event", "place"]),
        sources=some(chance, ["one", "two", "three"], 1),
        languages=some(chance, ["de", "en", "nl", "xx"], 3),
        clusters=frozenset(map(Iri, some(chance, NAMES, 3))),
        entities=tuple(frozenset(map(Iri, some(chance, NAMES, 3))) for _ in range(chance.randint(0, 2))),
        since=chance.choice([None, None, "2024", "2025-12-31"]),
        until=chance.choice([None, None, "2025", "2024-05-01"]),
    )


def test_both_legs_are_filtered_alike(catalogue, lexical):
    sizes = set()
    for seed in range(150):
        where = random_filter(seed)
        runs = lexical.search("Wort", where=where, limit=5000)
        found = sorted(number for run in runs.values() for number in run.numbers.tolist())

        assert catalogue.numbers[catalogue.mask(where, "internal")].tolist() == found, where
        sizes.add(len(found))
    assert len(sizes) > 20


def test_levels_are_cumulative(catalogue, records):
    counts = [int(catalogue.mask(level=level).sum()) for level in LEVELS]
    public = sum(len(record.entries) for record in records if record.document.visibility == "public")

    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (public, catalogue.count())


def test_numbers_lead_to_documents_and_back(catalogue, records):
    for record in records[:20]:
        numbers = np.array([entry.number for entry in record.entries])
        ordinals = catalogue.document_of(numbers)

        assert set(catalogue.ids(ordinals)) == {record.document.id}
        assert catalogue.ordinals([record.document.id, "unknown"]).tolist() == [ordinals[0], -1]
        assert set(catalogue.languages_of(numbers).tolist()) == {record.document.language}
    with pytest.raises(KeyError):
        catalogue.document_of(np.array([5]))


def test_a_mask_is_realigned_with_other_rows(catalogue):
    mask = catalogue.mask(Filter(kinds=frozenset({"event"})), "internal")
    shuffled = np.random.default_rng(0).permutation(np.append(catalogue.numbers, 999_999))

    allowed = catalogue.allowed(mask, shuffled)
    assert sorted(shuffled[allowed].tolist()) == catalogue.numbers[mask].tolist()


def test_facets_count_documents_once(catalogue, records):
    ordinals = catalogue.document_of(catalogue.numbers)
    facets = catalogue.facets(ordinals)

    assert sum(count for _, count in facets["kind"]) == len(records)
    of_a = sum(NAMES[0] in record.clusters for record in records)
    assert dict(facets["cluster"])[NAMES[0]] == of_a
    assert {year for year, _ in facets["year"]} == {"2023", "2024", "2025", "2026"}
    counts = [count for _, count in facets["language"]]
    assert counts == sorted(counts, reverse=True)
    assert catalogue.facets(ordinals[:0])["cluster"] == []


def test_a_loaded_writer_saves_the_same(catalogue, records, tmp_path):
    first = CatalogueWriter()
    first.upsert([*records[:60], *records])
    first.save(tmp_path / "1")
    again = CatalogueWriter.load(tmp_path / "1")
    again.save(tmp_path / "2")

    names = sorted(path.name for path in (tmp_path / "1").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "2").iterdir())
    assert all((tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes() for name in names)


def test_deleted_documents_are_gone(records, tmp_path):
    writer = CatalogueWriter()
    writer.upsert(records[:2])
    writer.delete([records[0].document.id, "unknown"])
    writer.save(tmp_path)

    assert Catalogue.open(tmp_path).numbers.tolist() == [entry.number for entry in records[1].entries]


def test_an_empty_catalogue_answers(tmp_path):
    CatalogueWriter().save(tmp_path)
    catalogue = Catalogue.open(tmp_path)

    assert (catalogue.count(), catalogue.documents) == (0, 0)
    assert catalogue.mask(Filter(clusters=frozenset(map(Iri, NAMES)), since="2020")).tolist() == []
    assert catalogue.facets(np.empty(0, np.int64))["kind"] == []
    assert catalogue.rows(np.array([1])).tolist() == [-1]
    assert catalogue.allowed(catalogue.mask(), np.array([1])).tolist() == [False]


def test_missing_and_damaged_columns_are_said_so(records, tmp_path):
    with pytest.raises(NotBuilt):
        Catalogue.open(tmp_path)
    writer = CatalogueWriter()
    writer.upsert(records[:2])
    writer.save(tmp_path)
    (tmp_path / "kind.npy").unlink()
    with pytest.raises(Corrupt):
        Catalogue.open(tmp_path)
