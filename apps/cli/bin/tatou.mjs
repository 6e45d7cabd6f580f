#!/usr/bin/env node
// A plain file, so that the command exists before anything is built. Every Node since version 6 can read it, to say that it
// is too old: those before 12 take it for CommonJS, and stop at the mere sight of an `import`, which is why it is a text.
if (typeof require === "function") require("./node-version.cjs").requireNode();
// oxlint-disable-next-line typescript/no-implied-eval -- the text is a constant
else new Function("return import('./start-tatou.mjs')")();
