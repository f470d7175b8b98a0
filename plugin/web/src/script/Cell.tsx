/** Typing into a line, in place: enter keeps it and goes on, escape leaves it as it was. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { editing, neighbour, selected, type Field } from "../selection";
import type { Line } from "../types";
import { splitHere } from "./lineActions";
import { keepInSight } from "./scroll";

interface Props {
  line: Line;
  field: Field;
  /** Saves a text; `before` is what the field held when the typing began. */
  save: (text: string, before: string) => Promise<boolean>;
}

const LABEL: Record<Field, string> = { text: "Original text", translation: "Translation" };

export function Cell({ line, field, save }: Props) {
  const area = useRef<HTMLTextAreaElement>(null);
  const left = useRef(false);
  const before = useRef(line[field]);
  /* Before the next key is looked at: what is typed at once must not be taken for shortcuts. */
  useLayoutEffect(() => {
    area.current?.focus({ preventScroll: true });
    area.current?.setSelectionRange(area.current.value.length, area.current.value.length);
    return () => void keep();
  }, []);

  /** Saves what was typed, once; it may be called again when the field goes away. */
  const keep = (): Promise<boolean> => {
    const text = area.current?.value.replace(/\s+/g, " ").trim();
    if (left.current || text === undefined) return Promise.resolve(true);
    left.current = true;
    return text === before.current ? Promise.resolve(true) : save(text, before.current);
  };
  const leave = () => {
    if (editing.value?.id === line.id && editing.value.field === field) editing.value = null;
  };
  const key = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      left.current = true;
      leave();
      document.querySelector<HTMLElement>(".list-scroll")?.focus({ preventScroll: true });
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && field === "text") {
      event.preventDefault();
      /* What was typed first: the text is split as it stands now. */
      const caret = area.current?.selectionStart ?? 0;
      void keep().then((kept) => (kept ? splitHere(caret) : undefined));
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      void keep();
      goOn(line, field, event.shiftKey ? -1 : 1);
    } else if (event.key === "Tab") {
      event.preventDefault();
      void keep();
      editing.value = { id: line.id, field: field === "text" ? "translation" : "text" };
    } else {
      return;
    }
    event.stopPropagation();
  };
  return (
    <textarea
      ref={area}
      class="cell-edit"
      aria-label={`${LABEL[field]} of line ${line.id}`}
      rows={2}
      spellcheck
      onKeyDown={key}
      onBlur={() => {
        void keep();
        leave();
      }}
    >
      {line[field]}
    </textarea>
  );
}

/** On to the next line, in the same column; at the last one the typing ends. */
function goOn(line: Line, field: Field, step: 1 | -1): void {
  const next = neighbour(step);
  if (!next || next.id === line.id) {
    editing.value = null;
    return;
  }
  selected.value = next.id;
  editing.value = { id: next.id, field };
  keepInSight();
}
