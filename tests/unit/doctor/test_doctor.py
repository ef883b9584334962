"""What the doctor knows without asking anybody."""

from pathlib import Path

import pytest

from core.backends.catalog import Catalog
from core.doctor import doctor, in_container

CATALOG = Catalog.load()


def test_H2_a_container_is_known_by_its_marks(tmp_path: Path) -> None:
    assert not in_container(tmp_path, {})
    assert in_container(tmp_path, {"KUBERNETES_SERVICE_HOST": "10.0.0.1"})
    assert in_container(tmp_path, {"container": "podman"})
    (tmp_path / "proc/1").mkdir(parents=True)
    (tmp_path / "proc/1/cgroup").write_text("0::/init.scope\n")
    assert not in_container(tmp_path, {})
    (tmp_path / "proc/1/cgroup").write_text("1:name=systemd:/docker/abc\n")
    assert in_container(tmp_path, {})
    (tmp_path / "proc/1/cgroup").unlink()
    (tmp_path / ".dockerenv").touch()
    assert in_container(tmp_path, {})


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://localhost:5000", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:5001", True),
        ("http://192.168.1.5:5000", False),
        ("https://api.example.com", False),
    ],
)
def test_loopback(url: str, own: bool) -> None:
    assert doctor.is_loopback(url) is own


def test_H2_the_machine_around_the_container_has_the_same_port() -> None:
    outside = doctor.from_container("http://127.0.0.1:5001")
    assert outside == "http://host.docker.internal:5001"


def test_localhost_means_two_addresses() -> None:
    found = doctor.other_loopbacks("http://localhost:8080")
    assert found == ["http://127.0.0.1:8080", "http://[::1]:8080"]
    assert doctor.other_loopbacks("http://127.0.0.1:8080") == ["http://[::1]:8080"]
    assert doctor.other_loopbacks("http://10.0.0.1:8080") == []


def test_H8_the_port_of_the_web_page() -> None:
    row = CATALOG.get("textgenwebui")
    assert doctor.on_gui_port(row, "http://127.0.0.1:7860")
    assert doctor.usual_port(row, "http://127.0.0.1:7860") == "http://127.0.0.1:5000"
    assert doctor.usual_port(row, "http://127.0.0.1:5000") == ""
    assert not doctor.on_gui_port(CATALOG.get("koboldcpp"), "http://127.0.0.1:7860")


def test_other_paths_are_those_that_would_be_stored() -> None:
    row = CATALOG.get("openai-compatible")
    found = list(doctor.other_paths(row, "http://h:1/api"))
    assert found == ["http://h:1/api/v1", "http://h:1"]
    assert "http://h:1" in doctor.other_paths(row, "http://h:1/x/y")
