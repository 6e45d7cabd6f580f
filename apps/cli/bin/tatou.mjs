#!/usr/bin/env node
// A plain file, so that the command exists before anything is built.
import { requireNode } from "./node-version.mjs";

requireNode();
// Imported late: that file is written for the Node that was just asked for.
void import("./run-tatou.mjs").then(({ runTatou }) => runTatou(process.argv.slice(2)));
