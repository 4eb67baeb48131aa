"""Requests for a person, kept until one takes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from retriever.database import Database
from retriever.product import Shape
from retriever.records import HandoffRecord


class RecordedHandoff(Shape):
    """One request with what is known so far."""

    id: str
    conversation_id: str
    customer_id: str
    reason: str
    queue: str
    packet: dict[str, Any]
    created_at: datetime


class Handoffs:
    """The requests of a shop."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(
        self, conversation_id: str, reason: str, queue: str, packet: dict[str, Any], customer_id: str = ""
    ) -> str:
        """Keep a request; its new id."""
        id = uuid4().hex
        with self._database.transaction() as session:
            session.add(
                HandoffRecord(
                    id=id,
                    conversation_id=conversation_id,
                    customer_id=customer_id,
                    reason=reason,
                    queue=queue,
                    packet=packet,
                    created_at=datetime.now(UTC),
                )
            )
        return id

    def list(self) -> list[RecordedHandoff]:
        """All requests, the latest first."""
        query = select(HandoffRecord).order_by(HandoffRecord.created_at.desc(), HandoffRecord.id)
        with self._database.session() as session:
            return [
                RecordedHandoff(
                    id=record.id,
                    conversation_id=record.conversation_id,
                    customer_id=record.customer_id,
                    reason=record.reason,
                    queue=record.queue,
                    packet=record.packet,
                    created_at=record.created_at,
                )
                for record in session.scalars(query)
            ]
