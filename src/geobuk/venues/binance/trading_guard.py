"""Why trading is blocked, if it is: named reasons that others set and clear, asked before every order."""

from dataclasses import dataclass

from geobuk.domain.errors import TradingBlockedError


@dataclass(frozen=True, slots=True)
class Block:
    """One reason. ``allows_reducing``: orders that can only make a position smaller still pass."""

    reason: str
    cure: str
    allows_reducing: bool = True


class TradingGuard:
    """Cancels are never asked about: they always pass."""

    def __init__(self) -> None:
        self._blocks: dict[str, Block] = {}

    def block(self, name: str, block: Block) -> None:
        """Set or renew a reason under its name."""
        self._blocks[name] = block

    def clear(self, name: str) -> None:
        """The reason of this name holds no longer."""
        self._blocks.pop(name, None)

    @property
    def blocks(self) -> dict[str, Block]:
        """All reasons by name."""
        return dict(self._blocks)

    def check(self, what: str, *, is_reducing: bool, passes: str = "") -> None:
        """Raises TradingBlockedError where a reason, other than the one it ``passes``, forbids this order."""
        if not self._blocks:
            return
        for name, block in self._blocks.items():
            if name != passes and not (is_reducing and block.allows_reducing):
                raise TradingBlockedError(f"{what} was not sent: {block.reason} ({name})", cure=block.cure)
