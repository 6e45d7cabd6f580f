// npm run check: everything that can be said about the code without running it.
import { requireNode } from "../apps/cli/bin/node-version.mjs";

requireNode();
// Imported late: these files are written for the Node that was just asked for.
void import("./lib/run-checks.mjs").then(({ runChecks }) => runChecks());
