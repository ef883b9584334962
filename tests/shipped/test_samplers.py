"""Every sampler of every preset reaches every server that takes it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from core.backends.sampling import accepted, wire_samplers
from core.backends.spec import Spec
from core.kind import Kind
from core.samplers.preset_files import read_samplers
from core.samplers.sampler import Dialect
from core.samplers.table import ALL_SAMPLERS
from tests.conformance.standin import Act
from tests.conformance.test_rows import ROWS, name, staged
from tests.shipped.package import SAMPLING, preset_files

TOGETHER = {"dynatemp_low", "dynatemp_high", "dynatemp_exponent"}
"""Sent only where all of them are meant."""
ONLY_IF_SET = {
    *("dry_penalty_last_n", "logit_bias", "banned_tokens", "banned_strings", "grammar", "seed"),
    *("negative_prompt", "sampler_order", "sampler_names", "sampler_priority", "top_k"),
    *("aphrodite_priority", "novelai_order", "top_n_sigma"),
}
"""Their empty value is no value for some servers."""


def keys(body: Any) -> Iterator[tuple[str, Any]]:
    """Every key of a body, at any depth."""
    if isinstance(body, dict):
        for key, value in body.items():
            yield key, value
            yield from keys(value)


def expected(spec: Spec, values: dict[str, Any]) -> dict[str, Any]:
    """What this server has to see, by its own names."""
    taken = {row.id: row for row in accepted(spec, "model-1")}
    excluded = [id_ for id_ in spec.traits("model-1").exclusive if id_ in values][1:]
    found: dict[str, Any] = {}
    for id_, value in values.items():
        neutral = value == ALL_SAMPLERS[id_].neutral
        if id_ not in taken or id_ in TOGETHER or id_ in excluded:
            continue
        if id_ in ONLY_IF_SET and neutral:
            continue
        low, high = spec.sampling.ranges.get(id_, (None, None))
        if low is not None and high is not None:
            value = min(max(value, low), high)
        wire = spec.sampling.renames.get(id_) or taken[id_].names[spec.sampling.dialect]
        found[wire] = value
    return found


def same(id_: str, dialect: Dialect, sent: Any, wanted: Any) -> bool:
    if id_ in ("epsilon_cutoff", "eta_cutoff") and dialect is Dialect.MANCER:
        return bool(sent * 1000 == wanted)
    if isinstance(sent, str) and isinstance(wanted, list):
        return bool(json.loads(sent) == wanted)
    return bool(sent == wanted)


@pytest.mark.parametrize("row", ROWS, ids=name)
async def test_every_row_of_the_catalog_is_sent_what_it_takes(row: tuple[Spec, Kind]) -> None:
    files = preset_files(*SAMPLING)
    assert len(files) > 30
    async with staged(row) as stage:
        for path in files:
            values = read_samplers(json.loads(path.read_text("utf-8"))).values
            heard = await stage.ask(Act(pieces=["Aye."]), samplers=values)
            assert heard.error is None, path
            sent = dict(keys(stage.standin.replies[-1].body))
            for wire, wanted in expected(stage.spec, values).items():
                if wire == "top_p" and values.get("temperature") == 0:
                    continue
                assert wire in sent, (path.name, wire)
                dialect = stage.spec.sampling.dialect
                assert same(wire, dialect, sent[wire], wanted), (path.name, wire, sent[wire])


HOME: dict[str, tuple[str, dict[str, str]]] = {
    "textgen": (
        "textgenwebui",
        {
            "temp": "temperature", "top_p": "top_p", "top_k": "top_k", "top_a": "top_a",
            "tfs": "tfs", "typical_p": "typical_p", "min_p": "min_p",
            "rep_pen": "repetition_penalty", "rep_pen_range": "repetition_penalty_range",
            "freq_pen": "frequency_penalty", "presence_pen": "presence_penalty",
            "epsilon_cutoff": "epsilon_cutoff", "eta_cutoff": "eta_cutoff",
            "encoder_rep_pen": "encoder_repetition_penalty", "do_sample": "do_sample",
            "no_repeat_ngram_size": "no_repeat_ngram_size", "penalty_alpha": "penalty_alpha",
            "smoothing_factor": "smoothing_factor", "smoothing_curve": "smoothing_curve",
            "dry_multiplier": "dry_multiplier", "dry_base": "dry_base",
            "dry_allowed_length": "dry_allowed_length", "add_bos_token": "add_bos_token",
            "dry_sequence_breakers": "dry_sequence_breakers", "ban_eos_token": "ban_eos_token",
            "skip_special_tokens": "skip_special_tokens", "mirostat_mode": "mirostat_mode",
            "mirostat_tau": "mirostat_tau", "mirostat_eta": "mirostat_eta",
            "guidance_scale": "guidance_scale", "xtc_threshold": "xtc_threshold",
            "xtc_probability": "xtc_probability", "nsigma": "top_n_sigma",
            "temperature_last": "temperature_last", "sampler_priority": "sampler_priority",
        },
    ),
    "kobold": (
        "koboldcpp",
        {
            "temp": "temperature", "rep_pen": "rep_pen", "rep_pen_range": "rep_pen_range",
            "rep_pen_slope": "rep_pen_slope", "top_p": "top_p", "top_a": "top_a",
            "top_k": "top_k", "typical": "typical", "tfs": "tfs", "sampler_order": "sampler_order",
            "min_p": "min_p", "mirostat": "mirostat", "mirostat_tau": "mirostat_tau",
            "mirostat_eta": "mirostat_eta",
        },
    ),
    "novel": (
        "novelai",
        {
            key: key
            for key in (
                *("order", "temperature", "top_k", "top_p", "top_a", "typical_p", "min_p"),
                *("tail_free_sampling", "repetition_penalty", "repetition_penalty_range"),
                *("repetition_penalty_slope", "repetition_penalty_frequency", "mirostat_tau"),
                *("repetition_penalty_presence", "phrase_rep_pen", "mirostat_lr", "math1_temp"),
                *("math1_quad", "math1_quad_entropy_scale", "min_length", "prefix"),
            )
        },
    ),
    "openai": (
        "openrouter",
        {
            key: key
            for key in (
                *("temperature", "frequency_penalty", "presence_penalty", "top_p", "top_k"),
                *("top_a", "min_p", "repetition_penalty"),
            )
        },
    ),
}  # fmt: skip
"""Each kind's own server, and the names there of the files' keys, written by hand."""


@pytest.mark.parametrize("kind", SAMPLING)
async def test_a_presets_own_server_sees_each_of_its_keys(kind: str) -> None:
    id_, names = HOME[kind]
    wanted_kind = Kind.CHAT if kind == "openai" else Kind.TEXT
    home = next(row for row in ROWS if row[0].id == id_ and row[1] is wanted_kind)
    async with staged(home) as stage:
        for path in preset_files(kind):
            document = json.loads(path.read_text("utf-8"))
            await stage.ask(Act(pieces=["Aye."]), samplers=read_samplers(document).values)
            sent = dict(keys(stage.standin.replies[-1].body))
            for key, wire in names.items():
                if key not in document:
                    continue
                wanted = document[key]
                if key == "dry_sequence_breakers":
                    wanted, sent[wire] = json.loads(wanted), json.loads(sent[wire])
                assert sent.get(wire) == wanted, (path.name, key, sent.get(wire))


def test_a_key_of_a_preset_is_a_sampler_or_known_to_be_none() -> None:
    """A new key in a new version is noticed here."""
    none = {
        *("json_schema", "json_schema_allow_empty", "rep_pen_size", "max_length", "max_context"),
        *("use_cache", "return_full_text"),
    }
    for path in preset_files("textgen", "kobold", "novel"):
        document = json.loads(path.read_text("utf-8"))
        read = read_samplers(document)
        assert (read.refused, read.limited) == ({}, {}), path
        special = {"dynatemp"}
        assert set(document) - set(read.keys) - special <= none, path


def test_the_wire_of_a_preset_is_plain_json() -> None:
    for path in preset_files(*SAMPLING):
        values = read_samplers(json.loads(path.read_text("utf-8"))).values
        for spec, _kind in ROWS:
            assert json.loads(json.dumps(wire_samplers(spec, values))) is not None
