"""Sign what was delivered: films and sound in the deliveries inside the file, stems and takes beside it.

The project's own stems and takes stay as they are to the byte, because the next mix compares and reuses them.
Their manifests lie in `deliver/<language>/provenance`, and `rythmo provenance stems/DX.wav` finds them there.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from rythmo.dubbing.described_lips import describe_lips
from rythmo.engines import registry
from rythmo.engines.base import Kind
from rythmo.errors import SigningError
from rythmo.mix.mix_plan import plan_mix
from rythmo.mix.placed_sound import placed_path
from rythmo.mix.turnover import name_stem_files
from rythmo.project.workspace import Project
from rythmo.provenance import record
from rythmo.provenance.claims import (
    Claim,
    Dub,
    Origin,
    claim_film,
    claim_paper,
    claim_stem,
    claim_take,
    heard_lines,
)
from rythmo.provenance.kept_signatures import KeptSignatures, open_kept
from rythmo.provenance.library import INSTALL, is_installed
from rythmo.provenance.lip_claims import ChangedLips, claim_film_with_lips, claim_lip_clip
from rythmo.provenance.media_types import describe_type, find_media_type
from rythmo.provenance.reading import FOLDER, SUFFIX, holds_manifest
from rythmo.provenance.record import SignedDeliveries
from rythmo.provenance.signing import Signer, hash_content
from rythmo.provenance.signing_choice import choose_credentials
from rythmo.scratch import scratch_folder
from rythmo.script.model import Line, Script
from rythmo.script.takes import Take
from rythmo.stages.cast import cast_of
from rythmo.stages.context import Context
from rythmo.stages.ingest import Ingested, TimelineInfo
from rythmo.version import __version__

PRODUCT = ("Rythmo", __version__)
_SOUND, _PAPER = ".wav", ".pdf"
_WITH_LIPS = ".lips.mp4"
_FILMS = frozenset({".mp4", ".mov", ".m4v", ".mkv", ".mxf"})


def sign_deliveries(
    script: Script, files: Sequence[Path], ingested: Ingested, context: Context
) -> SignedDeliveries:
    """Sign the delivered files, and the stems and takes that they play; return and keep the record.

    A file that cannot be signed is named in the record and stays as it is. Raises SigningError for damaged
    credentials, UsageError for unusable ones, and OutputError.
    """
    project, settings = context.project, context.settings.provenance
    beside = project.root / "deliver" / script.target_language / FOLDER
    made = _sign_all(script, files, beside, ingested, context) if settings.sign else _not_signed("--no-sign.")
    if made.why:
        shutil.rmtree(beside, ignore_errors=True)
    record.save_record(made, project.root, script)
    return made


@dataclass(frozen=True, slots=True)
class _Task:
    """One file to sign, inside or, with `manifest`, beside it."""

    path: Path
    claim: Claim
    manifest: Path | None = None


def _sign_all(
    script: Script, files: Sequence[Path], beside: Path, ingested: Ingested, context: Context
) -> SignedDeliveries:
    if not is_installed():
        return _not_signed(f"c2pa-python is not installed ({INSTALL}).")
    credentials = choose_credentials(context.settings.provenance)
    with scratch_folder("sign") as scratch, open_kept() as kept:
        signer = Signer(credentials, kept, scratch)
        return _sign_by(signer, script, files, beside, ingested, context)


def _sign_by(
    signer: Signer,
    script: Script,
    files: Sequence[Path],
    beside: Path,
    ingested: Ingested,
    context: Context,
) -> SignedDeliveries:
    dub = _describe_dub(script, ingested, signer.kept, context)
    changed = describe_lips(script, context)
    tasks = [
        *_list_delivered(dub, files, changed, context),
        *_list_own_sounds(dub, beside, context.project),
        *_list_lip_clips(dub, beside, changed, context.project),
    ]
    done = record.describe_signer(signer.credentials)
    for number, task in enumerate(tasks):
        context.step("deliver", number, len(tasks), f"signing {task.path.name}")
        done = _sign(task, signer, dub, done, context)
    _remove_others(beside, {task.manifest for task in tasks if task.manifest is not None})
    return done


def _sign(
    task: _Task, signer: Signer, dub: Dub, done: SignedDeliveries, context: Context
) -> SignedDeliveries:
    """Sign one file; return the record with what became of it."""
    name = task.path.relative_to(context.project.root).as_posix()
    origins = dub.origins if task.claim.edited else ()
    try:
        if task.manifest is None:
            signer.sign_inside(task.path, task.claim, origins)
            return replace(done, inside=(*done.inside, name))
        signer.sign_beside(task.path, task.manifest, task.claim, origins)
        return replace(done, beside=(*done.beside, name))
    except SigningError as error:
        return replace(done, unsigned=(*done.unsigned, (name, error.message)))


def _not_signed(why: str) -> SignedDeliveries:
    return SignedDeliveries(why=why)


def _describe_dub(script: Script, ingested: Ingested, kept: KeptSignatures, context: Context) -> Dub:
    voices = registry.installed()[Kind.VOICE]
    people = cast_of(context).people
    return Dub(
        script,
        PRODUCT,
        (*_list_origins(ingested, kept), *_list_followed(script)),
        frozenset(spec.info.name for spec in voices if "rules" in spec.info.capabilities),
        {one.fingerprint: one for person in people for one in person.consents},
        context.settings.provenance.consent_names,
    )


def _list_origins(ingested: Ingested, kept: KeptSignatures) -> Iterator[Origin]:
    """Yield the source, and for a timeline the media that it plays."""
    info = ingested.info
    yield _describe_origin(info.path, kept, parent=True)
    if isinstance(info, TimelineInfo) and info.assembly is not None:
        for path in info.assembly.media:
            yield _describe_origin(path, kept, parent=False)


def _list_followed(script: Script) -> Iterator[Origin]:
    """Yield the edited timelines that the dub was conformed to. They are named by their hash alone."""
    for one in script.followed:
        yield Origin(one.name, one.sha256, media_type=describe_type(Path(one.name)), guide=True)


def _describe_origin(path: Path, kept: KeptSignatures, *, parent: bool) -> Origin:
    try:
        digest = kept.digest(path, hash_content)
    except OSError:
        digest = ""  # it is gone, and the project has what was made of it
    media_type = find_media_type(path)
    return Origin(
        path.name, digest, str(path) if media_type else "", media_type or describe_type(path), parent
    )


def _list_delivered(
    dub: Dub, files: Sequence[Path], changed: ChangedLips | None, context: Context
) -> Iterator[_Task]:
    """List films, sounds and papers among the deliveries, and the takes that were laid on frame borders."""
    script, settings = dub.script, context.settings.turnover
    stems = {
        name: stem for stem, name in name_stem_files(script, plan_mix(script), settings.template).items()
    }
    for path in files:
        if path.suffix.lower() == _SOUND:
            yield _Task(path, claim_stem(dub, path.name, stems.get(path.name, "MIX")))
        elif changed is not None and path.name.endswith(_WITH_LIPS):
            yield _Task(path, claim_film_with_lips(dub, path.name, changed))
        elif path.suffix.lower() in _FILMS:
            yield _Task(path, claim_film(dub, path.name))
        elif path.suffix.lower() == _PAPER:
            yield _Task(path, claim_paper(dub, path.name))
    takes = _takes_by_name(script)
    for path in sorted((context.project.root / "deliver" / script.target_language / "media").glob("*.wav")):
        # Files of an earlier delivery that no timeline plays any more are signed already.
        if not holds_manifest(path):
            found = takes.get(path.stem) or takes.get(path.stem.rpartition("_")[0])
            other = claim_stem(dub, path.name, "DX")
            yield _Task(path, claim_take(dub, path.name, *found, placed=True) if found else other)


def _list_own_sounds(dub: Dub, beside: Path, project: Project) -> Iterator[_Task]:
    """List the project's own stems, and the takes that are in the mix."""

    def task(path: Path, claim: Claim) -> _Task:
        return _Task(path, claim, (beside / path.relative_to(project.root)).with_suffix(SUFFIX))

    for path in sorted(project.stems.glob("*.wav")):
        yield task(path, claim_stem(dub, path.name, path.stem))
    for line in heard_lines(dub.script):
        assert line.take is not None
        for name, placed in ((Path(line.take.file), False), (placed_path(line.take), True)):
            path = project.file(name.as_posix())
            if path.is_file():
                yield task(path, claim_take(dub, path.name, line, line.take, placed=placed))


def _list_lip_clips(dub: Dub, beside: Path, changed: ChangedLips | None, project: Project) -> Iterator[_Task]:
    """List the clips of lips, which timelines play above the picture."""
    for clip in changed.lips.clips if changed is not None else ():
        path = project.file(clip.file)
        if changed is not None and path.is_file():
            manifest = (beside / path.relative_to(project.root)).with_suffix(SUFFIX)
            yield _Task(path, claim_lip_clip(dub, path.name, clip, changed), manifest)


def _takes_by_name(script: Script) -> Mapping[str, tuple[Line, Take]]:
    return {Path(take.file).stem: (line, take) for line in script.lines for take in line.takes}


def _remove_others(folder: Path, kept: Set[Path]) -> None:
    """Remove manifests of stems and takes that are not in the mix any more."""
    for path in folder.rglob(f"*{SUFFIX}"):
        if path not in kept:
            path.unlink(missing_ok=True)
