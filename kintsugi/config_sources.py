"""Where settings come from beside the environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic_settings import DotEnvSettingsSource
from pydantic_settings import PydanticBaseSettingsSource

from deploy import env_file


class ConfigError(Exception):
    """The environment cannot be used; the message is a sentence for the operator."""


class FileSource(PydanticBaseSettingsSource):
    """``NAME_FILE`` → the stripped content of that file, for every field."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - base signature
        path = os.environ.get(f"{field_name.upper()}_FILE")
        if not path:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").strip(), field_name, False
        except OSError as error:
            raise ConfigError(
                f"{field_name.upper()}_FILE names {path}, which cannot be read: {error.strerror}."
            ) from error

    def __call__(self) -> dict[str, Any]:
        values = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in values.items() if value is not None}


class EnvFileSource(DotEnvSettingsSource):
    """``.env``, by the one reader of it."""

    def _read_env_file(self, file_path: Path) -> Mapping[str, str | None]:
        found = env_file.read(file_path)
        if found.warning:
            sys.stderr.write(f"{found.warning}\n")
        return {name.lower(): value for name, value in found.values.items() if value}
