// Rules of our own for Premiere's locks and transactions, where Adobe's plugin cannot be had: actions are made in
// the function that executeTransaction is handed, that call stands inside lockedAccess, nothing is awaited in
// either, and what is done has a name under Edit > Undo.

const MAKES = /^create\w*Action$/;

/** The name of the method or function that a call calls. */
const called = ({ callee }) => (callee.type === "MemberExpression" ? callee.property.name : callee.name) ?? "";

/** The names of the calls that the functions around a node are handed to, innermost first. */
function takers(node) {
  const names = [];
  for (let at = node; at; at = at.parent) {
    const { parent } = at;
    if (/Function/.test(at.type) && parent?.type === "CallExpression" && parent.arguments.includes(at)) {
      names.push(called(parent));
    }
  }
  return names;
}

/** A rule that reports what `look` gives for a call or a wait, if it gives anything. */
function rule(text, look) {
  const check = (context) => (node) => look(node, takers(node)) && context.report({ node, message: text });
  return {
    meta: { type: "problem", schema: [] },
    create: (context) => ({
      CallExpression: check(context), AwaitExpression: check(context), ":function[async=true]": check(context),
    }),
  };
}

const calls = (node, name) => node.type === "CallExpression" && called(node) === name;
const locked = (around) => around.includes("lockedAccess") || around.includes("executeTransaction");

export default {
  meta: { name: "rythmo-locks" },
  rules: {
    "actions-in-transactions": rule("An action is made, and handed over, inside executeTransaction.", (node, around) =>
      node.type === "CallExpression" && (MAKES.test(called(node)) || called(node) === "addAction")
        && !around.includes("executeTransaction")),
    "transactions-in-locks": rule("executeTransaction stands inside lockedAccess.", (node, around) =>
      calls(node, "executeTransaction") && !around.includes("lockedAccess")),
    "nothing-awaited-in-locks": rule("Nothing may be awaited inside a lock.", (node, around) =>
      node.type !== "CallExpression" && locked(around)),
    "transactions-have-names": rule("What is done needs a name for Edit > Undo.", (node) =>
      calls(node, "executeTransaction") && node.arguments.length < 2),
  },
};
