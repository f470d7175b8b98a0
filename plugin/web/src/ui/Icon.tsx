/** Icons on a grid of 16, drawn with one pen. */
const PATHS = {
  play: "M5 3.2v9.6l7.6-4.8z",
  pause: "M5 3.5v9M11 3.5v9",
  back: "M8 3.5 3 8l5 4.5M13 3.5 8 8l5 4.5",
  forth: "M3 3.5 8 8l-5 4.5M8 3.5 13 8l-5 4.5",
  frameBack: "M12 3.5 6 8l6 4.5zM4 3.5v9",
  frameForth: "M4 3.5 10 8l-6 4.5zM12 3.5v9",
  plus: "M8 3.5v9M3.5 8h9",
  minus: "M3.5 8h9",
  fit: "M2.5 5V2.5H5M11 2.5h2.5V5M13.5 11v2.5H11M5 13.5H2.5V11",
  undo: "M6 3.5 3 6.5l3 3M3.3 6.5h6a3.2 3.2 0 0 1 0 6.4H7",
  redo: "M10 3.5l3 3-3 3M12.7 6.5h-6a3.2 3.2 0 0 0 0 6.4H9",
  search: "M7 11.5a4.5 4.5 0 1 1 0-9 4.5 4.5 0 0 1 0 9zM10.3 10.3l3.4 3.4",
  close: "M4 4l8 8M12 4l-8 8",
  check: "M3 8.5l3.2 3.2L13 4.8",
  warning: "M8 2.5 14.2 13H1.8zM8 6.6v3M8 11.4v.2",
  error: "M8 14A6 6 0 1 1 8 2a6 6 0 0 1 0 12zM8 5v3.8M8 10.8v.2",
  info: "M8 14A6 6 0 1 1 8 2a6 6 0 0 1 0 12zM8 7.2V11M8 5v.2",
  folder: "M2 4.5h4l1.4 1.6H14v6.4H2z",
  file: "M4 2h5l3 3v9H4zM9 2v3h3",
  film: "M2 3.5h12v9H2zM5 3.5v9M11 3.5v9M2 8h3M11 8h3",
  sun: "M8 10.8a2.8 2.8 0 1 1 0-5.6 2.8 2.8 0 0 1 0 5.6zM8 1.6v1.2M8 13.2v1.2M1.6 8h1.2M13.2 8h1.2M3.5 3.5l.8.8M11.7 11.7l.8.8M3.5 12.5l.8-.8M11.7 4.3l.8-.8",
  moon: "M13 9.6A5.6 5.6 0 0 1 6.4 3 5.6 5.6 0 1 0 13 9.6z",
  keys: "M2 4.5h12v7.5H2zM4.5 7h.1M7 7h.1M9.4 7h.1M11.6 7h.1M5 9.6h6",
  copy: "M5.5 5.5h7v8h-7zM3.5 10.5v-8h7",
  download: "M8 2.5v7.6M4.8 7.2 8 10.3l3.2-3.1M3 13h10",
  reveal: "M2 4.5h4l1.4 1.6H14v6.4H2zM8 11V8M6.6 9.2 8 7.8l1.4 1.4",
  people: "M6 7.5a2.3 2.3 0 1 1 0-4.6 2.3 2.3 0 0 1 0 4.6zM1.8 13c.3-2.4 1.9-3.7 4.2-3.7s3.9 1.3 4.2 3.7M10.6 3.1a2.3 2.3 0 0 1 0 4.2M12 9.6c1.3.6 2.1 1.7 2.3 3.4",
  again: "M12.8 6.5A5.2 5.2 0 1 0 13 9.5M13 3.2v3.3H9.7",
  comment: "M2.5 3.5h11v7.5H7l-3 2.5V11H2.5z",
  up: "M3.5 10 8 5.5l4.5 4.5",
  split: "M8 2v12M5.5 5.5 3 8l2.5 2.5M10.5 5.5 13 8l-2.5 2.5",
  join: "M2.5 8h3.6M13.5 8H9.9M4.4 5.8 6.6 8l-2.2 2.2M11.6 5.8 9.4 8l2.2 2.2M8 2.5v11",
  trash: "M3 4.5h10M6.2 4.3V2.8h3.6v1.5M4.3 4.5l.6 9h6.2l.6-9M6.7 7v4M9.3 7v4",
  lock: "M4 7.2h8v6H4zM5.6 7V5.2a2.4 2.4 0 0 1 4.8 0V7",
  unlock: "M4 7.2h8v6H4zM5.6 7V4.6a2.4 2.4 0 0 1 4.7-.7",
  mic: "M8 9.8a2.2 2.2 0 0 0 2.2-2.2V4.2a2.2 2.2 0 0 0-4.4 0v3.4A2.2 2.2 0 0 0 8 9.8zM3.8 7.4a4.2 4.2 0 0 0 8.4 0M8 11.6V14M5.8 14h4.4",
  lips: "M1.8 8c1.8-3 4-3.8 6.2-2.5C10.2 4.2 12.4 5 14.2 8 12.4 11 10.2 12 8 12S3.6 11 1.8 8zM1.8 8c4.2 1 8.2 1 12.4 0",
  chevron: "M6 3.5 10.5 8 6 12.5",
} as const;

export type IconName = keyof typeof PATHS;

const SOLID = new Set<IconName>(["play", "frameBack", "frameForth"]);

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" data-solid={SOLID.has(name) || undefined}>
      <path d={PATHS[name]} />
    </svg>
  );
}
