"""The presets in a file: one, or all of a bundle."""

from core.characters.kinds import FileKind
from core.errors import InvalidPreset
from core.presets.kinds import PresetKind
from core.presets.preset import Preset, read_preset
from core.transfer.files import PRESET_KINDS, SECTIONS, read_file


def presets_of(data: bytes, file_name: str) -> list[tuple[PresetKind, Preset]]:
    """Every preset of the file in its type. Raises InvalidPreset that says what the file is."""
    document = read_file(data, file_name)
    if document.kind is FileKind.BUNDLE:
        return [
            (kind, read_preset(kind, document.data[section], document.name))
            for section, kind in SECTIONS.items()
            if isinstance(document.data.get(section), dict)
        ]
    kind = PRESET_KINDS.get(document.kind)
    if kind is None:
        raise InvalidPreset(f"it is a {document.kind}, not a preset", file=file_name)
    return [(kind, read_preset(kind, document.data, document.name))]
