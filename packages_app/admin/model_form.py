"""The form of a model, with architecture and task from the client's own table."""

from __future__ import annotations

import json
from typing import Any

from django.utils.html import escape
from unfold.widgets import UnfoldAdminSelectWidget

from negotiation import known_models
from registry.admin.model import ModelForm

# The field of the form for each field that `known_models` speaks of.
_FIELDS = {"architecture": "architecture", "task": "task_type"}


class KnownModelForm(ModelForm):
    """Lists of choice. A model from before there were any keeps what it has; the form says what is wrong with it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("architecture", known_models.architectures())
        self._offer("task_type", known_models.tasks())
        if "architecture" in self.fields:
            # For the script, which offers only the tasks of the architecture that was chosen.
            tasks = {name: known_models.tasks(name) for name in known_models.architectures()}
            self.fields["architecture"].widget.attrs["data-tasks"] = json.dumps(tasks, allow_nan=False)
        for part, problem in self._problems(self.instance.architecture, self.instance.task_type).items():
            if self.instance.pk is not None and part in self.fields:
                # Help texts are markup, and this one repeats what somebody typed.
                self.fields[part].help_text = escape(problem.replace("`", ""))

    def clean(self) -> None:
        super().clean()
        values = self.cleaned_data
        if "architecture" not in values or "task_type" not in values:
            return
        if self.instance.pk is not None and not {"architecture", "task_type"} & set(self.changed_data):
            return
        for field, problem in self._problems(values["architecture"], values["task_type"]).items():
            self.add_error(field, problem)

    def _offer(self, field: str, names: tuple[str, ...]) -> None:
        if field not in self.fields:
            return
        current = getattr(self.instance, field)
        others = [current] if current and current not in names else []
        choices = [("", "Choose one"), *((name, f"{name} (no client knows it)") for name in others)]
        self.fields[field].widget = UnfoldAdminSelectWidget(choices=[*choices, *((name, name) for name in names)])

    @staticmethod
    def _problems(architecture: str, task: str) -> dict[str, str]:
        if not architecture and not task:
            return {}
        return {_FIELDS[part]: text for part, text in known_models.model_problems(architecture, task).items()}
