"""A secret may lie in a file: for each setting that holds one, `NAME_FILE` is the path of it, as
Docker and Kubernetes mount secrets. The environment of a process is copied to its children and to
crash reports, a file is not.
"""

import logging
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsError

log = logging.getLogger(__name__)


class SecretFiles(EnvSettingsSource):
    """The environment, in which `NAME_FILE` stands for `NAME` where that is a secret. What it
    refuses it gives to `refuse`, which raises; the message has neither path nor content, since who
    mixes the two variables up puts the secret where the path belongs."""

    def __init__(
        self, settings: type[BaseSettings], *, prefix: str, refuse: Callable[[str], Exception]
    ) -> None:
        super().__init__(settings, env_prefix=prefix)
        self._refuse = refuse
        self._refusal: Exception | None = None

    def __call__(self) -> dict[str, Any]:
        """Every value there is; what `refuse` says is not hidden in an error of the library's."""
        try:
            return super().__call__()
        except SettingsError:
            if self._refusal is None:
                raise
            raise self._refusal from None

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The value from the environment, or from the file that it names."""
        value, key, is_complex = super().get_field_value(field, field_name)
        if not _is_secret(field):
            return value, key, is_complex
        for key_of_file, name, _ in self._extract_field_info(field, field_name):
            path = self.env_vars.get(f"{name}_file")
            if not path:
                continue
            variable = f"{name}_file".upper()
            if value:
                raise self._no(f"{name.upper()} and {variable} are both set: keep one of them")
            return self._read(Path(path), variable), key_of_file, False
        return value, key, is_complex

    def _read(self, path: Path, variable: str) -> str:
        try:
            with path.open(encoding="utf-8") as file:
                mode = stat.S_IMODE(path.stat().st_mode)
                text = file.read().rstrip("\r\n")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is not text"
            raise self._no(f"{variable}: {reason}") from None
        if not text:
            raise self._no(f"{variable}: the file is empty")
        if mode & stat.S_IROTH:
            log.warning("every account may read the file of a secret: chmod o-r, or defaultMode"
                        " 0440 of the mount", extra={"variable": variable})  # fmt: skip
        return text

    def _no(self, message: str) -> Exception:
        self._refusal = self._refuse(message)
        return self._refusal


def _is_secret(field: FieldInfo) -> bool:
    return field.annotation is SecretStr or SecretStr in get_args(field.annotation)
