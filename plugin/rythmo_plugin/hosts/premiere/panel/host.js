// Calls of Premiere's API; the service makes all decisions. Times are ticks in decimal strings, counted from the
// sequence's first frame (Premiere counts items from there, whatever the start timecode is).
//
// An action is valid only inside the lock in which it was made, and nothing may be awaited there. One transaction is
// one step under Edit > Undo.
"use strict";

/**
 * @typedef {import("@adobe/premierepro").premierepro} Premiere
 * @typedef {import("@adobe/premierepro").Project} Project
 * @typedef {import("@adobe/premierepro").Sequence} Sequence
 * @typedef {import("@adobe/premierepro").ProjectItem} ProjectItem
 * @typedef {import("@adobe/premierepro").AudioTrack} AudioTrack
 * @typedef {import("@adobe/premierepro").Action} Action
 * @typedef {{ track: number, path: string, start: string }} Placement
 * @typedef {import("@adobe/premierepro").AudioClipTrackItem} AudioClip
 * @typedef {{ clip: AudioClip, name: string, path: string, start: string, end: string }} FoundClip
 * @typedef {{ track: AudioTrack, name: string, muted: boolean, clips: FoundClip[] }} FoundTrack
 * @typedef {{ name: string, start: string, length: string, note: string, colour: number }} Marked
 */

/**
 * @param {Premiere} ppro
 * @returns {Promise<{ project: Project, sequence: Sequence } | null>} null where no sequence is open
 */
async function current(ppro) {
  const project = await ppro.Project.getActiveProject();
  const sequence = project && (await project.getActiveSequence());
  return sequence ? { project, sequence } : null;
}

/**
 * Export the sequence to a file. Returns false if this version cannot (before 26.2) or did not.
 * @param {Premiere} ppro
 * @param {Sequence} sequence
 * @param {string} form "otio" or "fcp7"
 * @param {string} path
 */
async function exportAs(ppro, sequence, form, path) {
  const converter = ppro.ProjectConverter;
  if (form === "otio" && typeof converter?.exportAsOpenTimelineIO === "function") {
    return converter.exportAsOpenTimelineIO(sequence, path, true);
  }
  if (form === "fcp7" && typeof converter?.exportAsFinalCutProXML === "function") {
    return converter.exportAsFinalCutProXML(sequence, path, true);
  }
  return false;
}

/**
 * Make a copy of the sequence with another name.
 * @param {Project} project
 * @param {Sequence} sequence
 * @param {string} name
 * @returns {Promise<Sequence | null>} null where Premiere made none
 */
async function duplicate(project, sequence, name) {
  const before = new Set((await project.getSequences()).map(({ guid }) => guid.toString()));
  project.lockedAccess(() => project.executeTransaction((compound) => {
    compound.addAction(sequence.createCloneAction());
  }, "Rythmo: duplicate"));
  const made = (await project.getSequences()).find(({ guid }) => !before.has(guid.toString()));
  if (!made) return null;
  const item = await made.getProjectItem();
  project.lockedAccess(() => project.executeTransaction((compound) => {
    compound.addAction(item.createSetNameAction(name));
  }, "Rythmo: name"));
  await project.openSequence(made);
  return made;
}

/**
 * Import files into a bin. Files already in the bin are not imported again.
 * @param {Premiere} ppro
 * @param {Project} project
 * @param {string} binName
 * @param {string[]} paths
 * @returns {Promise<Map<string, ProjectItem>>} by path; what could not be imported is missing
 */
async function importFiles(ppro, project, binName, paths) {
  const bin = await binCalled(ppro, project, binName);
  const there = await itemsByPath(ppro, bin);
  const missing = paths.filter((path) => !there.has(path));
  if (missing.length === 0) return there;
  await project.importFiles(missing, true, ppro.ProjectItem.cast(bin), false);
  return itemsByPath(ppro, bin);
}

/**
 * @param {Premiere} ppro
 * @param {Project} project
 * @param {string} name
 */
async function binCalled(ppro, project, name) {
  const root = await project.getRootItem();
  const look = async () => (await root.getItems()).find((item) => isBin(ppro, item) && item.name === name);
  let bin = await look();
  if (!bin) {
    project.lockedAccess(() => project.executeTransaction((compound) => {
      compound.addAction(root.createBinAction(name, false));
    }, "Rythmo: bin"));
    bin = await look();
  }
  return bin ? ppro.FolderItem.cast(bin) : root;
}

/** @param {Premiere} ppro @param {ProjectItem} item */
function isBin(ppro, item) {
  return item.type === ppro.ProjectItem.TYPE_BIN;
}

/**
 * @param {Premiere} ppro
 * @param {import("@adobe/premierepro").FolderItem} bin
 * @returns {Promise<Map<string, ProjectItem>>}
 */
async function itemsByPath(ppro, bin) {
  /** @type {Map<string, ProjectItem>} */
  const found = new Map();
  for (const item of await bin.getItems()) {
    if (isBin(ppro, item)) continue;
    found.set(await ppro.ClipProjectItem.cast(item).getMediaFilePath(), item);
  }
  return found;
}

/**
 * Put whole files into the sequence. An index above the number of tracks may make a track, be refused, or place nothing
 * (Adobe documents it for insert only), so each round stands alone, and the caller reads the sequence back.
 * @param {Premiere} ppro
 * @param {Project} project
 * @param {Sequence} sequence
 * @param {Placement[]} placements
 * @param {Map<string, ProjectItem>} items
 * @returns {string[]} what Premiere refused, in its words
 */
function place(ppro, project, sequence, placements, items) {
  const editor = ppro.SequenceEditor.getEditor(sequence);
  /** @type {string[]} */
  const refused = [];
  for (const round of rounds(placements.filter(({ path }) => items.has(path)))) {
    try {
      project.lockedAccess(() => project.executeTransaction((compound) => {
        for (const { path, start, track } of round) {
          const item = /** @type {ProjectItem} */ (items.get(path));
          compound.addAction(editor.createOverwriteItemAction(item, ppro.TickTime.createWithTicks(start), 0, track));
        }
      }, "Rythmo: place dub"));
    } catch (error) {
      refused.push(String(error));
    }
  }
  return refused;
}

/**
 * Split placements into transactions: one for each track's first clip, lowest track first, because that clip makes the
 * track and the next index needs it; then one for all others.
 * @param {Placement[]} placements
 * @returns {Placement[][]}
 */
function rounds(placements) {
  const sorted = [...placements].sort((a, b) => a.track - b.track);
  const first = sorted.filter((each, index) => index === 0 || each.track !== sorted[index - 1]?.track);
  const others = sorted.filter((each) => !first.includes(each));
  return [...first.map((each) => [each]), ...(others.length > 0 ? [others] : [])];
}

/**
 * Name a track. Premiere has this call since 26.3; in earlier versions the track keeps its number.
 * @param {Project} project
 * @param {AudioTrack} track
 * @param {string} name
 */
function nameTrack(project, track, name) {
  if (typeof track.createSetNameAction !== "function") return;
  project.lockedAccess(() => project.executeTransaction((compound) => {
    compound.addAction(/** @type {Action} */ (track.createSetNameAction(name)));
  }, "Rythmo: track name"));
}

/**
 * Name the caption tracks that play files of a folder. Since 26.3 caption tracks can be read and renamed; no call makes
 * one. The types do not say what such a track holds, so whatever cannot be read is left alone.
 * @param {Premiere} ppro
 * @param {Project} project
 * @param {Sequence} sequence
 * @param {string} folder
 * @param {string} name
 */
async function nameCaptions(ppro, project, sequence, folder, name) {
  if (typeof sequence.getCaptionTrackCount !== "function") return;
  const count = await sequence.getCaptionTrackCount();
  for (let index = 0; index < count; index += 1) {
    const track = await sequence.getCaptionTrack(index);
    if (track.name === name || typeof track.createSetNameAction !== "function") continue;
    if (!(await captionFile(ppro, track)).startsWith(folder)) continue;
    project.lockedAccess(() => project.executeTransaction((compound) => {
      compound.addAction(/** @type {Action} */ (track.createSetNameAction(name)));
    }, "Rythmo: caption track"));
  }
}

/**
 * @param {Premiere} ppro
 * @param {import("@adobe/premierepro").CaptionTrack} track
 * @returns {Promise<string>} the file of the track's first caption, or nothing
 */
async function captionFile(ppro, track) {
  try {
    const items = /** @type {AudioClip[]} */ (track.getTrackItems(ppro.Constants.TrackItemType.CLIP, false));
    return items[0] ? await mediaPath(ppro, await items[0].getProjectItem()) : "";
  } catch {
    return "";
  }
}

/**
 * Set markers, then colour them: only an existing marker can get a colour.
 * @param {Premiere} ppro
 * @param {Project} project
 * @param {Sequence} sequence
 * @param {Marked[]} markers
 */
async function mark(ppro, project, sequence, markers) {
  if (markers.length === 0) return;
  const all = await ppro.Markers.getMarkers(sequence);
  const { TickTime, Marker } = ppro;
  project.lockedAccess(() => project.executeTransaction((compound) => {
    for (const { name, start, length, note } of markers) {
      const [from, long] = [TickTime.createWithTicks(start), TickTime.createWithTicks(length)];
      compound.addAction(all.createAddMarkerAction(name, Marker.MARKER_TYPE_COMMENT, from, long, note));
    }
  }, "Rythmo: markers"));
  const colours = new Map(markers.map(({ name, start, colour }) => [`${start} ${name}`, colour]));
  const made = (await ppro.Markers.getMarkers(sequence)).getMarkers().flatMap((marker) => {
    const colour = colours.get(`${marker.getStart().ticks} ${marker.getName()}`);
    return colour === undefined ? [] : [{ marker, colour }];
  });
  project.lockedAccess(() => project.executeTransaction((compound) => {
    for (const { marker, colour } of made) compound.addAction(marker.createSetColorByIndexAction(colour));
  }, "Rythmo: marker colours"));
}

/**
 * Remove the markers whose comment `ours` accepts.
 * @param {Premiere} ppro
 * @param {Project} project
 * @param {Sequence} sequence
 * @param {(comment: string) => boolean} ours
 */
async function unmark(ppro, project, sequence, ours) {
  const all = await ppro.Markers.getMarkers(sequence);
  const old = all.getMarkers().filter((marker) => ours(marker.getComments()));
  if (old.length === 0) return;
  project.lockedAccess(() => project.executeTransaction((compound) => {
    for (const marker of old) compound.addAction(all.createRemoveMarkerAction(marker));
  }, "Rythmo: markers"));
}

/**
 * Read back the audio tracks of the sequence with their clips.
 * @param {Premiere} ppro
 * @param {Sequence} sequence
 * @returns {Promise<FoundTrack[]>}
 */
async function readBack(ppro, sequence) {
  /** @type {FoundTrack[]} */
  const found = [];
  const count = await sequence.getAudioTrackCount();
  for (let index = 0; index < count; index += 1) {
    const track = await sequence.getAudioTrack(index);
    const clips = [];
    for (const clip of track.getTrackItems(ppro.Constants.TrackItemType.CLIP, false)) {
      const [start, end, name] = await Promise.all([clip.getStartTime(), clip.getEndTime(), clip.getName()]);
      const path = await mediaPath(ppro, await clip.getProjectItem());
      clips.push({ clip, name, path, start: start.ticks, end: end.ticks });
    }
    found.push({ track, name: track.name, muted: await track.isMuted(), clips });
  }
  return found;
}

/**
 * Remove clips, and leave the gaps.
 * @param {Premiere} ppro
 * @param {Project} project
 * @param {Sequence} sequence
 * @param {AudioClip[]} clips
 */
function remove(ppro, project, sequence, clips) {
  if (clips.length === 0) return;
  ppro.TrackItemSelection.createEmptySelection((selection) => {
    for (const clip of clips) selection.addItem(clip, true);
    const editor = ppro.SequenceEditor.getEditor(sequence);
    project.lockedAccess(() => project.executeTransaction((compound) => {
      compound.addAction(editor.createRemoveItemsAction(selection, false, ppro.Constants.MediaType.AUDIO));
    }, "Rythmo: remove"));
  });
}

/** @param {Premiere} ppro @param {ProjectItem | null} item */
async function mediaPath(ppro, item) {
  if (!item || isBin(ppro, item)) return "";
  try {
    return await ppro.ClipProjectItem.cast(item).getMediaFilePath();
  } catch {
    return ""; // a nested sequence or a title has no file
  }
}

module.exports = { current, duplicate, exportAs, importFiles, mark, nameCaptions, nameTrack, place, readBack, remove, unmark };
