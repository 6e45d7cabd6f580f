import type { CheckReport } from "@tatou/assurance";
import { colors } from "../colors.ts";
import { problemText } from "../problem-text.ts";
import type { ProjectCheck } from "./project-check.ts";
import { changeLines } from "./report-changes.ts";
import { checkText } from "./report-text.ts";

const watching = colors.dim("Watching for changes; Ctrl-C ends it\n");

interface TellerOptions {
  readonly isVerbose: boolean;
  readonly write: (text: string) => void;
}

/**
 * Looks at a project each time it is called: tells everything at first, then what is new, and says which directories to watch.
 * What cannot be read right now, a file in the middle of being written, is said once and looked at again.
 */
export function changeTeller(
  check: Pick<ProjectCheck, "path" | "files" | "run">,
  { isVerbose, write }: TellerOptions,
): () => readonly string[] {
  let folders: readonly string[] = [check.path];
  let before: CheckReport | null = null;
  let problem = "";
  return () => {
    try {
      const files = check.files();
      ({ folders } = files);
      const after = check.run(files);
      if (before === null) write(`${checkText(after, { isVerbose })}${watching}`);
      else for (const line of changeLines(before, after)) write(`${line}\n`);
      before = after;
      problem = "";
    } catch (error) {
      const text = problemText(error);
      if (text !== problem) write(`${text}\n`);
      problem = text;
    }
    return folders;
  };
}
