/** WAV files: recordings are written as 32-bit floats, and stretches of the service's own files are read. */

const FLOAT = 3;
const PCM = 1;
const EXTENSIBLE = 0xfffe;

/** A WAV file of one channel of 32-bit floats, as they came from the microphone. */
export function writeWav(pieces: readonly Float32Array[], sampleRate: number): Blob {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const head = new DataView(new ArrayBuffer(58));
  const text = (at: number, word: string) => [...word].forEach((sign, n) => head.setUint8(at + n, sign.charCodeAt(0)));
  text(0, "RIFF");
  head.setUint32(4, 50 + length * 4, true);
  text(8, "WAVEfmt ");
  head.setUint32(16, 18, true);
  head.setUint16(20, FLOAT, true);
  head.setUint16(22, 1, true);
  head.setUint32(24, sampleRate, true);
  head.setUint32(28, sampleRate * 4, true);
  head.setUint16(32, 4, true);
  head.setUint16(34, 32, true);
  /* Formats other than PCM carry the length of an extension and a chunk that counts their samples. */
  text(38, "fact");
  head.setUint32(42, 4, true);
  head.setUint32(46, length, true);
  text(50, "data");
  head.setUint32(54, length * 4, true);
  return new Blob([head.buffer, ...pieces.map((piece) => piece.slice().buffer)], { type: "audio/wav" });
}

export interface WavFacts {
  channels: number;
  sampleRate: number;
  bits: number;
  float: boolean;
  /** Where the samples begin, in bytes. */
  data: number;
  /** How many frames there are. */
  length: number;
}

/** What the beginning of a WAV or RF64 file says; null when it is none, or its samples begin later. */
export function readHeader(bytes: ArrayBuffer): WavFacts | null {
  const view = new DataView(bytes);
  const word = (at: number) => String.fromCharCode(...new Uint8Array(bytes, at, 4));
  if (bytes.byteLength < 12 || !["RIFF", "RF64"].includes(word(0)) || word(8) !== "WAVE") return null;
  let facts: Omit<WavFacts, "data" | "length"> | null = null;
  let large = 0;
  for (let at = 12; at + 8 <= bytes.byteLength; ) {
    const name = word(at);
    const size = view.getUint32(at + 4, true);
    if (name === "ds64" && at + 24 <= bytes.byteLength) large = Number(view.getBigUint64(at + 16, true));
    if (name === "fmt " && at + 24 <= bytes.byteLength) {
      const coded = view.getUint16(at + 8, true);
      const kind = coded === EXTENSIBLE && at + 34 <= bytes.byteLength ? view.getUint16(at + 32, true) : coded;
      if (kind !== PCM && kind !== FLOAT) return null;
      facts = {
        channels: view.getUint16(at + 10, true),
        sampleRate: view.getUint32(at + 12, true),
        bits: view.getUint16(at + 22, true),
        float: kind === FLOAT,
      };
    }
    if (name === "data" && facts) {
      const bytesLong = size === 0xffffffff ? large : size;
      return { ...facts, data: at + 8, length: Math.floor(bytesLong / ((facts.bits / 8) * facts.channels)) };
    }
    at += 8 + size + (size % 2);
  }
  return null;
}

/** Interleaved samples as one array for each channel, full scale being 1. */
export function decodeSamples(bytes: ArrayBuffer, facts: WavFacts): Float32Array<ArrayBuffer>[] {
  const view = new DataView(bytes);
  const size = facts.bits / 8;
  const count = Math.floor(bytes.byteLength / (size * facts.channels));
  const channels = Array.from({ length: facts.channels }, () => new Float32Array(count));
  const read = (at: number): number => {
    if (facts.float) return view.getFloat32(at, true);
    if (size === 2) return view.getInt16(at, true) / 0x8000;
    if (size === 3) return ((view.getInt8(at + 2) << 16) | view.getUint16(at, true)) / 0x800000;
    return view.getInt32(at, true) / 0x80000000;
  };
  for (let frame = 0; frame < count; frame++) {
    for (let channel = 0; channel < facts.channels; channel++) {
      (channels[channel] as Float32Array)[frame] = read((frame * facts.channels + channel) * size);
    }
  }
  return channels;
}
