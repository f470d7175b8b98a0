/** One speaker's voice: a line heard in three candidates side by side; choose, mix, set, lock. */
import { useEffect, useRef, useState } from "preact/hooks";
import { choose, type Heard, hear, heard, lock, propose, shelf, stop } from "../casting";
import { complain } from "../app";
import { hearOriginal } from "../player/audition";
import { lines, speakers } from "../project";
import { plural } from "../time";
import { Button, IconButton } from "../ui/controls";
import { Icon } from "../ui/Icon";
import { describe, type Draft, draftOf, LETTERS, nameOf, sameDraft } from "../voiceDraft";
import { Candidate } from "./Candidate";
import { VoiceList } from "./VoiceList";

export function Casting({ id, onBack }: { id: string; onBack: () => void }) {
  const speaker = speakers.value.find((one) => one.id === id);
  const [drafts, setDrafts] = useState<Draft[]>([]);
  /* What was changed last counts at once, before the page shows it. */
  const latest = useRef<Draft[]>([]);
  const keep = (next: Draft[]) => {
    latest.current = next;
    setDrafts(next);
  };
  const [told, setTold] = useState<ReadonlyMap<number, Heard>>(new Map());
  const [line, setLine] = useState("");
  const [looking, setLooking] = useState(true);
  const own = lines.value.filter((one) => one.speaker === id && one.translation);
  useEffect(() => {
    propose(id)
      .then((found) => {
        keep(found.voices.slice(0, LETTERS.length).map(draftOf));
        setLine((before) => before || found.line);
      })
      .catch(complain)
      .finally(() => setLooking(false));
    return stop;
  }, [id]);
  if (!speaker) return null;
  const tell = (at: number, found: Heard) => setTold((before) => new Map(before).set(at, found));
  const set = (at: number, draft: Draft) => {
    const before = latest.current;
    keep(at < before.length ? before.map((one, place) => (place === at ? draft : one)) : [...before, draft]);
    tell(at, {});
  };
  const put = (at: number, voice: string) => set(at, { id: voice, second: "", share: 0.5, pace: 1, pitch: 0 });
  const listen = async (at: number, draft: Draft, send = false): Promise<Heard> => {
    const found = await hear(nameOf(at), draft, line, send);
    tell(at, found);
    return found;
  };
  const hearBy = (other: string) => {
    setLine(other);
    setTold(new Map());
  };
  const present = speaker.voice && draftOf(speaker.voice);
  const all = async () => {
    for (const [at, draft] of drafts.entries()) {
      const found = await listen(at, draft);
      await found.played;
      /* A price is to be agreed, something failed, or something else is heard by now. */
      if (found.seconds === undefined || heard.value !== null) return;
    }
  };
  return (
    <section class="casting" aria-label={`The voice of ${speaker.name}`}>
      <div class="casting-head">
        <IconButton icon="back" label="All speakers" onClick={onBack} />
        <h3>{speaker.name}</h3>
        <span class="casting-now muted">
          {present ? describe(present) : "no voice yet"}
          {speaker.voice?.clone ? ", a clone" : speaker.voice_locked ? ", locked" : speaker.voice_chosen ? ", chosen" : ", cast by Rythmo"}
        </span>
        <Button
          disabled={!speaker.voice || !!speaker.voice.clone}
          onClick={() => lock(speaker, !speaker.voice_locked)}
          title="A locked voice is final: nothing but unlocking changes it"
        >
          <Icon name={speaker.voice_locked ? "unlock" : "lock"} /> {speaker.voice_locked ? "Unlock" : "Lock"}
        </Button>
        <Button
          disabled={!speaker.voice_chosen || speaker.voice_locked}
          onClick={() => choose(speaker, null)}
          title="Leave the choice to Rythmo again"
        >
          Cast by Rythmo
        </Button>
      </div>
      {shelf.value?.why_none && <p class="muted">{shelf.value.why_none}</p>}
      <div class="casting-line">
        <label class="field">
          <span>Heard by this line</span>
          <select value={line} onChange={(event) => hearBy(event.currentTarget.value)}>
            {own.map((one) => (
              <option value={one.id} key={one.id}>
                {one.id} {one.translation}
              </option>
            ))}
          </select>
        </label>
        <Button disabled={!line} onClick={() => hearOriginal(line)}>
          <Icon name="play" /> Original
        </Button>
        <Button disabled={!line || drafts.length < 2} onClick={all}>
          <Icon name="play" /> All one after another
        </Button>
      </div>
      {looking && <p class="muted">Looking for voices that suit {speaker.name} …</p>}
      <ol class="candidates">
        {drafts.map((draft, at) => (
          <Candidate
            key={LETTERS[at]}
            at={at}
            draft={draft}
            told={told.get(at) ?? {}}
            ready={!!line}
            present={!!present && sameDraft(draft, present)}
            locked={speaker.voice_locked}
            onChange={(fields) => set(at, { ...(latest.current[at] ?? draft), ...fields })}
            onHear={(send) => listen(at, latest.current[at] ?? draft, send)}
            onChoose={() => choose(speaker, latest.current[at] ?? draft)}
          />
        ))}
      </ol>
      <p class="muted casting-note">
        Choosing a voice speaks the {plural(speaker.lines, "line")} of {speaker.name} again; locked and recorded lines keep
        their takes. It can be undone.
      </p>
      <VoiceList count={Math.min(LETTERS.length, drafts.length + 1)} onPut={put} />
    </section>
  );
}
