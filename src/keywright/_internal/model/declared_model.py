"""What every part of a declaration is: frozen once read, with no field that nobody knows and no type bent to fit."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class DeclaredModel(BaseModel):
    """The base of a declaration's models; a schema is built when it is first needed, which keeps start-up short."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)
