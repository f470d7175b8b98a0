/** What is heard while somebody records: a stretch of the original, of the M&E or of the dub, to the sample. */
import { decodeSamples, readHeader } from "./wav";

/** A head of a WAV file holds its descriptions; the samples begin within so many bytes. */
const HEAD_BYTES = 1 << 16;

async function range(url: string, from: number, to: number, signal: AbortSignal): Promise<ArrayBuffer> {
  const reply = await fetch(url, { headers: { Range: `bytes=${from}-${to - 1}` }, signal });
  if (!reply.ok) throw new Error(`The sound cannot be fetched (${reply.status}).`);
  const data = await reply.arrayBuffer();
  return reply.status === 206 ? data : data.slice(from, to);
}

/** Samples [from, to) of a WAV file as a buffer of exactly that length; silence outside the file. */
export async function loadGuide(
  context: BaseAudioContext,
  url: string,
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<AudioBuffer> {
  const facts = readHeader(await range(url, 0, HEAD_BYTES, signal));
  if (!facts) throw new Error("The sound is no WAV file that can be played here.");
  const frame = (facts.bits / 8) * facts.channels;
  const first = Math.max(0, from);
  const last = Math.max(first, Math.min(to, facts.length));
  const buffer = context.createBuffer(Math.min(2, facts.channels), Math.max(1, to - from), facts.sampleRate);
  if (last === first) return buffer;
  const data = await range(url, facts.data + first * frame, facts.data + last * frame, signal);
  decodeSamples(data, facts)
    .slice(0, buffer.numberOfChannels)
    .forEach((channel, number) => buffer.copyToChannel(channel, number, first - from));
  return buffer;
}
