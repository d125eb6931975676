"""Personal data in each vendor's own form, and nothing that is not personal data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.domain import normalise
from processors.domain.hashing import is_sha256, sha256_hex

PLUS = "Cloudy.SanFrancisco+shopping@gmail.com"


@pytest.mark.parametrize(
    ("form", "raw", "expected"),
    [
        (normalise.email, " John_Smith@Gmail.com ", "john_smith@gmail.com"),
        (normalise.email, "a.b+c@gmail.com", "a.b+c@gmail.com"),
        (normalise.email_google, PLUS, "cloudysanfrancisco@gmail.com"),
        (normalise.email_google, "user.name+NYC@Example.com", "user.name+nyc@example.com"),
        (
            normalise.email_google,
            "Jefferson.Loves.hiking@googlemail.com",
            "jeffersonloveshiking@googlemail.com",
        ),
        (normalise.email_google, "+x@gmail.com", None),
        (normalise.email_ga4, PLUS, "cloudysanfrancisco+shopping@gmail.com"),
        (normalise.email_microsoft, " User.Name+NYC@Example.co.uk ", "username@example.co.uk"),
        (normalise.email_microsoft, "..+x@example.com", None),
        (normalise.name, " Mary-Ann O’Brien, ", "maryann obrien"),
        (normalise.name, "Vale\u0301ry", "valéry"),
        (normalise.name, "...", None),
        (normalise.name_google, " O'Brien ", "o'brien"),
        (normalise.name_ga4, " O'Brien 2 ", "obrien"),
        (normalise.city, "New York", "newyork"),
        (normalise.city, "St. John's", "stjohns"),
        (normalise.city, "São Paulo", "sãopaulo"),
        (normalise.city_google, " St. John's 1", "st johns"),
        (normalise.state, "CA", "ca"),
        (normalise.state, "New York", "ny"),
        (normalise.state, "Île-de-France", "îledefrance"),
        (normalise.zip_code, " SW1A 1AA", "sw1a1aa"),
        (normalise.zip_code, "94105-1234", "94105"),
        (normalise.zip_code, "100-0001", "1000001"),
        (normalise.zip_google, " 1.234~5 ", "12345"),
        (normalise.country, " US ", "us"),
        (normalise.country, "U.K.", "gb"),
        (normalise.country, "United States", "us"),
        (normalise.country, "Atlantis", None),
        (normalise.country_google, "us", "US"),
    ],
)
def test_a_value_takes_the_documented_form(
    form: normalise.Form, raw: str, expected: str | None
) -> None:
    assert form(raw) == expected


def test_an_american_zip_is_five_digits() -> None:
    assert normalise.zip_code("941051234", country="us") == "94105"
    assert normalise.zip_code("941051234") == "941051234"


@pytest.mark.parametrize(
    "raw", ["", "a", "a@", "@b.example", "a@b", "a b@example.com", "a@example..com", "a@b@c.d"]
)
def test_what_is_no_address_is_none(raw: str) -> None:
    assert normalise.email(raw) is None
    assert normalise.email_google(raw) is None
    assert normalise.email_microsoft(raw) is None


def test_every_hash_form_of_a_person_is_made_at_once() -> None:
    clear = {
        "email": "Mary.Doe+x@gmail.com",
        "phone": "+1 415 555 0101",
        "first_name": "Mary",
        "last_name": "O'Doe",
        "city": "San Francisco",
        "state": "California",
        "zip": "941051234",
        "country": "US",
        "external_id": " Cust-1 ",
    }
    plain = {
        "em": "mary.doe+x@gmail.com",
        "em_microsoft": "marydoe@gmail.com",
        "em_google": "marydoe@gmail.com",
        "em_ga4": "marydoe+x@gmail.com",
        "ph": "14155550101",
        "ph_plus": "+14155550101",
        "fn": "mary",
        "fn_google": "mary",
        "fn_ga4": "mary",
        "ln": "odoe",
        "ln_google": "o'doe",
        "ln_ga4": "odoe",
        "ct": "sanfrancisco",
        "st": "ca",
        "zp": "94105",
        "zp_digits": "94105",
        "country": "us",
        "external_id": "Cust-1",
        "external_id_lower": "cust-1",
    }
    expected = {key: sha256_hex(value) for key, value in plain.items()}
    assert normalise.hashed_user_data(clear) == expected


def test_microsoft_s_form_of_an_email_is_made_only_where_it_is_another() -> None:
    assert normalise.hashed_user_data({"email": "mary@example.com"}).keys() == {
        "em", "em_google", "em_ga4",
    }  # fmt: skip


def test_a_value_that_is_a_hash_already_passes_in_lower_case() -> None:
    digest = sha256_hex("buyer@example.com")
    assert normalise.hashed_user_data({"email": digest.upper()}) == {"em": digest}


def test_what_is_not_valid_is_left_out_and_never_hashed() -> None:
    clear = {"email": "nobody", "phone": "12", "first_name": "", "zip": " ", "nickname": "M"}
    assert normalise.hashed_user_data(clear) == {}


@given(st.dictionaries(st.sampled_from(sorted(normalise.CLEAR_KEYS)), st.text(max_size=30)))
def test_only_hashes_come_out_whatever_goes_in(clear: dict[str, str]) -> None:
    assert all(is_sha256(value) for value in normalise.hashed_user_data(clear).values())


@given(st.text(max_size=30))
def test_normalising_twice_changes_nothing(raw: str) -> None:
    for form in (normalise.email, normalise.name, normalise.city, normalise.phone_digits):
        once = form(raw)
        assert once is None or form(once) == once
