/** Where a film or timeline is dropped, or chosen with the browser's own dialogue. It is copied only if it does not
    lie in an opened folder already. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { call, post } from "../api";
import { complain } from "../app";
import type { Import } from "../types";
import { Bar } from "./controls";
import { Drop } from "./Drop";

/** Less than the service takes in one request. */
const PART_BYTES = 32 << 20;

async function bring(file: File, tell: (share: number) => void): Promise<string> {
  let { id, path, received } = await post<Import>("/imports", { name: file.name, size: file.size });
  while (path === null) {
    const part = file.slice(received, received + PART_BYTES);
    ({ path, received } = await call<Import>("POST", `/imports/${id}?offset=${received}`, part));
    tell(received / file.size);
  }
  return path;
}

interface Props {
  onPath: (path: string) => void;
  children: ComponentChildren;
}

export function DropFilm({ onPath, children }: Props) {
  const [share, setShare] = useState<number | null>(null);
  const take = async (file: File | undefined) => {
    if (!file || share !== null) return;
    setShare(0);
    try {
      onPath(await bring(file, setShare));
    } catch (problem) {
      complain(problem);
    }
    setShare(null);
  };
  return (
    <Drop busy={share !== null} onFiles={(files) => void take(files?.[0])}>
      {share === null ? children : <Bar share={share} label="Copied" />}
    </Drop>
  );
}
