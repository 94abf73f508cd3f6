"""Addresses and telephone numbers are masked, other numbers and function mailboxes are not."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import contacts

MASKED = [
    "+49 (0)221 / 123 45-67",
    "+49 241 80-90",
    "+49.211.123456",
    "+49(0)2461/61-2345",
    "0049 211 455 67 89",
    "+31 20 123 4567",
    "0221 1234567",
    "0221/1234567",
    "(0221) 12 34 56",
    "(0 30) 123 45 67",
    "0151/40 00 00 39",
    "01700000000",
    "erika.muster@glas.example.org",
    "muster@example.org",
    "erika (at) example (dot) org",
    "erika[at]example.org",
    "{erika,max}@uni.example.org",
    "office.muster@example.org",
    "ERIKA-MUSTER@EXAMPLE.ORG",
]

KEPT = [
    "im Jahr 2023/2024",
    "von 2014-2020 und 2021-2027",
    "am 01.02.2023 oder 2023-02-01, 02/2023",
    "von 0800 bis 1200 Uhr und 08:00-12:00",
    "ISBN 978-3-16-148410-0 und ISBN 0306 40615 2",
    "ISSN 0340-1234",
    "IBAN DE89 3704 0044 0532 0130 00",
    "50667 Köln und 01067 Dresden",
    "3 022 475 € und 1.250.000 Euro",
    "mehr als 0210 500 000 Euro",
    "doi:10.1007/0123-4567-8",
    "FKZ 03XP0123A und Förderkennzeichen: 0350 123456",
    "EP 0 123 456 B1",
    "Projekt 0325 7890, Az. 0815/4711-23, HRB 0123 45678",
    "DIN EN 0123-4567",
    "Empfehlung M. 2160-0",
    "https://orcid.org/0000-0002-1825-0097",
    "https://example.org/seite/0221/1234567",
    "Mobil 2030 und Call 2023 12345",
    "plus 49 Prozent, +49 Prozent",
    "info@example.org, presse-info@example.org, service2@example.org, REFERAT-B4@example.org",
    "@glasnetz und a@b",
]


@pytest.mark.parametrize("text", MASKED)
def test_an_address_or_number_is_masked_whole(text: str) -> None:
    around = f"Vor {text}, danach."

    assert contacts.mask(around) == (f"Vor {contacts.MASK * len(text)}, danach.", 1)


@pytest.mark.parametrize(
    "text", ["Tel.: 12345", "Telefon 0 151 40 00 00 39", "Fax 0211-8989-0", "Rufen Sie uns an: 4711-0"]
)
def test_a_word_before_a_number_makes_it_one(text: str) -> None:
    masked, count = contacts.mask(text)

    assert count == 1
    assert not any(character.isdigit() for character in masked)
    assert masked.startswith(text[:3])


@pytest.mark.parametrize("text", KEPT)
def test_other_numbers_and_function_mailboxes_stay(text: str) -> None:
    assert contacts.mask(text) == (text, 0)


@pytest.mark.parametrize(
    ("mailbox", "expected"),
    [
        ("erika.muster@example.org", True),
        ("e.muster@example.org", True),
        ("glas@example.org", False),
        ("info.presse@example.org", False),
        ("glas2030@example.org", False),
    ],
)
def test_a_mailbox_looks_personal_when_it_is_given_and_family_name(mailbox: str, expected: bool) -> None:
    assert contacts.is_personal(mailbox) is expected


@given(st.text(alphabet="ab0129 +-/().@{}\n€", max_size=60))
def test_masking_keeps_the_length_and_is_done_at_once(text: str) -> None:
    masked, _ = contacts.mask(text)

    assert len(masked) == len(text)
    assert all(after in (before, contacts.MASK) for before, after in zip(text, masked, strict=True))


@pytest.mark.parametrize("piece", ["1", "1 ", "1-0", "a.", "a-", "@", "{", "(0", "+4"])
def test_long_runs_take_bounded_time(piece: str) -> None:
    started = time.perf_counter()
    contacts.mask(f"Tel. 0211 {piece * 200_000}@x")

    assert time.perf_counter() - started < 5.0
