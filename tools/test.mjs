// npm test: installs and builds what is missing, runs every test, and ends with one line of counts.
import { requireNode } from "../apps/cli/bin/node-version.mjs";

requireNode();
// Imported late: these files are written for the Node that was just asked for.
void import("./lib/run-tests.mjs").then(({ runTests }) => runTests(process.argv.slice(2)));
