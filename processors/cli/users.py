"""Commands about people's logins."""

import sys
from typing import Annotated

import typer

from processors.cli.console import Json, do, out, say

users = typer.Typer(help="People's logins for /api/v1.", no_args_is_help=True)

Tenants = Annotated[
    list[str] | None, typer.Option("--tenant", help="Tenant that it sees; repeatable.")
]
Stdin = Annotated[
    bool, typer.Option("--stdin", help="Read the password from standard input; else it is made up.")
]


@users.command("add")
def user_add(
    email: str,
    tenant: Tenants = None,
    role: Annotated[
        str,
        typer.Option(help="viewer (reads), analyst (also changes), admin (also sends events)"),
    ] = "viewer",
    stdin: Stdin = False,
    as_json: Json = False,
) -> None:
    """Make a login; a password that was made up is printed once."""
    from processors.commands import users as command

    given = _given(stdin)
    made = do(command.add(email, role=role, tenants=tenant or (), password=given))
    _tell(email, made, given=given, as_json=as_json)


@users.command("list")
def user_list(as_json: Json = False) -> None:
    """Every login, its role and tenants."""
    from processors.commands import users as command

    found = do(command.listed())
    say([user.as_json() for user in found], as_json=as_json, text=command.render(found))


@users.command("set")
def user_set(
    email: str,
    tenant: Tenants = None,
    role: Annotated[str | None, typer.Option(help="viewer, analyst or admin")] = None,
) -> None:
    """Give a login another role, or other tenants instead of those it has; its tokens end."""
    from processors.commands import users as command

    do(command.change(email, role=role, tenants=tenant or ()))
    out.print(f"{email}: set", markup=False)


@users.command("password")
def user_password(email: str, stdin: Stdin = False, as_json: Json = False) -> None:
    """Another password, printed once when it was made up; the login's tokens end."""
    from processors.commands import users as command

    given = _given(stdin)
    made = do(command.set_password(email, given))
    _tell(email, made, given=given, as_json=as_json)


@users.command("disable")
def user_disable(email: str) -> None:
    """Switch a login off; its tokens end within seconds."""
    from processors.commands import users as command

    do(command.set_disabled(email, disabled=True))
    out.print(f"{email}: disabled", markup=False)


@users.command("enable")
def user_enable(email: str) -> None:
    """Switch a login on again."""
    from processors.commands import users as command

    do(command.set_disabled(email, disabled=False))
    out.print(f"{email}: enabled", markup=False)


@users.command("logout")
def user_logout(email: str) -> None:
    """End every token of a login; the password stays."""
    from processors.commands import users as command

    do(command.void_tokens(email))
    out.print(f"{email}: logged out everywhere", markup=False)


def _given(stdin: bool) -> str:
    return sys.stdin.readline().rstrip("\r\n") if stdin else ""


def _tell(email: str, password: str, *, given: str, as_json: bool) -> None:
    """What was made up; what was given is not repeated."""
    if given:
        say({"email": email}, as_json=as_json, text=f"{email}: password set")
    else:
        say({"email": email, "password": password}, as_json=as_json, text=password)
