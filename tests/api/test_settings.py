from pathlib import Path

import pytest

from api import settings
from api.settings import Settings
from kg.errors import QueryError


def test_every_setting_says_what_it_is_for_and_its_default() -> None:
    described = dict(settings.describe())

    assert set(described) == {f"KG_{name}".upper() for name in Settings.model_fields}
    assert all(text.endswith(".") and "Default: " in text for text in described.values())


def test_the_help_of_serve_lists_every_setting(kg) -> None:
    help_text = kg("serve", "--help").stdout

    assert all(name in help_text for name, _ in settings.describe())


def test_what_is_given_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KG_DATA", "/srv/one")

    assert settings.load().data == Path("/srv/one")
    assert settings.load(data=Path("/srv/two")).data == Path("/srv/two")
    assert settings.load(data=None).data == Path("/srv/one")


def test_a_wrong_value_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KG_PORT", "many")

    with pytest.raises(QueryError, match="KG_PORT='many'"):
        settings.load()


@pytest.mark.parametrize("proxies", ["*", "proxy.example", "10.0.0.1/8", "10.0.0.0/8, all"])
def test_proxies_are_trusted_by_address_or_network(proxies: str) -> None:
    assert settings.load(trusted_proxies="10.0.0.0/8, ::1").trusted_proxies == "10.0.0.0/8, ::1"
    with pytest.raises(QueryError, match="KG_TRUSTED_PROXIES"):
        settings.load(trusted_proxies=proxies)


def test_a_base_without_a_slash_gets_one() -> None:
    assert settings.load(base_iri="https://a.example/id").base_iri == "https://a.example/id/"


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        settings.load().port = 1
