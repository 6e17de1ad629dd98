"""What RF-DETR's tasks have in common."""

from __future__ import annotations

from backends.errors import NetworkMismatch, PackageConfigInvalid
from backends.families.family import Family
from backends.families.rfdetr.classes import KeptClasses
from backends.families.rfdetr.preprocessing import RfDetrPreprocessor
from backends.inference_config import InferenceConfig
from backends.parameters import RecommendedParameters
from backends.preprocessing import Preprocessor
from backends.session import Session

_WHITE = 255


class RfDetrFamily(Family):
    """Networks whose boxes are relative to their input, so that the file decides on the size, not the configuration."""

    sized_by_network = True

    @classmethod
    def adapt(cls, config: InferenceConfig) -> InferenceConfig:
        """An image that should keep its shape without padding is stretched instead.

        Values are divided by 255; another ``scaling_factor`` counts only without normalization, as in the reference.
        """
        network_input = config.network_input
        if network_input.resize_mode == "fit-longer-edge":
            config = config.with_resize_mode("stretch", 0)
        if network_input.scaling_factor is None or network_input.normalization is not None:
            config = config.with_scaling_factor(_WHITE)
        return config

    def make_preprocessor(self, session: Session) -> Preprocessor:
        return RfDetrPreprocessor(self.config)

    def check_session(self, session: Session) -> None:
        super().check_session(session)
        if len(session.outputs) != self.outputs_needed:
            raise NetworkMismatch(
                f"The network has {len(session.outputs)} outputs, and this architecture and task have "
                f"{self.outputs_needed}."
            )
        if self.config.network_input.training_input_size is None:
            raise PackageConfigInvalid("inference_config.json: network_input.training_input_size is missing.")


class RfDetrQueries(RfDetrFamily):
    """Networks that answer queries. ``class_names`` are those that ``class_names_operations`` leaves."""

    def __init__(
        self,
        config: InferenceConfig,
        class_names: tuple[str, ...],
        recommended: RecommendedParameters | None = None,
    ) -> None:
        self.classes = KeptClasses.of(class_names, config.class_names_operations)
        super().__init__(config, self.classes.names, recommended)
