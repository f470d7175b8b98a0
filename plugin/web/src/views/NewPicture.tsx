/** What a new dub makes of the picture, and how its voices are marked: faces, lips, watermark. All of it is off at first. */
import { post } from "../api";
import { complain, say } from "../app";
import { engines, working } from "../facts";
import { NewConsent } from "../script/NewConsent";
import type { ConsentAsked, FirstConsent } from "../types";
import { Button, Command } from "../ui/controls";
import { Dialog } from "../ui/Dialog";
import type { Choice, Part } from "./newChoice";

/** The settings that say what is made of the picture. */
export const pictureSettings = (choice: Choice) => ({
  ...(choice.faces && { faces: { find: true } }),
  ...(choice.lips && { lips: { make: true, burn: choice.burn } }),
});

/** Faces and lips; only where something can look for faces. */
export function PictureChoice({ choice, set, onCast, onConsent }: Part & { onCast: () => void; onConsent: () => void }) {
  if (!working("facetracker").length) return null;
  const able = working("lipsync");
  const chosen = able.find((one) => one.name === choice.lips);
  return (
    <>
      <label class="form-row">
        <span class="form-label">Faces</span>
        <span class="form-check">
          <input
            type="checkbox"
            checked={choice.faces}
            disabled={choice.lips !== ""}
            onChange={(event) => set({ faces: event.currentTarget.checked })}
          />
          Find who is on screen while each line is said
        </span>
      </label>
      {able.length > 0 && (
        <div class="form-row form-top">
          <label class="form-label" for="new-lips">
            Lips
          </label>
          <div class="new-lips">
            <select
              id="new-lips"
              value={choice.lips}
              onChange={({ currentTarget: { value } }) => set({ lips: value, ...(value && { faces: true }) })}
            >
              <option value="">As they were filmed</option>
              {able.map((one) => (
                <option value={one.name} key={one.name}>
                  Follow the dub: {one.name}
                  {one.draft ? " (a draft)" : ""}
                </option>
              ))}
            </select>
            {chosen && (
              <>
                <p class="muted">
                  {chosen.draft && "A draft: mouths are taken from other frames of the same person. "}
                  Faces are looked for first. A face gets new lips only with its record of consent, which stands in the cast file by the
                  person’s name; everybody else stays as filmed.
                  {!chosen.local && ` ${chosen.name} is a service and gets ${chosen.sends || "the faces"}.`}
                </p>
                <div class="file">
                  <output aria-label="Cast file" class={choice.cast ? "cut" : "muted"} title={choice.cast}>
                    {choice.cast || "no cast file: nobody has consented"}
                  </output>
                  <Button onClick={onCast}>{choice.cast ? "Remove the cast file" : "Choose a cast file"}</Button>
                  <Button disabled={!choice.source} onClick={onConsent}>
                    Record consent
                  </Button>
                </div>
                <label class="form-check">
                  <input type="checkbox" checked={choice.burn} onChange={(event) => set({ burn: event.currentTarget.checked })} />
                  Also deliver the film with the lips in it
                </label>
              </>
            )}
          </div>
        </div>
      )}
    </>
  );
}

/** Records a consent before the dub: in the cast file that was chosen, or in a new one beside the film. */
export function ConsentDialog({ choice, set, onClose }: Part & { onClose: () => void }) {
  const film = (choice.source.split(/[\\/]/).pop() ?? "").replace(/\.[^.]+$/, "");
  const place = choice.cast ? { cast_file: choice.cast } : { source: choice.source };
  const record = (asked: ConsentAsked) =>
    post<FirstConsent>("/consents", { ...asked, ...place }).then((made) => {
      set({ cast: made.cast_file });
      say(`The consent of ${asked.person} is in ${made.cast_file}.`);
      onClose();
    }, complain);
  return (
    <Dialog title="Record consent" onClose={onClose} wide>
      <p class="muted">
        A dub knows people by name from subtitles that name them (“ANNA: …”), or by voice from an earlier cast. Where it can do
        neither, name the speakers after the dub, record their consent under Speakers, and make the lips then.
      </p>
      <NewConsent person={{ name: "", reference: false }} film={film} language={choice.to} onClose={onClose} onRecord={record} />
    </Dialog>
  );
}

/** The inaudible watermark in what engines speak. */
export function WatermarkChoice({ choice, set }: Part) {
  const list = (engines.value ?? []).filter((one) => one.kind === "watermark");
  if (!list.length) return null;
  const lacking = list.every((one) => !one.ready) ? list.find((one) => one.command) : undefined;
  return (
    <label class="form-row">
      <span class="form-label">Watermark</span>
      <span class="form-check">
        <select value={choice.watermark} onChange={(event) => set({ watermark: event.currentTarget.value })}>
          <option value="">None</option>
          {list.map((one) => (
            <option value={one.name} key={one.name} disabled={!one.ready}>
              Inaudible, in what engines speak: {one.name}
            </option>
          ))}
        </select>
        {lacking && <Command text={lacking.command} />}
      </span>
    </label>
  );
}
