"""Commands that connect a tenant's account at a platform by signing in there."""

from typing import Annotated

import typer

from processors.cli.console import do, out

app = typer.Typer()

Tenant = Annotated[str, typer.Option(help="Whose account it is.")]


@app.command("connect")
def connect(
    platform: str,
    tenant: Tenant,
    account: Annotated[str, typer.Option(help="Account, or pixel, to send to.")] = "",
    redirect_url: Annotated[
        str, typer.Option(help="Registered at the platform; of this machine, or with --paste any.")
    ] = "http://127.0.0.1:8765/callback",
    paste: Annotated[
        bool, typer.Option(help="Read the address that the browser came back to from the keyboard.")
    ] = False,
    again: Annotated[
        bool, typer.Option(help="Sign in; --no-again: only choose another --account.")
    ] = True,
) -> None:
    """Print the platform's page, wait for the sign-in, and keep what it grants, encrypted."""
    from processors.commands import connecting as command

    if account and not again:
        do(command.choose(tenant, platform, account))
        out.print(f"{platform}: {account} is sent to", markup=False)
        return

    def pasted() -> str:
        return str(typer.prompt("The address that the browser came back to", hide_input=True))

    done = do(
        command.connect(
            tenant,
            platform,
            redirect_url=redirect_url,
            account=account,
            pasted=pasted if paste else None,
            say=lambda text: out.print(text, markup=False, soft_wrap=True),
        )
    )
    out.print(command.render(done), markup=False)


@app.command("disconnect")
def disconnect(platform: str, tenant: Tenant) -> None:
    """Forget what was granted, send nothing more, and have the platform forget it where it can."""
    from processors.commands import connecting as command

    revoked = do(command.disconnect(tenant, platform))
    there = "forgotten there, too" if revoked else "take the app away there by hand"
    out.print(f"{platform}: disconnected; {there}", markup=False)
