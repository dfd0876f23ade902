"""Formulas as MathML, which a browser shows without a script and without asking anybody."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from latex2mathml import converter

MATHS = frozenset((
    "math", "mrow", "mi", "mo", "mn", "ms", "mtext", "mspace", "msup", "msub", "msubsup", "mfrac", "msqrt", "mroot",
    "mover", "munder", "munderover", "mtable", "mtr", "mtd", "mstyle", "menclose", "mpadded", "mphantom",
    "mmultiscripts", "mprescripts", "none",
))  # fmt: skip
_MATHS_ATTRIBUTES = frozenset((
    "accent", "columnalign", "columnspacing", "depth", "display", "displaystyle", "fence", "height", "largeop",
    "linethickness", "lspace", "mathsize", "mathvariant", "maxsize", "minsize", "movablelimits", "notation",
    "rowspacing", "rspace", "separator", "stretchy", "symmetric", "voffset", "width",
))  # fmt: skip
_LONGEST_FORMULA = 2000  # characters; a longer one is shown as it was typed
_UNKNOWN = (  # to the converter, and what it knows
    (r"\\(begin|end)\{aligned\}", r"\\\1{align*}"),
    (r"\\arg(?![A-Za-z])", r"\\operatorname{arg}"),
    (r"\\[lr]Vert(?![A-Za-z])", r"\\Vert"),
)
_SIGN = re.compile(r"(<mo>[(\[,;=<>]</mo>)<mo>([−+])</mo>")  # of a number, not between two
_NAMED = re.compile(r"\\text(?:tt|rm|it|bf)?\{[^{}]*\}")
_CODE_OR_TEX = re.compile(
    r"(^```.*?^```[ \t]*$|`[^`\n]+`)|\$\$(.+?)\$\$|(?<![\\$\w])\$(?=[^\s$])([^$\n]*?[^\s$\\])\$(?!\d)",
    re.DOTALL | re.MULTILINE,
)


def in_markdown(source: str) -> str:
    """Markdown with its formulas as MathML; what stands in code stays."""

    def shown(found: re.Match[str]) -> str:
        code, block, inline = found.groups()
        return code or formula(" ".join((block or inline).split()), "block" if block else "inline")

    return _CODE_OR_TEX.sub(shown, source)


def formula(tex: str, display: str = "inline") -> str:
    """A formula as MathML; as it was typed where it can't be read."""
    typed = tex.replace("\u2060", "").strip()
    try:
        if len(typed) > _LONGEST_FORMULA:
            raise ValueError("too long")
        root = ElementTree.fromstring(converter.convert(_known(typed), display=display))
        return _SIGN.sub(r'\1<mo form="prefix">\2</mo>', _mathml(root))
    except Exception:  # whatever a student's TeX does to the converter, it stays readable
        return f'<code class="tex" dir="ltr">{escape(typed)}</code>'


def _known(tex: str) -> str:
    """TeX in words that the converter knows."""
    for pattern, known in _UNKNOWN:
        tex = re.sub(pattern, known, tex)
    return _NAMED.sub(lambda named: named[0].replace(r"\_", "_"), tex)


def _mathml(element: ElementTree.Element) -> str:
    tag = element.tag.rpartition("}")[2]
    if tag not in MATHS:
        raise ValueError(f"{tag} is no MathML")
    given = {name: value for name, value in element.attrib.items() if name in _MATHS_ATTRIBUTES}
    if tag == "math":
        given["dir"] = "ltr"
    inner = escape(element.text or "") + "".join(_mathml(child) + escape(child.tail or "") for child in element)
    return f"<{tag}{''.join(f' {name}={quoteattr(value)}' for name, value in given.items())}>{inner}</{tag}>"
