import type { DrillReport, DrillScenario } from "@tatou/assurance";
import { problemText } from "../problem-text.ts";
import { playVirtually, type VirtualDrillOptions } from "./play-virtual.ts";

export interface PlayRequest {
  readonly scenario: DrillScenario;
  readonly options: VirtualDrillOptions;
}

export type PlayAnswer =
  | { readonly kind: "report"; readonly report: DrillReport }
  | { readonly kind: "failed"; readonly reason: string };

/** What a child process of a catalogue does: plays what it is told to, until its parent is gone. */
export function serveCatalogue(): void {
  process.on("message", (message) => {
    void answer(message as PlayRequest).then((answered) => process.send?.(answered));
  });
  process.once("disconnect", () => process.exit(0));
  // Ctrl-C in a terminal reaches all; the parent decides.
  process.on("SIGINT", () => undefined);
}

async function answer({ scenario, options }: PlayRequest): Promise<PlayAnswer> {
  try {
    return { kind: "report", report: await playVirtually(scenario, options) };
  } catch (error) {
    return { kind: "failed", reason: problemText(error) };
  }
}
