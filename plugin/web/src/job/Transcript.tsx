/** The script as it grows: phrases as they are recognised, then lines with their translations and takes. */
import { useEffect, useRef } from "preact/hooks";
import { href } from "../route";
import { plural, seconds, timecode } from "../time";
import type { Job, Line } from "../types";
import { Empty, IconButton } from "../ui/controls";
import { foundColours, foundLines, heard, jobClock, people, phrasesOf } from "./found";
import { hearTake, hearing, seek } from "./transport";

/** The newest lines stay at the foot; a script of two thousand shows its last two hundred here. */
const SHOWN = 200;
/** Half a second without a word parts two phrases. */
const PAUSE_SAMPLES = 24000;

export function Transcript({ job }: { job: Job }) {
  const lines = foundLines.value;
  const hidden = Math.max(0, lines.length - SHOWN);
  const box = useRef<HTMLElement>(null);
  /* Lines take the place of the phrases, of which the last one was in sight. */
  useEffect(() => box.current?.scrollTo({ top: 0 }), [lines.length > 0]);
  return (
    <section class="found" aria-label="Lines as they are found" ref={box}>
      <h2>{title(job)}</h2>
      {!lines.length && !heard.value.length && <Empty title="Words appear here as they are recognised, then lines as they are translated and voiced." />}
      {!lines.length && <Phrases />}
      {hidden > 0 && (
        <p class="muted">
          {plural(hidden, "earlier line")}; <a href={job.project ? href({ view: "project", id: job.project, tab: "script" }) : "#/"}>open the script</a>
        </p>
      )}
      <ol class="found-lines">
        {lines.slice(hidden).map((line) => (
          <FoundLine key={line.id} line={line} />
        ))}
      </ol>
    </section>
  );
}

function title(job: Job): string {
  const count = foundLines.value.length;
  if (count) return plural(count, "line");
  if (heard.value.length) return `${plural(heard.value.length, "word")} so far`;
  return job.state === "running" ? "Listening" : "Lines";
}

/** What was recognised before it is known whose words they are. The newest stays in sight. */
function Phrases() {
  const list = useRef<HTMLOListElement>(null);
  const phrases = phrasesOf(heard.value, PAUSE_SAMPLES);
  const hidden = Math.max(0, phrases.length - SHOWN);
  useEffect(() => list.current?.lastElementChild?.scrollIntoView({ block: "nearest" }), [heard.value]);
  return (
    <ol class="found-lines" ref={list}>
      {phrases.slice(hidden).map((phrase) => (
        <li class="found-line found-phrase" key={phrase.start}>
          <Time at={phrase.start} />
          <span class="found-text">{phrase.text}</span>
        </li>
      ))}
    </ol>
  );
}

/** A time that leads there. */
function Time({ at }: { at: number }) {
  const clock = jobClock.value;
  if (!clock) return <span />;
  const text = timecode(clock, at);
  return (
    <button type="button" class="found-time number" onClick={() => seek(at)} aria-label={`Go to ${text}`}>
      {text}
    </button>
  );
}

function FoundLine({ line }: { line: Line }) {
  const who = people.value.get(line.speaker);
  const clock = jobClock.value;
  const take = line.takes.find((one) => one.id === line.chosen);
  const name = who?.name ?? line.speaker;
  return (
    <li class="found-line" data-status={line.status} data-line={line.id} style={{ borderLeftColor: foundColours.value.get(line.speaker) }}>
      <Time at={line.start} />
      <span class="found-who cut">{name}</span>
      <span class="found-text">{line.text}</span>
      <span class="found-translation">{line.translation}</span>
      <span class="found-status">{take && clock ? `voiced ${seconds(clock, take.length)}` : line.status}</span>
      {take ? (
        <IconButton
          icon={hearing.value === line.id ? "pause" : "play"}
          label={`Hear the take of ${name}: ${line.translation}`}
          onClick={() => hearTake(line)}
        />
      ) : (
        <span />
      )}
    </li>
  );
}
