/* Builds the page into ../rythmo_plugin/page, or into the folder given: `npm run build [FOLDER]`.
   The result holds no dates and no paths: the same sources give the same page. */
import { build } from "esbuild";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, "../rythmo_plugin/page"));
await mkdir(out, { recursive: true });

await build({
  absWorkingDir: here,
  /* The recorder runs in the audio thread, as a file of its own. */
  entryPoints: { app: "src/main.tsx", recorder: "src/record/worklet.ts" },
  outdir: out,
  bundle: true,
  format: "esm",
  target: ["chrome120", "firefox121", "safari17"],
  jsx: "automatic",
  jsxImportSource: "preact",
  loader: { ".woff2": "file" },
  assetNames: "[name]",
  charset: "utf8",
  minify: true,
  legalComments: "none",
  logLevel: "warning",
});

for (const file of ["index.html", "icon.svg"]) await copyFile(join(here, "src", file), join(out, file));

/* Whose work is inside: the shipped folder carries the licences of the parts that the bundle holds. */
const parts = [
  ["Preact", "preact"],
  ["Signals", "@preact/signals"],
  ["Signals core", "@preact/signals-core"],
  ["Inter", "@fontsource-variable/inter"],
];
const notices = [];
for (const [title, name] of parts) {
  const { version } = JSON.parse(await readFile(join(here, "node_modules", name, "package.json"), "utf8"));
  const text = await readFile(join(here, "node_modules", name, "LICENSE"), "utf8");
  notices.push(`${title} ${version} (npm: ${name})\n\n${text.trim()}\n`);
}
await writeFile(join(out, "THIRD-PARTY.txt"), notices.join(`\n${"-".repeat(72)}\n\n`));
