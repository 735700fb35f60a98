"""Dates counted from the day of seeding, in the hospital's own time zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Days:
    """Positive numbers of days lie in the past, as most of a chart does."""

    today: date
    zone: ZoneInfo

    def day(self, ago: int) -> str:
        return (self.today - timedelta(days=ago)).isoformat()

    def month(self, ago: int) -> str:
        return self.day(ago)[:7]

    def year(self, ago: int) -> str:
        return self.day(ago)[:4]

    def at(self, ago: int, clock: str = "09:00", minutes: int = 0) -> str:
        """A dateTime with the zone's offset on that day, such as 2026-03-02T09:00:00-05:00."""
        local = datetime.combine(self.today - timedelta(days=ago), time.fromisoformat(clock), self.zone)
        return (local + timedelta(minutes=minutes)).isoformat()

    def utc(self, ago: int, clock: str = "09:00", minutes: int = 0) -> str:
        """The same moment as an instant in UTC, with milliseconds."""
        moment = datetime.fromisoformat(self.at(ago, clock, minutes)).astimezone(UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def working_day(self, ahead: int) -> int:
        """`ahead` days from today, moved on to a Monday if it falls on a weekend. Negative, for the calls above."""
        weekday = (self.today + timedelta(days=ahead)).weekday()
        return -(ahead + max(0, 7 - weekday if weekday > 4 else 0))

    def working_day_ago(self, ago: int) -> int:
        """`ago` days back, moved further back to a Friday if it fell on a weekend."""
        weekday = (self.today - timedelta(days=ago)).weekday()
        return ago + max(0, weekday - 4)
