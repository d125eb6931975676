"""Commands about the keys that credentials are encrypted under."""

import typer

from processors.cli.console import Dry, Json, do, say

vaults = typer.Typer(help="Keys of the encrypted credentials.", no_args_is_help=True)


@vaults.command("rotate")
def vault_rotate(dry_run: Dry = False, as_json: Json = False) -> None:
    """Encrypt every credential under the first key of ATTRIBUTARY_VAULT_KEY; fails when one is
    under a key that is not there."""
    from processors.commands import vaults as command

    tables = do(command.rotate(dry_run=dry_run))
    say([one.as_json() for one in tables], as_json=as_json, text=command.render(tables))
    if any(one.unreadable for one in tables):
        raise typer.Exit(1)
