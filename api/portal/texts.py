"""What the page says, in German and in English; both tables have the same names."""

from typing import Final, Literal

Language = Literal["de", "en"]

LANGUAGES: Final[tuple[Language, ...]] = ("de", "en")

TEXTS: Final[dict[Language, dict[str, str]]] = {
    "de": {
        "title": "Cluster-Wissensgraph",
        "skip": "Zum Inhalt springen",
        "other_language": "English",
        "search_label": "Wonach suchen Sie?",
        "search_help": "Fragen oder Stichwörter, auf Deutsch oder Englisch",
        "search": "Suchen",
        "intro": "Veröffentlichungen, Vorhaben und Akteure der Cluster durchsuchen. "
        "Jeder Treffer zeigt die Stelle, an der es steht.",
        "results": "Treffer",
        "count_one": "1 Treffer",
        "count": "{total} Treffer",
        "count_at_least": "Mindestens {total} Treffer",
        "for_query": "für „{query}“",
        "experts": "Wer dazu arbeitet",
        "experts_note": "Reihenfolge nach den Textstellen; keine Bewertung der Organisation.",
        "filters": "Eingrenzen",
        "active_filters": "Gewählte Filter",
        "remove_filter": "Filter entfernen",
        "pages": "Seiten",
        "previous": "Vorherige Treffer",
        "next": "Weitere Treffer",
        "page_number": "Seite",
        "source": "Quelle",
        "published": "Erschienen",
        "cluster": "Cluster",
        "language": "Sprache",
        "kind": "Art",
        "topic": "Thema",
        "place": "Ort",
        "original": "Zum Original",
        "more_passages": "Weitere Stellen in diesem Dokument",
        "none_title": "Nichts gefunden",
        "none_help": "Das können Sie versuchen:",
        "none_1": "andere oder allgemeinere Wörter verwenden",
        "none_2": "die Schreibweise prüfen, besonders bei Namen",
        "none_3": "Filter entfernen",
        "all": "Suche ohne Filter wiederholen",
        "entity": "Eintrag",
        "aliases": "Auch bekannt als",
        "statements": "Was darüber gesagt wird",
        "statement": "Aussage",
        "value": "Wert",
        "evidence": "Beleg",
        "no_evidence": "ohne Textbeleg",
        "mentioned_in": "Erwähnt in",
        "search_about": "Danach suchen",
        "error_title": "Das hat nicht geklappt",
        "home": "Zur Suche",
        "version": "Datenstand",
        "data_access": "SPARQL-Abfrage",
        "sparql_label": "SPARQL-Abfrage",
        "sparql_help": "Die Antwort kommt als JSON; Programme wählen das Format mit dem Kopf Accept.",
        "run": "Ausführen",
        "kind_document": "Dokument",
        "kind_organisation": "Organisation",
        "kind_person": "Person",
        "kind_project": "Projekt",
        "kind_event": "Veranstaltung",
        "kind_funding": "Förderung",
        "kind_instrument": "Instrument",
        "kind_topic": "Thema",
        "kind_place": "Ort",
        "lang_de": "Deutsch",
        "lang_en": "Englisch",
    },
    "en": {
        "title": "Cluster knowledge graph",
        "skip": "Skip to content",
        "other_language": "Deutsch",
        "search_label": "What are you looking for?",
        "search_help": "Questions or keywords, in German or English",
        "search": "Search",
        "intro": "Search the publications, projects and actors of the clusters. "
        "Every hit shows the passage that says so.",
        "results": "Results",
        "count_one": "1 result",
        "count": "{total} results",
        "count_at_least": "At least {total} results",
        "for_query": "for “{query}”",
        "experts": "Who works on this",
        "experts_note": "Ordered by the passages; no rating of the organisation.",
        "filters": "Narrow down",
        "active_filters": "Chosen filters",
        "remove_filter": "Remove filter",
        "pages": "Pages",
        "previous": "Previous results",
        "next": "More results",
        "page_number": "page",
        "source": "Source",
        "published": "Published",
        "cluster": "Cluster",
        "language": "Language",
        "kind": "Kind",
        "topic": "Topic",
        "place": "Place",
        "original": "Go to the original",
        "more_passages": "More passages in this document",
        "none_title": "Nothing found",
        "none_help": "You could try to:",
        "none_1": "use other or more general words",
        "none_2": "check the spelling, above all of names",
        "none_3": "remove filters",
        "all": "Repeat the search without filters",
        "entity": "Entry",
        "aliases": "Also known as",
        "statements": "What is said about it",
        "statement": "Statement",
        "value": "Value",
        "evidence": "Evidence",
        "no_evidence": "no passage",
        "mentioned_in": "Mentioned in",
        "search_about": "Search for it",
        "error_title": "That did not work",
        "home": "To the search",
        "version": "Data version",
        "data_access": "SPARQL query",
        "sparql_label": "SPARQL query",
        "sparql_help": "The answer comes as JSON; programs choose the format with the header Accept.",
        "run": "Run",
        "kind_document": "Document",
        "kind_organisation": "Organisation",
        "kind_person": "Person",
        "kind_project": "Project",
        "kind_event": "Event",
        "kind_funding": "Funding",
        "kind_instrument": "Instrument",
        "kind_topic": "Topic",
        "kind_place": "Place",
        "lang_de": "German",
        "lang_en": "English",
    },
}


def preferred(accept_language: str) -> Language:
    """Return the language of the page for an Accept-Language header; German unless English is wanted more."""
    weights = dict(_weights(accept_language))
    return "en" if weights.get("en", 0.0) > weights.get("de", weights.get("*", 0.0)) else "de"


def _weights(header: str) -> list[tuple[str, float]]:
    ranges = [part.strip().split(";") for part in reversed(header.lower().split(",")) if part.strip()]
    return [(tag.strip().split("-")[0], _quality(rest)) for tag, *rest in ranges]


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            return float(value) if value.replace(".", "", 1).isdecimal() else 0.0
    return 1.0
