"""Whether an API key is safe to trade with: it trades futures, can't withdraw, and works from known addresses only."""

import msgspec

from geobuk.domain.errors import DataError, GeobukError, TradingBlockedError
from geobuk.venues.binance import endpoints
from geobuk.venues.binance.errors import FailedCallError, house_error
from geobuk.venues.binance.messages.account import KeyRestrictions
from geobuk.venues.binance.rest import BinanceRest, decoder

_WHERE = "change the key on the venue's API management page, or make another one"


async def key_restrictions(rest: BinanceRest) -> KeyRestrictions:
    """What the key may do. Raises TradingBlockedError where the venue refuses to tell."""
    what = "asking what the API key may do"
    try:
        body = await rest.call(endpoints.KEY_RESTRICTIONS, what=what, base=rest.spec.spot_url)
        return decoder(KeyRestrictions).decode(body)
    except FailedCallError as error:
        raise house_error(error, is_order=False) from error
    except msgspec.MsgspecError as error:
        raise DataError(f"{what}: unknown shape ({error})", cure="update Geobuk") from error


def judge_key(restrictions: KeyRestrictions, *, allow_unrestricted_ip: bool) -> str:
    """Why the key must not trade, or nothing."""
    if restrictions.enable_withdrawals:
        return "the API key can withdraw money"
    if not restrictions.enable_futures:
        return "the API key may not trade futures"
    if not restrictions.ip_restrict and not allow_unrestricted_ip:
        return "the API key works from any IP address"
    return ""


async def check_key(rest: BinanceRest) -> None:
    """Raises TradingBlockedError where the key is not safe, or where nobody tells whether it is."""
    spec = rest.spec
    if not spec.spot_url:
        if spec.must_check_key:
            raise TradingBlockedError(
                "no address is set that tells what the API key may do", cure="set the spot address"
            )
        return
    try:
        reason = judge_key(await key_restrictions(rest), allow_unrestricted_ip=spec.allow_unrestricted_ip)
    except TradingBlockedError:
        raise
    except GeobukError as error:
        raise TradingBlockedError(f"what the API key may do is not known: {error}", cure="try again") from error
    if reason:
        raise TradingBlockedError(reason, cure=_WHERE)
