"""What the stand-in refuses, in Discord's own numbers and sentences."""

from typing import Any

Json = dict[str, Any]

# code: (status, sentence). From Discord's documentation, "JSON error codes".
CODES: dict[int, tuple[int, str]] = {
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10011: (404, "Unknown Role"),
    10013: (404, "Unknown User"),
    10014: (400, "Unknown Emoji"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    20012: (403, "You are not authorized to perform this action on this application"),
    20016: (429, "This action cannot be performed due to slowmode rate limit"),
    20028: (429, "The channel you are writing has hit the write rate limit"),
    30003: (400, "Maximum number of pins reached for the channel (250)"),
    30007: (400, "Maximum number of webhooks reached (15)"),
    30010: (400, "Maximum number of reactions reached (20)"),
    30034: (429, "Maximum number of daily application command creates has been reached (200)"),
    30046: (429, "Maximum number of edits to messages older than 1 hour reached. Try again later"),
    40005: (413, "Request entity too large"),
    40058: (
        400,
        "Cannot message this thread until after the post author has sent an initial message",
    ),
    40094: (403, "Maximum number of follow-up messages reached for this interaction (5)"),
    40060: (400, "Interaction has already been acknowledged."),
    50001: (403, "Missing Access"),
    50003: (403, "Cannot execute action on a DM channel"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50021: (403, "Cannot execute action on a system message"),
    50024: (400, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50034: (400, "A message provided was too old to bulk delete"),
    50035: (400, "Invalid Form Body"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    130000: (503, "API resource is currently overloaded. Try again a little later"),
    160002: (400, "Cannot reply without permission to read message history"),
    160004: (400, "A thread has already been created for this message"),
    160005: (400, "Thread is locked"),
    200000: (400, "Message was blocked by automatic moderation"),
    220001: (400, "Webhooks posted to forum channels must have a thread_name or thread_id"),
    220003: (400, "Webhooks can only create threads in forum channels"),
}


class Refused(Exception):
    """An answer that is not a success; `body` is what Discord would send with it."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(f"{status} {body.get('message')}")
        self.status, self.body = status, body


def refuse(code: int, sentence: str | None = None) -> Refused:
    status, usual = CODES[code]
    return Refused(status, {"message": sentence or usual, "code": code})


def unauthorized() -> Refused:
    return Refused(401, {"message": "401: Unauthorized", "code": 0})


def not_found() -> Refused:
    return Refused(404, {"message": "404: Not Found", "code": 0})


def wrong_method() -> Refused:
    return Refused(405, {"message": "405: Method Not Allowed", "code": 0})


class Problems:
    """Collects what is wrong with a body into the `errors` tree of code 50035."""

    def __init__(self) -> None:
        self._tree: Json = {}

    def add(self, path: tuple[str | int, ...], code: str, message: str) -> None:
        branch = self._tree
        for step in path:
            branch = branch.setdefault(str(step), {})
        branch.setdefault("_errors", []).append({"code": code, "message": message})

    def __bool__(self) -> bool:
        return bool(self._tree)

    def raise_if_any(self) -> None:
        """Raises `Refused` with the tree when anything was added."""
        if self._tree:
            status, message = CODES[50035]
            raise Refused(status, {"message": message, "code": 50035, "errors": self._tree})


def invalid(path: tuple[str | int, ...], code: str, message: str) -> Refused:
    """One fault in a body, ready to be raised."""
    status, usual = CODES[50035]
    problems = Problems()
    problems.add(path, code, message)
    return Refused(status, {"message": usual, "code": 50035, "errors": problems._tree})
