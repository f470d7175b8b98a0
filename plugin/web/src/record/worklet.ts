/** Runs in the audio thread: hands over every sample of the microphone with the frame at which it came.
    Served as a file of its own, because the page's policy allows no script made from text. */

declare const currentFrame: number;
declare function registerProcessor(name: string, kind: unknown): void;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

/** Frames in a message: 43 ms at 48 kHz, so that the meter moves and the main thread is not flooded. */
const BLOCK = 2048;

class Capture extends AudioWorkletProcessor {
  #block = new Float32Array(BLOCK);
  #filled = 0;
  #first = 0;

  process(inputs: Float32Array[][]): boolean {
    const channels = inputs[0] ?? [];
    const count = channels[0]?.length ?? 128;
    if (this.#filled === 0) this.#first = currentFrame;
    for (let at = 0; at < count; at++) {
      /* The first channel only: a mean of two would weaken a microphone that is on one of them. */
      this.#block[this.#filled + at] = channels[0]?.[at] ?? 0;
    }
    this.#filled += count;
    if (this.#filled >= BLOCK) {
      this.port.postMessage({ first: this.#first, samples: this.#block.slice(0, this.#filled) });
      this.#filled = 0;
    }
    return true;
  }
}

registerProcessor("capture", Capture);
