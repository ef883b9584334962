"""An error as one line for the terminal: what failed, why, what to do next."""

from collections.abc import Mapping

from core import errors as e

NEXT_STEPS: Mapping[type[e.TavernError], str] = {
    e.Unreachable: "is the server running, and is its address right?",
    e.TimedOut: "try again, or with a shorter prompt",
    e.Overloaded: "try again in a moment",
    e.RateLimited: "try again later",
    e.KeyRejected: "the key is taken from TAVERN_KEY",
    e.QuotaExhausted: "look at the account's balance or limits",
    e.UnknownModel: "name a model that the server has",
    e.PromptTooLong: "shorten the prompt",
    e.NothingCame: "try again; is this the server's API address, and is a model loaded?",
    e.StreamBroken: "try again",
    e.Refused: "try it in other words",
    e.BadRequest: "the server does not take one of the settings",
    e.BadAnswer: "is this the server's API address, not its web page?",
    e.SchemaBehind: "run `python -m bot migrate`, or the newer version it was made with",
    e.StorageInUse: "stop the other process first",
    e.StorageDamaged: "restore a backup; nothing was changed",
    e.StorageFull: "make room on the disk",
}


def one_line(error: e.TavernError) -> str:
    """The sentence behind `error: `."""
    where = error.facts.get("where")
    said = error.detail or error.code
    parts = [f"{where}: {said}" if where else said]
    if isinstance(error, e.NotFound) and error.facts.get("name"):
        parts[0] += f": {error.facts['name']}"
    if error.facts.get("near"):
        parts.append(f"did you mean {error.facts['near']}?")
    step = next((NEXT_STEPS[kind] for kind in type(error).__mro__ if kind in NEXT_STEPS), "")
    if step:
        parts.append(step)
    rest = {key: error.facts[key] for key in ("path", "key", "expected") if error.facts.get(key)}
    shown = ", ".join(f"{key}: {value}" for key, value in rest.items())
    line = "; ".join(parts) + (f" ({shown})" if shown else "")
    return " ".join(line.split())
