"""Built-in trading rules of Korean names, with what the imported tables say of their market and sector."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from geobuk.data.calendars import hours_of, local_days
from geobuk.data.krx_import import is_korean_code
from geobuk.data.krx_rules import Listed, korean_instrument
from geobuk.data.membership import listed
from geobuk.data.session_table import date_of
from geobuk.domain.errors import DataError
from geobuk.domain.instrument import Instrument


def korean_instruments(
    root: Path | None, venue: str, names: Sequence[str], at_ns: int | None = None
) -> dict[str, Instrument]:
    """Rules of each name on a moment's day in Seoul, or now.

    ``root`` is the catalog's folder, whose listing and delistings are used; None for the built-in rules alone.

    Raises
    ------
    DataError
        A name is no Korean code.
    """
    day = None if at_ns is None else date_of(int(local_days(np.array([at_ns]), hours_of(venue))[0]))
    for name in names:
        if not is_korean_code(name):
            raise DataError(
                f"{name!r} is no Korean code: it has no trading rules",
                cure="use six characters such as 005930; an index or a company's name can't be traded",
            )
    known = listed(root, names, day)
    return {name: korean_instrument(venue, known.get(name, Listed(name)), day) for name in names}
