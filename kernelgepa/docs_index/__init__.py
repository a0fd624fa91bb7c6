"""The handbook: manual sections in our own words, found for a diagnostic, a symptom or a name."""

from kernelgepa.docs_index.query import Query, of_diagnostic, of_words
from kernelgepa.docs_index.search import Hit, handbook, search
from kernelgepa.docs_index.sections import Section, load, sections

__all__ = [
    "Hit", "Query", "Section", "handbook", "load", "of_diagnostic", "of_words", "search",
    "sections",
]  # fmt: skip
