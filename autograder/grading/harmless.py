"""What a student wrote, made safe to look at: no markup of theirs becomes an element, no output of theirs runs."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

MAX_TEXT = 20_000
MAX_IMAGE = 4 * 2**20
MAX_OUTPUTS = 50
_MAGIC = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
_WORD_JOINER = "\u2060"
_ALLOWED = re.compile(
    r"</?(?:div|span|p|br|b|i|sub|sup|details|summary)"
    r"(?: dir=\"(?:rtl|ltr|auto)\")?(?: lang=\"fa\"| style=\"display:block;text-align:right\")?\s*/?>"
)
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_ENTITY = re.compile(r"&(?=#|\w+;)")
_SCHEMES = re.compile(r"(java|vb)(?=script)|(data)(?=[\\\s]*:)|mer(?=maid)", re.IGNORECASE)
_PICTURE = re.compile(r"!(?=\[)")
_OWN_PICTURE = re.compile(
    r"!\[[^\[\]\n]{0,200}\]\((?:attachment:[\w .()-]{1,100}|data:image/(?:png|jpeg);base64,[A-Za-z0-9+/=]+)\)"
)

# A drawing of the release: within <img> an SVG runs nothing and fetches nothing.
_DRAWING = re.compile(r"<img alt=\"[^\"<>\n]{0,400}\" src=\"data:image/svg\+xml;base64,[A-Za-z0-9+/=]+\">")
_KEPT = re.compile(f"{_ALLOWED.pattern}|{_OWN_PICTURE.pattern}|{_DRAWING.pattern}")


def markdown(source: str) -> str:
    """Markdown in which nothing is HTML but a few plain tags, and no picture is fetched from anywhere.

    A character that shows nothing after each ``<`` keeps it from opening a tag and leaves text, code and formulas as they look;
    one after each ``!`` makes a link of a picture that isn't attached or in the text itself.
    """
    parts, end = [], 0
    for kept in _KEPT.finditer(source):
        parts += [_text(source[end : kept.start()]), kept[0]]
        end = kept.end()
    return "".join([*parts, _text(source[end:])])


def _text(source: str) -> str:
    for pattern in (_TAG, _ENTITY, _SCHEMES, _PICTURE):
        source = pattern.sub(lambda match: _opened(match[0]), source)
    return source


def _opened(found: str) -> str:
    return found + _WORD_JOINER


def attachments(given: Any) -> dict[str, dict[str, str]]:
    """The pictures among a cell's attachments."""
    kept = {}
    for name, bundle in (given or {}).items():
        pictures = _pictures(bundle) if isinstance(bundle, dict) else {}
        if pictures and re.fullmatch(r"[\w .()-]{1,100}", str(name)):
            kept[str(name)] = pictures
    return kept


def outputs(given: list[NotebookNode]) -> list[NotebookNode]:
    """Of a cell's outputs the text, the PNG and the JPEG."""
    kept = [made for output in given[:MAX_OUTPUTS] for made in _output(output)]
    if len(given) > MAX_OUTPUTS:
        kept.append(new_output("stream", name="stdout", text=f"… {len(given) - MAX_OUTPUTS} more outputs left out\n"))
    return kept


def _output(output: NotebookNode) -> list[NotebookNode]:
    if output.output_type == "stream":
        return [new_output("stream", name="stdout", text=cut(output.text))]
    if output.output_type == "error":
        text = "\n".join(output.traceback) or f"{output.ename}: {output.evalue}"
        return [new_output("stream", name="stdout", text=cut(_ANSI.sub("", text)) + "\n")]
    data = _pictures(output.data)
    if isinstance(output.data.get("text/plain"), str):
        data["text/plain"] = cut(output.data["text/plain"])
    return [new_output("display_data", data=data)] if data else []


_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def _pictures(bundle: dict[str, Any]) -> dict[str, str]:
    pictures = {}
    for mime, magic in _MAGIC.items():
        content = bundle.get(mime)
        if not isinstance(content, str) or len(content) > MAX_IMAGE * 4 // 3:
            continue
        try:
            decoded = base64.b64decode(content)
        except (binascii.Error, ValueError):
            continue
        if decoded.startswith(magic):
            pictures[mime] = base64.b64encode(decoded).decode()
    return pictures


def cut(text: str) -> str:
    """Text of at most ``MAX_TEXT`` characters, saying what was left out."""
    if len(text) <= MAX_TEXT:
        return text
    return f"{text[:MAX_TEXT]}\n… {len(text) - MAX_TEXT:,} more characters left out"
