// npm run build: compiles and bundles everything, whether or not it seems up to date.
import { ensureBuilt, ensureInstalled } from "./lib/prepare.mjs";
import { requireNode } from "./lib/steps.mjs";

requireNode();
await ensureInstalled({ dev: false });
await ensureBuilt({ force: true });
