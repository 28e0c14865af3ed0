"""When responsibility transfers may begin and end: with a month, in UTC.

Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_InviteOrganizationToTransferResponsibility.html
"""

from calendar import monthrange
from datetime import UTC, datetime, time
from typing import Final

from masugata.services.organizations._common import invalid_input, whole_milliseconds

_LAST_SECOND: Final = (23, 59, 59)


def check_start(start: datetime, now: datetime, most_months: int) -> datetime:
    """The first moment of a transfer; raises InvalidInputException unless it is that of a month to come."""
    start = start.astimezone(UTC)
    if start.day != 1:
        raise invalid_input(
            "START_DATE_NOT_BEGINNING_OF_MONTH",
            "You provided an invalid start date. The start date must be the first day of the month.",
        )
    if start.time() != time():
        raise invalid_input(
            "START_DATE_NOT_BEGINNING_OF_DAY",
            "You provided an invalid start date. The start date must be the beginning of the day "
            "(00:00:00.000).",
        )
    if start <= now:
        raise invalid_input(
            "START_DATE_TOO_EARLY", "You provided an invalid start date. The start date is too early."
        )
    if _months(now, start) > most_months:
        raise invalid_input(
            "START_DATE_TOO_LATE", "You provided an invalid start date. The start date is too late."
        )
    return start


def check_end(end: datetime, start: datetime, now: datetime, most_months: int) -> datetime:
    """The last moment of a transfer; raises InvalidInputException unless it is that of a month.

    That month is not over and not before the transfer's first. Clients send whole seconds, so any moment of
    the last second will do.
    """
    end = end.astimezone(UTC)
    last = end_of_month(end)
    if end.day != last.day or (end.hour, end.minute, end.second) != _LAST_SECOND:
        raise invalid_input(
            "END_DATE_NOT_END_OF_MONTH",
            "You provided an invalid end date. The end date must be the end of the last day of the month "
            "(23.59.59.999).",
        )
    earliest = max(now, start)
    if last < earliest:
        raise invalid_input(
            "END_DATE_TOO_EARLY", "You provided an invalid end date. The end date is too early."
        )
    if _months(earliest, last) > most_months:
        raise invalid_input(
            "END_DATE_TOO_LATE", "You provided an invalid end date. The end date is too late."
        )
    return last


def end_of_month(moment: datetime) -> datetime:
    """The last millisecond of a moment's month."""
    moment = moment.astimezone(UTC)
    _, last_day = monthrange(moment.year, moment.month)
    return whole_milliseconds(datetime.combine(moment.replace(day=last_day), time.max, UTC))


def _months(earlier: datetime, later: datetime) -> int:
    return (later.year - earlier.year) * 12 + later.month - earlier.month
