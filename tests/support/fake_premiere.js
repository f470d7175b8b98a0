// A Premiere for tests: the part of `premierepro` that the panel uses, with the rules that Premiere enforces.
//   Actions are made inside `lockedAccess`, run by `executeTransaction`, and dead when the lock is given back.
//   Nothing may be awaited there. Clips start on frames. An index above the tracks makes one track.
//   What lies where a clip is put is overwritten.
// `faults` make it misbehave: see each use. Media is what `window.fakeMedia(path)` says of a file.
"use strict";

const TICKS_A_SECOND = 254016000000n;

function makePremiere({ name, ticksPerFrame, zeroFrame = 0, drop = false, tracks = [], markers = [], version = "26.3.0", faults = {} }) {
  const frame = BigInt(ticksPerFrame);
  const state = { locked: false, transactions: [], undo: [], sequences: [], active: null, serial: 1 };
  const atLeast = (major, minor) => {
    const [a, b] = version.split(".").map(Number);
    return a > major || (a === major && b >= minor);
  };

  class TickTime {
    constructor(ticks) { this.value = BigInt(ticks); }
    get ticks() { return String(this.value); }
    get ticksNumber() { return Number(this.value); }
    get seconds() { return Number(this.value) / Number(TICKS_A_SECOND); }
    static createWithTicks(ticks) {
      if (typeof ticks !== "string" || !/^-?\d+$/.test(ticks)) throw new Error(`ticks must be a decimal string: ${ticks}`);
      return new TickTime(ticks);
    }
  }
  TickTime.TIME_ZERO = new TickTime(0);

  // An action knows the lock it was made in.
  let lock = 0;
  const action = (run) => {
    if (!state.locked) throw new Error("Actions must be created inside lockedAccess().");
    return { made: lock, run };
  };

  class Item {
    constructor(name, type, fields = {}) { Object.assign(this, { id: String(state.serial++), name, type, ...fields }); }
    createSetNameAction(name) { return action(() => { this.name = name; if (this.sequence) this.sequence.name = name; }); }
    async getItems() { return [...this.children]; }
    async getMediaFilePath() { if (!this.path) throw new Error("no media"); return this.path; }
    createBinAction(name) { return action(() => { this.children.push(new Item(name, 2, { children: [] })); }); }
  }

  class Clip {
    constructor(item, start, end, extra = {}) { Object.assign(this, { item, start, end, off: false, label: item.name, ...extra }); }
    async getStartTime() { return new TickTime(this.start); }
    async getEndTime() { return new TickTime(this.end); }
    async getInPoint() { return TickTime.TIME_ZERO; }
    async getName() { return this.label; }
    async isDisabled() { return this.off; }
    async getProjectItem() { return this.item; }
    createSetDisabledAction(off) { return action(() => { this.off = off; }); }
  }

  class Track {
    constructor(name, clips = []) { Object.assign(this, { name, clips, muted: false, id: state.serial++ }); }
    getTrackItems(kind) { if (kind !== 1) throw new Error("only clips are here"); return [...this.clips]; }
    async isMuted() { return this.muted; }
    async setMute(muted) { this.muted = faults.deafMute ? this.muted : muted; return true; }
    put(clip) {
      this.clips = this.clips.flatMap((old) => cut(old, clip)).concat(clip).sort((a, b) => (a.start < b.start ? -1 : 1));
    }
  }
  if (atLeast(26, 3)) Track.prototype.createSetNameAction = function (name) { return action(() => { this.name = name; }); };

  const cut = (old, clip) => {
    const left = old.start < clip.start ? [new Clip(old.item, old.start, old.end < clip.start ? old.end : clip.start, { off: old.off })] : [];
    const right = old.end > clip.end ? [new Clip(old.item, old.start > clip.end ? old.start : clip.end, old.end, { off: old.off })] : [];
    return old.end <= clip.start || old.start >= clip.end ? [old] : [...left, ...right];
  };

  class Sequence {
    constructor(name, audio, marks) {
      Object.assign(this, { name, audio, marks, guid: { toString: () => `sequence-${this.serial}` }, serial: state.serial++ });
      this.item = new Item(name, 1, { sequence: this });
      state.sequences.push(this);
    }
    async getSequenceVideoTimeDisplayFormat() { return { type: drop ? 102 : 101 }; }
    async getTimebase() { return String(frame); }
    async getZeroPoint() { return new TickTime(BigInt(zeroFrame) * frame); }
    async getEndTime() { return new TickTime(this.audio.flatMap(({ clips }) => clips).reduce((last, { end }) => (end > last ? end : last), 0n)); }
    async getAudioTrackCount() { return this.audio.length; }
    async getVideoTrackCount() { return 1; }
    async getAudioTrack(index) { if (!this.audio[index]) throw new Error(`no audio track ${index}`); return this.audio[index]; }
    async getProjectItem() { return this.item; }
    createCloneAction() {
      return action(() => {
        const copy = this.audio.map((track) => Object.assign(new Track(track.name, track.clips.map((c) => new Clip(c.item, c.start, c.end, { off: c.off, label: c.label }))), { muted: track.muted }));
        new Sequence(`${this.name} Copy`, copy, [...this.marks]);
      });
    }
  }

  class Marker {
    constructor(name, start, length, note) { Object.assign(this, { name, start, length, note, colour: 0 }); }
    getName() { return this.name; }
    getStart() { return new TickTime(this.start); }
    getComments() { return this.note; }
    getColorIndex() { return this.colour; }
    createSetColorByIndexAction(index) { return action(() => { this.colour = index; }); }
  }

  const root = new Item("root", 3, { children: [] });
  const bring = async (path, bin) => {
    if (faults.refuseImport && path.includes(faults.refuseImport)) return;
    if (/\.(xml|otio)$/.test(path)) {
      if (faults.refuseTimelines) return;
      const read = await window.fakeTimeline(path);
      if (!read) return;
      const kept = (clips) => clips.filter(({ path: file }) => !faults.leaveOut || !file.includes(faults.leaveOut));
      const audio = read.map(({ name, muted, clips }) => Object.assign(new Track(name, kept(clips).map(({ path: file, start, end }) =>
        new Clip(new Item(file.split("/").pop(), 1, { path: file, length: BigInt(end) - BigInt(start) }), BigInt(start), BigInt(end)))), { muted }));
      new Sequence(path.split("/").pop(), audio, []);
      return;
    }
    const media = await window.fakeMedia(path);
    if (!media) return;
    const length = BigInt(media.samples) * (TICKS_A_SECOND / BigInt(media.rate));
    bin.children.push(new Item(path.split("/").pop(), 1, { path, length }));
  };

  let dropped = 0;
  const project = {
    name: "film.prproj",
    path: "/films/film.prproj",
    async getActiveSequence() { return state.active; },
    async getSequences() { return [...state.sequences]; },
    async openSequence(sequence) { state.active = sequence; return true; },
    async getRootItem() { return root; },
    async importFiles(paths, _quiet, bin) { for (const path of paths) await bring(path, bin || root); return true; },
    lockedAccess(callback) {
      lock += 1;
      state.locked = true;
      try {
        const given = callback();
        if (given && typeof given.then === "function") throw new Error("lockedAccess() callbacks must not be async.");
      } finally { state.locked = false; lock += 1; }
    },
    executeTransaction(callback, name) {
      if (!state.locked) throw new Error("executeTransaction() outside lockedAccess().");
      const actions = [];
      const given = callback({ addAction(each) {
        if (!each || each.made !== lock) throw new Error("An action outlived the lock it was made in.");
        return Boolean(actions.push(each));
      } });
      if (given && typeof given.then === "function") throw new Error("Transactions must not be async.");
      if (actions.length === 0) return false;
      for (const each of actions) each.run();
      state.undo.push(name || "");
      return true;
    },
  };

  const editor = (sequence) => ({
    createRemoveItemsAction: removing(sequence),
    createOverwriteItemAction(item, time, _video, index) {
      // faults.newTracks: an index above the count is "refused", or "ignored" and reported as success. Both were seen.
      const isNew = index >= sequence.audio.length;
      if (isNew && faults.newTracks === "refused") throw new Error("Invalid track index");
      return action(() => {
        if (isNew && faults.newTracks === "ignored") return;
        if (faults.dropPlacements && dropped < faults.dropPlacements && index > 0) { dropped += 1; return; }
        const at = ((time.value + frame / 2n) / frame) * frame;
        const place = index >= sequence.audio.length ? sequence.audio.push(new Track(`Audio ${sequence.audio.length + 1}`)) - 1 : index;
        sequence.audio[place].put(new Clip(item, at, at + item.length));
      });
    },
  });

  // Removal takes the clips of the selection and leaves the gap; ripple is not used by us.
  const removing = (sequence) => (selection, ripple) => {
    if (ripple) throw new Error("ripple would move the picture");
    return action(() => { for (const track of sequence.audio) track.clips = track.clips.filter((clip) => !selection.items.includes(clip)); });
  };

  const exporting = (suffix) => async (sequence, path) => {
    if (!path.endsWith(suffix)) throw new Error(`wrong suffix: ${path}`);
    const tracks = sequence.audio.map(({ name, muted, clips }) => ({ name, muted, clips: clips.map(({ item, label, start, end }) =>
      ({ path: item.path, name: label, start: String(start), end: String(end) })) }));
    return window.fakeExport(path, { name: sequence.name, tracks });
  };
  const ProjectConverter = faults.noExport || !atLeast(26, 2) ? undefined
    : { exportAsOpenTimelineIO: exporting(".otio"), exportAsFinalCutProXML: exporting(".xml") };

  const audio = tracks.map(({ name, clips }) => new Track(name, clips.map(({ path, start, end }) =>
    new Clip(new Item(path.split("/").pop(), 1, { path, length: BigInt(end - start) * frame }), BigInt(start) * frame, BigInt(end) * frame))));
  state.active = new Sequence(name, audio, markers.map(({ name, frame: at }) => new Marker(name, BigInt(at) * frame, 0n, "")));

  const ppro = {
    Application: { version },
    Project: { async getActiveProject() { return faults.noProject ? null : project; } },
    ProjectItem: { cast: (item) => item, TYPE_CLIP: 1, TYPE_BIN: 2, TYPE_ROOT: 3 },
    FolderItem: { cast: (item) => item },
    ClipProjectItem: { cast: (item) => item },
    SequenceEditor: { getEditor: editor },
    Markers: { async getMarkers(sequence) { return {
      getMarkers: () => [...sequence.marks],
      createAddMarkerAction: (name, _type, start, length, note) => action(() => { sequence.marks.push(new Marker(name, start.value, length.value, note)); }),
      createRemoveMarkerAction: (marker) => action(() => { sequence.marks = sequence.marks.filter((each) => each !== marker); }),
    }; } },
    Marker: { MARKER_TYPE_COMMENT: "Comment" },
    TickTime,
    SequenceSettings: { VIDEO_DISPLAY_FORMAT_2997: 102 },
    TrackItemSelection: { createEmptySelection(callback) {
      const items = [];
      callback({ items, addItem(item) { items.push(item); return true; } });
      return true;
    } },
    Constants: { TrackItemType: { EMPTY: 0, CLIP: 1 }, MediaType: { ANY: 0, DATA: 1, VIDEO: 2, AUDIO: 3 } },
    ProjectConverter,
  };
  return { ppro, state, root, project, action, frameOf: (ticks) => Number(BigInt(ticks)) / Number(frame) };
}
