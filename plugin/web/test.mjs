/* Bundles the tests in test/ and runs them with Node's own runner: `npm test`. */
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const tests = (await readdir(join(here, "test"))).filter((name) => name.endsWith(".test.ts")).sort();
const out = await mkdtemp(join(tmpdir(), "rythmo-page-test-"));
/* What a module of the page finds in a browser when it is loaded; the tests themselves need no more of it. */
const browser = `globalThis.location ??= { hash: "", pathname: "/" };
globalThis.sessionStorage ??= { getItem: () => null, setItem: () => {} };
globalThis.addEventListener ??= () => {};
globalThis.matchMedia ??= () => ({ matches: false, addEventListener: () => {} });`;
try {
  await build({
    absWorkingDir: here,
    entryPoints: tests.map((name) => join("test", name)),
    outdir: out,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    jsx: "automatic",
    jsxImportSource: "preact",
    banner: { js: browser },
    sourcemap: "inline",
    logLevel: "warning",
  });
  const files = tests.map((name) => join(out, basename(name, ".ts") + ".mjs"));
  const { status } = spawnSync(process.execPath, ["--test", "--test-reporter=tap", ...files], { stdio: "inherit" });
  process.exitCode = status ?? 1;
} finally {
  await rm(out, { recursive: true, force: true });
}
