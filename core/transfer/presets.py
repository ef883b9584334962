"""The presets in a file: one, or all of a bundle."""

from pathlib import PurePath

from core.characters.kinds import FileKind
from core.characters.names import title
from core.errors import InvalidCard, InvalidPreset
from core.presets.kinds import PresetKind
from core.presets.preset import Preset, read_preset
from core.transfer.files import PRESET_KINDS, SECTIONS, Document, read_file
from core.untrusted.surrogates import clean_text


def presets_of(data: bytes, file_name: str) -> list[tuple[PresetKind, Preset]]:
    """Every preset of the file in its type, under a name that can be shown and called.

    Raises InvalidPreset that says what the file is, or which field is wrong.
    """
    file_name = clean_text(file_name)
    stem = PurePath(file_name.replace("\\", "/")).stem
    try:
        found = _presets(read_file(data, file_name))
    except InvalidCard as error:
        # What was found holds for presets too, what was expected does not.
        raise InvalidPreset(error.detail.partition("; ")[0], file=file_name) from error
    except InvalidPreset as error:
        error.facts["file"] = file_name
        raise
    return [(kind, _named(preset, stem)) for kind, preset in found]


def _presets(document: Document) -> list[tuple[PresetKind, Preset]]:
    if document.kind is FileKind.BUNDLE:
        return [
            (kind, read_preset(kind, document.data[section]))
            for section, kind in SECTIONS.items()
            if isinstance(document.data.get(section), dict)
        ]
    kind = PRESET_KINDS.get(document.kind)
    if kind is None:
        raise InvalidPreset(f"this is {document.kind.noun}, not a preset")
    return [(kind, read_preset(kind, document.data))]


def _named(preset: Preset, fallback: str) -> Preset:
    return preset.model_copy(update={"name": title(preset.name, fallback)})
