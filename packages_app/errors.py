"""Errors of intake, publishing and downloads; each becomes a help page (see registry.errors)."""

from __future__ import annotations

from registry.errors import StorageFull as StorageFull
from registry.errors import WeighbridgeError


class FileTooLarge(WeighbridgeError):
    code = "file-too-large"
    status = 413
    title = "The file is larger than this server takes"
    advice = "The operator sets the limit with MAX_FILE_BYTES. Nothing of the file was kept."


class PackageTooLarge(WeighbridgeError):
    code = "package-too-large"
    status = 413
    title = "The files of the package are larger together than this server takes"
    advice = "The operator sets the limit with MAX_PACKAGE_BYTES. The package keeps the files that it had."


class UploadTruncated(WeighbridgeError):
    code = "upload-truncated"
    status = 400
    title = "The upload does not have the size that was announced"
    advice = "The connection was probably cut. Send the file again; nothing of it was kept."


class DigestMismatch(WeighbridgeError):
    code = "digest-mismatch"
    status = 400
    title = "The file is not the one that was announced"
    advice = "Its digest differs from the announced one: it was changed on its way. Send it again."


class MalformedDigest(WeighbridgeError):
    code = "malformed-digest"
    status = 400
    title = "The digest is not well-formed"
    advice = "An MD5 is 32 hexadecimal digits and a SHA-256 is 64, without blanks or a prefix."


class UppercaseDigest(WeighbridgeError):
    code = "upper-case-digest"
    status = 400
    title = "The digest has upper-case letters"
    advice = "Write digests in lower case: clients refuse others before they download anything."


class BlobUnavailable(WeighbridgeError):
    # 503: clients try again, and meanwhile the storage may be back or the file repaired.
    code = "blob-unavailable"
    status = 503
    title = "The bytes of the file cannot be read right now"
    advice = "The storage does not answer, or lost the file. If it stays so, tell the operator."


class BlobDamaged(WeighbridgeError):
    code = "blob-damaged"
    status = 503
    title = "A file of the package is damaged or missing in this server's storage"
    advice = (
        "The bytes in the storage do not have the digest under which they were stored. A curator pushes the same file "
        "anew, or the operator restores it from a backup and runs `manage.py gc --verify`."
    )


class InvalidFileHandle(WeighbridgeError):
    code = "invalid-file-handle"
    status = 400
    title = "The name of the file inside the package is not allowed"
    advice = (
        "Clients lay files out under these names, so they accept only safe ones: parts of letters, digits, `.`, `_` "
        "and `-` joined by `/`, no `..`, no name that Windows reserves, and no two that differ in case alone."
    )


class InvalidPackageField(WeighbridgeError):
    code = "invalid-package-field"
    status = 400
    title = "A field of the package is not valid"
    advice = "The message names the field. The fields of each backend are described in docs/packages.md."


class PackageNotFound(WeighbridgeError):
    code = "package-not-found"
    status = 404
    title = "There is no such package"
    advice = "Check the package id. A published package's id is shown in the admin and by the provider API."


class FileNotInPackage(WeighbridgeError):
    code = "file-not-in-package"
    status = 404
    title = "The package has no file of that name"
    advice = "Names are case-sensitive and include the folders inside the package."


class PackageFrozen(WeighbridgeError):
    code = "package-frozen"
    status = 409
    title = "A published package cannot be changed"
    advice = "Clients keep what they loaded under its id. Make a new package; withdraw this one if it is wrong."


class PackageNotReady(WeighbridgeError):
    code = "package-not-ready"
    status = 409
    title = "The package is not ready to be published"
    advice = "A package is published after its inspection found nothing wrong. The message names its state."


class PackageIncomplete(WeighbridgeError):
    code = "package-incomplete"
    status = 409
    title = "The package is not complete"
    advice = "The message says what is missing, in the order in which to mend it."


class AlreadyPublished(WeighbridgeError):
    code = "already-published"
    status = 409
    title = "This package is published already"
    advice = "The message names the id under which clients find it. Nothing needs to be done."


class PackageNotPublished(WeighbridgeError):
    code = "package-not-published"
    status = 409
    title = "Only a published package can be withdrawn"
    advice = "A draft can simply be deleted. A withdrawn package stays withdrawn."


class PackageNotWithdrawn(WeighbridgeError):
    code = "package-not-withdrawn"
    status = 409
    title = "Only a withdrawn package can be purged"
    advice = "Withdraw the package first: clients then stop finding it, and it can be purged afterwards."


class AddressInvalid(WeighbridgeError):
    code = "download-address-invalid"
    status = 403
    title = "The download address is not one of ours"
    advice = "It was changed or cut off. Ask for the model's metadata again to get fresh addresses."


class AddressExpired(WeighbridgeError):
    code = "download-address-expired"
    status = 403
    title = "The download address has expired"
    advice = "Ask for the model's metadata again to get fresh addresses. The operator sets DOWNLOAD_LIFETIME_SECONDS."


class AddressRevoked(WeighbridgeError):
    code = "download-address-revoked"
    status = 403
    title = "The download address is no longer valid"
    advice = (
        "The token that got it was revoked or has expired, or the package was withdrawn. Ask for the model's "
        "metadata again, with a valid token."
    )


class RangeNotSatisfiable(WeighbridgeError):
    code = "range-not-satisfiable"
    status = 416
    title = "The file has no bytes in that range"
    advice = "The header Content-Range of the answer tells how long the file is."


class PreconditionFailed(WeighbridgeError):
    code = "precondition-failed"
    status = 412
    title = "The file is not the one that the header If-Match names"
    advice = "Leave the header out, or send the ETag that this address gives."


class InvalidModel(WeighbridgeError):
    code = "invalid-model"
    status = 400
    title = "No client could ask for this model, or load it"
    advice = (
        "Ids are letters, digits, `.`, `_` and `-` in parts joined by `/`, such as `defects/3`. Architectures and "
        "tasks are those of the AutoModel client; the form of a model in the admin lists them."
    )


class ModelIdentityFrozen(WeighbridgeError):
    code = "model-identity-frozen"
    status = 409
    title = "The id, architecture and task of a model with published packages cannot be changed"
    advice = "Clients rely on them. Make a new model, or withdraw the published packages first."


class InvalidDirectory(WeighbridgeError):
    code = "invalid-package-directory"
    status = 400
    title = "The directory is not a package"
    advice = (
        "A package directory holds model_config.json, an object with model_architecture, task_type and "
        "backend_type, beside the package's own files. docs/packages.md shows a whole one."
    )


class ModelMismatch(WeighbridgeError):
    code = "model-mismatch"
    status = 409
    title = "The package belongs to another kind of model"
    advice = "A model has one architecture and one task; packages of another need a model of their own."


class PackageRefused(WeighbridgeError):
    code = "package-refused"
    status = 409
    title = "The package cannot be published"
    advice = "The message says why, and what helps. Nothing of the package was kept: mend it and send it again."
