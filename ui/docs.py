"""The API's own documentation page, drawn from its OpenAPI document; it asks no outside host for a viewer."""

from __future__ import annotations

from html import escape
from typing import Any

STYLE = """
:root { color-scheme: light dark; --line: #8884; }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 54rem; margin: 2.5rem auto; padding: 0 1rem; }
h2 { margin-top: 2.2rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem; text-transform: capitalize; }
details { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .9rem; margin: .6rem 0; }
summary { cursor: pointer; } code { font-size: .92em; } .verb { font-weight: 700; margin-right: .6rem; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .25rem .6rem .25rem 0; }
pre { overflow: auto; white-space: pre-wrap; }
"""


def docs_page(openapi: dict[str, Any]) -> str:
    """An HTML page that lists every endpoint by its tag."""
    by_tag: dict[str, list[str]] = {}
    for path, verbs in openapi["paths"].items():
        for verb, operation in verbs.items():
            tag = (operation.get("tags") or ["other"])[0]
            by_tag.setdefault(tag, []).append(_operation(verb, path, operation))
    sections = "".join(f"<h2>{escape(tag)}</h2>{''.join(items)}" for tag, items in by_tag.items())
    title = escape(openapi["info"]["title"])
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} API</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>'
        f'<body><h1>{title} API</h1><p>Machine-readable: <a href="openapi.json">openapi.json</a>. '
        f"Errors are RFC 9457 problem documents.</p>{sections}</body></html>"
    )


def _operation(verb: str, path: str, operation: dict[str, Any]) -> str:
    parameters = "".join(_parameter(parameter) for parameter in operation.get("parameters", []))
    table = f"<table><tr><th>parameter</th><th>in</th><th>type</th></tr>{parameters}</table>" if parameters else ""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    shape = f"<p>Body: <code>{escape(_type(body))}</code></p>" if body else ""
    description = escape(operation.get("description", ""))
    return (
        f'<details><summary><span class="verb">{verb.upper()}</span><code>{escape(path)}</code></summary>'
        f"<pre>{description}</pre>{table}{shape}</details>"
    )


def _parameter(parameter: dict[str, Any]) -> str:
    required = " (required)" if parameter.get("required") else ""
    return (
        f"<tr><td><code>{escape(parameter['name'])}</code>{required}</td><td>{escape(parameter['in'])}</td>"
        f"<td><code>{escape(_type(parameter.get('schema', {})))}</code></td></tr>"
    )


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(_type(option) for option in schema["anyOf"])
    return str(schema.get("type", "any"))
