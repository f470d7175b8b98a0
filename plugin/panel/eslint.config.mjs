// The panel's lint: ESLint's recommended rules, and the rules of Premiere's locks and transactions.
//
// Adobe publishes the latter as @adobe/eslint-plugin-premierepro. Where a registry does not have it,
// RYTHMO_ADOBE_LINT may name its built dist/index.js; locks.mjs holds rules of our own that run always.
import { pathToFileURL } from "node:url";
import js from "@eslint/js";
import typescript from "typescript-eslint";
import locks from "./locks.mjs";

const adobe = await adobeRules();

async function adobeRules() {
  const place = process.env.RYTHMO_ADOBE_LINT;
  try {
    const found = await import(place ? pathToFileURL(place).href : "@adobe/eslint-plugin-premierepro");
    return found.default?.default ?? found.default;
  } catch (error) {
    if (place) throw error;
    return null;
  }
}

/** Names that UXP gives every script. */
const UXP = Object.fromEntries(
  ["require", "module", "document", "localStorage", "fetch", "setTimeout", "setInterval"].map((name) => [name, "readonly"]));

export default [
  {
    files: ["**/*.js"],
    ...js.configs.recommended,
    languageOptions: {
      ecmaVersion: 2021,
      sourceType: "commonjs",
      globals: UXP,
      parser: typescript.parser,
      parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname },
    },
  },
  {
    files: ["**/*.js"],
    plugins: { typescript: typescript.plugin, locks },
    rules: {
      "typescript/no-floating-promises": "error",
      "typescript/no-misused-promises": "error",
      "typescript/await-thenable": "error",
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
      strict: ["error", "global"],
      ...Object.fromEntries(Object.keys(locks.rules).map((name) => [`locks/${name}`, "error"])),
    },
  },
  ...(adobe ? [adobe.configs.recommendedTypeChecked].flat().map((config) => ({ files: ["**/*.js"], ...config })) : []),
];
