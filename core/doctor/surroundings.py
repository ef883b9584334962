"""Where the bot itself runs."""

import os
from collections.abc import Mapping
from pathlib import Path

_MARKS = (".dockerenv", "run/.containerenv")
_GROUPS = ("docker", "containerd", "kubepods", "libpod", "lxc")


def in_container(root: Path = Path("/"), environ: Mapping[str, str] = os.environ) -> bool:
    """Whether this process runs in a container; by the marks that engines leave."""
    if "KUBERNETES_SERVICE_HOST" in environ or environ.get("container"):
        return True
    if any((root / mark).exists() for mark in _MARKS):
        return True
    try:
        groups = (root / "proc/1/cgroup").read_text(encoding="utf-8")
    except OSError:
        return False
    return any(name in groups for name in _GROUPS)
