"""Addresses that may have been meant instead of the one that was typed."""

import ipaddress
from collections.abc import Iterator

from yarl import URL

from core.backends.api_client import stored_url
from core.backends.spec import Spec

HOST_OF_CONTAINER = "host.docker.internal"


def is_loopback(url: str) -> bool:
    host = (URL(url).host or "").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def from_container(url: str) -> str:
    """The same port on the machine around the container."""
    return str(URL(url).with_host(HOST_OF_CONTAINER)).rstrip("/")


def other_loopbacks(url: str) -> list[str]:
    """The same port on loopback's other addresses."""
    own = URL(url)
    hosts = [host for host in ("127.0.0.1", "::1") if host != own.host]
    return [str(own.with_host(host)).rstrip("/") for host in hosts] if is_loopback(url) else []


def usual_port(spec: Spec, url: str) -> str:
    """The same host on the row's usual port; empty where that is the one in use."""
    usual = URL(spec.endpoint.url).port if spec.endpoint.url else None
    own = URL(url)
    if usual is None or own.port == usual:
        return ""
    return str(own.with_port(usual).origin())


def on_gui_port(spec: Spec, url: str) -> bool:
    return spec.endpoint.gui_port is not None and URL(url).port == spec.endpoint.gui_port


def other_paths(spec: Spec, url: str) -> Iterator[str]:
    """Other paths on the same host, as they would be stored."""
    own = URL(url)
    root, path = str(own.origin()), own.raw_path.rstrip("/")
    tried = {url.rstrip("/")}
    for candidate in (f"{path}/v1", path.removesuffix("/v1"), "", "/v1", "/api/v1", "/api"):
        stored = stored_url(spec, root + candidate)
        if stored not in tried:
            tried.add(stored)
            yield stored
