/** How a second player is kept in step with the one that leads: pure, so that it can be tested. */

export const JUMP_SECONDS = 0.3;
const QUIET_SECONDS = 0.012;
const STRONGEST = 0.08;

export type Correction = { jump: true } | { jump: false; rate: number };

/** What to do about a drift (follower minus leader, in seconds) at a playing rate:
    nothing, a small change of rate that takes it back within a second or two, or a jump. */
export function correction(drift: number, rate: number): Correction {
  if (Math.abs(drift) > JUMP_SECONDS) return { jump: true };
  if (Math.abs(drift) < QUIET_SECONDS) return { jump: false, rate };
  const change = Math.max(-STRONGEST, Math.min(STRONGEST, -drift * 1.5));
  return { jump: false, rate: rate * (1 + change) };
}

/** A media clock that moves in steps, made smooth: it runs on its own between the steps and is drawn gently back. */
export class SmoothClock {
  #at = 0;
  #since = 0;

  /** The position in seconds, from the media's own `raw` position, now in milliseconds and rate (0: it stands). */
  read(raw: number, now: number, rate: number): number {
    const guess = this.#at + ((now - this.#since) / 1000) * rate;
    const off = raw - guess;
    this.#at = rate === 0 || Math.abs(off) > 0.12 ? raw : guess + off * 0.08;
    this.#since = now;
    return this.#at;
  }
}
