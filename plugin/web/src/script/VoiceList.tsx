/** Every voice of the engine by language, each with a sample, to be put among the candidates. */
import { useState } from "preact/hooks";
import { hear, heard, making, shelf, stop } from "../casting";
import { plural } from "../time";
import { Button, IconButton } from "../ui/controls";
import { groupByLanguage, LETTERS } from "../voiceDraft";

export function VoiceList({ count, onPut }: { count: number; onPut: (at: number, voice: string) => void }) {
  const [price, setPrice] = useState<{ voice: string; text: string } | null>(null);
  const voices = shelf.value?.voices ?? [];
  if (!voices.length) return null;
  const listen = async (voice: string, send = false) => {
    const name = `sample ${voice}`;
    if (heard.value === name) return stop();
    const told = await hear(name, { id: voice, second: "", share: 0.5, pace: 1, pitch: 0 }, "", send);
    setPrice(told.price ? { voice, text: told.price } : null);
  };
  return (
    <details class="voices">
      <summary>
        All {plural(voices.length, "voice")} of {shelf.value?.engine}
      </summary>
      {price && (
        <div class="price" role="alert">
          <p>{price.text} Nothing was sent yet.</p>
          <Button onClick={() => listen(price.voice, true)}>Send it and listen</Button>
        </div>
      )}
      {groupByLanguage(voices).map(([language, list]) => (
        <section key={language}>
          <h4>{language}</h4>
          <ul>
            {list.map((one) => {
              const name = `sample ${one.id}`;
              return (
                <li key={one.id} data-heard={heard.value === name || undefined}>
                  <IconButton
                    icon={heard.value === name ? "pause" : "play"}
                    label={`${heard.value === name ? "Stop" : "Sample of"} ${one.id}`}
                    disabled={making.value.has(name)}
                    onClick={() => listen(one.id)}
                  />
                  <span class="cut">
                    {one.id} <span class="muted">{[one.gender, one.note].filter(Boolean).join(", ")}</span>
                  </span>
                  {LETTERS.slice(0, count).map((letter, at) => (
                    <button
                      type="button"
                      class="letter"
                      key={letter}
                      aria-label={`${one.id} as candidate ${letter}`}
                      onClick={() => onPut(at, one.id)}
                    >
                      {letter}
                    </button>
                  ))}
                </li>
              );
            })}
          </ul>
        </section>
      ))}
    </details>
  );
}
