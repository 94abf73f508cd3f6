"""One text on several sites is one hit, for each caller by what it may see."""

import random

import pytest

from ingest.options import Options
from ingest.pipeline import Pipeline
from kg import candidates, experts, search, versions
from kg.base import Snapshot
from kg.embed import open_encoder
from kg.ids import Namer, document_id
from kg.index.similar import ALIKE, Similar, groups, signature
from kg.types import Level, Query
from kg.writer import Writer

NAMER = Namer()


def prose(seed: int, words: int = 400) -> str:
    chance = random.Random(seed)
    syllables = [
        "glas",
        "sand",
        "ofen",
        "fluss",
        "werk",
        "licht",
        "form",
        "ton",
        "kalk",
        "salz",
        "rohr",
        "blatt",
    ]
    made = ["".join(chance.choices(syllables, k=2)).capitalize() for _ in range(words)]
    return " ".join(word + "." * (at % 9 == 8) for at, word in enumerate(made))


def framed(text: str, name: str) -> str:
    head, foot = (
        f"# Presse {name}\n\nNavigation von {name}.",
        f"Impressum von {name}, alle Rechte vorbehalten.",
    )
    return f"{head}\n\n{text}\n\n{foot}\n"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder, encoder = tmp_path_factory.mktemp("copies"), open_encoder("hash")
    writer = Writer(folder / "data", namer=NAMER, encoder_id=encoder.id, dim=encoder.dim)
    pipeline, release = Pipeline(writer, encoder), prose(1)
    sites: list[tuple[str, Level]] = [
        ("a", "public"),
        ("b", "public"),
        ("c", "public"),
        ("geheim", "internal"),
    ]
    for site, level in sites:
        (folder / f"{site}.md").write_text(framed(release, site), encoding="utf-8")
        pipeline.ingest([str(folder / f"{site}.md")], Options(source=site, visibility=level), lambda _: None)
    (folder / "d.md").write_text(framed(prose(2), "d"), encoding="utf-8")
    pipeline.ingest([str(folder / "d.md")], Options(source="d"), lambda _: None)
    writer.close()
    return Snapshot(folder / "data", versions.current(folder / "data"), NAMER)


def find(snapshot: Snapshot, level: Level = "public", text: str = "") -> search.Results:
    query = Query(text or prose(1).split(". ")[3], 20, level=level)
    return search.find(snapshot, open_encoder("hash"), query)


def test_nearly_equal_documents_are_one_hit_with_all_their_sources(snapshot: Snapshot) -> None:
    result = find(snapshot)

    assert (result.total, len(result.hits)) == (2, 2)
    best = result.hits[0]
    shown = {NAMER.document(document_id(site, f"{site}.md")): site for site in "abc"}
    assert {copy["source"] for copy in best.duplicates} == set("abc") - {shown[best.document]}
    assert result.hits[1].duplicates == ()
    assert sum(value.count for value in result.facets["source"]) == 2


def test_a_caller_learns_of_no_copy_that_it_may_not_see(snapshot: Snapshot) -> None:
    public, internal = find(snapshot).hits[0], find(snapshot, "internal").hits[0]
    assert len(public.duplicates) == 2
    assert len(internal.duplicates) == 3
    assert "geheim" not in str(public)


def test_every_copy_names_the_others(snapshot: Snapshot) -> None:
    for site in "abc":
        copies = search.copies_of(snapshot, document_id(site, f"{site}.md"), "public")
        assert {copy["source"] for copy in copies} == set("abc") - {site}
    assert search.copies_of(snapshot, document_id("d", "d.md"), "public") == ()


def test_a_filter_leaves_the_copy_that_passes_it(snapshot: Snapshot) -> None:
    for site in "abc":
        where = search.Query("", 20).filter.__class__(sources=frozenset([site]))
        result = search.find(snapshot, open_encoder("hash"), Query(prose(1)[:80], 20, filter=where))
        assert [hit.document for hit in result.hits] == [NAMER.document(document_id(site, f"{site}.md"))]


def test_without_a_question_copies_are_folded_too(snapshot: Snapshot) -> None:
    where = Query("").filter.__class__(languages=frozenset(snapshot.catalogue.values("language", "internal")))
    result = search.find(snapshot, open_encoder("hash"), Query("", 20, filter=where))
    assert result.total == 2


def test_experts_hear_each_text_once(snapshot: Snapshot) -> None:
    found = candidates.find(snapshot, open_encoder("hash"), Query(prose(1)[:80], 20))
    documents = set(found.ordinals.tolist())
    assert len(documents) == 2
    assert experts.rank(snapshot, open_encoder("hash"), Query(prose(1)[:80])).experts == ()


@pytest.mark.parametrize("share", [0.02, 0.05])
def test_small_changes_keep_texts_together_and_large_ones_do_not(share: float) -> None:
    chance, words = random.Random(3), prose(1, 800).split()
    changed = [word if chance.random() > share / 5 else "Neuwort" for word in words]
    similar = Similar()
    similar.put("a", signature(" ".join(words)))
    similar.put("b", signature(" ".join(changed)))
    similar.put("c", signature(" ".join(words[:400] + prose(4, 400).split())))
    assert similar.pairs == {("a", "b")}


def test_short_texts_are_never_taken_for_copies() -> None:
    assert signature("Ein kurzer Satz über Glas. " * 20) is None
    assert signature("") is None
    assert signature("文" * 4000) is None


def test_taking_a_text_out_takes_its_pairs_out() -> None:
    similar = Similar()
    for name in "abc":
        similar.put(name, signature(prose(1)))
    assert len(similar.pairs) == 3
    similar.drop("b")
    assert similar.pairs == {("a", "c")}
    similar.put("c", signature(prose(2)))
    assert similar.pairs == set()
    similar.drop("unknown")


def test_groups_are_what_pairs_lead_to() -> None:
    assert groups([(3, 5), (5, 9), (7, 8)]) == {3: 3, 5: 3, 9: 3, 7: 7, 8: 7}
    assert groups([]) == {}
    assert 0.5 < ALIKE < 1


def test_many_copies_are_one_group_of_few_pairs_also_when_half_of_them_go() -> None:
    similar, found, count = Similar(), signature(prose(5)), 400
    for number in range(count):
        similar.put(f"{number:03}", found)
    assert len(similar.pairs) < 32 * count
    assert len(set(groups((int(one), int(other)) for one, other in similar.pairs).values())) == 1

    for number in range(0, count, 2):
        similar.drop(f"{number:03}")
    found_groups = groups((int(one), int(other)) for one, other in similar.pairs)
    assert sorted(found_groups) == list(range(1, count, 2))
    assert set(found_groups.values()) == {1}
