"""Which sections of the handbook are shown for a verdict, and how they look in its text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from kernelgepa.docs_index import Section, of_diagnostic, search, sections
from kernelgepa.feedback import raw
from kernelgepa.feedback.symptoms import symptoms, timed
from kernelgepa.feedback.tables import Rule, matching, speakers

if TYPE_CHECKING:
    from kernelgepa.verdict import Diagnostic, Profile, Verdict

SHOWN = 3
QUERIES = 3  # diagnostics that are looked up
PREFIX = "handbook:"
# What must speak for a section that searching finds, by names and phrases of the message, alone and
# where a rule has spoken; and which share of what speaks for the best.
TELLING, CLEARLY, SHARE = 0.45, 0.85, 0.6
EXACT = 0.7  # from which it comes before those of rules that are all vague


def chosen(
    verdict: Verdict, profile: Profile | None, target: str,
    signs: Mapping[str, bool] | None = None, wrong: Sequence[Rule] = (),
) -> list[Section]:  # fmt: skip
    """For the very errors, wrong elements or bottlenecks of a verdict; the most telling first.

    `signs` are what measured times show, `wrong` what wrong elements do.
    """
    notes = [d for d in _notes(verdict) if d.severity == "error"]
    named = _in_turn([_named(rule.sections, target) for rule in wrong])
    if notes:
        found = _of_notes(notes[:QUERIES], target)
        clear = any(not rule.vague for rule in wrong)
        return list(dict.fromkeys([*found[: SHOWN - clear], *named, *found]))[:SHOWN]
    if wrong:
        return named
    if profile is None:
        of_times = timed(signs or {}, target)
        return _named((s for entry in of_times for s in entry.sections), target)
    return _named((s for found in symptoms(profile, target) for s in found.sections), target)


def _notes(verdict: Verdict) -> list[Diagnostic]:
    """Each once: of the compiler, then traps."""
    of_runs = (d for w in verdict.workloads for d in w.diagnostics)
    return list({(d.line, d.message): d for d in [*verdict.diagnostics, *of_runs]}.values())


def _of_notes(notes: Sequence[Diagnostic], target: str) -> list[Section]:
    """The best section of each, then the second best of each, and so on.

    An error after the first that only vague rules answer mostly follows from it: it is left out.
    """
    first, *later = notes
    telling = [n for n in later if any(not rule.vague for rule, _ in matching(n, target))]
    return _in_turn([answers(note, target) for note in (first, *telling)])


def _in_turn(ranked: Sequence[Sequence[Section]]) -> list[Section]:
    in_turn = [found[i] for i in range(SHOWN) for found in ranked if i < len(found)]
    return list(dict.fromkeys(in_turn))[:SHOWN]


def answers(note: Diagnostic, target: str, count: int = SHOWN) -> list[Section]:
    """Sections for one diagnostic: those that its rules name, then those that its names find; where
    all rules are vague, first those of a name it says.

    What only shares words with it is told where there is nothing else, and then one. Without a
    target: of all targets.
    """
    every = (target,) if target else tuple(sorted({s.target for s in sections()}))
    asked = speakers(note, target) if target else every
    rules = [rule for t in every for rule, _ in matching(note, t)]
    ruled = _named((name for rule in rules for name in rule.sections), target, asked)
    first = raw.told(note, target)[0]
    query = of_diagnostic(first, target) if target else of_diagnostic(first)
    found = [hit for t in (asked if target else ("",)) for hit in search(query, t, count)]
    hits = [hit for hit in found if _shown(hit.section, target)]
    clear = any(not rule.vague for rule in rules)
    best = max((hit.named for hit in hits), default=0.0)
    least = max(CLEARLY if ruled and clear else TELLING, SHARE * best)
    telling = [hit.section for hit in hits if hit.named >= least]
    if not (ruled or telling):
        telling = [hit.section for hit in hits[:1]]
    exact = [] if clear else [hit.section for hit in hits if hit.named >= max(EXACT, least)]
    return list(dict.fromkeys([*exact, *ruled, *telling]))[:count]


def _named(names: Iterable[str], target: str, asked: Sequence[str] = ()) -> list[Section]:
    known = {s.id: s for s in sections() if s.target in ("", target, *asked)}
    found = [known[n] for n in dict.fromkeys(names) if n in known]
    return [s for s in found if _shown(s, target)][:SHOWN]


def _shown(section: Section, target: str) -> bool:
    """Whether it holds for a target: another's where it says nothing of how we launch."""
    return not section.alone or target in ("", section.target)


def citation(section: Section) -> str:
    """As it is recorded with a proposal."""
    return f"{PREFIX}{section.id}"


def rendered(section: Section) -> str:
    """Code first: it helps most. Ends with the official manual and section."""
    parts = [
        f"### {section.title} [{citation(section)}]",
        f"```{section.language}\n{section.example}\n```",
        section.signature,
        " ".join(section.text.split()),
    ]
    if section.cost:
        parts.append(f"Cost (modelled): {section.cost}.")
    parts.append(f"See {section.citation}, {section.url}")
    return "\n".join(parts) + "\n"


def within(found: Sequence[Section], characters: int) -> tuple[str, tuple[str, ...]]:
    """The text of as many sections as fit, and their citations."""
    text, cited = "", []
    for section in found:
        part = rendered(section)
        if len(text) + len(part) <= characters:
            text += part
            cited.append(citation(section))
    return text, tuple(cited)
