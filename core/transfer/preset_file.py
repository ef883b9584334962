"""A file of presets: its templates, its samplers, and what else it asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from core.characters.fields import Problem, Remark
from core.characters.kinds import FileKind
from core.characters.names import title
from core.errors import InvalidCard, InvalidPreset
from core.presets.odd_values import endless_numbers
from core.presets.preset import Preset, PresetKind, SamplerPreset, named, read_preset
from core.presets.wishes import Missing, PresetWishes, wish_reply_start, wishes_of, without_secrets
from core.reasons import Reason
from core.samplers.preset_files import is_about_samplers, read_samplers, sampling_part
from core.transfer.files import PRESET_KINDS, SECTIONS, START_REPLY, FileDocument, read_file
from core.untrusted.surrogates import clean_text

Found = tuple[tuple[PresetKind, Preset], ...]
_OF_TEXT = (Problem.ENCODING, Problem.DAMAGED_TEXT)


@dataclass(frozen=True, slots=True)
class PresetFile:
    """A file as read. Every preset has a name that can be shown and called."""

    name: str
    kind: FileKind
    found: Found
    wishes: PresetWishes
    remarks: tuple[Remark, ...] = ()
    """What is to be known about the file as a text."""


def read_preset_file(data: bytes, file_name: str) -> PresetFile:
    """Every preset of the file in its type.

    Raises InvalidPreset that says what the file is, or which field is wrong.
    """
    file_name = clean_text(file_name)
    stem = PurePath(file_name.replace("\\", "/")).stem
    try:
        document = read_file(data, file_name)
        found = _presets(document)
    except InvalidCard as error:
        raise error.turned_into(InvalidPreset, file=file_name) from error
    except InvalidPreset as error:
        error.facts["file"] = file_name
        raise
    titled = tuple((kind, named(preset, title(preset.name, stem))) for kind, preset in found)
    if not titled:
        raise InvalidPreset(Reason.NO_PRESET, file=file_name)
    wishes = wishes_of(titled)
    if document.kind in PRESET_KINDS:
        unreadable = [one for one in document.remarks if one.problem is Problem.UNREADABLE]
        wishes.miss(Missing.VALUE, *(one.field for one in unreadable))
        text = data.decode("utf-8", "replace")
        wishes.miss(Missing.VALUE, *endless_numbers(document.data, text))
    if document.kind is FileKind.BUNDLE:
        wish_reply_start(document.data.get(START_REPLY), wishes)
    odd = tuple(one for one in document.remarks if one.problem in _OF_TEXT)
    return PresetFile(titled[0][1].name, document.kind, with_samplers(titled), wishes, odd)


def with_samplers(found: Found) -> Found:
    """As they are stored: the samplers of a prompt list stand by themselves too.

    Samplers of one kind of completion hold in the other as well, as far as servers take them.
    """
    added: list[tuple[PresetKind, Preset]] = []
    kinds = {kind for kind, _ in found}
    for kind, preset in found:
        if kind not in (PresetKind.CHAT, PresetKind.SAMPLER_TEXT):
            continue
        document = sampling_part(preset.model_dump(mode="json", exclude_unset=True))
        own = {key: value for key, value in document.items() if is_about_samplers(key)}
        if not read_samplers(own).values:
            continue
        samplers = named(SamplerPreset.model_validate(own), preset.name)
        for other in (PresetKind.SAMPLER_TEXT, PresetKind.SAMPLER_CHAT):
            if other not in kinds:
                added.append((other, samplers))
    return (*found, *added)


def _presets(document: FileDocument) -> Found:
    if document.kind is FileKind.BUNDLE:
        sections: Mapping[str, Any] = document.data
        found = [
            (kind, read_preset(kind, sections[section]))
            for section, kind in SECTIONS.items()
            if isinstance(sections.get(section), dict) and sections[section]
        ]
        return tuple(one for one in found if _says_something(*one))
    kind = PRESET_KINDS.get(document.kind)
    if kind is None:
        raise InvalidPreset(Reason.WRONG_KIND, found=document.kind)
    return ((kind, read_preset(kind, without_secrets(document.data))),)


def _says_something(kind: PresetKind, preset: Preset) -> bool:
    """Whether a section of samplers has any: of the others an empty one means what it says."""
    wishes = wishes_of([(kind, preset)])
    return kind is not PresetKind.SAMPLER_TEXT or bool(wishes.samplers or wishes.options)
