import pytest

from kg.index.analysis import compound_parts, compound_text

WORDS = {"wasserstoff", "wasser", "stoff", "wirtschaft", "förderung", "antrag", "netzwerk", "innovation"}


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("wasserstoffwirtschaft", ("wasserstoff", "wirtschaft")),
        ("förderungsantrag", ("förderung", "antrag")),
        ("wasserstoffinnovationsnetzwerk", ("wasserstoff", "innovation", "netzwerk")),
        ("wirtschaft", ()),
        ("xyzwirtschaft", ()),
        ("", ()),
        ("a" * 10_000, ()),
    ],
)
def test_words_split_into_known_words(word, parts):
    assert compound_parts(word, WORDS.__contains__) == parts


def test_the_dictionary_splits_real_compounds():
    parts = compound_text("Die Wasserstoffwirtschaft und Clusterorganisationen, mit Unternehmen.").split()

    assert parts[:4] == ["wasserstoff", "wirtschaft", "cluster", "organisationen"]
    assert "nehmen" not in parts
