// npm start: from a bare checkout to the running stack.
import { requireNode } from "../apps/cli/bin/node-version.mjs";

requireNode();
// Imported late: these files are written for the Node that was just asked for.
void import("./lib/start-stack.mjs").then(({ startStack }) => startStack(process.argv.slice(2)));
