"""The form of a package: its manifest fields, and when it is new also its files."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.http import QueryDict

from negotiation.manifests import BACKENDS, BACKENDS_BY_OTHER_NAMES
from packages_app.admin.config_file import config_among, without_config
from packages_app.admin.manifest_fields import field_name, form_fields, typed_fields
from packages_app.admin.receiving import ReceivedFile, arrived_whole, received_files
from packages_app.errors import InvalidFileHandle
from packages_app.models import Package
from packages_app.services.client_rules import require_handles
from packages_app.services.drafting import EDITABLE_COLUMNS
from packages_app.services.package_config import CONFIG_NAME, Config, require_kind
from registry.errors import WeighbridgeError
from registry.models.model import validate_recommended_parameters

BATCH_FIELDS = ["quantization", ("dynamic_batch_size", "static_batch_size")]
MORE_FIELDS = ["model_features", "recommended_parameters", "memory_profile"]


class PackageForm(forms.ModelForm):
    """Files arrive through IntakeUploadHandler: by the time the form is checked they are blobs already."""

    class Meta:
        model = Package
        fields = ["model", "backend", *sorted(EDITABLE_COLUMNS)]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        backends = list(BACKENDS) if self.instance.pk is None else [self.instance.backend]
        for backend in backends:
            self.fields.update(form_fields(backend))
        for name, value in self.instance.manifest.items():
            self.initial.setdefault(field_name(self.instance.backend, name), value)
        self.config: Config | None = None
        self._config_problem = ""
        if self.instance.pk is None:
            # The script knows them by this when it reads the file itself.
            self.fields["backend"].widget.attrs["data-names"] = json.dumps(BACKENDS_BY_OTHER_NAMES)
        if self.is_bound and self.instance.pk is None:
            self._read_config()

    def _read_config(self) -> None:
        """Fill in what a model_config.json among the files says and the person left out."""
        try:
            self.config = config_among(received_files(self.data, self.files))
        except WeighbridgeError as error:
            self._config_problem = error.message
        if self.config is not None and isinstance(self.data, QueryDict) and not self.data.get("backend"):
            data = self.data.copy()
            data["backend"] = self.config.backend
            self.data = data

    def is_multipart(self) -> bool:
        return self.instance.pk is None

    @property
    def received(self) -> list[ReceivedFile]:
        """The files that came with the form, for the page that shows it again."""
        if not self.is_bound:
            return []
        if not hasattr(self, "_received"):
            self._received = without_config(received_files(self.data, self.files))
        return self._received

    def clean_recommended_parameters(self) -> Any:
        value = self.cleaned_data["recommended_parameters"]
        validate_recommended_parameters(value)
        return value

    def clean(self) -> None:
        super().clean()
        if self.instance.pk is not None:
            return
        if not arrived_whole(self.data):
            raise forms.ValidationError("The upload was cut off on its way. Please send the form again.")
        problems = [f"{file.handle}: {file.refusal}" for file in self.received if file.refusal]
        problems += self._config_problems()
        try:
            require_handles([file.handle for file in self.received])
        except InvalidFileHandle as error:
            problems.append(error.message)
        if problems:
            raise forms.ValidationError(problems)

    def _config_problems(self) -> list[str]:
        """Where the model_config.json and what was chosen disagree."""
        if self.config is None:
            return [self._config_problem] if self._config_problem else []
        problems = []
        model, backend = self.cleaned_data.get("model"), self.cleaned_data.get("backend")
        try:
            if model is not None:
                require_kind(self.config, model)
        except WeighbridgeError as error:
            problems.append(error.message)
        if backend and backend != self.config.backend:
            problems.append(f"{CONFIG_NAME} says that the backend is `{self.config.backend}`, and not `{backend}`.")
        return problems

    def manifest(self) -> dict[str, Any]:
        """What was said of the package, as the drafting service takes it; of backends, the chosen one's fields."""
        backend, given = self.cleaned_data.get("backend") or self.instance.backend, self.cleaned_data
        return {
            **{name: given[name] for name in EDITABLE_COLUMNS if name in given},
            **{name: given[field_name(backend, name)] for name in typed_fields(backend)},
        }

    def changed_manifest(self) -> dict[str, Any]:
        """Of `manifest`, what differs from what the form showed."""
        backend, changed = self.instance.backend, set(self.changed_data)
        return {
            name: value
            for name, value in self.manifest().items()
            if name in changed or field_name(backend, name) in changed
        }
