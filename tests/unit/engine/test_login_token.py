"""Tokens of logins, and passwords at rest."""

from processors.engine import login_token, passwords, service_token, vault
from processors.engine.vault import Vault

KEY, NEWER = vault.new_key(), vault.new_key()
TOLD = login_token.Told("ada@example.com", 3, 1_790_000_000_000)


def test_a_token_says_what_was_put_in_it_to_whoever_has_the_key() -> None:
    token = login_token.make(Vault(KEY), TOLD)

    assert login_token.read(Vault(f"{NEWER},{KEY}"), token) == TOLD
    assert login_token.read(Vault(NEWER), token) is None
    assert "ada" not in token


def test_no_other_text_is_a_token() -> None:
    box = Vault(KEY)
    token = login_token.make(box, TOLD)
    forged = login_token.PREFIX + box.encrypt('["login-token", "ada@example.com", "3", 1]')
    service = service_token.make(box, "demo", now=1).replace("ats_", login_token.PREFIX)

    for text in ("", "atl_", token[:-2], forged, service, login_token.PREFIX + box.encrypt("[]")):
        assert login_token.read(box, text) is None


def test_a_password_is_right_alone_and_stored_as_argon2id_with_a_salt() -> None:
    stored, other = passwords.hashed("correct horse"), passwords.hashed("correct horse")

    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert stored != other
    assert passwords.is_right("correct horse", stored)
    assert not passwords.is_right("correct horse ", stored)
    assert not passwords.is_right("correct horse", "")
    assert not passwords.is_right("correct horse", "$argon2id$nonsense")
    assert not passwords.is_right("", passwords.nobodys())
