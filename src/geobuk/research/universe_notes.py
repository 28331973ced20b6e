"""What a reader of a universe has to know about it as a whole: how it fell short, and what could not be known."""

from collections.abc import Mapping
from dataclasses import dataclass

from geobuk.domain.instrument import Instrument
from geobuk.domain.times import at_text
from geobuk.research.universe_spec import LEAST
from geobuk.research.universe_words import NOTES, Text


@dataclass(frozen=True, slots=True)
class Note:
    """One sentence, with its code."""

    code: str
    text: str
    text_ko: str


def shortfall(chosen: int, asked: int, *, is_shared: bool) -> list[Note]:
    """Why there are fewer than asked for, if there are; ``is_shared``: more of them would each get too little."""
    if chosen >= asked:
        return []
    why = NOTES["WHY_SHARED" if is_shared else "WHY_GATES"]
    notes = [note("FEWER", chosen=(str(chosen),) * 2, asked=(str(asked),) * 2, why=why)]
    if 0 < chosen < LEAST:
        notes.append(note("UNDER_LEAST", chosen=(str(chosen),) * 2, least=(str(LEAST),) * 2))
    return notes


def later_rules(rules: Mapping[str, Instrument], chosen: tuple[str, ...], at_ns: int) -> list[Note]:
    """A note where rules were read after the moment they are used for."""
    later = sorted({rules[name].as_of.isoformat() for name in chosen if rules[name].as_of.isoformat() > at_text(at_ns)})
    return [note("LATER_RULES", date=(later[-1], later[-1]))] if later else []


def note(code: str, **extra: Text) -> Note:
    """A note with its placeholders filled in both languages."""
    english, korean = (
        text.format(**{name: pair[lang] for name, pair in extra.items()}) for lang, text in enumerate(NOTES[code])
    )
    return Note(code, english, korean)
