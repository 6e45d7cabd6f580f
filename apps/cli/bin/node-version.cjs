// Whether this Node can run the repository. Written in the JavaScript of 2015 and without imports, as are the files that
// ask it first: an old Node must get as far as this to be told in words.
"use strict";

/** @returns {string | null} what is wrong with a Node of this version, in words */
exports.nodeProblem = function nodeProblem(version) {
  const parts = version.split(".").map(Number);
  if (parts[0] > 20 || (parts[0] === 20 && parts[1] >= 19)) return null;
  return (
    "Cannot start: found Node " +
    version +
    ", expected 20.19 or newer\n  Install a current Node from https://nodejs.org and run the command again\n"
  );
};

/** Ends the process with a message in words when Node is too old for what follows. */
exports.requireNode = function requireNode() {
  const problem = exports.nodeProblem(process.versions.node);
  if (problem === null) return;
  process.stderr.write(problem);
  process.exit(1);
};
