"""An instrument's rules in the whole numbers that its book counts in, and the way between both."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from geobuk.domain.errors import DataError
from geobuk.matching.market_rules import MarketRules


class Scale:
    """``units`` are prices times 10**price_decimals, quantities times 10**quantity_decimals, notionals times both."""

    __slots__ = (
        "market_max_quantity",
        "market_min_quantity",
        "max_price",
        "max_quantity",
        "min_notional",
        "min_price",
        "min_quantity",
        "price_places",
        "quantity_places",
        "step",
        "tick",
    )

    def __init__(self, rules: MarketRules) -> None:
        self.price_places = rules.price_decimals
        self.quantity_places = rules.quantity_decimals
        instrument = rules.instrument
        self.tick = self._exact_price(rules, rules.tick)
        self.min_price = self.price_up(rules.min_price)
        self.max_price = self.price_down(rules.max_price)
        self.step = self._exact_quantity(rules, instrument.step)
        self.min_quantity = self._exact_quantity(rules, instrument.min_quantity)
        self.max_quantity = self.quantity_down(instrument.max_quantity)
        self.market_min_quantity = self._exact_quantity(rules, rules.market_min_quantity)
        self.market_max_quantity = self.quantity_down(rules.market_max_quantity)
        self.min_notional = instrument.min_notional

    # to units

    def price_units(self, price: Decimal) -> int | None:
        """None where the price has more decimals than the book."""
        scaled = price.scaleb(self.price_places)
        units = int(scaled)
        return units if units == scaled else None

    def quantity_units(self, quantity: Decimal) -> int | None:
        """None where the quantity has more decimals than the book."""
        scaled = quantity.scaleb(self.quantity_places)
        units = int(scaled)
        return units if units == scaled else None

    def price_up(self, price: Decimal) -> int:
        return int(price.scaleb(self.price_places).to_integral_value(ROUND_CEILING))

    def price_down(self, price: Decimal) -> int:
        return int(price.scaleb(self.price_places).to_integral_value(ROUND_FLOOR))

    def quantity_down(self, quantity: Decimal) -> int:
        return int(quantity.scaleb(self.quantity_places).to_integral_value(ROUND_FLOOR))

    # from units

    def price(self, units: int) -> Decimal:
        return Decimal(units).scaleb(-self.price_places)

    def quantity(self, units: int) -> Decimal:
        return Decimal(units).scaleb(-self.quantity_places)

    def notional(self, units: int) -> Decimal:
        return Decimal(units).scaleb(-self.price_places - self.quantity_places)

    def _exact_price(self, rules: MarketRules, price: Decimal) -> int:
        units = self.price_units(price)
        if units is None:
            raise DataError(
                f"{rules.name}: {price} has more than {self.price_places} decimals", cure="correct the rules"
            )
        return units

    def _exact_quantity(self, rules: MarketRules, quantity: Decimal) -> int:
        units = self.quantity_units(quantity)
        if units is None:
            raise DataError(
                f"{rules.name}: {quantity} has more than {self.quantity_places} decimals", cure="correct the rules"
            )
        return units
