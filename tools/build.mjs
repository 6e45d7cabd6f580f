// npm run build: compiles and bundles everything, whether or not it seems up to date.
import { requireNode } from "../apps/cli/bin/node-version.mjs";

requireNode();
// Imported late: these files are written for the Node that was just asked for.
void import("./lib/prepare.mjs").then(({ prepare }) => prepare({ dev: false, forceBuild: true }));
