"""What every backend's manifest has in common. A backend is one module beside this one, with one class of this kind.

A class says, in one place: the fields and their names on the wire, which of them must be known and how a form asks for
them, what a package needs of a machine, and what ranks it among its like. Everything else reads it from there: the wire
format, forms, drafts, completeness, rules in the database, the table in the documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self, get_args

from packaging.version import InvalidVersion
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from negotiation.environment import Environment
from negotiation.errors import ModelPackageNegotiationError
from negotiation.manifests.asked import Asked, asked_fields
from negotiation.question import Question
from negotiation.reasons import Reason
from negotiation.versions import parse_version

Quantization = Literal["fp32", "fp16", "bf16", "int8", "unknown"]
QUANTIZATIONS: tuple[str, ...] = get_args(Quantization)

MachineCheck = Callable[[Any], Reason | None]
"""Why a machine cannot run a package with this manifest; None if it can."""
Ranker = Callable[[Any], tuple[float, ...]]
"""The values of a class's own parts of the ranking key, in the order in which the class names them."""


def _require_version(text: str) -> str:
    try:
        parse_version(text)
    except InvalidVersion as error:
        raise PydanticCustomError("version", "must be a version such as 12.4 or 10.3.0.post1") from error
    return text


Version = Annotated[str, AfterValidator(_require_version)]
"""The text of a PEP 440 version, kept as it is spelled."""
Names = Annotated[tuple[str, ...], BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)]
"""A list of names on the wire, which is a tuple here."""


class OffWire:
    """Marks a field that clients are not told."""


@dataclass(frozen=True, slots=True)
class Library:
    """What runs a backend's packages: the module that is imported for it, and its name for people."""

    module: str
    title: str


class RankingPart(NamedTuple):
    """A part of the ranking key, the higher the better.

    ``words`` end a sentence that begins "above the next by ...". ``neutral`` is the value of packages of all other
    backends. ``oldest_first``: the part is the place of the manifest's version of this name among all packages'.
    """

    name: str
    words: str
    neutral: float = 0
    oldest_first: bool = False


class Clash(NamedTuple):
    """What does not hold together: a field on the wire, and what is expected of it."""

    field: str
    message: str


class WireModel(BaseModel):
    """A frozen document under the wire's names. Read by them from the wire, and by ours from everywhere else."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=to_camel, validate_by_name=True, validate_by_alias=True
    )


class Manifest(WireModel):
    """The manifest of a package, complete or not: that of a draft may lack what is not known yet.

    The fields of this class are known of every package; on the wire are those that a subclass declares anew. Reading
    coerces as the client does, and ignores unknown names.
    """

    backend: ClassVar[str]
    """The name that requests use, and the database."""
    title: ClassVar[str]
    wire_type: ClassVar[str]
    wire_backend: ClassVar[str]
    """The wire's name for the backend."""
    other_names: ClassVar[tuple[str, ...]] = ()
    """What model_config.json may call it as well."""
    library: ClassVar[Library | None] = None
    """What runs the packages on this server."""
    folder: ClassVar[str] = ""
    """Where the server's runtime for such packages lies, below `backends`; empty where it runs none."""
    platform: ClassVar[str] = ""
    """The name of the format in the Open Inference Protocol; the backend's own unless given."""
    files: ClassVar[tuple[str, ...]] = ()
    """The usual names of the file with the network; what this server loads is the first."""
    rows: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Fields that a form shows side by side."""
    models: ClassVar[frozenset[tuple[str, str]]] = frozenset()
    """Architectures and tasks that something loads from such packages, beyond what the newest client does."""
    has_batch: ClassVar[bool] = False
    """Whether the manifest says which batch sizes the package runs."""
    network_is_told: ClassVar[bool] = False
    """Whether inspection reads the network itself, so that nobody need type what the file will say."""
    announced_on_request: ClassVar[bool] = False
    """Whether clients are told of such packages only where they say that they can run them."""
    ignored_by_clients: ClassVar[bool] = False
    """Whether today's clients pass over such packages when they read the wire."""
    backend_is_read: ClassVar[bool] = True
    """Whether clients look at the wire's ``backendType``."""
    rank: ClassVar[int] = 0
    """Higher is preferred, by rules whose policy has no rank for the backend."""
    ranking: ClassVar[tuple[RankingPart, ...]] = ()
    """The backend's own parts of the ranking key."""

    asked: ClassVar[Mapping[str, Asked]] = {}
    """What is asked for the manifest, by name: every field with an ``Asked``. Kept in a package's document."""
    wire_names: ClassVar[frozenset[str]] = frozenset()
    off_wire: ClassVar[frozenset[str]] = frozenset()
    """Our names of the fields that clients are not told."""

    quantization: Annotated[Quantization, OffWire()] = "unknown"
    dynamic_batch_size: Annotated[bool, OffWire()] = False
    static_batch_size: Annotated[int | None, OffWire()] = None

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        fields = cls.model_fields.items()
        hidden = {name for name, one in fields if any(isinstance(mark, OffWire) for mark in one.metadata)}
        cls.off_wire = frozenset(hidden)
        cls.wire_names = frozenset(str(one.alias) for name, one in fields if name not in hidden)
        cls.asked = cls.all_asked()

    @classmethod
    def all_asked(cls) -> Mapping[str, Asked]:
        """What `asked` is made of. A manifest with documents inside adds theirs."""
        return asked_fields(cls)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """The manifest with these values, by our names and unchecked: they come from where they were checked.

        Precision and batch are ignored where such a manifest does not say them.
        """
        undeclared = cls.off_wire - cls.asked.keys()
        given = {name: _frozen(value) for name, value in values.items() if name not in undeclared}
        return cls.model_construct(None, **given)

    def with_hidden(self, values: Mapping[str, Any]) -> Self:
        """The manifest with what clients are not told, read from the wire by somebody who knows it."""
        hidden = self.off_wire & self.asked.keys() & values.keys()
        return self.model_copy(update={name: values[name] for name in hidden})

    @classmethod
    def from_wire(cls, document: Mapping[Any, Any], *, strict: bool = False) -> Self:
        """Read the value of ``packageManifest``. With ``strict`` nothing may need coercion.

        Raises ``pydantic.ValidationError``.
        """
        known = {name: document[name] for name in cls.wire_names if name in document}
        return cls.model_validate(known, strict=strict, by_alias=True, by_name=False)

    def to_wire(self) -> dict[str, Any]:
        """The value of ``packageManifest``, without anything that is null."""
        fields = self.model_dump(
            mode="json", by_alias=True, exclude_none=True, exclude=set(self.off_wire), warnings=False
        )
        return {"type": self.wire_type, "backendType": self.wire_backend, **fields}

    @classmethod
    def backend_clash(cls, document: Mapping[Any, Any]) -> Clash | None:
        """What is wrong with the ``backendType`` of a document of this type."""
        if not cls.backend_is_read or document.get("backendType") == cls.wire_backend:
            return None
        return Clash("backendType", f"must be {cls.wire_backend!r}")

    def clashes(self) -> Iterator[Clash]:
        """What does not hold together, so that clients drop the package."""
        yield from ()

    def objections(self) -> Iterator[Clash]:
        """What clients take, or took at some time, and nobody should publish."""
        yield from ()

    @property
    def dynamic_batch_range(self) -> tuple[float, float]:
        """Smallest and largest size that a package with a dynamic batch takes."""
        return 0, inf

    @classmethod
    def machine_check(cls, question: Question) -> MachineCheck:
        """A judge of this backend's manifests for one question. What does not depend on a package is worked out once.

        It raises ``ModelPackageNegotiationError`` where the two cannot be compared.
        """

        def refuse_to_judge(manifest: Manifest) -> Reason | None:
            raise ModelPackageNegotiationError(
                f"Packages for the {manifest.backend} backend cannot be compared with a machine."
            )

        return refuse_to_judge

    def unreadable(self, environment: Environment) -> Reason | None:
        """Why the machine cannot load the package although no rule of the client says so."""
        return None

    @classmethod
    def ranker(cls, question: Question) -> Ranker:
        """Gives the values of the parts in ``ranking`` that are not ``oldest_first``."""
        return lambda manifest: ()


class WithPrecision(Manifest):
    """A manifest that says the precision of the weights."""

    quantization: Quantization


class WithBatch(WithPrecision):
    """A manifest that says the batch as well: any size, or one."""

    has_batch: ClassVar[bool] = True
    dynamic_batch_size: bool = False
    static_batch_size: int | None = None

    def clashes(self) -> Iterator[Clash]:
        if self.dynamic_batch_size:
            if self.static_batch_size is not None:
                yield Clash("staticBatchSize", "a dynamic batch size excludes a static one")
        elif self.static_batch_size is None or self.static_batch_size <= 0:
            yield Clash("staticBatchSize", "without a dynamic batch size it needs a staticBatchSize above zero")


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
