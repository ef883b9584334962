"""When the next request of a reply may go out."""

from bot.limits.requests import RequestScheduler
from bot.webhooks import Sender

# Seconds between what a reader sees.
_FIRST_GAP = 0.4
_GAP = 1.0
# A webhook's pace by the reply's age: others report a hidden limit of 30 requests a minute and
# channel, which a long reply at a steady 2.0 would still meet.
_WEBHOOK_GAPS = ((5.0, 1.0), (30.0, 2.0))
_WEBHOOK_SLOWEST = 3.0

# Bonus in seconds of waiting: a first word before later ones, a finished reply before all.
_URGENT_FIRST = 6.0
_URGENT_LAST = 20.0

# A finished text is brought to the screen for as long as this before it is given up.
_PERSISTENCE = 180.0
_BACKOFF = (0.25, 1.0, 2.0, 4.0, 8.0)
# First words wait at most this long for a webhook before the bot itself says them.
_LONGEST_WAIT = 4.0


class ReplyTiming:
    """Knows what of one reply went out when, and what went wrong."""

    def __init__(self, scheduler: RequestScheduler) -> None:
        self._scheduler = scheduler
        self._clock = scheduler.clock
        self.faults = 0
        """Failed requests in a row."""
        self.first_shown: float | None = None
        """When its first words appeared; None: not yet."""
        self._unseen_since: float | None = None
        self._ended_at: float | None = None
        self._last_sent = 0.0
        self._edits = 0
        self._not_before = 0.0

    # What happens

    def words_came(self) -> None:
        """The model wrote something that nobody sees yet."""
        if self._unseen_since is None:
            self._unseen_since = self._clock()

    def ended(self) -> None:
        self._ended_at = self._clock()

    def sent(self) -> None:
        """A request goes out with the newest words."""
        self._last_sent = self._clock()
        self._unseen_since = None

    def shown(self, *, by_edit: bool) -> None:
        if self.first_shown is None:
            self.first_shown = self._clock()
        else:
            self._edits += by_edit

    def failed(self) -> None:
        """Passing trouble: the next request waits a little, longer each time."""
        self._not_before = self._clock() + _BACKOFF[min(self.faults, len(_BACKOFF) - 1)]
        self.faults += 1

    # What follows from it

    @property
    def is_hopeless(self) -> bool:
        """Whether the last words have been tried for long enough."""
        return self._ended_at is not None and self._clock() - self._ended_at > _PERSISTENCE

    def must_wait_long(self, sender: Sender) -> bool:
        """Whether first words are better said by the bot than by this webhook."""
        allowed = self._scheduler.ready(sender.post_limit, final=True)
        return sender.webhook_id != 0 and allowed - self._clock() > _LONGEST_WAIT

    def wait(self, sender: Sender, *, posting: bool) -> float:
        """Seconds until the next request of this kind should go out; 0 or less: now."""
        final = posting or self._ended_at is not None
        limit = sender.post_limit if posting else sender.edit_limit
        ready = max(self._not_before, self._scheduler.ready(limit, final=final))
        if not final:
            ready = max(ready, self._last_sent + self._gap(sender))
        return ready - self._clock()

    def urgency(self, now: float) -> float:
        """How much this reply's request matters beside those of others."""
        age = now - (self._unseen_since if self._unseen_since is not None else now)
        first = _URGENT_FIRST if self.first_shown is None else 0.0
        return age + first + (_URGENT_LAST if self._ended_at is not None else 0.0)

    def _gap(self, sender: Sender) -> float:
        if self.first_shown is None:
            return 0.0
        if self._edits == 0:
            return _FIRST_GAP
        if not sender.webhook_id:
            return _GAP
        age = self._clock() - self.first_shown
        return next((gap for until, gap in _WEBHOOK_GAPS if age < until), _WEBHOOK_SLOWEST)
