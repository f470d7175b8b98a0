// The verbs of docs/host-protocol.md in Premiere. The protocol's frames are absolute (they start at the sequence's
// start timecode), and its tracks count from 1. Premiere counts ticks from the first frame, and tracks from 0.
"use strict";

const host = require("./host.js");
const { step } = require("./wire.js");

/**
 * @typedef {import("./wire.js").Step} Step
 * @typedef {import("./host.js").Premiere} Premiere
 * @typedef {{ file: string, track: number, frame: number }} Waiting
 * @typedef {{
 *   say(text: string): void,
 *   page(): void,
 *   wait(ms: number): Promise<void>,
 *   exportByHand(path: string): Promise<void>,
 * }} Person the user: what to show and what to ask
 */

const BIN = "Rythmo";
/** The colours of Premiere's markers by the names that the protocol uses. */
const COLOURS = /** @type {Record<string, number>} */ ({
  Green: 0, Red: 1, Pink: 2, Purple: 2, Fuchsia: 2, Sand: 3, Cocoa: 3, Yellow: 4, Cream: 4, Blue: 5, Cyan: 6,
});
const MARK = /\n*\[(rythmo:[^\n]*)\]$/;

class Verbs {
  /**
   * @param {Premiere} ppro
   * @param {import("@adobe/premierepro").Project} project
   * @param {import("@adobe/premierepro").Sequence} sequence
   * @param {Person} person
   */
  constructor(ppro, project, sequence, person) {
    this.ppro = ppro;
    this.project = project;
    this.sequence = sequence;
    this.person = person;
    this.frame = 1n;
    this.first = 0;
    this.bin = BIN;
    /** @type {Map<string, string>} */
    this.paths = new Map();
    /** @type {Map<string, import("@adobe/premierepro").ProjectItem>} by path */
    this.items = new Map();
    /** @type {Waiting[]} */
    this.waiting = [];
    /** @type {Map<number, string>} names for tracks that exist once something is placed on them */
    this.names = new Map();
    /** @type {Step | null} */
    this.ended = null;
  }

  /** Return the first message. @param {string} action @param {Step[]} wants @returns {Promise<Step[]>} */
  async hello(action, wants) {
    return [
      step("protocol", 1),
      step("host", "premiere", this.ppro.Application.version),
      step("action", action),
      await this.timeline(),
      ...wants,
    ];
  }

  /** Return the sequence's `timeline` line; also sets the length of a frame. */
  async timeline() {
    this.frame = BigInt(await this.sequence.getTimebase());
    this.first = Number(BigInt((await this.sequence.getZeroPoint()).ticks) / this.frame);
    const rate = 254016000000 / Number(this.frame);
    const display = (await this.sequence.getSequenceVideoTimeDisplayFormat()).type;
    const id = this.sequence.guid.toString();
    // Only for timecode on screen; no position depends on it.
    const drops = display === this.ppro.SequenceSettings.VIDEO_DISPLAY_FORMAT_2997;
    return step("timeline", this.sequence.name, id, rate, this.first, "", drops);
  }

  /**
   * Execute steps in order.
   * @param {Step[]} steps
   * @returns {Promise<Step[]>} what there is to report
   */
  async run(steps) {
    /** @type {Step[]} */
    const reports = [];
    for (let at = 0; at < steps.length; at += 1) {
      const wanted = [];
      for (; steps[at]?.verb === "import"; at += 1) wanted.push(/** @type {Step} */ (steps[at]));
      if (wanted.length > 0) reports.push(...(await this.imported(wanted)));
      const each = steps[at];
      if (each) reports.push(...(await this.tried(each)));
    }
    return reports;
  }

  /** Execute a step; what Premiere refuses is reported, and the service tries another way. @param {Step} each */
  async tried(each) {
    try {
      return await this.one(each);
    } catch (error) {
      return [step("failed", each.verb, String(error))];
    }
  }

  /** @param {Step} each @returns {Promise<Step[]>} */
  async one({ verb, fields }) {
    const [a = "", b = "", c = "", d = ""] = fields;
    switch (verb) {
      case "look": return this.look();
      case "page": return this.person.page(), [];
      case "say": return this.person.say(a), [];
      case "wait": return await this.person.wait(Number(a) * 1000), [];
      case "end": return (this.ended = { verb, fields }), [];
      case "export": return this.exported(a, b);
      case "duplicate": return this.duplicated(a);
      case "load": return this.loaded(a, b);
      case "bin": return (this.bin = a), [];
      case "import": return this.imported([{ verb, fields }]);
      case "track": return this.track(a, c);
      case "place": return this.waiting.push({ file: a, track: Number(b), frame: Number(c) }), [];
      case "append": return this.appended();
      case "remove": return this.removed(Number(b), Number(c), d);
      case "enable": return this.enabled(Number(b), c === "1");
      case "mark": return this.marked(fields);
      case "unmark": return await host.unmark(this.ppro, this.project, this.sequence, (text) => marking(text) === a), [];
      case "captions": return await host.nameCaptions(this.ppro, this.project, this.sequence, a, b), [];
      // Premiere has no call that makes a caption track or takes a track away; `use` is ours already.
      default: return [];
    }
  }

  /** @param {number} frame */
  ticks(frame) {
    return String(BigInt(frame - this.first) * this.frame);
  }

  /** @param {string} ticks */
  framesOf(ticks) {
    return Number((BigInt(ticks) + this.frame / 2n) / this.frame) + this.first;
  }

  async look() {
    const tracks = await host.readBack(this.ppro, this.sequence);
    /** @type {Step[]} */
    const said = [];
    tracks.forEach(({ name, muted, clips }, index) => {
      said.push(step("track", "audio", index + 1, name, "", !muted));
      for (const { name: clip, path, start, end } of clips) {
        const from = this.framesOf(start);
        said.push(step("clip", "audio", index + 1, from, this.framesOf(end) - from, clip, path));
      }
    });
    const markers = (await this.ppro.Markers.getMarkers(this.sequence)).getMarkers();
    for (const marker of markers) {
      const note = marker.getComments();
      const offset = this.framesOf(marker.getStart().ticks) - this.first;
      said.push(step("marker", offset, "", marker.getName(), marking(note), note.replace(MARK, "")));
    }
    return said;
  }

  /** @param {string} form @param {string} path */
  async exported(form, path) {
    const done = await host.exportAs(this.ppro, this.sequence, form, path);
    if (!done && form === "fcp7") await this.person.exportByHand(path);
    return [];
  }

  /** @param {string} name */
  async duplicated(name) {
    const taken = (await this.project.getSequences()).some((each) => each.name === name);
    const made = taken ? null : await host.duplicate(this.project, this.sequence, name);
    if (!made) return [];
    this.sequence = made;
    return [await this.timeline()];
  }

  /** @param {string} path @param {string} name */
  async loaded(path, name) {
    const before = new Set((await this.project.getSequences()).map(({ guid }) => guid.toString()));
    await this.project.importFiles([path], true);
    const made = (await this.project.getSequences()).find(({ guid }) => !before.has(guid.toString()));
    if (!made) return [];
    this.sequence = made;
    await this.project.openSequence(made);
    this.person.say(`Imported ${name}.`);
    return [await this.timeline()];
  }

  /** Import all files at once, so that the bin is listed once and not for each file. @param {Step[]} steps */
  async imported(steps) {
    const files = steps.map(({ fields: [name = "", path = ""] }) => ({ name, path }));
    for (const { name, path } of files) this.paths.set(name, path);
    this.items = await host.importFiles(this.ppro, this.project, this.bin, files.map(({ path }) => path));
    return files.filter(({ path }) => this.items.has(path)).map(({ name }) => step("item", name, ""));
  }

  /** Reserve a track's index: the first clip placed there makes the track. @param {string} key @param {string} name */
  async track(key, name) {
    const index = (await this.sequence.getAudioTrackCount()) + this.names.size;
    this.names.set(index, name);
    return [step("made", key, index + 1)];
  }

  async appended() {
    const placements = this.waiting.flatMap(({ file, track, frame }) => {
      const path = this.paths.get(file);
      return path ? [{ path, track: track - 1, start: this.ticks(frame) }] : [];
    });
    this.waiting = [];
    const refused = host.place(this.ppro, this.project, this.sequence, placements, this.items);
    await this.nameTracks();
    return refused.map((why) => step("failed", "append", why));
  }

  async nameTracks() {
    const count = await this.sequence.getAudioTrackCount();
    for (const [index, name] of [...this.names]) {
      if (index >= count) continue;
      host.nameTrack(this.project, await this.sequence.getAudioTrack(index), name);
      this.names.delete(index);
    }
  }

  /** @param {number} index @param {number} frame @param {string} name */
  async removed(index, frame, name) {
    const track = (await host.readBack(this.ppro, this.sequence))[index - 1];
    const clips = (track ? track.clips : []).filter(
      (clip) => this.framesOf(clip.start) === frame && clip.name === name);
    host.remove(this.ppro, this.project, this.sequence, clips.map(({ clip }) => clip));
    return [];
  }

  /** @param {number} index @param {boolean} on @returns {Promise<Step[]>} */
  async enabled(index, on) {
    await (await this.sequence.getAudioTrack(index - 1)).setMute(!on);
    return [];
  }

  /** @param {string[]} fields @returns {Promise<Step[]>} */
  async marked([offset = "0", colour = "", name = "", note = "", length = "1", mark = ""]) {
    await host.mark(this.ppro, this.project, this.sequence, [{
      name,
      start: String(BigInt(offset) * this.frame),
      length: String(BigInt(length) * this.frame),
      note: mark ? `${note}\n[${mark}]` : note,
      colour: COLOURS[colour] ?? 5,
    }]);
    return [];
  }
}

/** Return our hidden data at the end of a marker's comment. @param {string} comment */
function marking(comment) {
  return MARK.exec(comment)?.[1] ?? "";
}

module.exports = { Verbs };
