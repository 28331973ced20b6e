"""20 instruments over 2.5 years of hourly bars, one shared account, a decision every bar, every rule on, one core."""

from bench import Bench, shared_data
from history_home import HOURS, filled_home
from markets import perpetuals, random_walk
from measuring import Figure

from cases.portfolio import belief, measure
from geobuk.data.catalog import Catalog
from geobuk.data.instruments import instruments_for

NAME = "portfolio_every_bar"


def run(bench: Bench) -> list[Figure]:
    """Symbol-bars a second on synthetic bars, and on the recorded ones where they are there."""
    panel = random_walk(HOURS, 20, "1h")
    figures = [measure(bench, NAME, panel, perpetuals(panel), belief(panel))]
    if shared_data() is not None:
        home, files = filled_home(bench)
        catalog = Catalog(home / "catalog")
        panel = catalog.read_panel(files.query)
        rules = instruments_for(catalog, files.venue, panel.instruments)
        figures.append(measure(bench, f"{NAME}_recorded", panel, rules, belief(panel)))
    return figures
