// What `tatou.mjs` leads to from Node 12 on.
import { requireNode } from "./node-version.mjs";

requireNode();
// Imported late: that file is written for the Node that was just asked for.
void import("./run-tatou.mjs").then(({ runTatou }) => runTatou(process.argv.slice(2)));
