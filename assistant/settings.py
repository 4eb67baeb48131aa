"""Everything that can be set, read once from the environment (prefix ``SHOPWISE_``) or the command line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _hard_to_guess(token: SecretStr) -> SecretStr:
    """A token as a header can carry it; whoever guesses it speaks for every customer."""
    if not re.fullmatch(r"|[!-~]{24,500}", token.get_secret_value()):
        raise ValueError("it needs 24 letters, digits or signs at least, and no spaces")
    return token


class Settings(BaseSettings):
    """One shop's settings. ``--home DIR`` on any command overrides ``SHOPWISE_HOME``."""

    model_config = SettingsConfigDict(env_prefix="SHOPWISE_", extra="ignore")

    home: Path = Field(default=Path(".shopwise"), description="Folder of the shop's data, indexes, model and logs.")
    database_url: str = Field(default="", description="SQLAlchemy URL; empty: SQLite in HOME.")
    chroma_url: str = Field(default="", description="http(s)://host:port of a Chroma server; empty: embedded in HOME.")
    model_url: str = Field(default="", description="Base URL (.../v1) of an OpenAI-compatible server; empty: our vLLM.")
    model: str = Field(default="", description="Hugging Face id or folder of the model; empty: the built-in one.")
    model_api_key: str = Field(default="none", description="Key for MODEL_URL, where it wants one.")
    encoder: str = Field(default="", description="sentence-transformers model for the dense leg; empty: the built-in.")
    ranker_url: str = Field(
        default="", description="Base URL of vLLM's pooling runner with a cross-encoder; empty: the shop's own ranker."
    )
    ranker_model: str = Field(default="", description="Name of the model at RANKER_URL; empty: the one it has.")
    ranker_api_key: str = Field(default="none", description="Key for RANKER_URL, where it wants one.")
    ranker_weight: float = Field(
        default=1.0,
        ge=0,
        le=10,
        description="How much the score of RANKER_URL counts in the order; others count about 1.",
    )
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$", description="The shop's currency (ISO 4217).")
    locales: tuple[str, ...] = Field(
        default=("en", "zh"), min_length=1, description="Languages the assistant answers in; in any other, the first."
    )
    host: str = Field(default="127.0.0.1", description="Address the web app listens on.")
    port: int = Field(default=7860, ge=0, le=65535, description="Port of the web app.")
    owner_token: Annotated[SecretStr, AfterValidator(_hard_to_guess)] = Field(
        default=SecretStr(""), description="Token of the shop's own server; empty: a new one at each start."
    )
    model_port: int = Field(default=8010, ge=0, le=65535, description="Port of our own model server; 0: a free one.")
    cache: Path = Field(
        default_factory=lambda: Path.home() / ".cache" / "shopwise",
        description="Folder for what homes share and can be made again: built weights, compiled kernels, embeddings.",
    )

    @property
    def resolved_database_url(self) -> str:
        """``database_url``, or the SQLite file in HOME."""
        return self.database_url or f"sqlite:///{(self.home / 'shop.sqlite').resolve()}"
