"""Form fields of the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget

from backends.package_files import lines_of
from registry.api.strict_json import StrictDecoder


class KeepsOldValues:
    """A form that judges what was changed: a row from before a rule stays as it is until somebody touches it."""

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        if self.instance.pk is None:  # type: ignore[attr-defined]
            return excluded
        return excluded | {name for name in self.fields if name not in self.changed_data}  # type: ignore[attr-defined]


class OptionalJSONField(forms.JSONField):
    """JSON, where an empty field and no value are the same thing: nothing is shown as `null`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "decoder": StrictDecoder})

    def prepare_value(self, value: Any) -> Any:
        return "" if value is None else super().prepare_value(value)


class LinesField(forms.CharField):
    """A list of strings, edited as lines of text. Blank lines are dropped; no line at all is ``empty_value``."""

    widget = UnfoldAdminTextareaWidget

    def __init__(self, *, empty_value: list[str] | None, rows: int = 4, **kwargs: Any) -> None:
        self._nothing = empty_value
        super().__init__(required=False, strip=False, **kwargs)
        self.widget.attrs["rows"] = rows

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return "\n".join(str(line) for line in value)
        return value

    def to_python(self, value: Any) -> list[str] | None:  # type: ignore[override]  # a list where others have a text
        lines = lines_of(str(value or ""))
        return lines or (None if self._nothing is None else list(self._nothing))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(self.prepare_value(initial)) != self.to_python(data)

    def validate(self, value: Any) -> None:
        """Any list will do; the model's own validators say more."""

    def run_validators(self, value: Any) -> None:
        """Those of a text field do not fit a list."""
