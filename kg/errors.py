"""The error tree, drawn by whose fault it is.

KGError
    SourceError         an input cannot be used          .source .code .detail
    QueryError          the caller's question is at fault
        SyntaxFault     the query does not parse         .line .column
        Forbidden       the query asks for what is not allowed
        TooExpensive    the query hit a limit            .limit .value
        Unknown         a filter names nothing we know   .parameter .value .suggestions
        Refused         a value is known but of no use   .parameter .value
        NotAcceptable   no format asked for fits         .offered
    NotFound            nothing by that name             .iri
    Gone                a version that is no longer kept .version
    ShapeViolation      data breaks the shapes           .report
    Busy                somebody else holds the lock     .holder
    TooMany             one client asks too much at once .limit .value .retry_s
    Overloaded          too many ask at once             .retry_s
    StoreError          our fault                        .path
        NotBuilt        no version exists yet
        Incompatible    built by another model or layout .found .expected
        Corrupt         a checksum or size differs
"""

from collections.abc import Sequence


class KGError(Exception):
    """Any error this project raises on purpose; `str()` is a message for people."""


class SourceError(KGError):
    """An input that cannot be used; the run goes on without it."""

    def __init__(self, source: str, code: str, detail: str) -> None:
        self.source, self.code, self.detail = source, code, detail
        super().__init__(f"{source}: {detail}")


class QueryError(KGError):
    """A question that cannot be answered as it was put."""


class SyntaxFault(QueryError):
    """A query that does not parse; `line` and `column` count from 1 (0 when unknown)."""

    def __init__(self, detail: str, line: int = 0, column: int = 0) -> None:
        self.detail, self.line, self.column = detail, line, column
        where = f" (line {line}, column {column})" if line else ""
        super().__init__(f"{detail}{where}")


class Forbidden(QueryError):
    """A query that asks for something that is never allowed."""


class TooExpensive(QueryError):
    """A query that hit a limit: `limit` names it, `value` is its size with unit.

    `suspects` are sentences about parts of its text that are likely at fault.
    """

    def __init__(self, limit: str, value: str, advice: str, suspects: Sequence[str] = ()) -> None:
        self.limit, self.value, self.advice, self.suspects = limit, value, advice, tuple(suspects)
        super().__init__(" ".join((f"The query hit the limit {limit} ({value}).", advice, *suspects)))


class Unknown(QueryError):
    """A parameter value that names nothing; `suggestions` may help."""

    def __init__(self, parameter: str, value: str, suggestions: Sequence[str] = ()) -> None:
        self.parameter, self.value, self.suggestions = parameter, value, tuple(suggestions)
        hint = f" Did you mean: {', '.join(self.suggestions)}?" if self.suggestions else ""
        super().__init__(f"{parameter}={value!r} is not known.{hint}")


class Refused(QueryError):
    """A parameter value that is understood and cannot be used; the message says what to do instead."""

    def __init__(self, parameter: str, value: str, why: str, advice: str) -> None:
        self.parameter, self.value = parameter, value
        super().__init__(f"{parameter}={value!r} {why}. {advice}")


class NotAcceptable(QueryError):
    """None of the formats the caller accepts can hold the answer; `offered` lists those that can."""

    def __init__(self, offered: Sequence[str]) -> None:
        self.offered = tuple(offered)
        super().__init__(f"The answer can be had as {', '.join(self.offered)}.")


class NotFound(KGError):
    """Nothing by that name, or nothing the caller may see."""

    def __init__(self, iri: str) -> None:
        self.iri = iri
        super().__init__(f"Nothing is known by the name {iri!r}.")


class Gone(KGError):
    """A version that existed but is no longer kept."""

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__(f"Version {version} is no longer kept; ask without `version`.")


class ShapeViolation(KGError):
    """Data that breaks the ontology's shapes; `report` lists each result."""

    def __init__(self, source: str, report: Sequence[str]) -> None:
        self.source, self.report = source, tuple(report)
        super().__init__(f"{source}: {'; '.join(self.report)}")


class Busy(KGError):
    """Another process holds what only one may hold."""

    def __init__(self, holder: str) -> None:
        self.holder = holder
        super().__init__(f"{holder} holds the lock; wait for it or stop it.")


class TooMany(KGError):
    """One client asks too much at once; `retry_s` are the seconds after which there is room again."""

    def __init__(self, limit: str, value: int, retry_s: int) -> None:
        self.limit, self.value, self.retry_s = limit, value, retry_s
        super().__init__(
            f"The limit {limit} ({value}) is reached. Wait for an answer, or {retry_s} s, then ask again."
        )


class Overloaded(KGError):
    """Too many ask at once; after `retry_s` seconds there may be room."""

    def __init__(self, detail: str, retry_s: int = 5) -> None:
        self.retry_s = retry_s
        super().__init__(detail)


class StoreError(KGError):
    """The data folder is at fault, not the caller."""

    def __init__(self, path: str, detail: str) -> None:
        self.path, self.detail = path, detail
        super().__init__(f"{path}: {detail}")


class NotBuilt(StoreError):
    """There is no version to read yet."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "holds no version yet. Run `kg init` or `kg ingest PATH`.")


class Incompatible(StoreError):
    """The data was built by another model or layout."""

    def __init__(self, path: str, found: str, expected: str, advice: str = "") -> None:
        self.found, self.expected = found, expected
        detail = f"was built with {found}, this process uses {expected}."
        super().__init__(path, f"{detail} {advice}" if advice else detail)


OTHER_ENCODER = (
    "Set KG_ENCODER and KG_SPARSE as they were (KG_SPARSE=false without +sparse), or take the data in again "
    "into a new folder."
)
"""What to do where data was built by another encoder: vectors of two never mix."""


class Corrupt(StoreError):
    """A file is missing or is not what the manifest says."""
