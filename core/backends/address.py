"""From what a person types as an address to the one that is stored, and to those of routes."""

import re

from yarl import URL

from core.backends.spec import Spec
from core.errors import InvalidUrl
from core.network.addresses import parse_url
from core.reasons import Reason

_VERSION = re.compile(r"/v\d+(?:(?:alpha|beta)\d*)?$")
_ENDPOINTS = re.compile(r"/(?:chat/completions|completions|models|messages)$")
_DOUBLED = re.compile(r"(/v\d+)\1+$")
_API = re.compile(r"(?:/api/v1|/api/extra|/api)$")
_HAS_API = frozenset({"koboldcpp", "koboldai", "ollama"})


def normalise(spec: Spec, text: str) -> str:
    """The address as it is stored: without trailing slash and version segment.

    `host:5000`, `http://host:5000/`, `…/v1` and `…/v1/` all become `http://host:5000`.
    Raises InvalidUrl.
    """
    text = text.strip() or spec.endpoint.url
    url = parse_url(text)
    if url.raw_query_string or url.raw_fragment:
        raise InvalidUrl(Reason.ADDRESS_WITH_QUERY)
    path = url.raw_path.rstrip("/")
    path = _DOUBLED.sub(r"\1", _ENDPOINTS.sub("", path))
    if _HAS_API & set(spec.kinds.values()):
        path = _VERSION.sub("", path) if not _API.search(path) else _API.sub("", path)
        path = path.removesuffix("/api")
    elif path == spec.endpoint.version or not spec.endpoint.verbatim_path:
        path = path.removesuffix(spec.endpoint.version)
    return f"{url.origin()}{path.rstrip('/')}"


def route(spec: Spec, root: str, path: str, version: str | None = None) -> str:
    """The full address of an OpenAI-style route under a stored address."""
    if _VERSION.search(URL(root).raw_path):
        return root + path
    if spec.endpoint.verbatim_path and URL(root).raw_path.strip("/"):
        return root + path
    return root + (spec.endpoint.version if version is None else version) + path
