"""Made-up German and English prose about the topics of the vocabulary; the same seed, the same text."""
# ruff: noqa: E501

import random
from functools import cache

from rdflib import SKOS, Graph

import ontology

CHARACTERS = 750
"""Of one paragraph: a chunk of 150 to 200 tokens."""

TEMPLATES = {
    "de": (
        "Im Vorhaben {name} untersucht die Arbeitsgruppe {number}, wie sich {topic} im Mittelstand einführen lässt.",
        "Nach {number} Monaten lag der Verbrauch der Anlage in {name} um {share} Prozent unter dem Ausgangswert.",
        "Die Beteiligten aus {name} und {other} treffen sich jedes Quartal, um Messwerte und Verträge abzugleichen.",
        "Für kleine Betriebe ist {topic} dann lohnend, wenn der Umbau in weniger als {number} Wochen gelingt.",
        "Der Bericht nennt {number} Hindernisse, darunter lange Genehmigungen, fehlende Fachkräfte und hohe Zinsen.",
        "Eine Umfrage unter {number} Firmen zeigt, dass {name} vor allem an offenen Schnittstellen gemessen wird.",
        "Bis zum Jahresende soll {name} um eine zweite Versuchshalle mit {number} Quadratmetern erweitert werden.",
    ),
    "en": (
        "The project {name} asks in work package {number} how {topic} can be introduced in smaller companies.",
        "After {number} months the plant in {name} needed {share} per cent less energy than before the change.",
        "Partners from {name} and {other} meet every quarter to compare their measurements and their contracts.",
        "For small firms {topic} pays when the conversion can be finished in fewer than {number} weeks of work.",
        "The report lists {number} obstacles, among them slow permits, missing specialists and high interest rates.",
        "A survey of {number} companies shows that {name} is judged above all by how open its interfaces are.",
        "By the end of the year {name} is to receive a second test hall of {number} square metres for visitors.",
    ),
}  # fmt: skip
QUESTIONS = {
    "de": ("Wer hilft bei {topic} in {name}?", "Welche Erfahrungen gibt es mit {topic} und {second}?"),
    "en": ("who offers support for {topic} near {name}?", "what is known about {topic} and {second}?"),
}
_SYLLABLES = (
    *("al", "ber", "dor", "el", "fen", "gar", "hol", "in", "jas", "kel", "lun", "mar"),
    *("nor", "ot", "pel", "quen", "rin", "sel", "tur", "ul", "ven", "wal", "zin"),
)


class Prose:
    """An endless supply of documents and questions."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def document(self, paragraphs: int) -> str:
        """Return Markdown of so many paragraphs, each about one chunk long; every third is English."""
        language = "en" if self._random.random() < 1 / 3 else "de"
        title = f"{self._topic(language).capitalize()}: {self.name()}"
        return "\n\n".join([f"# {title}", *(self._paragraph(language) for _ in range(paragraphs))]) + "\n"

    def question(self) -> str:
        """Return a question; hardly ever the same one twice."""
        language = self._random.choice(("de", "en"))
        return self._fill(self._random.choice(QUESTIONS[language]), language)

    def _paragraph(self, language: str) -> str:
        sentences: list[str] = []
        while sum(map(len, sentences)) < CHARACTERS:
            sentences.append(self._fill(self._random.choice(TEMPLATES[language]), language))
        return " ".join(sentences)

    def _fill(self, template: str, language: str) -> str:
        return template.format(
            topic=self._topic(language), second=self._topic(language), name=self.name(), other=self.name(),
            number=self._random.randrange(3, 5_000), share=self._random.randrange(2, 60),
        )  # fmt: skip

    def _topic(self, language: str) -> str:
        return self._random.choice(_topics()[language])

    def name(self) -> str:
        """Return the name of something that there is not."""
        return "".join(self._random.choices(_SYLLABLES, k=3)).capitalize()


@cache
def _topics() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"de": [], "en": []}
    for label in Graph().parse(ontology.graphs()["vocab/topic"]).objects(None, SKOS.prefLabel):
        found[str(getattr(label, "language", "de"))].append(str(label))
    return {language: sorted(labels) for language, labels in found.items()}
