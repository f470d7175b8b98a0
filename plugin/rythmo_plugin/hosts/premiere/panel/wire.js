// Encode and decode the lines of docs/host-protocol.md: one step a line, a verb and tab-separated fields.
"use strict";

/** @typedef {{ verb: string, fields: string[] }} Step */

/** @type {Record<string, string>} */
const WRITTEN = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };
/** @type {Record<string, string>} */
const PLAIN = { "\\": "\\", t: "\t", n: "\n", r: "\r" };

/**
 * Make a step from values; a flag becomes 0 or 1.
 * @param {string} verb
 * @param {...(string | number | boolean)} fields
 * @returns {Step}
 */
function step(verb, ...fields) {
  return { verb, fields: fields.map((field) => String(typeof field === "boolean" ? Number(field) : field)) };
}

/** @param {Step[]} steps @returns {string} */
function encode(steps) {
  return steps.map(({ verb, fields }) => [verb, ...fields].map(escaped).join("\t") + "\n").join("");
}

/** @param {string} text @returns {Step[]} */
function decode(text) {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const [verb, ...fields] = line.replace(/\r$/, "").split("\t").map(plain);
    return { verb: verb || "", fields };
  });
}

/** @param {string} field */
function escaped(field) {
  return field.replace(/[\\\t\n\r]/g, (found) => WRITTEN[found] || found);
}

/** @param {string} field */
function plain(field) {
  return field.replace(/\\(.)/g, (found, letter) => PLAIN[letter] || found);
}

module.exports = { step, encode, decode };
