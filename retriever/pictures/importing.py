"""Importing picture vectors: all of a file or nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np

from ranker.encoder import Vectors
from retriever.catalogue import Catalogue
from retriever.database import Database
from retriever.errors import BadInputError, UnavailableError
from retriever.feeds.feed import Progress, silent
from retriever.locking import import_lock
from retriever.pictures.index import PictureModel, PictureVectors
from retriever.pictures.reading import Read, read_vectors
from retriever.product import Shape

LONGEST = 200  # signs of a model's name
AT_ONCE = 10_000  # rows that are added up together


class VectorCounts(Shape):
    """What the shop holds now: vectors, and products that have none."""

    vectors: int
    without: int


class VectorReport(Shape):
    """What an import of vectors did, in the shape of an import's report.

    Attributes:
        model: whose vectors they are.
        updated: products that had a vector before.
        removed: products whose vector is gone.
    """

    source: str = "vectors"
    model: str
    dimension: int
    counts: VectorCounts
    added: int
    updated: int
    removed: int
    rejected: tuple[str, ...] = ()
    quality: tuple[str, ...] = ()


class PictureImporter:
    """Brings the vectors of a file into one shop, in place of those it had.

    Args:
        database: the shop's records.
        catalogue: knows its products.
        pictures: where vectors go.
    """

    def __init__(self, database: Database, catalogue: Catalogue, pictures: PictureVectors) -> None:
        self._database = database
        self._catalogue = catalogue
        self._pictures = pictures

    def held(self) -> VectorReport | None:
        """What the shop holds now; ``None`` where it has no picture vectors.

        Raises:
            UnavailableError: if the vector store cannot be used.
        """
        of = self._pictures.model()
        if of is None:
            return None
        many = self._pictures.count()
        counts = VectorCounts(vectors=many, without=self._catalogue.count() - many)
        return VectorReport(model=of.model, dimension=of.dimension, counts=counts, added=0, updated=0, removed=0)

    def run(self, path: Path, model: str = "", progress: Progress = silent) -> VectorReport:
        """Make the shop hold exactly the vectors of this file.

        Args:
            path: JSON lines or ``.npz``.
            model: the image model's name; empty: the file's.
            progress: hears of reading and indexing.

        Raises:
            BadInputError: if a single vector cannot be used. The shop is as it was.
            UnavailableError: if a part or the disk's room is missing. The shop is as it was.
        """
        name = model.strip() or path.name.split(".")[0]
        if len(name) > LONGEST:
            raise BadInputError(f"The model's name has {len(name)} signs; at most {LONGEST} are kept.", "Shorten it.")
        try:
            with import_lock(self._database):
                known = frozenset(self._catalogue.all_ids())
                with read_vectors(path, known, progress) as read:
                    return self._write(name, read, len(known), progress)
        except (sqlite3.OperationalError, OSError) as error:
            raise UnavailableError(
                f"The import stopped and nothing was changed: {error}", "Make room on the disk and run it again."
            ) from error

    def _write(self, model: str, read: Read, products: int, progress: Progress) -> VectorReport:
        of = PictureModel(model=model, dimension=read.rows.shape[1], usual=usual_cosine(read.rows))
        replaced = self._pictures.replace(of, read.ids, read.rows, progress)
        return VectorReport(
            model=model,
            dimension=of.dimension,
            counts=VectorCounts(vectors=len(read.ids), without=products - len(read.ids)),
            added=replaced.added,
            updated=replaced.updated,
            removed=replaced.removed,
        )


def usual_cosine(rows: Vectors) -> float:
    """The mean cosine of two different ones of these vectors of length one; 0 for a single one."""
    many = len(rows)
    if many < 2:
        return 0.0
    total = np.zeros(rows.shape[1])
    for start in range(0, many, AT_ONCE):
        total += np.asarray(rows[start : start + AT_ONCE], dtype=np.float64).sum(axis=0)
    # The length of the sum, squared, is the cosine of every pair, and of each with itself.
    return float(np.clip((total @ total - many) / (many * (many - 1)), -1.0, 1.0))
