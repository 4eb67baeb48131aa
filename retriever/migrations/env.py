"""Runs the migrations on the connection that ``Database.migrate`` hands over."""

from __future__ import annotations

from alembic import context

from retriever.records import Record

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Record.metadata,
    render_as_batch=True,  # SQLite cannot alter a table; it is copied
)
with context.begin_transaction():
    context.run_migrations()
