/** A place where files are dropped, or chosen with the browser's own dialogue. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

interface Props {
  onFiles: (files: FileList | null | undefined) => void;
  busy: boolean;
  multiple?: boolean;
  /** The suffixes that the browser's dialogue offers. */
  accept?: string;
  children: ComponentChildren;
}

export function Drop({ onFiles, busy, multiple = false, accept, children }: Props) {
  const [over, setOver] = useState(false);
  return (
    <label
      class="drop"
      data-over={over || undefined}
      aria-busy={busy}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        onFiles(event.dataTransfer?.files);
      }}
    >
      <input
        type="file"
        multiple={multiple}
        accept={accept}
        class="hidden"
        onChange={(event) => {
          onFiles(event.currentTarget.files);
          /* The same file can be chosen again. */
          event.currentTarget.value = "";
        }}
      />
      {children}
    </label>
  );
}
