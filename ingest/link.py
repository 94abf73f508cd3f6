"""Mentions with several candidates to mentions with one entity each."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from kg.types import Document, Iri, Mention


def resolve(mentions: Sequence[Mention], document: Document) -> list[Mention]:
    """Return one mention for each place, in order.

    Of several candidates wins what the document is about, then the better form (a preferred label
    before an alias), then what the document names elsewhere without doubt, then the smaller IRI.
    Between namesakes nothing but the first of these decides: nobody is taken for somebody else.
    """
    ordered = sorted(mentions, key=lambda mention: (mention.start, mention.end))
    places = [list(group) for _, group in groupby(ordered, key=lambda mention: (mention.start, mention.end))]
    certain = Counter(group[0].entity for group in places if len({m.entity for m in group}) == 1)

    def rank(mention: Mention) -> tuple[bool, float, bool, Iri]:
        return (
            mention.entity != document.about,
            -mention.score,
            mention.entity not in certain,
            mention.entity,
        )

    best = [(min(group, key=rank), len({mention.entity for mention in group})) for group in places]
    return [
        mention
        for mention, candidates in best
        if mention.kind != "person" or candidates == 1 or mention.entity == document.about
    ]
