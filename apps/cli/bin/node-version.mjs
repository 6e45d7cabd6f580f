// The same for files that are modules.
import nodeVersion from "./node-version.cjs";

export const nodeProblem = nodeVersion.nodeProblem;
export const requireNode = nodeVersion.requireNode;
