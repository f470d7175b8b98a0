/** When everything happens in one pass of recording: pure arithmetic in samples.

    Positions are of the programme; frames are of the audio clock that everything is heard by. Frame `zero` is the one
    at which the programme's first sample sounds, or would have. */

export interface Pass {
  /** The line's own start, where the take begins in earnest. */
  punchIn: number;
  /** Where the guide begins, before it; may lie before the programme's first sample. */
  from: number;
  /** Where the take is cut off by itself. */
  to: number;
  /** What is kept begins here: a breath before the line. */
  keepFrom: number;
  /** Where the beeps sound. The fourth, which is not heard, would be the punch-in. */
  beeps: number[];
}

export const BEEP_EVERY_SECONDS = 1;
const BEEPS = 3;
const BEFORE_BEEPS_SECONDS = 0.5;
const HANDLE_SECONDS = 0.5;
const AFTER_SECONDS = 2;

/** The pass for a line over [start, end). */
export function planPass(start: number, end: number, sampleRate: number): Pass {
  const count = BEEPS * BEEP_EVERY_SECONDS + BEFORE_BEEPS_SECONDS;
  return {
    punchIn: start,
    from: start - Math.round(count * sampleRate),
    to: end + AFTER_SECONDS * sampleRate,
    keepFrom: start - HANDLE_SECONDS * sampleRate,
    beeps: [3, 2, 1].map((left) => start - left * BEEP_EVERY_SECONDS * sampleRate),
  };
}

/** The count that is shown at a position: 3, 2, 1 before the punch-in, 0 from there on, null before the first beep. */
export function countAt(pass: Pass, position: number, sampleRate: number): number | null {
  if (position < (pass.beeps[0] ?? pass.punchIn)) return null;
  return Math.max(0, Math.ceil((pass.punchIn - position) / (BEEP_EVERY_SECONDS * sampleRate)));
}

/** The frame at which a sound must come in to lie at a position: later by the latency, of the way out to the
    headphones and of the way in from the microphone. */
export function frameOf(position: number, zero: number, latency: number): number {
  return position + zero + latency;
}

/** The part of a block that lies in frames [from, to). */
export function cutBlock(first: number, samples: Float32Array, from: number, to: number): Float32Array {
  const head = Math.max(0, Math.min(samples.length, from - first));
  const tail = Math.max(head, Math.min(samples.length, to - first));
  return samples.subarray(head, tail);
}
