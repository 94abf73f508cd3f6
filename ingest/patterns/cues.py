"""Small words that decide: rhythm, status, negation, question, and nouns that say what a name is."""

import re
from collections.abc import Iterator, Sequence

from kg.types import Iri, Span, Status

CLASS_NOUNS = {
    "organisation": re.compile(
        r"(?:landes|landeskompetenz|kompetenz|branchen|technologie|clusterorganisation|unternehmens)?"
        r"(?:cluster|netzwerk|netz|plattform|zentrum|zentrums)(?:s|es|n|e)?"
        r"|clusterorganisation(?:en)?|verein(?:s|e)?|verband(?:e?s)?|stiftung|initiative|agentur|gesellschaft|"
        r"institut(?:e?s)?|association|foundation|network|company|unternehmen",
        re.IGNORECASE,
    ),
    "instrument": re.compile(
        r"(?:veranstaltungs|workshop|publikations|vortrags|seminar|event)?(?:reihe|serie|format|formats|programm|"
        r"programms|projekt|projekts|themen-schwerpunkt|leuchtturm|landkarte|programme|series)",
        re.IGNORECASE,
    ),
    "event": re.compile(
        r"(?:fach|leit)?(?:messe|messen|konferenz|tagung|jahrestreffen|conference|fair)", re.I
    ),
    "event+": re.compile(
        r"(?:fach|leit)?(?:messe|messen|konferenz|tagung|jahrestreffen|conference|fair)"
        r"|(?:veranstaltungs|workshop|vortrags)(?:reihe|serie)",
        re.I,
    ),
    "project": re.compile(
        r"(?:eu-|verbund|forschungs|leit)?(?:projekt(?:e?s|en|e)?|vorhabens?|project|projects)", re.I
    ),
    "funding": re.compile(
        r"(?:förder)?(?:programm(?:s|en|e)?|initiative|programme|programmes|joint|undertakings?)", re.I
    ),
}
_RHYTHMS = (
    ("several-times-a-year", r"mehrmals (?:im Jahr|jährlich|pro Jahr)|mehrere(?:n)? \w+ (?:pro|im) Jahr"
     r"|(?:several|multiple) times (?:a|per) year"),
    ("half-yearly", r"halbjährlich\w*|zweimal (?:im Jahr|jährlich|pro Jahr)|twice a year"
     r"|half-yearly|semi-annual\w*|every six months"),
    ("quarterly", r"vierteljährlich\w*|quartalsweise|viermal (?:im Jahr|jährlich|pro Jahr)|quarterly"
     r"|every quarter|four times a year"),
    ("monthly", r"monatlich\w*|jeden Monat|einmal im Monat|monthly|every month|once a month"),
    ("weekly", r"wöchentlich\w*|jede Woche|einmal (?:pro|in der) Woche|weekly|every week|once a week"),
    ("daily", r"tagesaktuell\w*|täglich\w*|daily|every day"),
    ("yearly", r"(?<!halb)(?<!viertel)jährlich\w*|einmal (?:im Jahr|pro Jahr)|jedes Jahr|yearly|annual(?:ly)?"
     r"|every year|once a year"),
    ("regular", r"regelmäßig\w*|regular(?:ly)?"),
)  # fmt: skip
_RHYTHM = re.compile(
    r"(?<![\w-])(?:" + "|".join(f"(?P<r{at}>{words})" for at, (_, words) in enumerate(_RHYTHMS)) + r")(?!\w)",
    re.IGNORECASE,
)
NOTHING = re.compile(
    r"nicht|kein(?:e[nmrs]?)?|nie|niemals|weder|statt|anstatt|ohne|wäre(?:n)?|hätte(?:n)?|würde(?:n)?"
    r"|falls|sofern|ob|angeblich|vermutlich|möglicherweise|eingestellt|beendet|ausgetreten|verließ"
    r"|not|no|never|neither|nor|without|if|whether|unless|would|allegedly|reportedly|ceased|stopped|former"
    r"|ehemalig\w*|früher\w*|n't|don't|doesn't|isn't|won't|cannot",
    re.IGNORECASE,
)
"""Words after which nothing is claimed."""

_NO_NEGATION = frozenset(("nur", "zuletzt", "only", "least", "allein", "just"))
_PLANNED = re.compile(
    r"geplant\w*|plan(?:t|en|s|ned|ning)|zukünftig\w*|künftig\w*|vorgesehen\w*|beabsichtig\w*|soll(?:en)?|will"
    r"|intends?|upcoming|future|shall|möchten?|angedacht\w*|aufgebaut werden|demnächst",
    re.IGNORECASE,
)
_RECOMMENDED = re.compile(
    r"sollte[nst]?|könnte[nst]?|können|kann|empfiehlt|empfehlen|empfohlen\w*|müssten?|dürften?|should|could"
    r"|might|may|can|recommend\w*|ought|gilt",
    re.IGNORECASE,
)
CLAUSE_ENDS = frozenset((",", ";", ":", "(", ")", "–"))


def rhythms(text: str, sentence: Span) -> Iterator[tuple[int, int, Iri]]:
    """Yield start, end and name of each rhythm in a sentence; names are those of the vocabulary."""
    for match in _RHYTHM.finditer(text, sentence.start, sentence.end):
        at = next(at for at in range(len(_RHYTHMS)) if match[f"r{at}"])
        yield match.start(), match.end(), Iri(_RHYTHMS[at][0])


def is_class(word: str, kind: str) -> bool:
    """Tell whether a noun only says what a name of this kind is."""
    return bool(CLASS_NOUNS[kind].fullmatch(word)) if kind in CLASS_NOUNS else False


def is_open(words: Sequence[str]) -> bool:
    """Tell whether these words deny, doubt or only suppose what they say."""
    for at, word in enumerate(words):
        if NOTHING.fullmatch(word) and not (at + 1 < len(words) and words[at + 1].lower() in _NO_NEGATION):
            return True
    return False


def status(words: Sequence[str]) -> Status:
    """Return whether these words speak of what is, what is planned or what should be."""
    if any(_RECOMMENDED.fullmatch(word) for word in words):
        return "recommended"
    if any(_PLANNED.fullmatch(word) for word in words):
        return "planned"
    return "existing"
